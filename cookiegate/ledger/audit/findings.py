"""What verification finds."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cookiegate.errors import CookiegateError

from .checkpoints import ChainHead
from .removals import NO_REMOVAL

__all__ = [
    "Anomaly",
    "AnomalyKind",
    "FindingError",
    "LedgerFinding",
    "Unanchored",
    "Verification",
]

#: How the times of receipts do not fit.
AnomalyKind = Literal["before its checkpoint", "after its checkpoint", "out of order"]


class LedgerFinding(msgspec.Struct, frozen=True, kw_only=True):
    """The first error in the ledger."""

    #: "changed", "removed", "reordered", …
    what: str
    #: The chain and the position; None if the finding is not about a receipt.
    writer: str | None = None
    number: int | None = None
    #: The receipt's id, if it has one.
    receipt: str | None = None
    detail: str = ""


class Unanchored(msgspec.Struct, frozen=True, kw_only=True):
    """The receipts of a writer that no trusted checkpoint covers; anyone may have added them."""

    writer: str
    #: The number of the first one.
    first: int
    receipts: int
    #: How many of them allow something.
    grants: int


class Anomaly(msgspec.Struct, frozen=True, kw_only=True):
    """
    Receipts whose times do not fit, with the first of them.

    "before its checkpoint": dated before a checkpoint that does not cover it; forged, or committed
    from the spool. "after its checkpoint": dated after a checkpoint that covers it. "out of order":
    a grant dated before an earlier receipt of its writer. The last two show clocks that differ.
    """

    kind: AnomalyKind
    receipts: int
    #: How many of them allow something. A grant waits in no spool, unless the site accepts grants
    #: without a committed receipt.
    grants: int
    #: The first grant, else the first receipt, and its time in Unix seconds.
    writer: str
    number: int
    receipt: str
    time: int


class Verification(msgspec.Struct, frozen=True, kw_only=True, rename={"heads": "tips"}):
    """What was read, and the first error."""

    #: None if there is no error.
    finding: LedgerFinding | None
    receipts: int = 0
    #: Receipts that are erased or pruned, with a record.
    erased: int = 0
    #: Grants by code without evidence.
    without_evidence: int = 0
    presentations: int = 0
    #: The head of each writer's chain.
    heads: tuple[ChainHead, ...] = ()
    removals: int = 0
    #: The hash of the last removal record.
    removed: str = NO_REMOVAL
    #: The keys that signed removal records, in hexadecimal.
    keys: tuple[str, ...] = ()
    #: Receipts by code that allow something, with and without evidence.
    by_code: int = 0
    #: Receipts covered by a checkpoint that a trusted key has signed.
    anchored: int = 0
    #: If there are such receipts: the others, by writer.
    unanchored: tuple[Unanchored, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def is_anchored(self) -> bool:
        """Return True if something outside of the database proves that the ledger is intact."""
        return bool(self.anchored) and self.finding is None

    @property
    def is_backdated(self) -> bool:
        """Return True if a grant is dated before a checkpoint that does not cover it."""
        return any(one.grants and one.kind == "before its checkpoint" for one in self.anomalies)


class FindingError(CookiegateError):
    """
    Verification ends at the first error.

    Args:
        what: "changed", "removed", "reordered", …
        detail: More about it.
        position: The other fields of the finding.
    """

    def __init__(self, what: str, detail: str = "", **position: Any) -> None:
        super().__init__(what)
        self.finding: LedgerFinding = LedgerFinding(what=what, detail=detail, **position)
