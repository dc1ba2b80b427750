"""What a registry is made of, once its file is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from .model import Authority, Category, Controller, Entry, Ledger, Service, Site
from .policy import Policy

if TYPE_CHECKING:
    from .patterns import Index

__all__ = ["Parts"]


class Parts(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a registry is made of."""

    #: The site itself: name, languages, how long a choice holds.
    site: Site
    #: What the gate does.
    policy: Policy
    #: How long receipts are kept.
    ledger: Ledger
    #: Who answers for the data, if the file says so.
    controller: Controller | None
    #: Where visitors may complain.
    authorities: tuple[Authority, ...]
    #: The categories by id, in the order of the file.
    categories: Mapping[str, Category]
    #: The services by id, in the order of the file.
    services: Mapping[str, Service]
    #: The entries in the order of the file.
    entries: tuple[Entry, ...]
    #: The ids of the required categories.
    required: frozenset[str]
    #: The ids of the other categories, in the order of the file.
    optional: tuple[str, ...]
    #: The optional categories that have at least one entry.
    offered: tuple[str, ...]
    #: The parts of each optional category that visitors can allow by themselves, in the order of
    #: the file. It is empty unless `[site] granularity` is "service".
    parts: Mapping[str, tuple[str, ...]]
    #: The services, each with the ids that must be allowed for it; none if it has no category.
    needs: Mapping[str, frozenset[str]]
    # For each kind of entry an index of names and patterns.
    _indexes: Mapping[str, Index]
