"""The entries: their names, what they take from their services, and that no two of them clash."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from cookiegate.registry.errors import InvalidValueError, Path, nearest, quoted
from cookiegate.registry.lifetimes import parse_lifetime
from cookiegate.registry.model import Category, Entry, Service
from cookiegate.registry.patterns import Index, Pattern, parse_pattern, tied
from cookiegate.registry.schema.tables import CookieTable
from cookiegate.registry.values import check_name, check_path

from .checker import Checker, example_id
from .resolve import NO_MINIMUM, resolve_minimum, resolved, text_lists

__all__ = ["EntryBuilder"]

# Cookiegate's consent cookie, under https and under plain http; its entry is built in.
_BUILTIN_NAMES: Final = frozenset({"__Host-cookiegate", "cookiegate"})
# A pattern with a shorter prefix would open the required category to almost any name.
_REQUIRED_PREFIX: Final = 3


class EntryBuilder:
    """Makes the entries, one call of ``add`` for each cookie, and the indexes that find them."""

    def __init__(
        self,
        checker: Checker,
        categories: Mapping[str, Category],
        services: Mapping[str, Service],
    ) -> None:
        self._checker = checker
        self._problems = checker.problems
        self._categories = categories
        self._services = services
        # By kind: each pattern, the number of its entry, and the entry.
        self._rows: defaultdict[str, list[tuple[Pattern, int, Entry]]] = defaultdict(list)
        # By kind: each pattern that is not exact, the number of its entry, and its path.
        self._wild: defaultdict[str, list[tuple[Pattern, int, tuple[Pattern, Path]]]]
        self._wild = defaultdict(list)
        # By kind, name or tokens, and domains: the first path.
        self._taken: dict[tuple[str, object, frozenset[str]], Path] = {}

    def add(self, table: CookieTable, number: int, line: int) -> Entry:
        """Return the entry of one cookie, the ``number``-th of the file."""
        names = (table.name,) if isinstance(table.name, str) else table.name
        entry = self._entry(table, ("cookies", number), names, line)
        category = self._categories.get(entry.category)
        domains = frozenset(entry.domains)
        for position, name in enumerate(names):
            path: Path = ("cookies", number, "name")
            if not isinstance(table.name, str):
                path = (*path, position)
            pattern = self._pattern(name, table.kind, path, category)
            if pattern is None:
                continue
            key = (table.kind, pattern.exact or pattern.tokens, domains)
            first = self._taken.setdefault(key, path)
            if first is not path:
                self._duplicate(name, path, first)
                continue
            self._rows[table.kind].append((pattern, number, entry))
            if pattern.exact is None:
                self._wild[table.kind].append((pattern, number, (pattern, path)))
        return entry

    def indexes(self) -> dict[str, Index[Entry]]:
        """Return an index for each kind, once all entries are made."""
        for patterns in self._wild.values():
            for (one, first), (other, path) in tied(patterns):
                self._problems.add(
                    path,
                    f"pattern {quoted(other.text)} ties with {quoted(one.text)}",
                    "one name can match both and neither ranks higher: give one of them more "
                    "literal characters, or make them one entry",
                    other=first,
                )
        return {kind: Index(rows) for kind, rows in self._rows.items()}

    def _entry(self, table: CookieTable, path: Path, names: tuple[str, ...], line: int) -> Entry:
        service = self._service(table.service, path)
        category = table.category
        if category is not None:
            self._checker.category(category, path)
        elif service is not None:
            category = service.category
        if category is None and (service is not None or table.service is None):
            self._no_category(names, service, path)
        domains = self._checker.domains(table, path)
        purpose = text_lists(table.purpose)
        if service is not None:
            domains = service.domains if domains is None else domains
            purpose = purpose or service.purpose
        self._checker.texts(table, path, "label", "purpose", "when", "necessary")
        self._checker.accepted(table.accepted, path)
        self._checker.check(check_path, table.path, (*path, "path"))
        below = self._categories.get(category or "")
        return resolved(
            Entry,
            table,
            names=names,
            category=category or "",
            domains=domains or (),
            expires=self._checker.check(parse_lifetime, table.expires, (*path, "expires")),
            purpose=purpose,
            floor=resolve_minimum(
                table.floor, NO_MINIMUM if below is None else below.floor, self._problems, path
            ),
            line=line,
        )

    def _no_category(self, names: tuple[str, ...], service: Service | None, path: Path) -> None:
        source = ("services", service.id, "category") if service else (*path, "service")
        if self._problems.is_lost(source):
            return
        what = f"{quoted(names[0])} has no category" if any(names) else "this entry has no category"
        hint = f'write category = "{next(iter(self._categories), "essential")}"'
        if service is not None:
            what += f", and neither has its service {quoted(service.id)}"
            hint += f" here or in [services.{service.id}]"
        self._problems.add((*path, "category"), what, hint)

    def _service(self, id: str | None, path: Path) -> Service | None:
        service = None if id is None else self._services.get(id)
        if id is None or service is not None:
            return service
        if not id.strip():
            what = "'service' is blank"
            hint = "write the id of a service, or leave the key out where the site sets it itself"
        else:
            what = f"unknown service {quoted(id)}"
            meant = nearest(id, self._services)
            added = f"add [services.{example_id(id, 'name')}]"
            hint = (
                f"write {meant!r}, or {added}"
                if meant
                else f"{added}, or leave service out where the site sets it itself"
            )
        self._problems.add((*path, "service"), what, hint)
        return None

    def _pattern(
        self, name: str, kind: str, path: Path, category: Category | None
    ) -> Pattern | None:
        try:
            check_name(name)
            pattern = parse_pattern(name)
        except InvalidValueError as error:
            self._problems.add(path, error.what, error.hint)
            return None
        if pattern.exact is None:
            if category and category.required and len(pattern.prefix) < _REQUIRED_PREFIX:
                self._problems.add(
                    path,
                    f"pattern {quoted(name)} is too broad for the required category "
                    f"{quoted(category.id)}",
                    f"begin it with at least {_REQUIRED_PREFIX} literal characters",
                )
        elif kind == "cookie" and pattern.exact in _BUILTIN_NAMES:
            what = f"{quoted(pattern.exact)} is Cookiegate's built-in cookie"
            self._problems.add(path, what, "leave this entry out")
        return pattern

    def _duplicate(self, name: str, path: Path, first: Path) -> None:
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
