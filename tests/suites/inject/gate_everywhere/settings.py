"""What the environment says."""

import os
from typing import Final

__all__ = ["INTEGRATION", "LOG", "VARIANT", "WITHOUT"]

VARIANT: Final = os.environ.get("GATE_VARIANT", "base")
LOG: Final = os.environ.get("GATE_LOG", "")
WITHOUT: Final = frozenset(os.environ.get("GATE_WITHOUT", "").split(","))
INTEGRATION: Final = os.environ.get("GATE_WITH", "")
