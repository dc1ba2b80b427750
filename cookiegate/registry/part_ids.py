"""Ids of the parts of a consent: a category's own id, or the id of a service in a category.

With `[site] granularity = "service"`, a visitor allows or refuses each service of a category by
itself. Its id is then `category:service`, and `category:-` stands for what the site itself sets in
that category. An id of the registry has no ":" and does not begin with "-" (`forms.ID_FORM`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["OWN", "SEPARATOR", "category_of", "compact", "part_id", "service_of"]

SEPARATOR: Final = ":"
#: In place of a service's id: what the site itself sets.
OWN: Final = "-"


def part_id(category: str, service: str | None) -> str:
    """Return the id of a service in a category; of the site itself if the service is None."""
    return f"{category}{SEPARATOR}{service or OWN}"


def category_of(part: str) -> str:
    """Return the category of a part; a category's id is its own."""
    return part.partition(SEPARATOR)[0]


def service_of(part: str) -> str:
    """Return the service of a part; "" for a whole category and for the site itself."""
    service = part.partition(SEPARATOR)[2]
    return "" if service == OWN else service


def compact(ids: Iterable[str]) -> frozenset[str]:
    """Return ids without the parts of categories that are there as a whole."""
    every = frozenset(ids)
    return frozenset(id for id in every if SEPARATOR not in id or category_of(id) not in every)
