"""Routes of an application that Cookiegate's pages answer in its place."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cookiegate.pages import Pages

__all__ = ["shadowed", "warn_of_shadowed"]

logger: Final = logging.getLogger("cookiegate")


def shadowed(pages: Pages, routes: Iterable[str]) -> list[str]:
    """Return the routes that the pages answer, without those that have a placeholder."""
    return sorted({route for route in routes if pages.handles_path(route)})


def warn_of_shadowed(pages: Pages, routes: Iterable[str]) -> None:
    """
    Log which routes of an application the pages answer.

    Args:
        pages: The pages.
        routes: The paths of the application's routes.
    """
    for route in shadowed(pages, routes):
        logger.warning(
            "The application's own page %s is never shown: Cookiegate's pages are there. "
            "Serve them elsewhere, as with pages=%r",
            route,
            f"{pages.path}-consent",
        )
