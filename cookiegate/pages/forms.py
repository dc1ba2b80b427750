"""What a visitor chose, as a form or a program sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import parse_qsl

import msgspec

from cookiegate.consent.choice import Surface

from .messages import PageRequest

__all__ = ["Answer", "Asked", "ChoiceBody", "Refused", "marked", "read_form", "read_json"]

#: "all" and "none" are the banner's two buttons; "these" is the settings page's; "withdraw" takes
#: everything back.
Answer = Literal["all", "none", "these", "withdraw"]

_ANSWERS: Final[tuple[Answer, ...]] = ("all", "none", "these", "withdraw")
_MAX_FIELDS: Final = 200
_FORM: Final = b"application/x-www-form-urlencoded"
_JSON: Final = b"application/json"


def marked(text: str) -> str:
    """Mark a sentence for the catalogues; whoever shows it translates it."""
    return text


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A choice that somebody asks for."""

    answer: Answer
    #: Ids, as they were sent; they count for "these" alone.
    categories: tuple[str, ...] = ()
    #: The signed path to return to.
    back: str = ""
    #: The signed form token.
    token: str = ""
    #: The language that the form was in.
    language: str = ""
    #: Where it was made.
    surface: Surface = "settings"
    #: What the page carried of its hash; "" where it carried nothing.
    shown: str = ""


class Refused(Exception):
    """
    What was sent is not done.

    Args:
        status: The HTTP status.
        detail: One sentence for whoever sent it.
        retry_after: Seconds after which it may be tried again.
    """

    def __init__(self, status: int, detail: str, *, retry_after: int = 0) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after


def read_form(request: PageRequest) -> Asked:
    """
    What a posted form asks for.

    Raises:
        Refused: It is too long, of another type, or says nothing that can be understood.
    """
    raw = _body(request, _FORM)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise Refused(400, marked("The form cannot be read; send it as the page has it.")) from None
    fields = dict(pairs)
    answer = next((one for one in _ANSWERS if one == fields.get("answer")), None)
    if answer is None:
        raise Refused(400, marked("The form lacks an answer; send it as the page has it."))
    return Asked(
        answer=answer,
        categories=tuple(value for name, value in pairs if name == "category"),
        back=fields.get("back", ""),
        token=fields.get("token", ""),
        language=fields.get("lang", ""),
        surface=_surface_of(fields),
        shown=fields.get("shown", ""),
    )


def _surface_of(fields: Mapping[str, str]) -> Surface:
    # A banner of the site's own may be older than the field; only a banner leads back to a page.
    said = fields.get("surface", "banner" if fields.get("back") else "settings")
    return "banner" if said == "banner" else "settings"


class ChoiceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a program sends: the ids of all categories that are granted from now on."""

    granted: list[str]
    #: Which of the pages the visitor chose on, and its language; absent where the site asks with
    #: a page of its own.
    surface: Literal["banner", "settings"] | None = None
    language: str | None = None
    #: What that page carried of its hash, so that nothing is granted that it did not show.
    shown: str | None = None


# Made here, where threads take turns: see `registry.loading`.
_CHOICES: Final = msgspec.json.Decoder(ChoiceBody)


def read_json(request: PageRequest) -> Asked:
    """
    What a program asks for: `{"granted": ["analysis"]}`.

    Raises:
        Refused: It is too long, of another type, or something else.
    """
    try:
        choice = _CHOICES.decode(_body(request, _JSON))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, 'The body is to be JSON such as {"granted": ["analysis"]}.') from None
    return Asked(
        answer="these",
        categories=tuple(choice.granted),
        language=choice.language or "",
        surface=choice.surface or "api",
        shown=choice.shown or "",
    )


def _body(request: PageRequest, kind: bytes) -> bytes:
    if request.body is None:
        raise Refused(413, marked("What was sent is too long to be a choice."))
    sent = (request.header(b"content-type") or b"").partition(b";")[0].strip().lower()
    if sent != kind:
        raise Refused(415, f"Send it as {kind.decode()}.")
    return request.body
