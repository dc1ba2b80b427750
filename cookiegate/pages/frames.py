"""Frames of other companies, which load once their category is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from cookiegate.registry import Registry
from cookiegate.visit import Visit

from .content import text_in

__all__ = ["Frame", "frame_values"]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame as a template describes it."""

    category: str
    #: Its address.
    src: str
    #: What it shows, for those who hear the page.
    title: str
    #: The id of the service that it contacts; None if the registry has none.
    service: str | None = None
    #: The address of a picture of the site's own, for the placeholder.
    picture: str | None = None
    #: More attributes of the element.
    attributes: Mapping[str, str | bool | None] = {}


def frame_values(
    visit: Visit, frame: Frame, language: str, titles: Mapping[str, str], *, cacheable: bool
) -> dict[str, Any]:
    """
    Return what the template of a frame is rendered from.

    Args:
        visit: The request's visit.
        frame: The frame.
        language: The page's language.
        titles: The titles of the categories, and the names of services that are chosen.
        cacheable: Whether every visitor gets the same element.

    Raises:
        ValueError: The registry has no such category or service, the service is not in the
            category, the address is not one of the web, or an attribute would change what is
            held back.
    """
    registry = visit.registry
    category = registry.category(frame.category).id
    address = urlsplit(frame.src)
    if address.scheme not in ("", "http", "https"):
        raise ValueError(f"src is {frame.src!r}; give an address that begins with https://")
    part = registry.part(category, frame.service)
    provider, purpose = _service(registry, frame.service, language)
    is_loaded = not cacheable and (visit.allows(part) or not visit.enforces(category))
    attributes: dict[str, str | bool | None] = {
        "src": frame.src if is_loaded else None,
        "title": frame.title,
        "data-cookiegate": part,
        "data-cookiegate-src": frame.src,
        "data-cookiegate-provider": provider or None,
        "data-cookiegate-purpose": purpose or None,
        "data-cookiegate-picture": frame.picture,
    }
    more = {key.rstrip("_").replace("_", "-"): v for key, v in frame.attributes.items()}
    if own := [name for name in more if name.lower() == "srcdoc" or name.lower() in attributes]:
        raise ValueError(f"attribute {own[0]!r} would change what is held back; leave it out")
    attributes |= more
    host = address.netloc or registry.site.name
    return {
        "frame": frame,
        "is_loaded": is_loaded,
        "attributes": {
            name: "" if value is True else value
            for name, value in attributes.items()
            if value is not None and value is not False
        },
        "party": f"{provider} ({host})" if provider else host,
        "category": titles.get(part, titles[category]),
    }


def _service(registry: Registry, id: str | None, language: str) -> tuple[str, str]:
    # Who runs a service, and what for.
    if id is None:
        return "", ""
    service = registry.services[id]
    languages = (language, *registry.site.languages)
    purposes = {key: " ".join(texts) for key, texts in service.purpose.items()}
    return service.provider or "", text_in(purposes, languages)
