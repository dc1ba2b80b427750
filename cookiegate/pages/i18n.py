"""Our own sentences in the visitor's language, and lifetimes written out in it."""

from __future__ import annotations

import gettext
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.support import Translations
from babel.units import format_unit

from cookiegate.registry import Lifetime

__all__ = ["LOCALES", "Texts", "texts_for"]

#: Where the catalogues are: `<language>/LC_MESSAGES/cookiegate.mo`.
LOCALES: Final = Path(__file__).with_name("locale")
_DOMAIN: Final = "cookiegate"


class Texts:
    """
    One language.

    Args:
        language: A code of the registry, such as "sv" or "pt-BR".
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(language, sep="-")
        names = [str(self.locale), self.locale.language]
        found = Translations.load(LOCALES, names, domain=_DOMAIN)
        self._translations: gettext.NullTranslations = found

    @property
    def direction(self) -> str:
        """Which way it is written: "ltr" or "rtl"."""
        return self.locale.character_order.replace("left-to-right", "ltr").replace(
            "right-to-left", "rtl"
        )

    @property
    def own_name(self) -> str:
        """What its speakers call it."""
        return (self.locale.get_display_name(self.locale) or self.language).capitalize()

    def gettext(self, message: str, **values: str) -> str:
        """A sentence of ours, with values in place; in English where the catalogue has none."""
        text = self._translations.gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The same for a number of things, which the sentence calls `%(number)s`."""
        text = self._translations.ngettext(one, many, count)
        return text % {"number": self.number(count)}

    def lifetime(self, lifetime: Lifetime | None) -> str:
        """A declared lifetime in words, in the unit in which it was declared."""
        if lifetime is None:
            return self.gettext("Not stated")
        if lifetime.count is None:
            if lifetime.unit == "session":
                return self.gettext("Until you close the browser")
            return self.gettext("Without end; browsers keep it for about 400 days")
        return self.duration(lifetime.count, lifetime.unit)

    def duration(self, count: int, unit: str) -> str:
        """A number of days, say, in words."""
        return format_unit(count, f"duration-{unit.removesuffix('s')}", locale=self.locale)

    def day(self, moment: date | datetime) -> str:
        """A date in words."""
        return format_date(moment, format="long", locale=self.locale)

    def number(self, count: int) -> str:
        """A number with the separators of the language."""
        return format_decimal(count, locale=self.locale)

    def listed(self, items: list[str]) -> str:
        """Several things in one sentence."""
        return format_list(items, locale=self.locale)


@lru_cache(maxsize=64)
def texts_for(language: str) -> Texts:
    """The texts of a language, loaded once."""
    return Texts(language)
