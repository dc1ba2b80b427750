"""The choice and the registry as JSON, for sites with a front end of their own."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from cookiegate.visit import Visit

from .content import CategoryView, Content
from .exchange import PageResponse
from .state import State, state_of
from .texts import Texts

__all__ = ["answer_state"]

_HEADERS: Final = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


def answer_state(visit: Visit, content: Content, texts: Texts, *, base: str) -> PageResponse:
    """
    Where the visitor stands, and the registry in the visitor's language.

    Args:
        visit: The visit.
        content: The registry in that language.
        texts: The language.
        base: The settings page's path, with the mount.
    """
    state = state_of(visit)
    consent = visit.consent
    body = {
        "site": content.site,
        "version": visit.registry.site.version,
        "language": texts.language,
        "languages": list(visit.registry.site.languages),
        "status": consent.status,
        "should_ask": visit.should_ask and visit.is_enforced,
        "granted": sorted(consent.granted),
        "allowed": sorted(consent.allowed),
        "signal": consent.signal,
        "since": None if state.since is None else state.since.isoformat(),
        "until": None if state.until is None else state.until.isoformat(),
        "settings": base,
        "policy": f"{base}/policy",
        "categories": [_category(one, state) for one in content.categories],
    }
    return PageResponse(status=200, headers=_HEADERS, body=msgspec.json.encode(body))


def _category(category: CategoryView, state: State) -> dict[str, Any]:
    return {
        "id": category.id,
        "title": category.title,
        "description": category.description,
        "without": category.without,
        "required": category.is_required,
        "offered": category.is_offered,
        "on": category.id in state.on or category.is_required,
        "blocked": category.id in state.blocked,
        "entries": [
            {
                "title": row.title,
                "names": row.names,
                "kind": row.kind,
                "belongs_to": row.belongs_to,
                "expires": row.expires,
                "purposes": row.purposes,
                "when": row.when or None,
                "necessary": row.necessary or None,
                "set_by": row.set_by or None,
            }
            for row in category.rows
        ],
    }
