"""What the gate decided, how often and where: counted in bounded memory, and told.

`Gate(..., on_verdict=Counts("cookiegate-report.db"))` counts; `cookiegate report` shows it.
"""

from .counts import Counts
from .folding import fold_name
from .tally import Finding, Row

__all__ = ["Counts", "Finding", "Row", "fold_name"]
