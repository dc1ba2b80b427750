"""Checks that several tables share: categories, languages, domains, and single values."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from cookiegate.registry.errors import InvalidValueError, Path, did_you_mean, nearest, quoted
from cookiegate.registry.model import TextLists, Texts
from cookiegate.registry.schema.tables import CookieShape, File, ServiceShape
from cookiegate.registry.values import (
    check_id,
    check_language,
    check_url,
    guess_language,
    id_from_name,
    read_domain,
)

from .consent_defaults import consent_hint
from .problem_list import ProblemList, label

__all__ = ["Checker", "is_id"]

T = TypeVar("T")

_NO_TEXTS: Final[Texts] = MappingProxyType({})
_NO_LISTS: Final[TextLists] = MappingProxyType({})


class Checker:
    """Reads the values of one file; what is wrong goes to its problem_list."""

    def __init__(self, file: File, problem_list: ProblemList) -> None:
        self.problem_list = problem_list
        self._file = file
        # As they are written and as they were meant. Empty where one of them was lost: then no
        # language of a text can be called unknown.
        languages = file.site.languages
        meant = (guess_language(language) or language for language in languages)
        self._languages = frozenset(() if "" in languages else (*languages, *meant))

    def check(self, check: Callable[[str], T], text: str, *path: str | int) -> T | None:
        """Read one value; what is wrong with it is noted at its path."""
        try:
            return check(text)
        except InvalidValueError as error:
            self.problem_list.add(path, error.what, error.hint)
            return None

    def category(self, id: str, *path: str | int) -> None:
        """Note a category that the file does not have."""
        known = self._file.categories
        if id in known or not known:
            return
        if (ground := consent_hint(id, ("categories", id))) is not None:
            self.problem_list.add((*path, "category"), f"unknown category {quoted(id)}", ground)
            return
        if not id.strip():
            self.problem_list.add(
                (*path, "category"), "'category' is blank", did_you_mean(id, known)
            )
            return
        meant = nearest(id, known)
        added = f"[categories.{id if is_id(id) else id_from_name(id) or 'other'}]"
        self.problem_list.add(
            (*path, "category"),
            f"unknown category {quoted(id)}",
            f"write {meant!r}, or add {added}"
            if meant
            else f"{did_you_mean(id, known)}, or add {added}",
        )

    def text(self, text: str | None, *path: str | int, required: bool = False) -> None:
        """Note a text that says nothing."""
        if text is not None and not text.strip():
            hint = "write the text" if required else "write the text, or leave the key out"
            self.problem_list.add(path, f"'{label(path)}' is blank", hint)

    def url(self, url: str | None, *path: str | int) -> None:
        """Note an address that is none."""
        if url is not None:
            self.check(check_url, url, *path)

    def texts(self, texts: dict[str, str], *path: str | int) -> Texts:
        """Return texts by language; note languages the site does not have, and blank texts."""
        if not texts:
            return _NO_TEXTS
        self._check_languages(texts, *path)
        if not all(map(str.strip, texts.values())):
            for language, text in texts.items():
                self.text(text, *path, language)
        return MappingProxyType(texts)

    def accepted(self, reasons: dict[str, str], *path: str | int) -> Mapping[str, str]:
        """Return why advice is not followed; note blank reasons."""
        for code, reason in reasons.items():
            self.text(reason, *path, "accepted", code, required=True)
        return MappingProxyType(reasons) if reasons else _NO_TEXTS

    def lists(self, texts: dict[str, str | list[str]], *path: str | int) -> TextLists:
        """Return lists of texts by language, with the same checks."""
        if not texts:
            return _NO_LISTS
        self._check_languages(texts, *path)
        lists: dict[str, tuple[str, ...]] = {}
        for language, text in texts.items():
            if isinstance(text, str):
                self.text(text, *path, language)
                lists[language] = (text,)
            else:
                for number, item in enumerate(text):
                    self.text(item, *path, language, number)
                lists[language] = tuple(text)
        return MappingProxyType(lists)

    def _check_languages(self, texts: Iterable[str], *path: str | int) -> None:
        # No languages at all: that is told already.
        if not self._languages or self._languages.issuperset(texts):
            return
        for language in texts:
            if language not in self._languages:
                self._unknown_language(language, path)

    def _unknown_language(self, language: str, path: Path) -> None:
        key = label(path)
        # What is no code is told where it stands, and is no hint.
        known = [code for code in self._file.site.languages if guess_language(code) == code]
        guess = guess_language(language) or ""
        # Without its region it may be one of them.
        near = [code for code in (guess, guess.partition("-")[0]) if code in known]
        meant = near[0] if near else nearest(language, known)
        use = f"write {key}.{meant or (known or ['en'])[0]}"
        try:
            check_language(language)
        except InvalidValueError:
            hint = use if meant else f"{use}, or another code of languages"
        else:
            hint = f'{use}, or add "{language}" to languages'
        self.problem_list.add(
            (*path, language), f"unknown language {quoted(language)} in {key}", hint
        )

    def domains(
        self, shape: ServiceShape | CookieShape, *path: str | int
    ) -> tuple[str, ...] | None:
        """Return the domains a table gives, or None when it says nothing about them."""
        texts: dict[Path, str] = {}
        if shape.domain is not None:
            texts[*path, "domain"] = shape.domain
            if shape.domains is not None:
                self.problem_list.add(
                    (*path, "domain"),
                    "both 'domain' and 'domains' are given",
                    "write all of them in domains",
                )
        elif shape.domains is None:
            return None
        for number, text in enumerate(shape.domains or ()):
            texts[*path, "domains", number] = text
        found: dict[str, None] = {}
        for where, text in texts.items():
            domain = self.check(read_domain, text, *where)
            if domain in found:
                self.problem_list.add(
                    where, f"domain {quoted(text)} is listed twice", "write each domain once"
                )
            found[domain or ""] = None
        return tuple(found)


def is_id(text: str) -> bool:
    """Say whether a text has the form of an id."""
    try:
        check_id(text)
    except InvalidValueError:
        return False
    return True
