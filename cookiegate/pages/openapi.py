"""The API's description (OpenAPI 3.1), served beside it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from .api import StateAnswer
from .forms import ChoiceBody
from .messages import PageResponse, Problem

__all__ = ["OPENAPI", "description"]


_TEMPLATE: Final = "#/components/schemas/{name}"


def _schemas() -> dict[str, Any]:
    # Of what is read and written itself, so that the two cannot differ.
    types = (StateAnswer, ChoiceBody, Problem)
    return msgspec.json.schema_components(types, ref_template=_TEMPLATE)[1]


def _refer(schema: type) -> dict[str, str]:
    return {"$ref": _TEMPLATE.format(name=schema.__name__)}


def _answer(text: str, schema: type, kind: str = "application/json") -> dict[str, Any]:
    return {
        "description": text,
        "content": {kind: {"schema": _refer(schema)}},
    }


def _refusal(text: str) -> dict[str, Any]:
    return _answer(text, Problem, "application/problem+json")


_LANGUAGE: Final = {
    "name": "lang",
    "in": "query",
    "description": "One of the registry's languages; else Accept-Language decides.",
    "schema": {"type": "string"},
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
                    "responses": {"200": _answer("The state.", StateAnswer)},
                },
                "put": {
                    "summary": "Choose: what is not named is refused.",
                    "operationId": "choose",
                    "parameters": [_LANGUAGE],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": _refer(ChoiceBody)}},
                    },
                    "responses": {
                        "200": _answer("The state after the choice.", StateAnswer),
                        "400": _refusal("The body is something else, or names an unknown id."),
                        "403": _refusal("Another site sent it."),
                        "409": _refusal("What it was chosen on has changed since it was shown."),
                        "413": _refusal("The body is longer than 16 KiB."),
                        "415": _refusal("The body is not JSON."),
                        "429": _refusal("Too many choices; Retry-After says when."),
                        "503": _refusal("No proof of it can be kept now, so it took no effect."),
                    },
                },
            }
        },
        "components": {"schemas": _schemas()},
    }


OPENAPI: Final = PageResponse(
    status=200,
    headers=((b"content-type", b"application/json"), (b"cache-control", b"no-cache")),
    body=msgspec.json.encode(description()),
)
