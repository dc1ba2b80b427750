"""Checks that several tables share: categories, languages, domains, and single values."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from cookiegate.registry.errors import InvalidValueError, Path, did_you_mean, nearest, quoted
from cookiegate.registry.schema.tables import CookieTable, File, ServiceTable
from cookiegate.registry.schema.types import Table
from cookiegate.registry.values import (
    check_id,
    check_language,
    guess_language,
    id_from_name,
    read_domain,
)

from .consent_defaults import consent_hint
from .problem_list import ProblemList, label

__all__ = ["Checker", "example_id"]

T = TypeVar("T")


class Checker:
    """Checks the values of one file, and adds what is wrong to its problems."""

    def __init__(self, file: File, problems: ProblemList) -> None:
        self.problems = problems
        self._file = file
        # The languages as written and as probably meant. Empty if one of them was lost: then no
        # language of a text can be called unknown.
        languages = file.site.languages
        meant = (guess_language(language) or language for language in languages)
        self._languages = frozenset(() if "" in languages else (*languages, *meant))

    def check(self, check: Callable[[str], T], text: str | None, path: Path) -> T | None:
        """Return what a check makes of a value; None where the value is absent or not valid."""
        if text is not None:
            try:
                return check(text)
            except InvalidValueError as error:
                self.problems.add(path, error.what, error.hint)
        return None

    def category(self, id: str, path: Path) -> None:
        """Check that the file has a category."""
        known = self._file.categories
        if id in known or not known:
            return
        what = f"unknown category {quoted(id)}"
        hint = consent_hint(id, ("categories", id))
        if hint is None and not id.strip():
            what, hint = "'category' is blank", did_you_mean(id, known)
        elif hint is None:
            hint = f"{did_you_mean(id, known)}, or add [categories.{example_id(id, 'other')}]"
        self.problems.add((*path, "category"), what, hint)

    def text(self, text: str, path: Path, *, required: bool = False) -> None:
        """Check that a text is not blank."""
        if not text.strip():
            hint = "write the text" if required else "write the text, or leave the key out"
            self.problems.add(path, f"'{label(path)}' is blank", hint)

    def texts(self, table: Table, path: Path, *keys: str) -> None:
        """Check the texts of a table: their languages, and that none is blank."""
        for key in keys:
            value = getattr(table, key)
            # Most tables have few of their texts.
            if not value:
                continue
            if isinstance(value, Mapping):
                self._languages_of(value, (*path, key))
                for language, text in value.items():
                    if isinstance(text, str):
                        self.text(text, (*path, key, language))
                    else:
                        for number, item in enumerate(text):
                            self.text(item, (*path, key, language, number))
            else:
                self.text(value, (*path, key))

    def accepted(self, reasons: Mapping[str, str], path: Path) -> None:
        """Check that each reason for not following advice is not blank."""
        for code, reason in reasons.items():
            self.text(reason, (*path, "accepted", code), required=True)

    def _languages_of(self, texts: Mapping[str, object], path: Path) -> None:
        # The languages are lost: that problem is reported already.
        if not self._languages or self._languages.issuperset(texts):
            return
        for language in texts:
            if language not in self._languages:
                self._unknown_language(language, path)

    def _unknown_language(self, language: str, path: Path) -> None:
        key = label(path)
        # A language that is not a valid code has a problem of its own, and is not suggested.
        known = [code for code in self._file.site.languages if guess_language(code) == code]
        guess = guess_language(language) or ""
        # Without its region it may be one of them.
        near = [code for code in (guess, guess.partition("-")[0]) if code in known]
        meant = near[0] if near else nearest(language, known)
        hint = f"write {key}.{meant or (known or ['en'])[0]}"
        try:
            check_language(language)
        except InvalidValueError:
            hint += "" if meant else ", or another code of languages"
        else:
            hint += f', or add "{language}" to languages'
        what = f"unknown language {quoted(language)} in {key}"
        self.problems.add((*path, language), what, hint, of_key=True)

    def domains(self, table: ServiceTable | CookieTable, path: Path) -> tuple[str, ...] | None:
        """Return the domains a table gives, or None when it says nothing about them."""
        if table.domain is None and table.domains is None:
            return None
        texts: dict[Path, str] = {}
        if table.domain is not None:
            texts[*path, "domain"] = table.domain
            if table.domains is not None:
                self.problems.add(
                    (*path, "domain"),
                    "both 'domain' and 'domains' are given",
                    "write all of them in domains",
                )
        for number, text in enumerate(table.domains or ()):
            texts[*path, "domains", number] = text
        found: dict[str, None] = {}
        for where, text in texts.items():
            domain = self.check(read_domain, text, where)
            if domain in found:
                self.problems.add(
                    where, f"domain {quoted(text)} is listed twice", "write each domain once"
                )
            found[domain or ""] = None
        return tuple(found)


def example_id(text: str, default: str) -> str:
    """Return an id like this text, for a message."""
    try:
        check_id(text)
    except InvalidValueError:
        return id_from_name(text) or default
    return text
