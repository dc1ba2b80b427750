"""The API's description (OpenAPI 3.1), which the pages serve."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from .api import StateAnswer
from .forms import ChoiceBody
from .messages import PageResponse, Problem

__all__ = ["OPENAPI", "description"]

_TEMPLATE: Final = "#/components/schemas/{name}"


def _schemas() -> dict[str, Any]:
    # Made from the types that the API reads and writes, so it cannot differ from them.
    types = (StateAnswer, ChoiceBody, Problem)
    return msgspec.json.schema_components(types, ref_template=_TEMPLATE)[1]


def _refer(schema: type) -> dict[str, str]:
    return {"$ref": _TEMPLATE.format(name=schema.__name__)}


def _response(text: str, schema: type, kind: str = "application/json") -> dict[str, Any]:
    return {"description": text, "content": {kind: {"schema": _refer(schema)}}}


def _problem(text: str) -> dict[str, Any]:
    return _response(text, Problem, "application/problem+json")


_LANGUAGE: Final = {
    "name": "lang",
    "in": "query",
    "description": "One of the registry's languages. Default: by Accept-Language.",
    "schema": {"type": "string"},
}

_AGAIN: Final = {
    "name": "again",
    "in": "query",
    "description": "Present if this page has asked before: its banner is not counted again.",
    "schema": {"type": "string"},
}


def description() -> dict[str, Any]:
    """Return the description, with paths relative to the settings page."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cookiegate", "version": "1", "summary": "A visitor's choice."},
        "paths": {
            "/api": {
                "get": {
                    "summary": "Read the choice in force, and the registry in one language.",
                    "operationId": "readState",
                    "parameters": [_LANGUAGE, _AGAIN],
                    "responses": {"200": _response("The state.", StateAnswer)},
                },
                "put": {
                    "summary": "Choose: categories that are not named are refused.",
                    "operationId": "choose",
                    "parameters": [_LANGUAGE],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": _refer(ChoiceBody)}},
                    },
                    "responses": {
                        "200": _response("The state after the choice.", StateAnswer),
                        "400": _problem("The body is not a valid choice, or names an unknown id."),
                        "403": _problem("Another site sent the request."),
                        "409": _problem("The page that the visitor chose on has changed since."),
                        "413": _problem("The body is longer than 16 KiB."),
                        "415": _problem("The body is not JSON."),
                        "429": _problem("Too many choices; Retry-After says when."),
                        "503": _problem("No proof can be kept now, so the choice has no effect."),
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
