"""The state of a visitor and the registry as JSON, for sites with a front end of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import msgspec

from cookiegate.consent.model import Status
from cookiegate.enforcement.sweep import Swept
from cookiegate.http.signals import Signal

from .messages import NO_SNIFF, NO_STORE, PageResponse
from .state import State, closing_receipt, state_of
from .view_models import CategoryView
from .views import PageView
from .web_storage import RefusedStorage, refused_storage

__all__ = ["CategoryAnswer", "EntryAnswer", "ServiceAnswer", "StateAnswer", "render_state"]

_HEADERS: Final = ((b"content-type", b"application/json"), NO_STORE, NO_SNIFF)

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Ids = Annotated[
    list[str],
    msgspec.Meta(
        description="Ids of categories; if visitors choose by service, also of services in them. "
        "A category is in it if all of its services are."
    ),
]


class EntryAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the settings page's tables."""

    title: str
    names: tuple[str, ...]
    kind: str
    belongs_to: str
    expires: str
    purposes: tuple[str, ...]
    when: str | None
    necessary: str | None
    set_by: str | None


class ServiceAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service in a category, and the state of its switch."""

    id: Annotated[
        str, msgspec.Meta(description="`category:service`; `category:-` for the site itself.")
    ]
    name: str
    provider: str
    on: bool


class CategoryAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category, and the state of its switch."""

    id: str
    title: str
    description: str
    without: str
    required: bool
    offered: bool
    on: bool
    blocked: Annotated[bool, msgspec.Meta(description="A signal of the browser holds it off.")]
    entries: tuple[EntryAnswer, ...]
    services: Annotated[
        tuple[ServiceAnswer, ...],
        msgspec.Meta(description="What can be chosen by itself; empty where nothing can."),
    ]


class StateAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A visitor's state, and the registry in the visitor's language."""

    site: str
    version: int
    language: str
    languages: tuple[str, ...]
    status: Status
    should_ask: bool
    granted: _Ids
    allowed: _Ids
    signal: Signal | None
    since: _Moment | None
    until: _Moment | None
    #: The storage keys that the script removes now.
    refused: tuple[RefusedStorage, ...]
    still_sent: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="Names of the cookies that the browser sends, that are not allowed, and "
            "that this response does not delete."
        ),
    ]
    settings: str
    policy: str
    #: The id of the receipt that closes a consent; only in the response to the withdrawal.
    receipt: str | None
    categories: tuple[CategoryAnswer, ...]


def render_state(view: PageView, *, base: str, swept: Swept | None = None) -> PageResponse:
    """
    Return the visitor's state, and the registry in the visitor's language.

    Args:
        view: The request.
        base: The settings page's path, with the mount.
        swept: What the response to a choice deletes.
    """
    visit, content = view.visit, view.content
    state = state_of(visit)
    consent = visit.consent
    still_sent = visit.context.still_sent() if swept is None else swept.later + swept.remaining
    body = StateAnswer(
        site=content.site,
        version=visit.registry.site.version,
        language=view.texts.language,
        languages=tuple(visit.registry.site.languages),
        status=consent.status,
        should_ask=visit.should_ask and visit.context.pipeline.changes_responses,
        granted=sorted(consent.granted),
        allowed=sorted(consent.allowed),
        signal=consent.signal,
        since=state.since,
        until=state.until,
        refused=tuple(refused_storage(visit)),
        still_sent=still_sent,
        settings=base,
        policy=f"{base}/policy",
        receipt=closing_receipt(visit),
        categories=tuple(_category(one, state) for one in content.categories),
    )
    return PageResponse(status=200, headers=_HEADERS, body=msgspec.json.encode(body))


def _category(category: CategoryView, state: State) -> CategoryAnswer:
    return CategoryAnswer(
        id=category.id,
        title=category.title,
        description=category.description,
        without=category.without,
        required=category.is_required,
        offered=category.is_offered,
        on=category.id in state.on or category.is_required,
        blocked=category.id in state.blocked,
        entries=msgspec.convert(category.rows, tuple[EntryAnswer, ...], from_attributes=True),
        services=tuple(
            ServiceAnswer(
                id=one.part, name=one.name, provider=one.provider, on=one.part in state.on
            )
            for one in category.parts
        ),
    )
