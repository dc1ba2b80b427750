"""Writes a registry out in one language, for the templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from cookiegate.http.signals import SIGNAL_TABLE
from cookiegate.registry import Entry, Link, Registry, Service
from cookiegate.registry.model import Duty, Kind, SetBy
from cookiegate.registry.part_ids import service_of
from cookiegate.registry.patterns import parse_pattern

from .i18n import Texts, gettext_noop
from .view_models import (
    AuthorityView,
    CategoryView,
    Content,
    EntryView,
    GroupView,
    LinkView,
    PartyView,
)

__all__ = ["RECORDS", "content_of", "text_in"]


_KINDS: Final[dict[Kind, str]] = {
    "cookie": gettext_noop("Cookie"),
    "local_storage": gettext_noop("Local storage"),
    "session_storage": gettext_noop("Session storage"),
    "pixel": gettext_noop("Pixel"),
}
_SET_BY: Final[dict[SetBy, str]] = {
    "server": gettext_noop("This site’s server"),
    "script": gettext_noop("A script on the page"),
    "third_party": gettext_noop("The other company’s server"),
}
# The duties of authorities, in the order of the page.
_DUTIES: Final[dict[Duty, str]] = {
    "data": gettext_noop("Complaints about personal data"),
    "cookies": gettext_noop("Supervision of cookies"),
}
#: What the policy says about receipts, by what is kept of an address; None if it is not known.
RECORDS: Final[dict[str | None, str]] = {
    None: gettext_noop("A record of your choice is kept for %(keep)s as proof."),
    "none": gettext_noop(
        "A record of your choice, without your name or IP address, is kept for %(keep)s as proof."
    ),
    "truncated": gettext_noop(
        "A record of your choice, with a shortened form of your IP address but without your name, "
        "is kept for %(keep)s as proof."
    ),
    "hashed": gettext_noop(
        "A record of your choice, with a code computed from your IP address but without your name, "
        "is kept for %(keep)s as proof."
    ),
}


def content_of(registry: Registry, builtin: Sequence[Entry], texts: Texts) -> Content:
    """
    Write a registry out in a language; texts that it lacks come from the registry's first one.

    Args:
        registry: The registry.
        builtin: Cookiegate's own entries; the catalogue translates them.
        texts: The language.
    """
    languages = (texts.language, *registry.site.languages)
    entries = [*(_translated(entry, texts) for entry in builtin), *registry.entries]
    rows = [(entry, _entry(entry, registry, texts, languages)) for entry in entries]
    parties = _parties(registry)
    offered = frozenset(registry.offered)
    return Content(
        site=registry.site.name,
        categories=tuple(
            CategoryView(
                id=category.id,
                title=text_in(category.title, languages) or category.id,
                description=text_in(category.description, languages),
                without=text_in(category.without, languages),
                is_required=category.required,
                is_offered=category.id in registry.offered,
                survives=tuple(one.title for one in SIGNAL_TABLE if one.id in category.survives),
                rows=tuple(row for entry, row in rows if entry.category == category.id),
                groups=_groups(
                    [(entry, row) for entry, row in rows if entry.category == category.id],
                    registry,
                    registry.parts.get(category.id, ()),
                ),
            )
            for category in registry.categories.values()
        ),
        asked_parties=tuple(one for one in parties if one.categories & offered),
        other_parties=tuple(one for one in parties if not one.categories & offered),
        authorities=_authorities(registry, texts, languages),
        foreign=_foreign(registry, languages),
    )


def _foreign(registry: Registry, languages: Sequence[str]) -> dict[str, str]:
    mappings: list[Mapping[str, str | tuple[str, ...]]] = []
    for category in registry.categories.values():
        mappings += (category.title, category.description, category.without)
    for entry in registry.entries:
        whens = {language: _sentence(text) for language, text in entry.when.items()}
        mappings += (entry.label, entry.necessary, entry.purpose, whens)
    found: dict[str, str] = {}
    for texts in mappings:
        language = next((one for one in languages if texts.get(one)), languages[0])
        if language != languages[0]:
            text = texts[language]
            found |= dict.fromkeys((text,) if isinstance(text, str) else text, language)
    return found


def text_in(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    """Return the text in the first of these languages that has one, or "" if none has."""
    return next((texts[one] for one in languages if texts.get(one)), "")


def _translated(entry: Entry, texts: Texts) -> Entry:
    # A built-in entry's texts are in English alone.
    def translated(text: str | None) -> dict[str, str]:
        return {texts.language: texts.gettext(text)} if text else {}

    return replace(
        entry,
        label=translated(entry.label.get("en")),
        purpose={texts.language: tuple(map(texts.gettext, entry.purpose["en"]))},
        when=translated(entry.when.get("en")),
        necessary=translated(entry.necessary.get("en")),
    )


def _entry(entry: Entry, registry: Registry, texts: Texts, languages: Sequence[str]) -> EntryView:
    service = registry.services.get(entry.service) if entry.service else None
    label = text_in(entry.label, languages)
    when = text_in(entry.when, languages)
    purposes = next((entry.purpose[one] for one in languages if entry.purpose.get(one)), ())
    provider = service.provider if service else None
    domains = ", ".join(entry.domains)
    return EntryView(
        title=label or ", ".join(entry.names),
        label=label,
        names=entry.names,
        readable_names=tuple(dict.fromkeys(map(_readable_name, entry.names))),
        kind=texts.gettext(_KINDS[entry.kind]),
        owner=provider or domains or registry.site.name,
        domains=entry.domains,
        belongs_to=", ".join(filter(None, (provider, domains))) or registry.site.name,
        expires=texts.lifetime(entry.expires),
        purposes=purposes,
        when=_sentence(when) if when else None,
        necessary=text_in(entry.necessary, languages) or None,
        set_by=texts.gettext(_SET_BY[entry.set_by]) if entry.set_by else None,
        is_unconfirmed=entry.unconfirmed,
    )


def _readable_name(name: str) -> str:
    # Nobody who looks into a browser finds a cookie by the pattern `_gat_UA-[0-9]+-[0-9]+`.
    pattern = parse_pattern(name)
    return f"{pattern.prefix}…{pattern.suffix}" if pattern.exact is None else pattern.exact


def _groups(
    rows: Sequence[tuple[Entry, EntryView]], registry: Registry, parts: Sequence[str]
) -> tuple[GroupView, ...]:
    # A single service needs no switch beside that of its category.
    if len(parts) > 1:
        return tuple(_part(part, rows, registry) for part in parts)
    # A company with several services is one group.
    rows_of: dict[str, list[EntryView]] = {}
    links_of: dict[str, list[Link]] = {}
    for entry, row in rows:
        service = registry.services[entry.service] if entry.service else None
        name = _company(service) if service else ""
        rows_of.setdefault(name, []).append(row)
        links_of.setdefault(name, []).extend(service.links if service else ())
    return tuple(
        GroupView(
            name=name or registry.site.name,
            policies=_links(links_of[name], "policy", name),
            opt_outs=_links(links_of[name], "opt_out", name),
            rows=tuple(members),
        )
        for name, members in rows_of.items()
    )


def _part(part: str, rows: Sequence[tuple[Entry, EntryView]], registry: Registry) -> GroupView:
    members = tuple(row for entry, row in rows if entry.part == part)
    service = registry.services.get(service_of(part))
    if service is None:
        name = registry.site.name
        return GroupView(name=name, part=part, policies=(), opt_outs=(), rows=members)
    provider = _company(service)
    name = service.name or _name_of(service.id, provider)
    return GroupView(
        name=name,
        part=part,
        provider="" if provider == name else provider,
        policies=_links(service.links, "policy", provider),
        opt_outs=_links(service.links, "opt_out", provider),
        rows=members,
    )


def _name_of(id: str, provider: str) -> str:
    # "google_analytics" is "Google Analytics"; a provider's own spelling goes before.
    words = re.split("[_-]+", id)
    if "".join(words) == provider.replace(" ", "").casefold():
        return provider
    return " ".join(f"{word[:1].upper()}{word[1:]}" for word in words if word)


def _company(service: Service) -> str:
    # Without a provider and a domain, it is the site's own.
    return service.provider or ", ".join(service.domains)


def _sentence(text: str) -> str:
    # A registry has "only when you pay by card".
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _authorities(
    registry: Registry, texts: Texts, languages: Sequence[str]
) -> tuple[tuple[str, tuple[AuthorityView, ...]], ...]:
    views = [
        (
            one.oversees,
            AuthorityView(
                name=_in_all(one.name, languages),
                url=_in_all(one.url or "", languages),
                country=texts.country(one.country) if one.country else "",
            ),
        )
        for one in registry.authorities
    ]
    found = (
        (texts.gettext(title), tuple(view for duties, view in views if duty in duties))
        for duty, title in _DUTIES.items()
    )
    return tuple((title, authorities) for title, authorities in found if authorities)


def _in_all(text: str | Mapping[str, str], languages: Sequence[str]) -> str:
    return text if isinstance(text, str) else text_in(text, languages)


def _parties(registry: Registry) -> list[PartyView]:
    # A company counts once, however many services it has.
    services: dict[str, list[Service]] = {}
    used = {entry.service for entry in registry.entries}
    for service in registry.services.values():
        name = _company(service)
        if name and service.id in used:
            services.setdefault(name, []).append(service)
    return [_party(name, some, registry) for name, some in services.items()]


def _party(name: str, services: Sequence[Service], registry: Registry) -> PartyView:
    ids = {service.id for service in services}
    entries = [entry for entry in registry.entries if entry.service in ids]
    links = [link for service in services for link in service.links]
    opting_out = {s.id for s in services if _links(s.links, "opt_out", name)}
    return PartyView(
        name=name,
        policies=_links(links, "policy", name),
        opt_outs=_links(links, "opt_out", name),
        categories=frozenset(entry.category for entry in entries),
        elsewhere=tuple(
            (entry.part, entry.domains)
            for entry in entries
            if entry.domains and entry.service in opting_out
        ),
    )


def _links(links: Sequence[Link], kind: str, name: str) -> tuple[LinkView, ...]:
    urls = dict.fromkeys(link.url for link in links if link.kind == kind)
    # Only web pages: a "javascript:" URL would run in the page.
    web = (url for url in urls if urlsplit(url).scheme in ("http", "https"))
    return tuple(LinkView(url=url, name=_leads_to(url, name)) for url in web)


def _leads_to(url: str, company: str) -> str:
    # A company may link to another one's page, as to that of an association.
    host = urlsplit(url).hostname or ""
    words = re.findall(r"\w{3,}", company.casefold())
    is_own = any(word in host for word in (*words, "".join(words)) if word)
    return company if is_own else host.removeprefix("www.")
