"""The entries, and what they take from their services and categories."""

from collections.abc import Mapping

from cookiegate.registry.errors import Path, nearest, quoted
from cookiegate.registry.lifetimes import parse_lifetime
from cookiegate.registry.model import Category, Entry, EntryKeys, Granularity, Service
from cookiegate.registry.part_ids import part_id
from cookiegate.registry.schema.tables import CookieTable
from cookiegate.registry.values import check_path

from .checker import Checker, example_id
from .resolve import NO_MINIMUM, resolve_minimum, resolved, text_lists

__all__ = ["EntryBuilder"]


class EntryBuilder:
    """Makes the entries."""

    def __init__(
        self,
        checker: Checker,
        categories: Mapping[str, Category],
        services: Mapping[str, Service],
        granularity: Granularity,
    ) -> None:
        self._by_service = granularity == "service"
        self._checker = checker
        self._problems = checker.problems
        self._categories = categories
        self._services = services

    def entry(self, table: CookieTable, number: int, line: int) -> Entry:
        """Return the entry of one cookie, the ``number``-th of the file."""
        path = ("cookies", number)
        names = (table.name,) if isinstance(table.name, str) else table.name
        service = self._service(table.service, path)
        category = table.category
        if category is not None:
            if category not in self._categories:
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
        if table.accepted:
            self._checker.accepted(table.accepted, path)
        if table.path != "/":
            self._checker.check(check_path, table.path, (*path, "path"))
        below = self._categories.get(category or "")
        return resolved(
            Entry,
            EntryKeys,
            table,
            names=names,
            category=category or "",
            part=(
                part_id(category or "", table.service)
                if self._by_service and below is not None and not below.required
                else category or ""
            ),
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
