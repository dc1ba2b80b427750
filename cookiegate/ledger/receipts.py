"""Receipts: what is kept of a choice, and how it is hashed. Nothing here is about storage."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final, Literal

import msgspec

from cookiegate.consent.choice import Choice, Surface
from cookiegate.consent.choice import Presentation as Shown
from cookiegate.consent.terms import SECONDS_PER_DAY
from cookiegate.http.signals import Signal

__all__ = [
    "Kind",
    "Presentation",
    "Receipt",
    "dump_receipt",
    "hash_of",
    "leaf_of",
    "load_receipt",
    "presentation_of",
    "receipt_of",
    "void_of",
]

#: What a choice was: the first grant, another grant in the place of one, everything taken back, a
#: no of somebody who had granted nothing; or the note that a grant never took effect.
Kind = Literal["grant", "change", "withdrawal", "refusal", "void"]

# Leaves and inner nodes of a tree are hashed apart (RFC 6962, section 2.1).
_LEAF: Final = b"\x00"
# RFC 5646 has 35 characters for the longest; some write "sv_SE".
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9_-]{1,35}")


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proof of one choice (GDPR, article 7(1)), with as little about the visitor as possible."""

    #: A random number that says nothing.
    id: str
    kind: Kind
    #: Unix seconds; of a refusal those of the day's first moment (UTC).
    time: int
    #: The registry: its site, version, and the SHA-256 of its text in hexadecimal.
    site: str
    version: int
    registry: str
    #: Ids of the categories that could be chosen, and which of them were and were not.
    offered: tuple[str, ...]
    granted: tuple[str, ...]
    refused: tuple[str, ...]
    #: Signals that the browser sent.
    signals: tuple[Signal, ...]
    #: Where the choice was made.
    surface: Surface
    language: str | None = None
    #: The hash of what the visitor was shown; None where Cookiegate did not show it.
    presentation: str | None = None
    #: What the application says it rests on, where code made the choice.
    evidence: str | None = None
    #: The id of the receipt that this one takes the place of.
    closes: str | None = None
    #: Where the ledger was told to keep it: the visitor's address, cut short or as a keyed hash.
    address: str | None = None

    def __repr__(self) -> str:
        # Without ids and the address: they have no place in a log.
        return f"<Receipt of a {self.kind}>"

    @property
    def lacks_evidence(self) -> bool:
        """Whether code granted this and said nothing of what it rests on."""
        return self.surface == "code" and bool(self.granted) and not self.evidence


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """What visitors were shown, as one page without anything of a visitor."""

    #: The SHA-256 of the page's UTF-8, in hexadecimal.
    hash: str
    surface: Surface
    language: str
    html: str


def receipt_of(choice: Choice, *, address: str | None = None) -> Receipt:
    """
    The receipt of a choice.

    Args:
        choice: The choice.
        address: What is kept of the visitor's address.
    """
    registry, record, before = choice.registry, choice.record, choice.before
    granted = choice.after.granted
    kind: Kind
    if granted:
        kind = "change" if before.granted else "grant"
    else:
        kind = "withdrawal" if choice.is_withdrawal else "refusal"
    offered = registry.offered
    shown, page = choice.presentation, presentation_of(choice)
    return Receipt(
        id=choice.receipt,
        kind=kind,
        # Somebody who said no is not to be found by the moment either.
        time=choice.time - choice.time % SECONDS_PER_DAY if kind == "refusal" else choice.time,
        site=record.site,
        version=record.version,
        registry=registry.digest,
        offered=offered,
        granted=tuple(sorted(granted)),
        refused=tuple(id for id in offered if id not in granted),
        signals=tuple(sorted(record.signals)),
        surface="code" if shown is None else shown.surface,
        language=None if shown is None else _language_of(shown),
        presentation=None if page is None else page.hash,
        evidence=None if choice.evidence is None else _storable(choice.evidence),
        closes=before.receipt,
        address=address,
    )


def presentation_of(choice: Choice) -> Presentation | None:
    """What the visitor was shown; None where Cookiegate did not show it."""
    return None if choice.presentation is None else _presented(choice.presentation)


# Most visitors are shown one of few pages, which are tens of kilobytes to hash.
@lru_cache(maxsize=64)
def _presented(shown: Shown) -> Presentation | None:
    hash = shown.hash
    if shown.html is None or hash is None:
        return None
    html = _storable(shown.html)
    return Presentation(
        hash=hash,
        surface=shown.surface,
        language=_language_of(shown) or "",
        html=html,
    )


def void_of(receipt: Receipt, *, id: str, time: int) -> Receipt:
    """
    The receipt which says that a grant never took effect: nobody waited until it was kept.

    Args:
        receipt: The grant's.
        id: A new one.
        time: Unix seconds.
    """
    return msgspec.structs.replace(
        receipt,
        id=id,
        kind="void",
        time=time,
        granted=(),
        refused=receipt.offered,
        presentation=None,
        evidence=None,
        closes=receipt.id,
    )


def dump_receipt(receipt: Receipt) -> bytes:
    """The bytes that are stored and hashed: JSON, keys in the order of the fields."""
    return msgspec.json.encode(receipt)


# Made here, where threads take turns: see `registry.loading`.
_RECEIPTS: Final = msgspec.json.Decoder(Receipt)


def load_receipt(body: bytes) -> Receipt:
    """
    The receipt that `dump_receipt` wrote.

    Raises:
        ValueError: It is none: msgspec's error, or that of text which is no UTF-8.
    """
    return _RECEIPTS.decode(body)


def leaf_of(salt: bytes, body: bytes) -> bytes:
    """
    The hash that stands for a receipt in the chain.

    With a random salt, which goes when the receipt is erased: what is left tells nothing, also to
    somebody who guesses what the receipt said.
    """
    return hashlib.sha256(_LEAF + salt + body).digest()


def hash_of(html: str) -> str:
    """The hash of what visitors were shown: SHA-256, in hexadecimal."""
    return hashlib.sha256(html.encode()).hexdigest()


def _storable(text: str) -> str:
    # Half a surrogate pair, which what a visitor sent may bring along, is in no UTF-8.
    return text.encode("utf-8", "replace").decode()


def _language_of(shown: Shown) -> str | None:
    # A site with a page of its own may say what a visitor sent.
    language = shown.language
    return language if language is not None and _LANGUAGE.fullmatch(language) else None
