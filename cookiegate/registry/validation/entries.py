"""The entries: their names, what they take from their services, and that no two of them clash."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from cookiegate.registry.errors import InvalidValueError, Path, nearest, quoted
from cookiegate.registry.lifetimes import Lifetime, parse_lifetime
from cookiegate.registry.model import Category, Entry, Service
from cookiegate.registry.patterns import Index, Pattern, parse_pattern, tied
from cookiegate.registry.schema.tables import CookieShape
from cookiegate.registry.values import check_name, check_path, id_from_name

from .checker import Checker, is_id
from .minimum_attributes import NO_MINIMUM, resolve_minimum

__all__ = ["EntryBuilder"]

# Cookiegate's own cookie, under https and under plain http; its entry is built in.
_OWN_NAMES: Final = frozenset({"__Host-cookiegate", "cookiegate"})
# A pattern with less in front would open the required category to almost any name.
_REQUIRED_PREFIX: Final = 3


# For each kind: patterns, each with the number of its entry and the place it was written at.
_Placed = tuple[Pattern, int, tuple[Pattern, Path]]


class EntryBuilder:
    """Makes the entries, one call of ``add`` for each cookie, and the indexes that find them."""

    def __init__(
        self,
        checker: Checker,
        categories: Mapping[str, Category],
        services: Mapping[str, Service],
    ) -> None:
        self._checker = checker
        self._problem_list = checker.problem_list
        self._categories = categories
        self._services = services
        self._rows: defaultdict[str, list[tuple[Pattern, int, Entry]]] = defaultdict(list)
        self._wild: defaultdict[str, list[_Placed]] = defaultdict(list)
        # By kind, name or tokens, and domains: where it was first.
        self._taken: dict[tuple[str, object, frozenset[str]], Path] = {}

    def add(self, shape: CookieShape, number: int, line: int) -> Entry:
        """Make the entry of one cookie, the ``number``-th of the file."""
        names = (shape.name,) if isinstance(shape.name, str) else tuple(shape.name)
        entry = self._entry(shape, number, names, self._service_of(shape, number), line)
        category = self._categories.get(entry.category)
        domains = frozenset(entry.domains)
        for position, name in enumerate(names):
            path: Path = ("cookies", number, "name")
            if not isinstance(shape.name, str):
                path = (*path, position)
            pattern = self._pattern(name, shape.kind, path, category)
            if pattern is None:
                continue
            key = (shape.kind, pattern.exact or pattern.tokens, domains)
            first = self._taken.setdefault(key, path)
            if first is not path:
                self._already(name, path, first)
                continue
            self._rows[shape.kind].append((pattern, number, entry))
            if pattern.exact is None:
                self._wild[shape.kind].append((pattern, number, (pattern, path)))
        return entry

    def indexes(self) -> dict[str, Index[Entry]]:
        """Return an index for each kind, once all entries are made."""
        for patterns in self._wild.values():
            for (one, first), (other, path) in tied(patterns):
                self._problem_list.add(
                    path,
                    f"pattern {quoted(other.text)} ties with {quoted(one.text)}",
                    "one name can match both and neither ranks higher: give one of them more "
                    "literal characters, or make them one entry",
                    other=first,
                )
        return {kind: Index(rows) for kind, rows in self._rows.items()}

    def _entry(
        self,
        shape: CookieShape,
        number: int,
        names: tuple[str, ...],
        service: Service | None,
        line: int,
    ) -> Entry:
        path = ("cookies", number)
        category = shape.category
        if category is not None:
            self._checker.category(category, *path)
        elif service is not None:
            category = service.category
            if category is None and not self._problem_list.is_lost(
                ("services", service.id, "category")
            ):
                self._no_category(names, service, *path)
        elif shape.service is None and not self._problem_list.is_lost((*path, "service")):
            self._no_category(names, service, *path)
        domains = self._checker.domains(shape, *path)
        if domains is None:
            domains = service.domains if service is not None else ()
        purpose = self._checker.lists(shape.purpose, *path, "purpose")
        if not purpose and service is not None:
            purpose = service.purpose
        below = self._categories.get(category or "")
        return Entry(
            names=names,
            kind=shape.kind,
            category=category or "",
            service=shape.service,
            domains=domains,
            expires=self._lifetime(shape.expires, number),
            set_by=shape.set_by,
            label=self._checker.texts(shape.label, *path, "label"),
            when=self._checker.texts(shape.when, *path, "when"),
            necessary=self._checker.texts(shape.necessary, *path, "necessary"),
            purpose=purpose,
            unconfirmed=shape.unconfirmed,
            floor=resolve_minimum(
                shape.floor, NO_MINIMUM if below is None else below.floor, self._problem_list, *path
            ),
            line=line,
            path=self._checker.check(check_path, shape.path, *path, "path") or "/",
            accepted=self._checker.accepted(shape.accepted, *path),
        )

    def _no_category(
        self, names: tuple[str, ...], service: Service | None, *path: str | int
    ) -> None:
        what = f"{quoted(names[0])} has no category" if any(names) else "this entry has no category"
        example = next(iter(self._categories), "essential")
        hint = f'write category = "{example}"'
        if service is not None:
            what += f", and neither has its service {quoted(service.id)}"
            hint += f" here or in [services.{service.id}]"
        self._problem_list.add((*path, "category"), what, hint)

    def _service_of(self, shape: CookieShape, number: int) -> Service | None:
        if shape.service is None:
            return None
        service = self._services.get(shape.service)
        if service is None and not shape.service.strip():
            self._problem_list.add(
                ("cookies", number, "service"),
                "'service' is blank",
                "write the id of a service, or leave the key out where the site sets it itself",
            )
        elif service is None:
            meant = nearest(shape.service, self._services)
            id = shape.service if is_id(shape.service) else id_from_name(shape.service) or "name"
            added = f"[services.{id}]"
            self._problem_list.add(
                ("cookies", number, "service"),
                f"unknown service {quoted(shape.service)}",
                f"write {meant!r}, or add {added}"
                if meant
                else f"add {added}, or leave service out where the site sets it itself",
            )
        return service

    def _lifetime(self, text: str | None, number: int) -> Lifetime | None:
        if text is None:
            return None
        return self._checker.check(parse_lifetime, text, "cookies", number, "expires")

    def _pattern(
        self, name: str, kind: str, path: Path, category: Category | None
    ) -> Pattern | None:
        try:
            check_name(name)
            pattern = parse_pattern(name)
        except InvalidValueError as error:
            self._problem_list.add(path, error.what, error.hint)
            return None
        exact = pattern.exact
        if exact is None:
            if category is not None and category.required:
                self._check_prefix(pattern, path, category)
        elif kind == "cookie" and exact in _OWN_NAMES:
            self._problem_list.add(
                path,
                f"{quoted(exact)} is Cookiegate's built-in cookie",
                "leave this entry out",
            )
        return pattern

    def _check_prefix(self, pattern: Pattern, path: Path, category: Category) -> None:
        if len(pattern.prefix) < _REQUIRED_PREFIX:
            self._problem_list.add(
                path,
                f"pattern {quoted(pattern.text)} is too broad for the required category "
                f"{quoted(category.id)}",
                f"begin it with at least {_REQUIRED_PREFIX} literal characters",
            )

    def _already(self, name: str, path: Path, first: Path) -> None:
        if path[:2] == first[:2]:
            self._problem_list.add(
                path, f"name {quoted(name)} is listed twice", "write each name once"
            )
        else:
            self._problem_list.add(
                path,
                f"{quoted(name)} is already registered with the same kind and domains",
                "make them one entry (several purposes are a list), or give each its own domains",
                other=first,
            )
