"""Python imports this module first in each process of a suite: it is on PYTHONPATH."""

import gate_everywhere

gate_everywhere.install()
