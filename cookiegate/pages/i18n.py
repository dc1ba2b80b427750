"""Cookiegate's texts in the visitor's language, and lifetimes, dates and lists written in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from cookiegate.registry import Lifetime, Problem, Registry, RegistryError
from cookiegate.registry.builtin import gettext_noop
from cookiegate.registry.errors import InvalidValueError

from .translations import catalogs_folder, load_translations, locale_of

__all__ = ["Texts", "direction_of", "gettext_noop", "languages_error", "load_languages"]


def direction_of(language: str) -> str:
    """Return the direction of writing: "ltr" or "rtl"; "auto" for an unknown language."""
    try:
        order = locale_of(language).character_order
    except InvalidValueError:
        return "auto"
    return "rtl" if order == "right-to-left" else "ltr"


class Texts:
    """
    The texts of one language.

    Args:
        language: A code of the registry, such as "sv" or "pt-BR".
        catalogs: The folder of the site's own catalogues, if it has one.

    Raises:
        InvalidValueError: The language is unknown, or has no complete catalogue.
    """

    def __init__(self, language: str, catalogs: Path | None = None) -> None:
        self.language = language
        own = locale_of(language)
        #: The language's name in the language itself.
        self.own_name: str = (own.get_display_name(own) or language).capitalize()
        # The texts are in British English.
        self.locale: Locale = Locale("en", "GB") if language == "en" else own
        self._translations = load_translations(language, catalogs)

    @property
    def direction(self) -> str:
        """The direction of writing: "ltr" or "rtl"."""
        return direction_of(self.language)

    @property
    def colon(self) -> str:
        """A colon after a word that no sentence contains, such as a name."""
        return "\N{NO-BREAK SPACE}:" if self.locale.language == "fr" else ":"

    def gettext(self, message: str, **values: str) -> str:
        """Translate a text and insert the values."""
        text = self._translations.gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Translate a text about a number of things, which it calls `%(number)s`."""
        text = self._translations.ngettext(one, many, count)
        return text % {"number": self.number(count)}

    def lifetime(self, lifetime: Lifetime | None) -> str:
        """Return a declared lifetime in words, in the unit in which it was declared."""
        if lifetime is None:
            return self.gettext("Not stated")
        if lifetime.count is None:
            if lifetime.unit == "session":
                return self.gettext("Until you close the browser")
            return self.gettext("No end date; browsers keep it for about 400 days at most")
        return self.duration(lifetime.count, lifetime.unit)

    def duration(self, count: int, unit: str) -> str:
        """Return a duration in words; units are "days", "months" and so on."""
        if unit == "days":
            # The locale data has the technical term for 24 hours in Scandinavian languages.
            return self.ngettext("%(number)s day", "%(number)s days", count)
        return format_unit(count, f"duration-{unit.removesuffix('s')}", locale=self.locale)

    def day(self, moment: date | datetime) -> str:
        """Return a date in words."""
        return format_date(moment, format="long", locale=self.locale)

    def country(self, code: str) -> str:
        """Return a country's name; the code of a country that has none."""
        return str(self.locale.territories.get(code, code))

    def number(self, count: int) -> str:
        """Return a number with the language's separators."""
        return format_decimal(count, locale=self.locale)

    def listed(self, items: list[str]) -> str:
        """Return several things as one phrase: "a, b, and c"."""
        return format_list(items, locale=self.locale)


def load_languages(registry: Registry) -> tuple[dict[str, Texts], dict[str, InvalidValueError]]:
    """Return the texts of the registry's languages, and for the others why there are none."""
    texts: dict[str, Texts] = {}
    errors: dict[str, InvalidValueError] = {}
    folder = catalogs_folder(registry)
    for language in registry.site.languages:
        try:
            texts[language] = Texts(language, folder)
        except InvalidValueError as error:
            errors[language] = error
    return texts, errors


def languages_error(registry: Registry, errors: Mapping[str, InvalidValueError]) -> RegistryError:
    """Return one error about the languages that have no texts."""
    return RegistryError(
        Problem(registry.source, 0, error.what, error.hint) for error in errors.values()
    )
