"""The base of the registry's values, and the types of the keys in a registry file."""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import repeat
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

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

__all__ = [
    "CODE_FORM",
    "EXPIRES_FORM",
    "KEEP_FORM",
    "Accepted",
    "ConsentSignal",
    "CookiePath",
    "Country",
    "Domain",
    "Id",
    "Language",
    "Name",
    "OptionalText",
    "PolicyText",
    "Source",
    "Table",
    "Text",
    "TextOrTexts",
    "Texts",
    "Url",
    "Value",
    "key",
    "no_items",
]

CODE_FORM: Final = "^[a-z]+(-[a-z]+)*$"
_NAME_FORM: Final = r"^[^;=\x00-\x1F\x7F-\x9F]+$"
_COUNTED: Final = "[0-9]{1,9} (minute|hour|day|week|month|year)s?"
EXPIRES_FORM: Final = f"^(session|never|{_COUNTED})$"
KEEP_FORM: Final = f"^{_COUNTED}$"
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
#: Returns the one empty mapping that is the default of all keys with mappings. A dict for each key
#: would take 40 MB in a file with a hundred thousand entries.
no_items: Final[Callable[[], Mapping[str, Any]]] = repeat(_EMPTY).__next__

# The patterns are for editors; the loader checks the values itself, with better messages.
# Meta(pattern=...) is not used: msgspec 0.22 sometimes crashes the interpreter at its exit then
# (msgspec issue 717).
Text: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": r"\S"})]
# "" is an absent key: a key with an empty text does not fit, and is reported.
OptionalText: TypeAlias = Annotated[Text, Meta(min_length=1)]
Id: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": ID_FORM})]
Language: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": LANGUAGE_FORM})]
Country: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": COUNTRY_FORM})]
Domain: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": DOMAIN_FORM})]
Url: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": URL_FORM})]
ConsentSignal: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": CONSENT_SIGNAL_FORM})]
CookiePath: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": PATH_FORM})]
PolicyText: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": CSP_FORM})]
Source: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": SOURCE_FORM})]
Name: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": _NAME_FORM})]
Texts: TypeAlias = Mapping[Language, Text]
TextOrTexts: TypeAlias = Mapping[Language, Text | Annotated[tuple[Text, ...], Meta(min_length=1)]]
# The codes are those of cookiegate.advice, a higher layer.
Accepted: TypeAlias = Mapping[Annotated[str, Meta(extra_json_schema={"pattern": CODE_FORM})], Text]


def key(description: str, *examples: object, **limits: Any) -> Meta:
    """Return what is documented about a key: its meaning, examples, and limits of its value."""
    return Meta(description=description, examples=list(examples) or None, **limits)


class Table(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, gc=False):
    """A table of the file, as it is written."""

    # Tables are in no reference cycle: the garbage collector can skip a hundred thousand of them.


class Value(Table, frozen=True, kw_only=True):
    """A part of a registry, which never changes. A table of the file may be read into it."""

    def __post_init__(self) -> None:
        for name in _mappings(type(self)):
            value = getattr(self, name)
            if type(value) is dict:
                force_setattr(self, name, MappingProxyType(value) if value else _EMPTY)

    def __hash__(self) -> int:
        # Mappings have no hash; equality tells apart what differs only in them.
        values = (getattr(self, name) for name in self.__struct_fields__)
        return hash(tuple(value for value in values if not isinstance(value, Mapping)))


@cache
def _mappings(kind: type[Value]) -> tuple[str, ...]:
    """Return the names of the fields that can hold a mapping."""
    hints = get_type_hints(kind)
    return tuple(name for name in kind.__struct_fields__ if _can_be_mapping(hints[name]))


def _can_be_mapping(hint: Any) -> bool:
    return get_origin(hint) is Mapping or any(map(_can_be_mapping, get_args(hint)))
