"""Checks for the tests of a site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .gate import Gate

__all__ = ["Fetch", "find_shared_pages"]

#: Opens a path with request headers, and returns the response's headers.
Fetch = Callable[[str, dict[str, str]], Mapping[str, str]]


def find_shared_pages(gate: Gate, fetch: Fetch, paths: Iterable[str]) -> list[str]:
    """
    Return the paths whose pages a cache inside the application gives to visitors in another state.

    Each page is opened by a visitor who allows everything, and by one who refuses. The gate makes a
    page private if its view asks about the visitor. A page that is private for the first visitor
    and not for the second was not made for the second: it came from a cache.

    Args:
        gate: The site's gate, in enforce mode.
        fetch: Opens a path, for example with a test client. The cache must be empty.
        paths: The paths.

    Raises:
        ValueError: The gate only reports, so that it makes no page private.
    """
    if not gate.pipeline.changes_responses:
        raise ValueError("the gate is in report mode; give one with mode='enforce'")
    allowing, refusing = gate.registry.offered, ()
    return [
        path
        for path in paths
        if _depends(gate, fetch, path, allowing) and not _depends(gate, fetch, path, refusing)
    ]


def _depends(gate: Gate, fetch: Fetch, path: str, granted: Iterable[str]) -> bool:
    headers = fetch(path, {"Cookie": gate.issue(granted).partition(";")[0]})
    vary = ",".join(value for name, value in headers.items() if name.lower() == "vary")
    return "sec-gpc" in vary.lower()
