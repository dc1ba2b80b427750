"""What the tables of a registry file are made of: the table itself, and its values' types."""

from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct

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
    "PolicyText",
    "Source",
    "Table",
    "Text",
    "TextLists",
    "Texts",
    "Url",
]

CODE_FORM: Final = "^[a-z]+(-[a-z]+)*$"
_NAME_FORM: Final = r"^[^;=\x00-\x1F\x7F-\x9F]+$"
_COUNTED: Final = "[0-9]{1,9} (minute|hour|day|week|month|year)s?"
EXPIRES_FORM: Final = f"^(session|never|{_COUNTED})$"
KEEP_FORM: Final = f"^{_COUNTED}$"

# These forms are for editors; the loader checks them itself, with better words than a pattern has.
# (Never Meta(pattern=...): msgspec 0.22 then now and then crashes the interpreter at its exit,
# msgspec issue 717.)
Text: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": r"\S"})]
Id: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": ID_FORM})]
Language: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": LANGUAGE_FORM})]
Domain: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": DOMAIN_FORM})]
Url: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": URL_FORM})]
ConsentSignal: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": CONSENT_SIGNAL_FORM})]
CookiePath: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": PATH_FORM})]
PolicyText: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": CSP_FORM})]
Source: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": SOURCE_FORM})]
Name: TypeAlias = Annotated[str, Meta(extra_json_schema={"pattern": _NAME_FORM})]
Texts: TypeAlias = dict[Language, Text]
# Codes are those of cookiegate.advice, which stands above.
Accepted: TypeAlias = dict[Annotated[str, Meta(extra_json_schema={"pattern": CODE_FORM})], Text]
TextLists: TypeAlias = dict[Language, Text | Annotated[list[Text], Meta(min_length=1)]]


class Table(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A table that takes no keys but its own."""

    # Of these there may be a hundred thousand, and no cycle is among them: no garbage to find.
