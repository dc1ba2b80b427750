"""The base of the registry's values, and the types of the keys in a registry file."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from cookiegate.registry.values import (
    CONSENT_SIGNAL_FORM,
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
    "key",
]

CODE_FORM: Final = "^[a-z]+(-[a-z]+)*$"
_NAME_FORM: Final = r"^[^;=\x00-\x1F\x7F-\x9F]+$"
_COUNTED: Final = "[0-9]{1,9} (minute|hour|day|week|month|year)s?"
EXPIRES_FORM: Final = f"^(session|never|{_COUNTED})$"
KEEP_FORM: Final = f"^{_COUNTED}$"
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})

# The patterns are for editors; the loader checks the values itself, with better messages.
# Meta(pattern=...) is not used: msgspec 0.22 sometimes crashes the interpreter at its exit then
# (msgspec issue 717).
Text: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": r"\S"})]
# "" is an absent key: a key with an empty text does not fit, and is reported.
OptionalText: TypeAlias = Annotated[Text, Meta(min_length=1)]
Id: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": ID_FORM})]
Language: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": LANGUAGE_FORM})]
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
    """A frozen value that a table of the file may be read into directly."""

    # Values are in no reference cycle: the garbage collector can skip a hundred thousand of them.

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if type(value) is dict:
                force_setattr(self, name, MappingProxyType(value) if value else _EMPTY)

    def __hash__(self) -> int:
        # Mappings have no hash; equality tells apart what differs only in them.
        values = (getattr(self, name) for name in self.__struct_fields__)
        return hash(tuple(value for value in values if not isinstance(value, Mapping)))
