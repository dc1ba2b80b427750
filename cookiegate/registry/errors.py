"""Problems of a registry file, and helpers for their messages."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from cookiegate.errors import CookiegateError

__all__ = [
    "InvalidValueError",
    "Path",
    "Problem",
    "RegistryError",
    "UnknownLanguageError",
    "did_you_mean",
    "in_toml",
    "nearest",
    "quoted",
]

# A path in a TOML document: table names, keys, positions in lists.
Path = tuple[str | int, ...]

# Long enough for a name in a message.
_LONGEST_QUOTE = 60
# A shorter prefix is no hint to what an author means.
_SHORTEST_PREFIX = 3


class Problem(msgspec.Struct, frozen=True):
    """One mistake in a registry file: where it is, what is wrong, what to write instead.

    Line 0 is the whole file. ``column`` counts from 1, and ``length`` is in characters of the line;
    both are 0 where the mistake is about the line as a whole.
    """

    source: str
    line: int
    what: str
    hint: str
    column: int = 0
    length: int = 0

    def __str__(self) -> str:
        where = f"{self.source}:{self.line}" if self.line else self.source
        return f"{where}: {self.what}; {self.hint}"


class RegistryError(CookiegateError, ValueError):
    """A registry file cannot be used.

    As text it has one line for each problem: ``file:line: what is wrong; what to write instead``.
    """

    #: Every mistake, in the order of the file.
    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        # The problems, not their text, are the argument, so that the error survives pickling.
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InvalidValueError(CookiegateError, ValueError):
    """One value is not valid; raised where neither file nor line are known."""

    def __init__(self, what: str, hint: str) -> None:
        self.what = what
        self.hint = hint
        super().__init__(what, hint)

    def __str__(self) -> str:
        return f"{self.what}; {self.hint}"


class UnknownLanguageError(InvalidValueError):
    """Nothing is known about how a language writes dates, numbers and durations."""


def quoted(text: str) -> str:
    """Return text of a file in quotes, on one short line."""
    # repr() escapes what could garble a terminal or a log: controls, line ends, bidi marks.
    return repr(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…")


def in_toml(value: object) -> str:
    """Return a value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(in_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{key} = {in_toml(item)}" for key, item in value.items())
        return "{ " + pairs + " }"
    return str(value)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return what to write instead of an unknown word: the nearest known one, or all of them."""
    known = tuple(known)
    near = nearest(word, known)
    if near is not None:
        return f"write {near!r}"
    if not known:
        return "leave it out"
    return f"write {'one of ' if len(known) > 1 else ''}{', '.join(map(repr, known))}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that an author probably means, or None."""
    # Sorted, so that a tie does not depend on the order of a set.
    return _nearest(word[:_LONGEST_QUOTE], tuple(sorted(known)))


@lru_cache(maxsize=1024)
def _nearest(word: str, known: Sequence[str]) -> str | None:
    # Imported here: only mistakes need it.
    from difflib import get_close_matches

    folded = {_fold(candidate): candidate for candidate in known}
    word = _fold(word)
    found = get_close_matches(word, folded, n=1, cutoff=0.6)
    if not found and len(word) >= _SHORTEST_PREFIX:
        # "local" for "local_storage".
        found = [candidate for candidate in folded if candidate.startswith(word)]
    return folded[found[0]] if len(found) == 1 else None


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
