"""Advice on a valid registry: what an auditor, a lawyer or a browser would object to.

`advise(registry, text)` returns it. docs/advice.md has a section for each code.
"""

from .advice import ADVICE, DEMANDS, Advice, advise
from .coverage import Coverage, Mechanism
from .rules import Violation
from .trackers import Tracker, known_name, known_tracker

__all__ = [
    "ADVICE",
    "DEMANDS",
    "Advice",
    "Coverage",
    "Mechanism",
    "Tracker",
    "Violation",
    "advise",
    "known_name",
    "known_tracker",
]
