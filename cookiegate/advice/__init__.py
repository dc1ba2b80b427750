"""Advice on a registry that loads: what an auditor, a lawyer or a browser would object to.

`advise(registry, text)` gives it. docs/advice.md has a section for each code.
"""

from .advice import ADVICE, DEMANDS, Advice, advise
from .holding import holder_of
from .trackers import Tracker, known_tracker

__all__ = ["ADVICE", "DEMANDS", "Advice", "Tracker", "advise", "holder_of", "known_tracker"]
