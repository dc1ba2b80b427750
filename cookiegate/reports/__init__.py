"""Counts of what the gate decides, by cookie, reason and route, in bounded memory.

`Gate(..., on_verdict=Counts("cookiegate-report.db"))` counts verdicts for `cookiegate report`.
`Pages(gate, on_banner=Banners("cookiegate-report.db"))` counts banners in the same file.
"""

from .banners import Banners
from .counts import Counts
from .redact import redact_name
from .tally import CountKey, CountRow, VerdictRow

# Previous names.
Finding = CountKey
Row = VerdictRow
fold_name = redact_name

__all__ = ["Banners", "CountKey", "CountRow", "Counts", "redact_name"]
