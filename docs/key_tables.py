"""Write the tables of keys in docs/registry.md, from the JSON Schema.

``python -m docs.key_tables`` writes them; with ``--check`` it exits with 1 where the
page holds anything else.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cookiegate.registry.errors import in_toml
from cookiegate.registry.forms import (
    CONSENT_SIGNAL_FORM,
    COUNTRY_FORM,
    CSP_FORM,
    DOMAIN_FORM,
    ID_FORM,
    LANGUAGE_FORM,
    PATH_FORM,
    SOURCE_FORM,
    URL_FORM,
)
from cookiegate.registry.schema.json_schema import schema
from cookiegate.registry.schema.types import CODE_FORM

__all__ = ["PAGE", "main", "tables_in"]

PAGE: Final = Path(__file__).with_name("registry.md")
# A block on the page, with the name of its type in the schema.
_BLOCK: Final = re.compile(r"(<!-- keys: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TYPES: Final = schema()["$defs"]
# Defaults that another key gives; the schema has none for them.
_INHERITED: Final = {
    ("Site", "id"): "made from `name`",
    ("Site", "refusal_days"): "as `consent_days`",
    ("Category", "mode"): "as `[policy] mode`",
    ("Category", "floor"): "as `[policy] floor`",
    ("Cookie", "category"): "the service's",
    ("Cookie", "domains"): "the service's",
    ("Cookie", "purpose"): "the service's",
    ("Cookie", "floor"): "the category's",
}
# Where the documentation says more about a key.
_MORE: Final = {
    ("Site", "catalogs"): "[Languages](languages.md)",
    ("Policy", "mode"): "[Modes](decisions.md#modes)",
    ("Policy", "lifetime"): "[Lifetimes](#lifetimes)",
    ("Policy", "signals"): "[Signals](#signals)",
    ("Policy", "floor"): "[Minimum attributes](#floors)",
    ("Policy", "sweep"): "[the sweep](beyond.md#sweep)",
    ("Policy", "request_cookies"): "[hiding](beyond.md#hide)",
    ("Policy", "clear_site_data"): "[storage](beyond.md#storage)",
    ("Policy", "csp"): "[the policy](beyond.md#csp)",
    ("Policy", "advanced_consent_mode"): "[consent mode](consent-mode.md)",
    ("Ledger", "keep"): "[Lifetimes](#lifetimes)",
    ("Category", "floor"): "[Minimum attributes](#floors)",
    ("Category", "consent_mode"): "[consent mode](consent-mode.md)",
    ("Service", "sources"): "[the Content-Security-Policy](beyond.md#csp)",
    ("Cookie", "name"): "[Name patterns](#name-patterns)",
    ("Cookie", "expires"): "[Lifetimes](#lifetimes)",
    ("Cookie", "floor"): "[Minimum attributes](#floors)",
}
_NAMES: Final = {
    r"\S": "text",
    ID_FORM: "id",
    LANGUAGE_FORM: "language",
    DOMAIN_FORM: "domain",
    URL_FORM: "address",
    CSP_FORM: "policy",
    CONSENT_SIGNAL_FORM: "name",
    COUNTRY_FORM: "country",
    PATH_FORM: "path",
    SOURCE_FORM: "source",
    _TYPES["Cookie"]["properties"]["name"]["anyOf"][0]["pattern"]: "name",
    _TYPES["Cookie"]["properties"]["expires"]["pattern"]: "lifetime",
    _TYPES["Ledger"]["properties"]["keep"]["pattern"]: "count and unit",
}


def tables_in(page: str) -> list[str]:
    """Return the names of the types that have a table on the page."""
    return [block[2] for block in _BLOCK.finditer(page)]


def main(arguments: Sequence[str], path: Path = PAGE) -> int:
    """Write the tables of the page, or compare them."""
    page = path.read_text(encoding="utf-8")
    written = _BLOCK.sub(lambda block: block[1] + _table(block[2]) + block[3], page)
    if "--check" not in arguments:
        path.write_text(written, encoding="utf-8")
    elif written != page:
        sys.stderr.write(f"{path.name} is stale; run: python -m docs.key_tables\n")
        return 1
    return 0


def _table(name: str) -> str:
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, part in _TYPES[name]["properties"].items():
        more = _MORE.get((name, key))
        meaning = part["description"] + (f" See {more}." if more else "")
        lines.append(f"| `{key}` | {_type(part)} | {_default(name, key)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _type(part: dict[str, Any], many: bool = False) -> str:
    """Return a type as an author thinks of it."""
    match part:
        case {"anyOf": [*choices]}:
            first, second = (_type(choice) for choice in choices)
            comma = "," if re.search(r" or |,", first) else ""
            return f"{first}{comma} or {second}"
        case {"enum": [*values]}:
            return ", ".join(f"`{in_toml(value)}`" for value in values)
        case {"$ref": _}:
            return "tables" if many else "a table"
        case {"type": "object", "propertyNames": {"pattern": form}} if form == CODE_FORM:
            return "reason, by code"
        case {"type": "object", "additionalProperties": dict(inner)}:
            return f"{_type(inner)}, by language"
        case {"type": "array", "items": dict(inner)}:
            return f"list of {_type(inner, many=True)}"
        case {"type": "boolean"}:
            return "true or false"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"whole number from {least}" + (f" to {most}" if most < 10_000 else "")
        case {"type": "string", "format": "date"}:
            return "date"
        case {"type": "string", "pattern": form}:
            return _NAMES[form] + ("s" if many else "")
    raise AssertionError(part)


def _default(name: str, key: str) -> str:
    if key in _TYPES[name]["required"]:
        return "required"
    default = _TYPES[name]["properties"][key].get("default")
    # An empty list or table is the same as an absent key.
    if default in (None, (), {}):
        return _INHERITED.get((name, key), "none")
    return f"`{in_toml(list(default) if isinstance(default, tuple) else default)}`"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
