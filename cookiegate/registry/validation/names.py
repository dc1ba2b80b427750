"""The names of the entries: that each can be a name, that no two clash, and how they are found."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from cookiegate.registry.errors import InvalidValueError, Path, quoted
from cookiegate.registry.model import Category, Entry
from cookiegate.registry.patterns import Index, Pattern, parse_pattern, tied
from cookiegate.registry.schema.tables import CookieTable
from cookiegate.registry.values import check_name

from .problem_list import ProblemList

__all__ = ["NameChecker"]

# Cookiegate's consent cookie, under https and under plain http; its entry is built in.
_BUILTIN_NAMES: Final = frozenset({"__Host-cookiegate", "cookiegate"})
# A pattern with a shorter prefix would open the required category to almost any name.
_REQUIRED_PREFIX: Final = 3
# Names that stand for themselves and are valid, which most are: nothing is wild, escaped or
# forbidden, and they are short enough in any script.
_PLAIN: Final = re.compile(r"[^;=*?\[\\\x00-\x20\x7F-\x9F]{1,256}")


class NameChecker:
    """Checks the names of all entries of one file, and makes the indexes that find them."""

    def __init__(
        self,
        tables: Sequence[CookieTable],
        entries: Sequence[Entry],
        categories: Mapping[str, Category],
        problems: ProblemList,
    ) -> None:
        self._tables = tables
        self._entries = entries
        self._categories = categories
        self._problems = problems
        # By kind: each exact name, and the number of the first entry that has it.
        self._exact: defaultdict[str, dict[str, int]] = defaultdict(dict)
        # By kind and exact name: its first path, where the entry has a list of names.
        self._listed: dict[tuple[str, str], Path] = {}
        # By kind: the exact names of several entries, and the numbers of these.
        self._shared: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
        # By kind: each pattern that is not exact, the number of its entry, and its path.
        self._patterns: defaultdict[str, list[tuple[Pattern, int, Path]]] = defaultdict(list)
        # By kind, shared name or tokens, and domains: the first path.
        self._taken: dict[tuple[str, object, frozenset[str]], Path] = {}

    def indexes(self) -> dict[str, Index]:
        """Add what is wrong with the names to the problems; return an index for each kind."""
        for number, table in enumerate(self._tables):
            name = table.name
            if isinstance(name, str):
                exact = self._exact[table.kind]
                if name not in exact and _PLAIN.fullmatch(name) and name not in _BUILTIN_NAMES:
                    exact[name] = number
                else:
                    self._add(name, number, _path(number))
            else:
                for position, one in enumerate(name):
                    self._add(one, number, (*_path(number), position))
        self._check_ties()
        return {kind: self._index(kind) for kind in dict.fromkeys((*self._exact, *self._patterns))}

    def _add(self, name: str, number: int, path: Path) -> None:
        try:
            check_name(name)
            pattern = parse_pattern(name)
        except InvalidValueError as error:
            self._problems.add(path, error.what, error.hint)
            return
        entry = self._entries[number]
        if pattern.exact is not None:
            self._add_exact(name, pattern.exact, number, path)
            return
        category = self._categories.get(entry.category)
        if category and category.required and len(pattern.prefix) < _REQUIRED_PREFIX:
            self._problems.add(
                path,
                f"pattern {quoted(name)} is too broad for the required category "
                f"{quoted(category.id)}",
                f"begin it with at least {_REQUIRED_PREFIX} literal characters",
            )
        if self._is_free(pattern.tokens, name, entry, path):
            self._patterns[entry.kind].append((pattern, number, path))

    def _add_exact(self, name: str, exact: str, number: int, path: Path) -> None:
        entry = self._entries[number]
        kind = entry.kind
        if kind == "cookie" and exact in _BUILTIN_NAMES:
            what = f"{quoted(exact)} is Cookiegate's built-in cookie"
            self._problems.add(path, what, "leave this entry out")
        first = self._exact[kind].setdefault(exact, number)
        first_path = path if first == number else _path(first)
        first_path = self._listed.setdefault((kind, exact), first_path)
        if first_path is path:
            return
        # The domains of the first one matter only now.
        first_entry = self._entries[first]
        self._taken.setdefault((kind, exact, frozenset(first_entry.domains)), first_path)
        if self._is_free(exact, name, entry, path):
            self._shared[kind].setdefault(exact, [first]).append(number)

    def _is_free(self, token: object, name: str, entry: Entry, path: Path) -> bool:
        first = self._taken.setdefault((entry.kind, token, frozenset(entry.domains)), path)
        if first is path:
            return True
        if path[:2] == first[:2]:
            what = f"name {quoted(name)} is listed twice"
            self._problems.add(path, what, "write each name once")
        else:
            self._problems.add(
                path,
                f"{quoted(name)} is already registered with the same kind and domains",
                "make them one entry (several purposes are a list), or give each its own domains",
                other=first,
            )
        return False

    def _check_ties(self) -> None:
        for patterns in self._patterns.values():
            rows = ((pattern, number, (pattern, path)) for pattern, number, path in patterns)
            for (one, first), (other, path) in tied(rows):
                self._problems.add(
                    path,
                    f"pattern {quoted(other.text)} ties with {quoted(one.text)}",
                    "one name can match both and neither ranks higher: give one of them more "
                    "literal characters, or make them one entry",
                    other=first,
                )

    def _index(self, kind: str) -> Index:
        shared = {name: tuple(numbers) for name, numbers in self._shared[kind].items()}
        patterns = ((pattern, number) for pattern, number, _ in self._patterns[kind])
        return Index(self._exact[kind], shared, patterns)


def _path(number: int) -> Path:
    return ("cookies", number, "name")
