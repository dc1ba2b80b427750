"""The API's description (OpenAPI 3.1), served beside it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from .exchange import PageResponse

__all__ = ["OPENAPI", "description"]


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": sorted(properties),
        "properties": properties,
        "additionalProperties": False,
    }


_TEXT: Final = {"type": "string"}
_TEXT_OR_NONE: Final = {"type": ["string", "null"]}
_FLAG: Final = {"type": "boolean"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_IDS: Final = {"type": "array", "items": _TEXT, "description": "Ids of categories."}
_MOMENT: Final = {"type": ["string", "null"], "format": "date-time"}

_ENTRY: Final = _object(
    title=_TEXT,
    names=_TEXTS,
    kind=_TEXT,
    belongs_to=_TEXT,
    expires=_TEXT,
    purposes=_TEXTS,
    when=_TEXT_OR_NONE,
    necessary=_TEXT_OR_NONE,
    set_by=_TEXT_OR_NONE,
)
_CATEGORY: Final = _object(
    id=_TEXT,
    title=_TEXT,
    description=_TEXT,
    without=_TEXT,
    required=_FLAG,
    offered=_FLAG,
    on=_FLAG,
    blocked={**_FLAG, "description": "A signal of the browser holds it off."},
    entries={"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
)
_STATE: Final = _object(
    site=_TEXT,
    version={"type": "integer"},
    language=_TEXT,
    languages=_TEXTS,
    status={"enum": ["given", "missing", "expired", "invalid", "outdated"]},
    should_ask=_FLAG,
    granted=_IDS,
    allowed=_IDS,
    signal={"enum": ["dnt", "gpc", None]},
    since=_MOMENT,
    until=_MOMENT,
    settings=_TEXT,
    policy=_TEXT,
    categories={"type": "array", "items": {"$ref": "#/components/schemas/Category"}},
)
_PROBLEM: Final = _object(type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT)
_CHOICE: Final = _object(granted=_IDS)


def _answer(text: str, schema: str, kind: str = "application/json") -> dict[str, Any]:
    return {
        "description": text,
        "content": {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _refusal(text: str) -> dict[str, Any]:
    return _answer(text, "Problem", "application/problem+json")


_LANGUAGE: Final = {
    "name": "lang",
    "in": "query",
    "description": "One of the registry's languages; else Accept-Language decides.",
    "schema": _TEXT,
}


def description() -> dict[str, Any]:
    """The description, with paths below the pages' own."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cookiegate", "version": "1", "summary": "A visitor's choice."},
        "paths": {
            "/api": {
                "get": {
                    "summary": "Where the visitor stands, and the registry in their language.",
                    "operationId": "readState",
                    "parameters": [_LANGUAGE],
                    "responses": {"200": _answer("The state.", "State")},
                },
                "put": {
                    "summary": "Choose: what is not named is refused.",
                    "operationId": "choose",
                    "parameters": [_LANGUAGE],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Choice"}}
                        },
                    },
                    "responses": {
                        "200": _answer("The state after the choice.", "State"),
                        "400": _refusal("The body is something else, or names an unknown id."),
                        "403": _refusal("Another site sent it."),
                        "413": _refusal("The body is longer than 16 KiB."),
                        "415": _refusal("The body is not JSON."),
                        "429": _refusal("Too many choices; Retry-After says when."),
                    },
                },
            }
        },
        "components": {
            "schemas": {
                "Choice": _CHOICE,
                "State": _STATE,
                "Category": _CATEGORY,
                "Entry": _ENTRY,
                "Problem": _PROBLEM,
            }
        },
    }


OPENAPI: Final = PageResponse(
    status=200,
    headers=((b"content-type", b"application/json"), (b"cache-control", b"no-cache")),
    body=msgspec.json.encode(description()),
)
