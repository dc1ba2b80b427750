"""The report about an application that asks about the visitor when caches cannot learn of it."""

from __future__ import annotations

from cookiegate.errors import CookiegateError

__all__ = ["AskedTooLateError"]


class AskedTooLateError(CookiegateError, RuntimeError):
    """
    An application asked about the visitor after the response's headers had left.

    It is never raised, only reported: the answer was right, but caches could not be informed.

    Args:
        route: The template of the route, if it is known.
    """

    def __init__(self, route: str | None = None) -> None:
        where = "" if route is None else f" of {route}"
        super().__init__(
            f"a response{where} asked about the visitor after its headers had left; if its body "
            "depends on the answer, a cache may show it to other visitors: call visit.vary() "
            "before the response starts"
        )
        self.route = route
