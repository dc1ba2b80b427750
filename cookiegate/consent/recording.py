"""Recorders: the extension point for proof of choices. The ledger is one."""

from __future__ import annotations

from typing import Protocol

from .choice import Choice

__all__ = ["AsyncRecorder", "Recorder"]


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
