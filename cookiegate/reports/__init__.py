"""What the gate decided, how often and where: counted in bounded memory, and told.

`Gate(..., on_verdict=Counts("cookiegate-report.db"))` counts; `cookiegate report` shows it.
`Pages(gate, on_banner=Banners("cookiegate-report.db"))` counts banners beside it.
"""

from .banners import Banners
from .counts import Counts
from .redact import fold_name
from .tally import Finding, Row

__all__ = ["Banners", "Counts", "Finding", "Row", "fold_name"]
