"""The sources of services that a Content-Security-Policy is edited by."""

from __future__ import annotations

import msgspec

from .registry import Registry

__all__ = ["Source", "editable_sources"]


class Source(msgspec.Struct, frozen=True):
    """A source that optional services declare, and no required one."""

    #: In lower case.
    text: bytes
    #: The services, each with the ids that it needs.
    services: tuple[tuple[str, frozenset[str]], ...]
    #: All of these ids; each of them has to be allowed.
    needs: frozenset[str]


def editable_sources(registry: Registry) -> tuple[Source, ...]:
    """Return the sources that may be removed; sources of required services stay."""
    declared: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for service in registry.services.values():
        needs = registry.needs[service.id]
        if needs:
            for source in service.sources:
                declared.setdefault(source.lower(), []).append((service.id, needs))
    found = []
    for text, services in declared.items():
        every = frozenset().union(*(needs for _, needs in services))
        if not every & registry.required:
            found.append(Source(text.encode(), tuple(services), every))
    return tuple(found)
