"""Times of receipts that do not fit: forged ones, and clocks that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from cookiegate.consent.terms import SECONDS_PER_DAY
from cookiegate.ledger.receipts import Receipt

from .checkpoints import SignedCheckpoint
from .findings import Anomaly, AnomalyKind

__all__ = ["ReceiptTimes"]

# Clocks differ, and commits take time. Only larger differences are named.
_CLOCK_SECONDS: Final = 60


class ReceiptTimes:
    """
    Looks for times that do not fit, in the chains one after the other.

    Args:
        checkpoints: The checkpoints with which the ledger is verified.
    """

    def __init__(self, checkpoints: Sequence[SignedCheckpoint]) -> None:
        self._checkpoints = [signed.checkpoint for signed in checkpoints]
        self._found: dict[AnomalyKind, Anomaly] = {}
        # Of the current chain: each checkpoint's time with its number of receipts, and the newest
        # time so far.
        self._bounds: list[tuple[int, int]] = []
        self._newest = 0

    @property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """What was found so far, by kind."""
        return tuple(self._found.values())

    def start_chain(self, writer: str) -> None:
        """Begin with the receipts of a writer."""
        heads = ((one.time, one.head_of(writer)) for one in self._checkpoints)
        self._bounds = [(time, 0 if head is None else head.size) for time, head in heads]
        self._newest = 0

    def read(self, writer: str, number: int, receipt: Receipt) -> None:
        """Compare the time of the writer's next receipt."""
        # Of a refusal only the day is known.
        day = SECONDS_PER_DAY if receipt.kind == "refusal" and not receipt.granted else 1

        def is_before(time: int) -> bool:
            return receipt.time < (time - _CLOCK_SECONDS) // day * day

        for time, size in self._bounds:
            if number >= size and is_before(time):
                self._add("before its checkpoint", writer, number, receipt)
                break
        if any(
            number < size and receipt.time > time + _CLOCK_SECONDS for time, size in self._bounds
        ):
            self._add("after its checkpoint", writer, number, receipt)
        if receipt.granted and is_before(self._newest):
            self._add("out of order", writer, number, receipt)
        self._newest = max(self._newest, receipt.time)

    def _add(self, kind: AnomalyKind, writer: str, number: int, receipt: Receipt) -> None:
        is_grant = bool(receipt.granted)
        one = self._found.get(kind)
        if one is None or (is_grant and not one.grants):
            self._found[kind] = Anomaly(
                kind=kind,
                receipts=1 if one is None else one.receipts + 1,
                grants=is_grant,
                writer=writer,
                number=number,
                receipt=receipt.id,
                time=receipt.time,
            )
        else:
            self._found[kind] = msgspec.structs.replace(
                one, receipts=one.receipts + 1, grants=one.grants + is_grant
            )
