"""Aggregated numbers from the ledger and the counts, which identify no visitor.

`cookiegate insights` shows them. It neither shows a number below a threshold nor lets anybody
compute it from the others.
"""

from .aggregate import BannerCounts, ChoiceCounts, CookieCounts, Period

__all__ = ["BannerCounts", "ChoiceCounts", "CookieCounts", "Period"]
