"""What the ledger and the counts say about a site's visitors together: numbers, and nobody.

`cookiegate insights` shows it. No number below a threshold is shown, nor can it be worked out.
"""

from .aggregate import Banners, Choices, Cookies, Period

__all__ = ["Banners", "Choices", "Cookies", "Period"]
