"""Goes through a file that does not have the shape, and says so key by key.

``msgspec`` stops at the first mistake.  This walks over the same types, reports every mistake, and
hands back what is left as the same Structs, so that the checks on their meaning can run as well.
"""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any, Final

from msgspec import inspect

from cookiegate.registry.errors import Path, in_toml, nearest, quoted
from cookiegate.registry.schema.site_tables import (
    ControllerShape,
    LedgerShape,
    PolicyShape,
    SiteShape,
)
from cookiegate.registry.schema.tables import File
from cookiegate.registry.schema.types import CODE_FORM

from .consent_defaults import consent_hint
from .problem_list import HEADINGS, ProblemList, heading, label, place

__all__ = ["collect_errors"]

# What others call a key.
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
# Keys that stand in one table only; TOML files go wrong most often by a key below the wrong header.
_SHAPES: Final = {
    "site": SiteShape,
    "policy": PolicyShape,
    "controller": ControllerShape,
    "ledger": LedgerShape,
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


def collect_errors(raw: dict[str, Any], problem_list: ProblemList) -> File:
    """Return what of a raw TOML document has the right shape; report the rest."""
    file = _Walker(problem_list).read(inspect.type_info(File), raw, ())
    assert isinstance(file, File)
    return file


class _Walker:
    def __init__(self, problem_list: ProblemList) -> None:
        self._problem_list = problem_list

    def read(self, kind: inspect.Type, value: Any, path: Path, example: Any = None) -> Any:
        """Return the value as its type wants it, or a stand-in for what was lost."""
        if isinstance(kind, inspect.Metadata):
            example = _example(kind)
            kind = kind.type
        branches = _branches(kind)
        for branch in branches:
            if type(value) is _python_type(branch):
                return self._fitting(branch, value, path, example)
        wanted = ", or ".join(_wanted(branch) for branch in branches)
        what = f"'{label(path)}' is {_TYPE_NAMES[type(value)]}, expected {wanted}"
        mended = _mended(value, branches, example)
        # `accepted = true` is no reason, but a wish.
        wish = path[-1] if isinstance(value, bool) and len(path) > 2 else value
        hint = consent_hint(wish, path) or _hint(path, mended, wanted)
        if mended == [value]:
            # Nothing is lost: the brackets are missing, and what they should hold is read.
            self._problem_list.add(path, what, hint)
            return mended
        self._problem_list.lose(path, what, hint)
        return _stand_in(kind)

    def _fitting(self, kind: inspect.Type, value: Any, path: Path, example: Any) -> Any:
        """Read a value whose Python type is right."""
        match kind:
            case inspect.StructType():
                return self._struct(kind, value, path)
            case inspect.DictType():
                if not value and kind.min_length:
                    self._problem_list.lose(path, *_NO_CATEGORIES)
                return {
                    key: self.read(kind.value_type, item, (*path, key))
                    for key, item in value.items()
                }
            case inspect.ListType():
                if not value and kind.min_length:
                    self._problem_list.lose(
                        path,
                        f"'{label(path)}' is an empty list",
                        _hint(path, example, _wanted(_bare(kind.item_type))),
                    )
                return [
                    self.read(kind.item_type, item, (*path, number))
                    for number, item in enumerate(value)
                ]
            case inspect.LiteralType() if value not in kind.values:
                self._bad_choice(kind, value, path)
            case inspect.IntType(ge=int(least), le=int(most)) if not least <= value <= most:
                shown = value if abs(value) < 10**18 else "far out of range"
                self._problem_list.lose(
                    path,
                    f"'{label(path)}' is {shown}",
                    f"write {_wanted(kind)}, such as {label(path)} = {in_toml(example)}",
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
                # What is in it may be wrong as well.
                value = {**value, meant: value[key]}
                self._problem_list.take_for(below, key)
            else:
                # What that table lacks now is this mistake, not another one.
                self._problem_list.forget(below)
        read: dict[str, Any] = {}
        for name, one in fields.items():
            below = (*path, name)
            if name in value:
                read[name] = self.read(one.type, value[name], below)
            if name not in value and one.required:
                self._missing_key(one, below)
                read[name] = _stand_in(one.type)
            elif name in value and not one.required and self._problem_list.is_lost(below):
                del read[name]
        return kind.cls(**read)

    def _missing_key(self, one: inspect.Field, path: Path) -> None:
        if len(path) > 1:
            hint = _hint(path, _example(one.type), "")
            what = f"{heading(path)} has no '{label(path)}'"
            self._problem_list.lose(path, what, hint)
        elif one.name == "categories":
            self._problem_list.lose(path, *_NO_CATEGORIES)
        else:
            self._problem_list.lose(
                path,
                f"the file has no [{one.name}] table",
                'write [site] with name = "..." and languages = ["en"]',
            )

    def _unknown_key(
        self, key: str, value: dict[str, Any], known: Collection[str], path: Path
    ) -> str | None:
        """Report a key; return the known one that it was meant to be, where that is absent."""
        meant = None
        below = (*path, key)
        if not path:
            what = f"unknown table {quoted(key)}"
        else:
            what = f"unknown key {quoted(key)} in {place(below)}"
        hint = consent_hint(key, below) or consent_hint(value[key], below)
        if hint is None:
            synonym = _SYNONYMS.get(key)
            meant = synonym if synonym in known else nearest(key, known)
            use = "use one of" if len(known) > 1 else "use"
            hint = _place_for(key, meant, path) or f"{use} {', '.join(known)}"
            if meant is not None and meant in value:
                hint = f"merge it into {_written(meant, path)}, or leave it out"
                meant = None
        self._problem_list.lose(below, what, hint)
        return meant

    def _bad_choice(self, kind: inspect.LiteralType, value: str, path: Path) -> None:
        meant = nearest(value, map(str, kind.values))
        hint = consent_hint(value, path)
        if hint is None:
            hint = f"write {in_toml(meant)}" if meant else f"write {_wanted(kind)}"
        self._problem_list.lose(path, f"{quoted(value)} is not a valid '{label(path)}'", hint)


def _place_for(key: str, meant: str | None, path: Path) -> str | None:
    """Return where an unknown key belongs or what it is called, when that can be told."""
    if meant is not None:
        return f"write {_written(meant, path)}"
    for table, shape in _SHAPES.items():
        if path[:1] != (table,) and key in shape.__struct_fields__:
            return f"move it below [{table}]"
    if not path:
        return f"use one of {', '.join(HEADINGS.values())}"
    return None


def _written(key: str, path: Path) -> str:
    return f"'{key}'" if path else HEADINGS[key]


def _mended(value: object, branches: list[inspect.Type], example: Any) -> Any:
    """Return the value in the right type where its author's wish is plain, else the example."""
    for branch in branches:
        if isinstance(branch, inspect.ListType) and isinstance(value, str):
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
        case inspect.ListType():
            return list
        case inspect.IntType():
            return int
        case inspect.BoolType():
            return bool
        case inspect.DateType():
            return date
        case _:
            return str


def _wanted(kind: inspect.Type) -> str:
    match kind:
        case inspect.StructType():
            return "a table"
        case inspect.DictType(value_type=inspect.StructType()):
            return "a table for each id"
        case inspect.DictType(key_type=inspect.Metadata(extra_json_schema={"pattern": form})):
            of = "code" if form == CODE_FORM else "language"
            return f"one text for each {of}"
        case inspect.ListType():
            return "a list"
        case inspect.IntType(ge=least, le=int(most)):
            return f"a whole number from {least} " + (f"to {most}" if most < 10_000 else "up")
        case inspect.BoolType():
            return "true or false"
        case inspect.DateType():
            return "a date"
        case inspect.LiteralType():
            *most_values, last = map(in_toml, kind.values)
            return f"{', '.join(most_values)} or {last}"
        case _:
            return "text"


def _hint(path: Path, example: Any, wanted: str) -> str:
    """Return a line the author can write at this place."""
    key = path[-1]
    if len(path) == 1 or (len(path) == 2 and path[0] not in _SHAPES):
        header = HEADINGS[str(path[0])]
        return f"write {header} and its keys below"
    if example is None or isinstance(key, int):
        return f"write {wanted}"
    # Inside the inline tables of a list a key stands alone.
    written = key if any(isinstance(step, int) for step in path[2:]) else label(path)
    if isinstance(example, dict):
        inner, example = next(iter(example.items()))
        written = f"{written}.{inner}"
    return f"write {written} = {in_toml(example)}"


def _stand_in(kind: inspect.Type) -> Any:
    """Return something of the right type for a value that was lost."""
    match kind:
        case inspect.Metadata():
            return _stand_in(kind.type)
        case inspect.UnionType():
            return _stand_in(kind.types[0])
        case inspect.StructType():
            required = {one.name: _stand_in(one.type) for one in kind.fields if one.required}
            return kind.cls(**required)
        case inspect.DictType():
            return {}
        case inspect.ListType():
            return []
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.IntType():
            return kind.ge
        case inspect.BoolType():
            return False
        case _:
            return ""
