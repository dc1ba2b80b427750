"""Values made from a table: its own keys, and what it takes from the tables above it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from cookiegate.registry.errors import Path
from cookiegate.registry.model import TextLists
from cookiegate.registry.policy import MinimumAttributes
from cookiegate.registry.schema.tables import MinimumAttributesTable
from cookiegate.registry.schema.types import Table, Value, no_items

from .problem_list import ProblemList

__all__ = ["NO_MINIMUM", "resolve_minimum", "resolved", "text_lists"]

V = TypeVar("V", bound=Value)

NO_MINIMUM = MinimumAttributes()


def resolved(kind: type[V], keys: type[Table], table: Table, **values: Any) -> V:
    """Return a value with these values, and with the keys that are as the table has them."""
    for name in keys.__struct_fields__:
        values[name] = getattr(table, name)
    return kind(**values)


def resolve_minimum(
    table: MinimumAttributesTable | None,
    below: MinimumAttributes,
    problems: ProblemList,
    path: Path,
) -> MinimumAttributes:
    """Return what the table says, and ``below`` for what it leaves out."""
    if table is None:
        return below
    if table.partitioned and table.secure is False:
        problems.add(
            (*path, "floor", "secure"),
            "floor.partitioned = true requires Secure",
            "leave secure out: browsers store no Partitioned cookie without it",
        )
    given = {name: getattr(table, name) for name in table.__struct_fields__}
    said = {name: value for name, value in given.items() if value is not None}
    return replace(below, **said) if said else below


def text_lists(texts: Mapping[str, str | tuple[str, ...]]) -> TextLists:
    """Return purposes by language, each as a tuple."""
    # Most entries take theirs from a service.
    if not texts:
        return no_items()
    return {
        language: (text,) if isinstance(text, str) else text for language, text in texts.items()
    }
