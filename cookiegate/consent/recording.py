"""Recorders: the extension point for proof of choices. The ledger is one."""

from __future__ import annotations

from typing import Final, Protocol

from .choice import Choice

__all__ = ["UNAVAILABLE_HEADERS", "UNAVAILABLE_TEXT", "AsyncRecorder", "Recorder"]


class Recorder(Protocol):
    """Keeps proof of choices."""

    def commit(self, choice: Choice) -> None:
        """
        Return when the choice may take effect. If this raises, it takes no effect.

        Raises:
            NotKeptError: No proof can be kept now. The visitor is answered with status 503. What
                the choice takes back takes effect all the same.
        """


class AsyncRecorder(Protocol):
    """Keeps proof of choices, awaited by asynchronous middleware."""

    async def commit(self, choice: Choice) -> None:
        """
        Return when the choice may take effect. If this raises, it takes no effect.

        Raises:
            NotKeptError: As in `Recorder.commit`.
        """


#: The response with status 503 to a choice of which no proof can be kept, without pages.
UNAVAILABLE_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"retry-after", b"30"),
)
UNAVAILABLE_TEXT: Final = (
    b"Your choice could not be kept just now, so nothing more is allowed than before. "
    b"Please try again in a minute.\n"
)
