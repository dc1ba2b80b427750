"""Advice on a registry that loads: what an auditor, a lawyer or a browser would object to.

`advise(registry, text)` gives it. docs/advice.md has a section for each code.
"""

from .advice import ADVICE, DEMANDS, Advice, advise
from .coverage import Holder, Holders
from .trackers import Tracker, known_tracker

__all__ = [
    "ADVICE",
    "DEMANDS",
    "Advice",
    "Holder",
    "Holders",
    "Tracker",
    "advise",
    "known_tracker",
]
