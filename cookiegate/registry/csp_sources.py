"""The sources of services that a Content-Security-Policy is edited by."""

from __future__ import annotations

import msgspec

from .registry import Registry

__all__ = ["Source", "editable_sources"]


class Source(msgspec.Struct, frozen=True):
    """A source that optional services declare, and no required one."""

    #: In lower case.
    text: bytes
    #: The services, with the categories of each.
    services: tuple[tuple[str, frozenset[str]], ...]
    #: All of the categories; each of them has to be allowed.
    categories: frozenset[str]


def editable_sources(registry: Registry) -> tuple[Source, ...]:
    """Return the sources that may be removed; sources of required services stay."""
    own: dict[str, set[str]] = {}
    for entry in registry.entries:
        if entry.service is not None:
            own.setdefault(entry.service, set()).add(entry.category)
    declared: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for service in registry.services.values():
        categories = frozenset(own.get(service.id) or filter(None, (service.category,)))
        if categories:
            for source in service.sources:
                declared.setdefault(source.lower(), []).append((service.id, categories))
    found = []
    for text, services in declared.items():
        every = frozenset().union(*(categories for _, categories in services))
        if not every & registry.required:
            found.append(Source(text.encode(), tuple(services), every))
    return tuple(found)
