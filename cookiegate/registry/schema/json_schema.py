"""The JSON Schema of a registry file, made from the types of its tables.

``python -m cookiegate.registry.schema`` prints it; with ``--check FILE`` it exits with 1 if the
file has other content.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from .tables import File

__all__ = ["main", "schema", "schema_text"]

_USAGE = "usage: python -m cookiegate.registry.schema [--check FILE]\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema, draft 2020-12."""
    _, components = msgspec.json.schema_components((File,), ref_template="#/$defs/{name}")
    definitions = {name.removesuffix("Table"): _tidied(components[name]) for name in components}
    for name in ("Service", "Cookie"):
        definitions[name]["not"] = {"required": ["domain", "domains"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cookiegate registry",
        **{key: value for key, value in definitions.pop("File").items() if key != "title"},
        "$defs": definitions,
    }


def schema_text() -> str:
    """Return the schema as text, as in ``registry/registry.schema.json``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, default=str) + "\n"


def _tidied(part: Any) -> Any:
    """Return a schema without null, which TOML does not have, and with short names."""
    if isinstance(part, list):
        return [_tidied(item) for item in part]
    if not isinstance(part, dict):
        return part
    tidied = {key: _tidied(value) for key, value in part.items()}
    if tidied.get("default", "") is None:
        del tidied["default"]
    for key in ("$ref", "title"):
        if key in tidied and isinstance(tidied[key], str):
            tidied[key] = tidied[key].removesuffix("Table")
    if "anyOf" in tidied:
        choices = [choice for choice in tidied["anyOf"] if choice != {"type": "null"}]
        tidied["anyOf"] = choices
        if len(choices) == 1:
            del tidied["anyOf"]
            # The description of the key replaces that of its type.
            tidied = choices[0] | tidied
    return tidied


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the schema, or compare a file with it."""
    match list(sys.argv[1:] if arguments is None else arguments):
        case []:
            sys.stdout.write(schema_text())
            return 0
        case ["--check", path]:
            with open(path, encoding="utf-8", newline="") as file:
                if file.read() == schema_text():
                    return 0
            sys.stderr.write(
                f"{path} is not the schema of this version; run: "
                f"python -m cookiegate.registry.schema > {path}\n"
            )
            return 1
        case _:
            sys.stderr.write(_USAGE)
            return 2
