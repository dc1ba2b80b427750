"""Reads a file that does not fit its types, and adds a problem for each key that is wrong.

``msgspec`` stops at the first mistake. This reads the same types, reports every mistake, and
returns what is left as the same tables, so that their values can be checked too.
"""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any, Final

from msgspec import inspect

from cookiegate.registry.errors import Path, in_toml, nearest, quoted
from cookiegate.registry.model import Controller, Site
from cookiegate.registry.schema.tables import File, LedgerTable, PolicyTable
from cookiegate.registry.schema.types import CODE_FORM

from .consent_defaults import consent_hint
from .problem_list import HEADINGS, ProblemList, container, heading, label

__all__ = ["collect_errors"]

# Other names for a key.
_SYNONYMS: Final = {
    "bases": "category",
    "description": "purpose",
    "duration": "expires",
    "entries": "cookies",
    "expiry": "expires",
    "group": "category",
    "groups": "categories",
    "host": "domain",
    "hosts": "domains",
    "keep": "expires",
    "lang": "languages",
    "level": "category",
    "levels": "categories",
    "lifespan": "expires",
    "lifetime": "expires",
    "max_age": "expires",
    "names": "name",
    "owner": "provider",
    "pattern": "name",
    "patterns": "name",
    "providers": "services",
    "retention": "expires",
    "storage": "kind",
    "title": "label",
    "type": "kind",
    "vendor": "service",
    "vendors": "services",
}
# The tables without ids; the most frequent mistake in TOML is a key below the wrong header.
_SINGLE_TABLES: Final = {
    "site": Site,
    "policy": PolicyTable,
    "controller": Controller,
    "ledger": LedgerTable,
}
_NO_CATEGORIES: Final = (
    "the file has no categories",
    "add at least one, such as [categories.essential] with required = true",
)
_TYPE_NAMES: Final[dict[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    list: "a list",
    dict: "a table",
    datetime: "a date with a time",
    date: "a date",
    time: "a time of day",
}


def collect_errors(raw: dict[str, Any], problems: ProblemList) -> File:
    """Return the tables of a TOML document as far as they fit; add a problem for the rest."""
    file = _Reader(problems).read(inspect.type_info(File), raw, ())
    assert isinstance(file, File)
    return file


class _Reader:
    def __init__(self, problems: ProblemList) -> None:
        self._problems = problems

    def read(self, kind: inspect.Type, value: Any, path: Path, example: Any = None) -> Any:
        """Return the value as its type has it, or a stand-in for a value that is lost."""
        if isinstance(kind, inspect.Metadata):
            example = _example(kind)
            kind = kind.type
        branches = _branches(kind)
        for branch in branches:
            if type(value) is _python_type(branch):
                return self._fitting(branch, value, path, example)
        expected = ", or ".join(_expected(branch) for branch in branches)
        what = f"'{label(path)}' is {_TYPE_NAMES[type(value)]}, expected {expected}"
        fixed = _fixed(value, branches, example)
        # In `accepted = true` the key is the word that may need an explanation.
        word = path[-1] if isinstance(value, bool) and len(path) > 2 else value
        hint = consent_hint(word, path) or _hint(path, fixed, expected)
        if fixed == [value]:
            # Only the brackets are missing: read what they should hold.
            self._problems.add(path, what, hint)
            return tuple(fixed)
        self._problems.lose(path, what, hint)
        return _stand_in(kind)

    def _fitting(self, kind: inspect.Type, value: Any, path: Path, example: Any) -> Any:
        """Read a value whose Python type is right."""
        match kind:
            case inspect.StructType():
                return self._struct(kind, value, path)
            case inspect.DictType():
                if not value and kind.min_length:
                    self._problems.lose(path, *_NO_CATEGORIES)
                return {
                    key: self.read(kind.value_type, item, (*path, key))
                    for key, item in value.items()
                }
            case inspect.VarTupleType():
                if not value and kind.min_length:
                    hint = _hint(path, example, _expected(_bare(kind.item_type)))
                    self._problems.lose(path, f"'{label(path)}' is an empty list", hint)
                return tuple(
                    self.read(kind.item_type, item, (*path, number))
                    for number, item in enumerate(value)
                )
            case inspect.LiteralType() if value not in kind.values:
                self._bad_choice(kind, value, path)
            case inspect.StrType(min_length=1) if not value:
                hint = "write the text, or leave the key out"
                self._problems.lose(path, f"'{label(path)}' is blank", hint)
            case inspect.IntType(ge=int(least), le=int(most)) if not least <= value <= most:
                shown = value if abs(value) < 10**18 else "far out of range"
                self._problems.lose(
                    path,
                    f"'{label(path)}' is {shown}",
                    f"write {_expected(kind)}, such as {label(path)} = {in_toml(example)}",
                )
            case _:
                return value
        return _stand_in(kind)

    def _struct(self, kind: inspect.StructType, value: dict[str, Any], path: Path) -> Any:
        fields = {one.name: one for one in kind.fields}
        for key in [key for key in value if key not in fields]:
            meant = self._unknown_key(key, value, fields, path)
            if meant is None:
                continue
            below = (*path, meant)
            if path or _is_of(fields[meant].type, value[key]):
                # Read its value too, which may be wrong as well.
                value = {**value, meant: value[key]}
                self._problems.mark_misspelt(below, key)
            else:
                # The missing table is the same mistake, not a second one.
                self._problems.mark_lost(below)
        read: dict[str, Any] = {}
        for name, one in fields.items():
            below = (*path, name)
            if name in value:
                read[name] = self.read(one.type, value[name], below)
                if not one.required and self._problems.is_lost(below):
                    del read[name]
            elif one.required:
                self._missing_key(one, below)
                read[name] = _stand_in(one.type)
        return kind.cls(**read)

    def _missing_key(self, one: inspect.Field, path: Path) -> None:
        if len(path) > 1:
            hint = _hint(path, _example(one.type), "")
            self._problems.lose(path, f"{heading(path)} has no '{label(path)}'", hint)
        elif one.name == "categories":
            self._problems.lose(path, *_NO_CATEGORIES)
        else:
            self._problems.lose(
                path,
                f"the file has no [{one.name}] table",
                'write [site] with name = "..." and languages = ["en"]',
            )

    def _unknown_key(
        self, key: str, value: dict[str, Any], known: Collection[str], path: Path
    ) -> str | None:
        """Report a key; return the known key that was probably meant, if the table lacks it."""
        meant = None
        below = (*path, key)
        if not path:
            what = f"unknown table {quoted(key)}"
        else:
            what = f"unknown key {quoted(key)} in {container(below)}"
        hint = consent_hint(key, below) or consent_hint(value[key], below)
        if hint is None:
            synonym = _SYNONYMS.get(key)
            meant = synonym if synonym in known else nearest(key, known)
            use = "use one of" if len(known) > 1 else "use"
            hint = _correction(key, meant, path) or f"{use} {', '.join(known)}"
            if meant is not None and meant in value:
                hint = f"merge it into {_written(meant, path)}, or leave it out"
                meant = None
        self._problems.lose(below, what, hint, of_key=True)
        return meant

    def _bad_choice(self, kind: inspect.LiteralType, value: str, path: Path) -> None:
        hint = consent_hint(value, path)
        if hint is None:
            meant = nearest(value, map(str, kind.values))
            hint = f"write {in_toml(meant) if meant else _expected(kind)}"
        self._problems.lose(path, f"{quoted(value)} is not a valid '{label(path)}'", hint)


def _correction(key: str, meant: str | None, path: Path) -> str | None:
    """Return the right name of an unknown key, or its right table, if either is known."""
    if meant is not None:
        return f"write {_written(meant, path)}"
    for table, kind in _SINGLE_TABLES.items():
        if path[:1] != (table,) and key in kind.__struct_fields__:
            return f"move it below [{table}]"
    return None if path else f"use one of {', '.join(HEADINGS.values())}"


def _written(key: str, path: Path) -> str:
    return f"'{key}'" if path else HEADINGS[key]


def _fixed(value: object, branches: list[inspect.Type], example: Any) -> Any:
    """Return the value in the right type where that is unambiguous, else the example."""
    for branch in branches:
        if isinstance(branch, inspect.VarTupleType) and isinstance(value, str):
            item = _bare(branch.item_type)
            if value in item.values if isinstance(item, inspect.LiteralType) else value.strip():
                return [value] if _python_type(item) is str else example
        if isinstance(branch, inspect.BoolType) and value in ("true", "false"):
            return value == "true"
        if isinstance(branch, inspect.IntType) and isinstance(value, str) and _is_count(value):
            count = int(value)
            return count if branch.le is None or count <= branch.le else example
        if isinstance(branch, inspect.DateType) and isinstance(value, str | datetime):
            try:
                return date.fromisoformat(str(value)[:10])
            except ValueError:
                return example
    return example


def _is_of(kind: inspect.Type, value: Any) -> bool:
    return any(type(value) is _python_type(branch) for branch in _branches(_bare(kind)))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= 4


def _example(kind: inspect.Type) -> Any:
    extra: dict[str, Any] = getattr(kind, "extra_json_schema", None) or {}
    return extra.get("examples", [None])[0]


def _bare(kind: inspect.Type) -> inspect.Type:
    return _bare(kind.type) if isinstance(kind, inspect.Metadata) else kind


def _branches(kind: inspect.Type) -> list[inspect.Type]:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    # TOML has no null: None only stands for an absent key.
    return [_bare(one) for one in kinds if not isinstance(one, inspect.NoneType)]


def _python_type(kind: inspect.Type) -> type:
    match kind:
        case inspect.StructType() | inspect.DictType():
            return dict
        case inspect.VarTupleType():
            return list
        case inspect.IntType():
            return int
        case inspect.BoolType():
            return bool
        case inspect.DateType():
            return date
        case _:
            return str


def _expected(kind: inspect.Type) -> str:
    match kind:
        case inspect.StructType():
            return "a table"
        case inspect.DictType(value_type=inspect.StructType()):
            return "a table for each id"
        case inspect.DictType(key_type=inspect.Metadata(extra_json_schema={"pattern": form})):
            return f"one text for each {'code' if form == CODE_FORM else 'language'}"
        case inspect.IntType(ge=least, le=int(most)):
            return f"a whole number from {least} " + (f"to {most}" if most < 10_000 else "up")
        case inspect.LiteralType():
            *most_values, last = map(in_toml, kind.values)
            return f"{', '.join(most_values)} or {last}"
        case _:
            return _TYPE_NAMES[_python_type(kind)]


def _hint(path: Path, example: Any, expected: str) -> str:
    """Return a line that the author can write at this path."""
    key = path[-1]
    if len(path) == 1 or (len(path) == 2 and path[0] not in _SINGLE_TABLES):
        return f"write {HEADINGS[str(path[0])]} and its keys below"
    if example is None or isinstance(key, int):
        return f"write {expected}"
    # A key of an inline table in a list has no prefix.
    written = key if any(isinstance(step, int) for step in path[2:]) else label(path)
    if isinstance(example, dict):
        inner, example = next(iter(example.items()))
        written = f"{written}.{inner}"
    return f"write {written} = {in_toml(example)}"


def _stand_in(kind: inspect.Type) -> Any:
    """Return something of the right type for a value that was lost."""
    match _branches(_bare(kind))[0]:
        case inspect.StructType() as struct:
            required = {one.name: _stand_in(one.type) for one in struct.fields if one.required}
            return struct.cls(**required)
        case inspect.LiteralType() as literal:
            return literal.values[0]
        case inspect.IntType() as integer:
            return integer.ge
        case inspect.VarTupleType():
            return ()
        case inspect.DateType():
            return None
        case other:
            return _python_type(other)()
