"""Recorders: the extension point for proof of choices. The ledger is a recorder."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from .choice import Choice

__all__ = ["AsyncRecorder", "Kept", "Recorder"]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a recorder keeps of choices. Its attribute `kept`, if it has one, is for the policy."""

    #: What is kept of the visitor's address: nothing, its network, or a keyed hash.
    address: Literal["none", "truncated", "hashed"]
    #: Whether a refusal that takes nothing back has a receipt. Otherwise it is counted.
    refusals: bool


class Recorder(Protocol):
    """Keeps proof of choices."""

    def commit(self, choice: Choice) -> None:
        """
        Keep proof of a choice before it takes effect. If this raises, it takes no effect.

        Args:
            choice: The choice.

        Raises:
            NotKeptError: No proof can be kept now. The middleware answers with status 503. What
                the choice takes back takes effect all the same (GDPR, article 7(3)).
        """


class AsyncRecorder(Protocol):
    """Keeps proof of choices, awaited by asynchronous middleware."""

    async def commit(self, choice: Choice) -> None:
        """
        Keep proof of a choice before it takes effect. If this raises, it takes no effect.

        Args:
            choice: The choice.

        Raises:
            NotKeptError: See `Recorder.commit`.
        """
