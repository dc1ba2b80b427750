"""A visitor's choice as a posted form or a JSON body."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args
from urllib.parse import parse_qsl

import msgspec

from cookiegate.consent.choice import SentBy, Surface
from cookiegate.errors import CookiegateError

from .i18n import gettext_noop
from .messages import Headers, PageRequest

__all__ = [
    "MAX_ONCE",
    "MIN_ONCE",
    "ChoiceBody",
    "ChoiceForm",
    "ChoiceRejectedError",
    "FormAnswer",
    "read_form",
    "read_json",
]

#: "all" and "none" are the banner's two buttons; "these" is the settings page's; "withdraw" takes
#: everything back.
FormAnswer = Literal["all", "none", "these", "withdraw"]

_ANSWERS: Final[tuple[FormAnswer, ...]] = get_args(FormAnswer)
# More than a consent cookie can hold services.
_MAX_FIELDS: Final = 1000
# Only a form that is not the page's own leads to it.
_UNREADABLE: Final = gettext_noop("Something went wrong. Reload the settings and try again.")
#: The length of the random text that marks a choice: a guessed one would join two receipts.
MIN_ONCE: Final = 16
MAX_ONCE: Final = 64


class ChoiceForm(msgspec.Struct, frozen=True, kw_only=True):
    """A choice that was sent, before it is checked."""

    answer: FormAnswer
    #: Ids as they were sent; only "these" uses them.
    categories: tuple[str, ...] = ()
    #: Ids that stay granted if they are: their switches cannot be moved.
    kept: tuple[str, ...] = ()
    #: The signed path to return to.
    back: str = ""
    #: The signed path of the page from which the visitor opened the settings.
    came_from: str = ""
    #: The signed form token.
    token: str = ""
    #: The form's language.
    language: str = ""
    #: Where the choice was made.
    surface: Surface = "settings"
    #: The start of the presentation's hash, as the page had it; "" if it had none.
    shown: str = ""
    #: How it was sent.
    sent_by: SentBy = "form"
    #: A random text by which the same choice is known if it is sent twice; "" for none.
    once: str = ""


class ChoiceRejectedError(CookiegateError):
    """
    A choice cannot be made.

    Args:
        status: The HTTP status.
        detail: One sentence for the sender, marked for the catalogues.
        retry_after: Seconds until another try makes sense; 0 if it never does.
    """

    def __init__(self, status: int, detail: str, *, retry_after: int = 0) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        #: The response's headers for it.
        self.headers: Headers = ()
        if retry_after:
            self.headers = ((b"retry-after", str(retry_after).encode()),)


def read_form(request: PageRequest) -> ChoiceForm:
    """
    Read a posted form.

    Raises:
        ChoiceRejectedError: The body is too long, has another type, or is not a valid form.
    """
    raw = _body(request, b"application/x-www-form-urlencoded")
    try:
        _check_length(request, raw)
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise ChoiceRejectedError(400, _UNREADABLE) from None
    fields = dict(pairs)
    answer = next((one for one in _ANSWERS if one == fields.get("answer")), None)
    if answer is None:
        raise ChoiceRejectedError(400, _UNREADABLE)
    # A site's own banner template may be older than the field; only a banner sends `back`.
    surface = fields.get("surface", "banner" if fields.get("back") else "settings")
    return ChoiceForm(
        answer=answer,
        categories=tuple(value for name, value in pairs if name == "category"),
        kept=tuple(value for name, value in pairs if name == "kept"),
        back=fields.get("back", ""),
        came_from=fields.get("from", ""),
        token=fields.get("token", ""),
        language=fields.get("lang", ""),
        surface="banner" if surface == "banner" else "settings",
        shown=fields.get("shown", ""),
        # No script can set this header: a form that it sends with fetch() has another mode.
        sent_by="form" if request.header(b"sec-fetch-mode") in (None, b"navigate") else "script",
        once=fields.get("once", ""),
    )


_Once = Annotated[
    str,
    msgspec.Meta(
        min_length=MIN_ONCE,
        max_length=MAX_ONCE,
        description="A random text for this choice. If the same choice is sent twice with it, as "
        "by a double click, both have one receipt.",
    ),
]


class ChoiceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a program sends: all that is granted from now on."""

    granted: Annotated[
        list[str],
        msgspec.Meta(
            description="Ids of categories, and of services in others (`category:service`). A "
            "category stands for all of its services."
        ),
    ]
    #: Which of the pages the visitor chose on, and its language; absent if the site asks with a
    #: page of its own.
    surface: Literal["banner", "settings"] | None = None
    language: str | None = None
    #: The start of that page's hash, so that nothing is granted that it did not show.
    shown: str | None = None
    once: _Once | None = None


# Made at import, before there are several threads: see `registry.load`.
_CHOICES: Final = msgspec.json.Decoder(ChoiceBody)


def read_json(request: PageRequest) -> ChoiceForm:
    """
    Read a program's choice: `{"granted": ["analysis"]}`.

    Raises:
        ChoiceRejectedError: The body is too long, has another type, or is not a valid choice.
    """
    try:
        raw = _body(request, b"application/json")
        _check_length(request, raw)
        choice = _CHOICES.decode(raw)
    except (ValueError, RecursionError):  # also of msgspec and of UTF-8
        detail = 'The body is to be JSON such as {"granted": ["analysis"]}.'
        raise ChoiceRejectedError(400, detail) from None
    return ChoiceForm(
        answer="these",
        categories=tuple(choice.granted),
        language=choice.language or "",
        surface=choice.surface or "api",
        shown=choice.shown or "",
        sent_by="script",
        once=choice.once or "",
    )


def _body(request: PageRequest, content_type: bytes) -> bytes:
    if request.body is None:
        raise ChoiceRejectedError(413, gettext_noop("The request was too large."))
    sent = (request.header(b"content-type") or b"").partition(b";")[0].strip().lower()
    if sent != content_type:
        raise ChoiceRejectedError(415, f"Send it as {content_type.decode()}.")
    return request.body


def _check_length(request: PageRequest, body: bytes) -> None:
    # A connection that breaks off cuts the body short; what arrived may look like another choice.
    announced = request.header(b"content-length") or b""
    if announced.isdigit() and len(body) < int(announced[:20]):
        raise ValueError("the body is shorter than announced")
