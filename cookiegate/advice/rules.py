"""The rules: each looks at one thing, and says where it found it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from cookiegate.enforcement.csp_editor import admitted, editable_sources
from cookiegate.registry import Category, Entry, Lifetime, Registry, Service, Site
from cookiegate.registry.errors import Path, quoted

from .reachability import Reach
from .trackers import Tracker, known_tracker, tracker_among

__all__ = ["Found", "advices", "demands"]

_DAY: Final = 86_400
_YEAR_SECONDS: Final = 366 * _DAY
# Chromium and Firefox keep no cookie for longer (RFC 6265bis, section 5.5).
_CAP_SECONDS: Final = 400 * _DAY
_EARLY_DAYS: Final = 180


class Found(NamedTuple):
    """Something to advise: the table it is in, the key, and the words."""

    code: str
    table: Path
    key: str
    what: str
    hint: str
    accepted: Mapping[str, str]


def advices(registry: Registry) -> Iterator[Found]:
    """What is worth a thought, in no order."""
    yield from _site(registry)
    used = {entry.category for entry in registry.entries}
    for id, category in registry.categories.items():
        yield from _category(registry, ("categories", id), category, is_empty=id not in used)
    yield from _sources(registry)
    yield from _added_csp(registry)
    for id, service in registry.services.items():
        texts = {"purpose": service.purpose}
        yield from _languages(registry, ("services", id), service, texts)
    reach = Reach(registry)
    for number, entry in enumerate(registry.entries):
        yield from _entry(registry, ("cookies", number), entry, reach)


def demands(registry: Registry) -> Iterator[Found]:
    """What a site in production must not lack, beside all advice."""
    site = registry.site
    if registry.policy.mode == "report":
        yield Found(
            "report-mode",
            ("policy",),
            "mode",
            "the site only reports: visitors' choices are not enforced",
            'write mode = "enforce"',
            site.accepted,
        )
    for id, category in registry.categories.items():
        table: Path = ("categories", id)
        if category.mode == "report":
            what = f"category {quoted(id)} only reports: choices about it are not enforced"
            yield Found("report-mode", table, "mode", what, "leave mode out", category.accepted)
        for key in ("title", "description"):
            if not getattr(category, key):
                yield _missing(registry, table, key, f"category {quoted(id)}", category.accepted)
    for number, entry in enumerate(registry.entries):
        table = ("cookies", number)
        if not entry.purpose:
            yield _missing(registry, table, "purpose", _named(entry), entry.accepted)
        if entry.expires is None:
            what = f"{_named(entry)} has no lifetime"
            hint = 'write expires = "session" or such as "30 days"'
            yield Found("missing-text", table, "expires", what, hint, entry.accepted)


def _added_csp(registry: Registry) -> Iterator[Found]:
    policy = registry.policy
    if not policy.added_csp or policy.csp == "off":
        return
    sources = editable_sources(registry)
    for id in admitted(sources, [policy.added_csp.encode()], registry.required):
        yield Found(
            "csp-admits",
            ("policy",),
            "added_csp",
            f"the added policy lets service {quoted(id)} load though nobody allowed it",
            "write default-src, name each source as the services do, and no wider one",
            registry.site.accepted,
        )


def _missing(
    registry: Registry, table: Path, key: str, what: str, accepted: Mapping[str, str]
) -> Found:
    hint = f'write {key}.{registry.site.languages[0]} = "..."'
    return Found("missing-text", table, key, f"{what} has no {key}", hint, accepted)


def _site(registry: Registry) -> Iterator[Found]:
    site = registry.site
    if site.refusal_days < _EARLY_DAYS:
        yield Found(
            "early-refusal",
            ("site",),
            "refusal_days",
            f"who refused is asked again after {site.refusal_days} days",
            f"write refusal_days = {_EARLY_DAYS} or more",
            site.accepted,
        )
    keep = registry.ledger.keep
    if keep is not None and _seconds(keep) < site.consent_days * _DAY:
        holds = Lifetime(site.consent_days, "days")
        yield Found(
            "early-pruning",
            ("ledger",),
            "keep",
            f"receipts are kept for {keep}, and what they prove holds for {holds}",
            f'write keep = "{holds}" or more',
            site.accepted,
        )
    controller = registry.controller
    if controller is None or not controller.name:
        what, hint = "nobody answers for the data", 'write [controller] name = "..."'
        table: Path = ("site",) if controller is None else ("controller",)
        yield Found("missing-controller", table, "", what, hint, site.accepted)
    elif not (controller.email or controller.address):
        what, hint = "the controller cannot be reached", 'write email = "..." or address = "..."'
        yield Found("missing-contact", ("controller",), "name", what, hint, site.accepted)
    if not registry.authorities:
        what = "no authority is named to which visitors may complain"
        hint = 'write [[authorities]] name = "..."'
        yield Found("missing-authority", ("site",), "", what, hint, site.accepted)
    if controller is not None and controller.privacy_policy:
        texts = {"privacy_policy": controller.privacy_policy}
        yield from _languages(registry, ("controller",), site, texts)


def _category(
    registry: Registry, table: Path, category: Category, *, is_empty: bool
) -> Iterator[Found]:
    id = category.id
    texts = {key: getattr(category, key) for key in ("title", "description", "without")}
    yield from _languages(registry, table, category, texts)
    if not category.required and not category.without:
        hint = f'write without.{registry.site.languages[0]} = "..."'
        what = f"category {quoted(id)} does not say what one loses by saying no"
        yield Found("missing-without", table, "", what, hint, category.accepted)
    if is_empty:
        what = f"category {quoted(id)} has no entry, and is not offered"
        hint = "leave it out until it has one"
        yield Found("empty-category", table, "", what, hint, category.accepted)


def _sources(registry: Registry) -> Iterator[Found]:
    categories = _categories(registry)
    first: dict[str, Service] = {}
    for id, service in registry.services.items():
        for number, source in enumerate(service.sources):
            other = first.setdefault(source, service)
            if categories[other.id] != categories[id]:
                yield Found(
                    "shared-source",
                    ("services", id),
                    f"sources.{number}",
                    f"source {quoted(source)} is also that of service {quoted(other.id)}, which "
                    "is in another category",
                    "give each service a source of its own, or put both into one category",
                    service.accepted,
                )


def _categories(registry: Registry) -> dict[str, set[str]]:
    """The categories of each service: those of its entries, else its own."""
    found: dict[str, set[str]] = {id: set() for id in registry.services}
    for entry in registry.entries:
        if entry.service is not None:
            found[entry.service].add(entry.category)
    return {id: own or {registry.services[id].category or ""} for id, own in found.items()}


def _entry(registry: Registry, table: Path, entry: Entry, reach: Reach) -> Iterator[Found]:
    name, accepted = _named(entry), entry.accepted
    texts = {key: getattr(entry, key) for key in ("label", "when", "necessary")}
    service = registry.services.get(entry.service or "")
    if service is None or entry.purpose != service.purpose:
        texts["purpose"] = entry.purpose
    yield from _languages(registry, table, entry, texts)
    if registry.categories[entry.category].required:
        yield from _required(registry, table, entry, service)
    seconds = _seconds(entry.expires)
    if entry.kind == "cookie" and seconds > _CAP_SECONDS:
        what = f"{name} declares {entry.expires}, and browsers keep no cookie for over 400 days"
        hint = 'write expires = "400 days"'
        yield Found("capped-lifetime", table, "expires", what, hint, accepted)
    if entry.unconfirmed:
        what = f"the name of {name} is a guess"
        hint = "look at the browser's cookies, write the real name, and leave unconfirmed out"
        yield Found("unconfirmed-name", table, "unconfirmed", what, hint, accepted)
    if not reach.is_reached(entry):
        what = f"{name} can never match: each of its names is in another entry"
        yield Found("unreachable-pattern", table, "name", what, "leave it out", accepted)


def _required(
    registry: Registry, table: Path, entry: Entry, service: Service | None
) -> Iterator[Found]:
    name, accepted = _named(entry), entry.accepted
    provider = _other_provider(registry, service)
    if entry.set_by == "third_party" or provider:
        who = provider or "another site"
        yield Found(
            "required-third-party",
            table,
            "name",
            f"{name} of {who} is required",
            "put it into a category that can be refused, unless the service that the visitor "
            "asked for cannot do without it",
            accepted,
        )
    if tracker := _tracker(entry):
        what, known = tracker
        yield Found(
            "required-tracker",
            table,
            "name",
            f"{what} is known from {known.service} ({known.provider}), and is required",
            f"put it into a category such as {known.category}",
            accepted,
        )
    if _seconds(entry.expires) > _YEAR_SECONDS:
        what = f"{name} is required, and stays for over a year ({entry.expires})"
        hint = "shorten it, or put it into a category that can be refused"
        yield Found("required-lifetime", table, "expires", what, hint, accepted)
    if not entry.necessary:
        what = f"{name} is required, and does not say what fails without it"
        hint = f'write necessary.{registry.site.languages[0]} = "..."'
        yield Found("required-reason", table, "name", what, hint, accepted)


def _languages(
    registry: Registry,
    table: Path,
    owner: Site | Category | Service | Entry,
    texts: Mapping[str, Mapping[str, object]],
) -> Iterator[Found]:
    accepted = owner.accepted
    for key, by_language in texts.items():
        lacking = [one for one in registry.site.languages if by_language and one not in by_language]
        if lacking:
            what = f"{key} has no text in {', '.join(lacking)}"
            hint = f'write {key}.{lacking[0]} = "..."'
            yield Found("missing-language", table, key, what, hint, accepted)


def _other_provider(registry: Registry, service: Service | None) -> str | None:
    """Who runs the service, unless it is the site itself."""
    if service is None or service.provider is None:
        return None
    controller = registry.controller
    own = {registry.site.name.casefold(), controller.name.casefold() if controller else ""}
    return None if service.provider.casefold() in own else service.provider


def _tracker(entry: Entry) -> tuple[str, Tracker] | None:
    """What of the entry a tracker is known by, in words."""
    for name in entry.names:
        if tracker := known_tracker(name):
            return quoted(name), tracker
        if found := tracker_among(name):
            known, tracker = found
            return f"{quoted(name)} stands for {quoted(known)} too, which", tracker
    return None


def _named(entry: Entry) -> str:
    return quoted(entry.names[0])


def _seconds(lifetime: Lifetime | None) -> float:
    if lifetime is None or lifetime.unit == "session":
        return 0
    return float("inf") if lifetime.seconds is None else lifetime.seconds
