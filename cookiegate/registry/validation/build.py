"""From the file's shape to the frozen values, with every check that binds several keys together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cookiegate.registry.errors import quoted
from cookiegate.registry.lifetimes import parse_keep
from cookiegate.registry.model import (
    Authority,
    Category,
    Controller,
    Entry,
    Ledger,
    Link,
    MinimumAttributes,
    Policy,
    Service,
    Signal,
    SignalRule,
    Site,
)
from cookiegate.registry.patterns import Index
from cookiegate.registry.schema.site_tables import LedgerShape, PolicyShape, SiteShape
from cookiegate.registry.schema.tables import CategoryShape, File, ServiceShape
from cookiegate.registry.values import (
    check_consent_signal,
    check_csp,
    check_id,
    check_language,
    check_source,
    id_from_name,
)

from .checker import Checker
from .consent_defaults import consent_hint
from .entries import EntryBuilder
from .minimum_attributes import NO_MINIMUM, resolve_minimum
from .problem_list import ProblemList

__all__ = ["Parts", "build"]

_SIGNALS: Final[tuple[Signal, ...]] = ("dnt", "gpc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a registry is made of."""

    site: Site
    policy: Policy
    ledger: Ledger
    controller: Controller | None
    authorities: tuple[Authority, ...]
    categories: Mapping[str, Category]
    services: Mapping[str, Service]
    entries: tuple[Entry, ...]
    indexes: Mapping[str, Index[Entry]]


def build(file: File, problem_list: ProblemList, lines: Callable[[], list[int]]) -> Parts:
    """Make the values; whatever is wrong goes to the problem_list, and the parts are then no good.

    ``lines`` gives the lines of the entries.
    """
    return _Builder(file, problem_list).parts(lines)


class _Builder:
    def __init__(self, file: File, problem_list: ProblemList) -> None:
        self._file = file
        self._problem_list = problem_list
        self._checker = Checker(file, problem_list)

    def parts(self, lines: Callable[[], list[int]]) -> Parts:
        file = self._file
        site = self._site(file.site)
        controller = None
        if file.controller is not None:
            given = file.controller
            for key in ("name", "email", "address", "dpo"):
                self._checker.text(getattr(given, key), "controller", key)
            controller = Controller(
                name=given.name or "",
                email=given.email or "",
                address=given.address or "",
                dpo=given.dpo,
                privacy_policy=self._checker.texts(
                    given.privacy_policy, "controller", "privacy_policy"
                ),
            )
            for language, url in given.privacy_policy.items():
                self._checker.url(url, "controller", "privacy_policy", language)
        for number, authority in enumerate(file.authorities):
            self._checker.text(authority.name, "authorities", number, "name", required=True)
            self._checker.url(authority.url, "authorities", number, "url")
        policy = self._policy(file.policy)
        categories = {
            id: self._category(id, shape, policy.floor) for id, shape in file.categories.items()
        }
        services = {id: self._service(id, shape) for id, shape in file.services.items()}
        builder = EntryBuilder(self._checker, categories, services)
        places = lines()
        if len(places) != len(file.cookies):
            # Written in some rare way, as one list of inline tables perhaps.
            places = [0] * len(file.cookies)
        entries = tuple(
            builder.add(shape, number, places[number]) for number, shape in enumerate(file.cookies)
        )
        return Parts(
            site=site,
            policy=policy,
            ledger=self._ledger(file.ledger),
            controller=controller,
            authorities=tuple(Authority(name=one.name, url=one.url) for one in file.authorities),
            categories=MappingProxyType(categories),
            services=MappingProxyType(services),
            entries=entries,
            indexes=MappingProxyType(builder.indexes()),
        )

    def _site(self, site: SiteShape) -> Site:
        self._checker.text(site.name, "site", "name", required=True)
        seen: dict[str, int] = {}
        for number, language in enumerate(site.languages):
            self._checker.check(check_language, language, "site", "languages", number)
            # A blank may stand for a value of another type, which is told of.
            if language and seen.setdefault(language, number) != number:
                self._problem_list.add(
                    ("site", "languages", number),
                    f"language {quoted(language)} is listed twice",
                    "write each language once",
                )
        id = site.id
        if id is not None:
            self._checker.check(check_id, id, "site", "id")
        else:
            id = id_from_name(site.name)
            if not id and site.name.strip():
                self._problem_list.add(
                    ("site", "name"),
                    f"no id can be made from the name {quoted(site.name)}",
                    'write an id of a-z, 0-9, "_" and "-" too, such as id = "my-site"',
                )
        return Site(
            name=site.name,
            id=id,
            languages=tuple(site.languages),
            version=site.version,
            updated=site.updated,
            consent_days=site.consent_days,
            refusal_days=site.consent_days if site.refusal_days is None else site.refusal_days,
            accepted=self._checker.accepted(site.accepted, "site"),
        )

    def _policy(self, shape: PolicyShape) -> Policy:
        signals: dict[Signal, SignalRule]
        if isinstance(shape.signals, str):
            signals = dict.fromkeys(_SIGNALS, shape.signals)
        else:
            signals = {"dnt": shape.signals.dnt, "gpc": shape.signals.gpc}
        added_csp = shape.added_csp
        if added_csp is not None:
            added_csp = self._checker.check(check_csp, added_csp, "policy", "added_csp")
        self._checker.text(shape.advanced_consent_mode, "policy", "advanced_consent_mode")
        return Policy(
            mode=shape.mode,
            unknown=shape.unknown,
            lifetime=shape.lifetime,
            signals=MappingProxyType(signals),
            floor=resolve_minimum(shape.floor, NO_MINIMUM, self._problem_list, "policy"),
            same_site_none=shape.same_site_none,
            sweep=shape.sweep,
            request_cookies=shape.request_cookies,
            clear_site_data=shape.clear_site_data,
            csp=shape.csp,
            added_csp=added_csp or "",
            advanced_consent_mode=shape.advanced_consent_mode or "",
        )

    def _ledger(self, shape: LedgerShape) -> Ledger:
        keep = shape.keep
        return Ledger(
            keep=None if keep is None else self._checker.check(parse_keep, keep, "ledger", "keep")
        )

    def _category(self, id: str, shape: CategoryShape, floor: MinimumAttributes) -> Category:
        self._check_id("categories", id)
        path = ("categories", id)
        survives: Iterable[Signal]
        if isinstance(shape.survives_signal, bool):
            survives = _SIGNALS if shape.survives_signal else ()
        else:
            survives = shape.survives_signal
        for number, name in enumerate(shape.consent_mode):
            self._checker.check(check_consent_signal, name, *path, "consent_mode", number)
        return Category(
            id=id,
            required=shape.required,
            title=self._checker.texts(shape.title, *path, "title"),
            description=self._checker.texts(shape.description, *path, "description"),
            without=self._checker.texts(shape.without, *path, "without"),
            survives=frozenset(survives),
            mode=shape.mode,
            floor=resolve_minimum(shape.floor, floor, self._problem_list, *path),
            consent_mode=tuple(shape.consent_mode),
            accepted=self._checker.accepted(shape.accepted, *path),
        )

    def _service(self, id: str, shape: ServiceShape) -> Service:
        self._check_id("services", id)
        path = ("services", id)
        self._checker.text(shape.provider, *path, "provider")
        if shape.category is not None:
            self._checker.category(shape.category, *path)
        for number, link in enumerate(shape.links):
            self._checker.url(link.url, *path, "links", number, "url")
        for number, source in enumerate(shape.sources):
            self._checker.check(check_source, source, *path, "sources", number)
        return Service(
            id=id,
            provider=shape.provider,
            category=shape.category,
            domains=self._checker.domains(shape, *path) or (),
            links=tuple(Link(kind=link.kind, url=link.url) for link in shape.links),
            sources=tuple(shape.sources),
            purpose=self._checker.lists(shape.purpose, *path, "purpose"),
            accepted=self._checker.accepted(shape.accepted, *path),
        )

    def _check_id(self, table: str, id: str) -> None:
        self._checker.check(check_id, id, table, id)
        hint = consent_hint(id, (table, id))
        if hint is not None:
            self._problem_list.add(
                (table, id), f"id {quoted(id)} is not a legal basis for a cookie", hint
            )
