"""Builds a registry's values from the tables of its file, with all checks across several keys."""

from collections.abc import Callable, Mapping
from itertools import count
from types import MappingProxyType

from msgspec.structs import replace

from cookiegate.http.signals import SIGNALS, Signal
from cookiegate.registry.errors import Path, quoted
from cookiegate.registry.lifetimes import parse_keep
from cookiegate.registry.model import (
    Authority,
    Category,
    CategoryKeys,
    Entry,
    Ledger,
    Service,
    ServiceKeys,
    Site,
)
from cookiegate.registry.part_ids import SEPARATOR, category_of, part_id
from cookiegate.registry.parts import Parts
from cookiegate.registry.policy import MinimumAttributes, Policy, PolicyKeys, SignalRule
from cookiegate.registry.schema.tables import CategoryTable, File, PolicyTable, ServiceTable
from cookiegate.registry.values import (
    check_consent_signal,
    check_country,
    check_csp,
    check_id,
    check_language,
    check_source,
    check_url,
    id_from_name,
)

from .checker import Checker
from .consent_defaults import consent_hint
from .entries import EntryBuilder
from .names import NameChecker
from .problem_list import ProblemList
from .resolve import NO_MINIMUM, resolve_minimum, resolved, text_lists

__all__ = ["build"]


def build(file: File, problems: ProblemList, lines: Callable[[], list[int]]) -> Parts:
    """Return the parts of a registry; they are unusable if any problem was added.

    Args:
        file: The tables.
        problems: Where everything that is wrong is added.
        lines: Returns the lines of the entries.
    """
    builder = _Builder(file, problems)
    site = builder.site(file.site)
    builder.check_contacts(file)
    policy = builder.policy(file.policy)
    keep = builder.checker.check(parse_keep, file.ledger.keep, ("ledger", "keep"))
    categories = {
        id: builder.category(id, table, policy.floor) for id, table in file.categories.items()
    }
    services = {id: builder.service(id, table) for id, table in file.services.items()}
    entry_builder = EntryBuilder(builder.checker, categories, services, site.granularity)
    entry_lines = lines()
    if len(entry_lines) != len(file.cookies):
        # The entries are written in a rare way, as one list of inline tables perhaps.
        entry_lines = [0] * len(file.cookies)
    entries = tuple(map(entry_builder.entry, file.cookies, count(), entry_lines))
    names = NameChecker(file.cookies, entries, categories, problems)
    used = {entry.category for entry in entries}
    optional = tuple(id for id, one in categories.items() if not one.required)
    needs = _needs(services, entries, optional if site.granularity == "service" else ())
    return Parts(
        site=site,
        policy=policy,
        ledger=Ledger(keep=keep),
        controller=file.controller,
        authorities=file.authorities,
        categories=MappingProxyType(categories),
        services=MappingProxyType(services),
        entries=entries,
        required=frozenset(id for id, one in categories.items() if one.required),
        optional=optional,
        offered=tuple(id for id in optional if id in used),
        parts=MappingProxyType(_parts(needs, entries) if site.granularity == "service" else {}),
        needs=MappingProxyType(needs),
        _indexes=MappingProxyType(names.indexes()),
    )


def _needs(
    services: Mapping[str, Service], entries: tuple[Entry, ...], split: tuple[str, ...]
) -> dict[str, frozenset[str]]:
    # `split` has the categories that are chosen by service.
    found: dict[str, set[str]] = {id: set() for id in services}
    for entry in entries:
        if entry.service in found:
            found[entry.service].add(entry.part)
    for id, service in services.items():
        # A service without entries, such as one that only loads scripts, is in its own category.
        if not found[id] and service.category is not None:
            category = service.category
            found[id].add(part_id(category, id) if category in split else category)
    return {id: frozenset(needed) for id, needed in found.items()}


def _parts(
    needs: Mapping[str, frozenset[str]], entries: tuple[Entry, ...]
) -> dict[str, tuple[str, ...]]:
    # The site's own part comes last.
    every = [part for needed in needs.values() for part in sorted(needed)]
    every += [entry.part for entry in entries if entry.service is None]
    found: dict[str, dict[str, None]] = {}
    for part in every:
        if SEPARATOR in part:
            found.setdefault(category_of(part), {})[part] = None
    return {category: tuple(parts) for category, parts in found.items()}


class _Builder:
    def __init__(self, file: File, problems: ProblemList) -> None:
        self.checker = Checker(file, problems)
        self._problems = problems

    def site(self, site: Site) -> Site:
        self.checker.text(site.name, ("site", "name"), required=True)
        self.checker.texts(site, ("site",), "catalogs")
        self.checker.accepted(site.accepted, ("site",))
        seen: dict[str, int] = {}
        for number, language in enumerate(site.languages):
            path = ("site", "languages", number)
            self.checker.check(check_language, language, path)
            # An empty text may stand in for a value of another type, which is reported already.
            if language and seen.setdefault(language, number) != number:
                self._problems.add(
                    path, f"language {quoted(language)} is listed twice", "write each language once"
                )
        id = site.id or id_from_name(site.name)
        if id:
            self.checker.check(check_id, site.id or None, ("site", "id"))
        elif site.name.strip():
            self._problems.add(
                ("site", "name"),
                f"no id can be made from the name {quoted(site.name)}",
                'write an id of a-z, 0-9, "_" and "-" too, such as id = "my-site"',
            )
        return replace(site, id=id, refusal_days=site.refusal_days or site.consent_days)

    def check_contacts(self, file: File) -> None:
        if file.controller is not None:
            keys = ("name", "email", "address", "dpo", "privacy_policy")
            self.checker.texts(file.controller, ("controller",), *keys)
            for language, url in file.controller.privacy_policy.items():
                self.checker.check(check_url, url, ("controller", "privacy_policy", language))
        for number, authority in enumerate(file.authorities):
            self._check_authority(authority, ("authorities", number))

    def _check_authority(self, authority: Authority, path: Path) -> None:
        name, url = authority.name, authority.url
        if isinstance(name, Mapping) and name:
            self.checker.texts(authority, path, "name")
        else:
            self.checker.text(name if isinstance(name, str) else "", (*path, "name"), required=True)
        if isinstance(url, Mapping):
            self.checker.texts(authority, path, "url")
            for language, address in url.items():
                self.checker.check(check_url, address, (*path, "url", language))
        else:
            self.checker.check(check_url, url, (*path, "url"))
        self.checker.check(check_country, authority.country, (*path, "country"))

    def policy(self, table: PolicyTable) -> Policy:
        signals: dict[Signal, SignalRule]
        if isinstance(table.signals, str):
            signals = dict.fromkeys(SIGNALS, table.signals)
        else:
            signals = {signal: getattr(table.signals, signal) for signal in SIGNALS}
        self.checker.check(check_csp, table.added_csp or None, ("policy", "added_csp"))
        self.checker.texts(table, ("policy",), "advanced_consent_mode")
        floor = resolve_minimum(table.floor, NO_MINIMUM, self._problems, ("policy",))
        return resolved(Policy, PolicyKeys, table, signals=signals, floor=floor)

    def category(self, id: str, table: CategoryTable, floor: MinimumAttributes) -> Category:
        path = ("categories", id)
        self._check_id("categories", id)
        for number, name in enumerate(table.consent_mode):
            self.checker.check(check_consent_signal, name, (*path, "consent_mode", number))
        self.checker.texts(table, path, "title", "description", "without")
        self.checker.accepted(table.accepted, path)
        survives = table.survives_signal
        if isinstance(survives, bool):
            survives = SIGNALS if survives else ()
        return resolved(
            Category,
            CategoryKeys,
            table,
            id=id,
            survives=frozenset(survives),
            floor=resolve_minimum(table.floor, floor, self._problems, path),
        )

    def service(self, id: str, table: ServiceTable) -> Service:
        path = ("services", id)
        self._check_id("services", id)
        if table.category is not None:
            self.checker.category(table.category, path)
        for number, link in enumerate(table.links):
            self.checker.check(check_url, link.url, (*path, "links", number, "url"))
        for number, source in enumerate(table.sources):
            self.checker.check(check_source, source, (*path, "sources", number))
        self.checker.texts(table, path, "name", "provider", "purpose")
        self.checker.accepted(table.accepted, path)
        domains = self.checker.domains(table, path) or ()
        return resolved(
            Service, ServiceKeys, table, id=id, domains=domains, purpose=text_lists(table.purpose)
        )

    def _check_id(self, table: str, id: str) -> None:
        self.checker.check(check_id, id, (table, id))
        hint = consent_hint(id, (table, id))
        if hint is not None:
            what = f"id {quoted(id)} is not a legal basis for a cookie"
            self._problems.add((table, id), what, hint)
