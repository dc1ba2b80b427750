"""The rules. Each yields violations with the table and the key that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, Final, NamedTuple

from cookiegate.enforcement.csp_editor import admitted
from cookiegate.registry import Category, Entry, Lifetime, Registry, Service
from cookiegate.registry.csp_sources import editable_sources
from cookiegate.registry.errors import Path, quoted
from cookiegate.registry.part_ids import category_of
from cookiegate.registry.widest_domain import is_on_widest_domain

from .reachability import Reachability
from .trackers import Tracker, known_tracker, tracker_among

__all__ = ["Violation", "production_violations", "violations"]

_DAY: Final = 86_400
_YEAR_SECONDS: Final = 366 * _DAY
# Chromium and Firefox shorten longer lifetimes (RFC 6265bis, section 5.5).
_CAP_SECONDS: Final = 400 * _DAY
_MIN_REFUSAL_DAYS: Final = 180


class Violation(NamedTuple):
    """A violated rule."""

    code: str
    table: Path
    #: Relative to the table; "" for the table itself.
    key: str
    what: str
    hint: str


def violations(registry: Registry) -> Iterator[Violation]:
    """Yield all violations, in no particular order."""
    yield from _site(registry)
    used = {entry.category for entry in registry.entries}
    for id, category in registry.categories.items():
        yield from _category(registry, ("categories", id), category, is_empty=id not in used)
    yield from _shared_sources(registry)
    yield from _added_csp(registry)
    for id, service in registry.services.items():
        yield from _languages(registry, ("services", id), {"purpose": service.purpose})
    reachability = Reachability(registry)
    for number, entry in enumerate(registry.entries):
        yield from _entry(registry, ("cookies", number), entry, reachability)


def production_violations(registry: Registry) -> Iterator[Violation]:
    """Yield the violations of further rules for a site in production."""
    if registry.policy.mode == "report":
        what, hint = "the site is in report mode: it enforces no choice", 'write mode = "enforce"'
        yield Violation("report-mode", ("policy",), "mode", what, hint)
    for id, category in registry.categories.items():
        table: Path = ("categories", id)
        if category.mode == "report":
            what = f"category {quoted(id)} is in report mode: choices about it are not enforced"
            yield Violation("report-mode", table, "mode", what, "leave mode out")
        for key in ("title", "description"):
            if not getattr(category, key):
                what = f"category {quoted(id)} has no {key}"
                yield Violation("missing-text", table, key, what, _text_hint(registry, key))
    for number, entry in enumerate(registry.entries):
        name, table = quoted(entry.names[0]), ("cookies", number)
        if not entry.purpose:
            what, hint = f"{name} has no purpose", _text_hint(registry, "purpose")
            yield Violation("missing-text", table, "purpose", what, hint)
        if entry.expires is None:
            what, hint = f"{name} has no lifetime", 'write expires = "session" or "30 days"'
            yield Violation("missing-text", table, "expires", what, hint)


def _site(registry: Registry) -> Iterator[Violation]:
    site, controller = registry.site, registry.controller
    if site.refusal_days < _MIN_REFUSAL_DAYS:
        what = f"visitors who refused are asked again after {site.refusal_days} days"
        hint = f"write refusal_days = {_MIN_REFUSAL_DAYS} or more"
        yield Violation("early-refusal", ("site",), "refusal_days", what, hint)
    if site.granularity == "service" and all(len(some) < 2 for some in registry.parts.values()):
        what = "visitors choose by service, but no optional category has two services"
        hint = 'write service = "..." into its entries, or leave granularity out'
        yield Violation("single-services", ("site",), "granularity", what, hint)
    keep = registry.ledger.keep
    if keep is not None and _seconds(keep) < site.consent_days * _DAY:
        valid = Lifetime(site.consent_days, "days")
        hint = f'write keep = "{valid}" or more'
        what = f"receipts are kept for {keep}, but the consent they prove is valid for {valid}"
        yield Violation("early-pruning", ("ledger",), "keep", what, hint)
    if controller is None or not controller.name:
        table: Path = ("site",) if controller is None else ("controller",)
        what, hint = "no controller is named", 'write [controller] name = "..."'
        yield Violation("missing-controller", table, "", what, hint)
    elif not (controller.email or controller.address):
        what = "the controller has no email and no address"
        hint = 'write email = "..." or address = "..."'
        yield Violation("missing-contact", ("controller",), "name", what, hint)
    if not any("data" in one.oversees for one in registry.authorities):
        what, hint = "no authority for complaints is named", 'write [[authorities]] name = "..."'
        yield Violation("missing-authority", ("site",), "", what, hint)
    if controller is not None:
        texts = {"privacy_policy": controller.privacy_policy or {}}
        yield from _languages(registry, ("controller",), texts)
    for number, authority in enumerate(registry.authorities):
        given = {"name": authority.name, "url": authority.url}
        by_language = {key: one for key, one in given.items() if isinstance(one, Mapping)}
        yield from _languages(registry, ("authorities", number), by_language)


def _category(
    registry: Registry, table: Path, category: Category, *, is_empty: bool
) -> Iterator[Violation]:
    name = f"category {quoted(category.id)}"
    texts = {key: getattr(category, key) for key in ("title", "description", "without")}
    yield from _languages(registry, table, texts)
    if not category.required and not category.without:
        what = f"{name} does not say what visitors lose by refusing it"
        yield Violation("missing-without", table, "", what, _text_hint(registry, "without"))
    if is_empty:
        what = f"{name} has no entry, so visitors are not asked about it"
        yield Violation("empty-category", table, "", what, "leave it out until it has an entry")


def _shared_sources(registry: Registry) -> Iterator[Violation]:
    needs = registry.needs
    first: dict[str, str] = {}
    for id, service in registry.services.items():
        for number, source in enumerate(service.sources):
            other = first.setdefault(source, id)
            if needs[other] != needs[id]:
                is_split = {*map(category_of, needs[other])} == {*map(category_of, needs[id])}
                apart = "visitors choose by itself" if is_split else "is in another category"
                one = "make them one service" if is_split else "put both into one category"
                what = (
                    f"source {quoted(source)} is also a source of service {quoted(other)}, which "
                    + apart
                )
                hint = f"give each service its own source, or {one}"
                yield Violation("shared-source", ("services", id), f"sources.{number}", what, hint)


def _added_csp(registry: Registry) -> Iterator[Violation]:
    policy = registry.policy
    if not policy.added_csp or policy.csp == "off":
        return
    sources = editable_sources(registry)
    for id in admitted(sources, [policy.added_csp.encode()], registry.required):
        what = f"the added policy lets service {quoted(id)} load although it is not allowed"
        hint = "write default-src, and name each source as the services do, and no wider one"
        yield Violation("csp-admits", ("policy",), "added_csp", what, hint)


def _entry(
    registry: Registry, table: Path, entry: Entry, reachability: Reachability
) -> Iterator[Violation]:
    name = quoted(entry.names[0])
    texts: dict[str, Mapping[str, Any]] = {
        key: getattr(entry, key) for key in ("label", "when", "necessary")
    }
    service = registry.services.get(entry.service or "")
    if service is None or entry.purpose != service.purpose:
        texts["purpose"] = entry.purpose
    yield from _languages(registry, table, texts)
    if registry.categories[entry.category].required:
        yield from _required(registry, table, entry, service)
    if entry.kind == "cookie" and _seconds(entry.expires) > _CAP_SECONDS:
        what = f"{name} declares {entry.expires}, but browsers keep a cookie for at most 400 days"
        yield Violation("capped-lifetime", table, "expires", what, 'write expires = "400 days"')
    widest = [one for one in entry.names if is_on_widest_domain(one.encode())]
    if entry.kind == "cookie" and widest and not entry.domains:
        what = f"{quoted(widest[0])} is set on the widest domain, and declares no domains"
        hint = 'write domains = ["example.com"], with the domain under which the site\'s hosts are'
        yield Violation("widest-domain", table, "name", what, hint)
    if entry.unconfirmed:
        what = f"the name of {name} is a guess"
        hint = "write the name that browsers store, and leave unconfirmed out"
        yield Violation("unconfirmed-name", table, "unconfirmed", what, hint)
    if not reachability.is_reachable(entry):
        what = f"{name} can never match: other entries match all its names"
        yield Violation("unreachable-pattern", table, "name", what, "leave it out")


def _required(
    registry: Registry, table: Path, entry: Entry, service: Service | None
) -> Iterator[Violation]:
    name = quoted(entry.names[0])
    provider = _other_provider(registry, service)
    if entry.set_by == "third_party" or provider:
        what = f"{name} of {provider or 'another site'} is required"
        hint = (
            "put it into an optional category, unless the service that the visitor asked for "
            "does not work without it"
        )
        yield Violation("required-third-party", table, "name", what, hint)
    if found := _tracker(entry):
        subject, tracker = found
        known = f"{tracker.service} ({tracker.provider})"
        what = f"{subject} is known as a cookie of {known}, and is required"
        hint = f"put it into a category such as {tracker.category}"
        yield Violation("required-tracker", table, "name", what, hint)
    if _seconds(entry.expires) > _YEAR_SECONDS:
        what = f"{name} is required, and stays for more than a year ({entry.expires})"
        hint = "shorten it, or put it into an optional category"
        yield Violation("required-lifetime", table, "expires", what, hint)
    if not entry.necessary:
        what = f"{name} is required, but does not say what fails without it"
        hint = _text_hint(registry, "necessary")
        yield Violation("required-reason", table, "name", what, hint)


def _languages(
    registry: Registry, table: Path, texts: Mapping[str, Mapping[str, Any]]
) -> Iterator[Violation]:
    for key, text in texts.items():
        missing = [one for one in registry.site.languages if text and one not in text]
        if missing:
            what = f"{key} has no text in {', '.join(missing)}"
            hint = f'write {key}.{missing[0]} = "..."'
            yield Violation("missing-language", table, key, what, hint)


def _text_hint(registry: Registry, key: str) -> str:
    return f'write {key}.{registry.site.languages[0]} = "..."'


def _other_provider(registry: Registry, service: Service | None) -> str | None:
    """Return the provider of a service, unless it is the site or its controller."""
    if service is None or service.provider is None:
        return None
    controller = registry.controller
    own = {registry.site.name.casefold(), controller.name.casefold() if controller else ""}
    return None if service.provider.casefold() in own else service.provider


def _tracker(entry: Entry) -> tuple[str, Tracker] | None:
    """Return the tracker that uses one of the entry's names, with the subject of a sentence."""
    for name in entry.names:
        if tracker := known_tracker(name):
            return quoted(name), tracker
        if found := tracker_among(name):
            known, tracker = found
            return f"{quoted(name)} also matches {quoted(known)}, which", tracker
    return None


def _seconds(lifetime: Lifetime | None) -> float:
    if lifetime is None or lifetime.unit == "session":
        return 0
    return inf if lifetime.seconds is None else lifetime.seconds
