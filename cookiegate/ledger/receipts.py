"""Receipts: what the ledger keeps of a choice, and how it is hashed. No storage in this module."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

import msgspec

from cookiegate.consent.choice import Choice, Presentation, SentBy, Surface
from cookiegate.consent.terms import SECONDS_PER_DAY
from cookiegate.http.signals import Signal
from cookiegate.registry import Registry
from cookiegate.registry.part_ids import compact

__all__ = [
    "Receipt",
    "ReceiptKind",
    "StoredPresentation",
    "dump_receipt",
    "leaf_hash",
    "load_receipt",
    "page_hash",
    "presentation_of",
    "receipt_of",
    "void_receipt",
]

#: "grant": the first one. "change": a grant that replaces another. "withdrawal": everything is
#: taken back. "refusal": nothing was granted before. "void": a grant that never took effect.
ReceiptKind = Literal["grant", "change", "withdrawal", "refusal", "void"]

# Leaves and inner nodes of a tree have different prefixes (RFC 6962, section 2.1).
_LEAF: Final = b"\x00"
# The longest language tag has 35 characters (RFC 5646); some sites write "sv_SE".
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9_-]{1,35}")


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proof of one choice (GDPR, article 7(1)), with as little about the visitor as possible."""

    #: A random number without a meaning.
    id: str
    kind: ReceiptKind
    #: Unix seconds; of a refusal, the start of the day (UTC).
    time: int
    #: The registry: its site, its version, and the SHA-256 of its text in hexadecimal.
    site: str
    version: int
    registry: str
    #: Ids of the categories the visitor could choose, and those granted and refused.
    offered: tuple[str, ...]
    granted: tuple[str, ...]
    refused: tuple[str, ...]
    #: Signals that the browser sent.
    signals: tuple[Signal, ...]
    #: Where the choice was made.
    surface: Surface
    language: str | None = None
    #: The hash of what the visitor was shown; None if Cookiegate did not show it.
    presentation: str | None = None
    #: What the application gives as the basis of a choice made by code.
    evidence: str | None = None
    #: The id of the receipt that this one replaces.
    closes: str | None = None
    #: The visitor's address, truncated or as a keyed hash, if the ledger is configured to keep it.
    address: str | None = None
    #: How the choice was sent. None for a choice by code, and in receipts of earlier versions.
    sent_by: SentBy | None = None

    def __repr__(self) -> str:
        # Without ids and the address, which must not get into a log.
        return f"<Receipt of a {self.kind}>"

    @property
    def lacks_evidence(self) -> bool:
        """Return True if code granted this without evidence."""
        return self.surface == "code" and bool(self.granted) and not self.evidence


class StoredPresentation(msgspec.Struct, frozen=True, kw_only=True):
    """A `Presentation` as the ledger stores it: with its hash, and with every field set."""

    #: The SHA-256 of the page's UTF-8, in hexadecimal.
    hash: str
    surface: Surface
    language: str
    html: str


def receipt_of(choice: Choice, *, address: str | None = None) -> Receipt:
    """
    Return the receipt of a choice.

    Args:
        choice: The choice.
        address: What is kept of the visitor's address.
    """
    registry, record, before = choice.registry, choice.record, choice.before
    granted = compact(choice.after.granted)
    kind: ReceiptKind
    if granted:
        kind = "change" if before.granted else "grant"
    else:
        kind = "refusal" if choice.is_refusal else "withdrawal"
    presentation, stored = choice.presentation, presentation_of(choice)
    return Receipt(
        id=choice.receipt,
        kind=kind,
        # An exact time could identify a visitor who refused.
        time=choice.time - choice.time % SECONDS_PER_DAY if kind == "refusal" else choice.time,
        site=record.site,
        version=record.version,
        registry=registry.digest,
        offered=registry.offered,
        granted=tuple(sorted(granted)),
        refused=tuple(id for one in registry.offered for id in _refused(one, granted, registry)),
        signals=tuple(sorted(record.signals)),
        surface="code" if presentation is None else presentation.surface,
        language=None if presentation is None else _language_of(presentation),
        presentation=None if stored is None else stored.hash,
        evidence=None if choice.evidence is None else _encodable(choice.evidence),
        closes=before.receipt,
        address=address,
        sent_by=None if presentation is None else presentation.sent_by,
    )


def _refused(category: str, granted: frozenset[str], registry: Registry) -> Iterable[str]:
    # Of a category that was granted in part, the other services.
    if category in granted:
        return ()
    parts = registry.parts.get(category, ())
    refused = [part for part in parts if part not in granted]
    return (category,) if len(refused) == len(parts) else refused


def presentation_of(choice: Choice) -> StoredPresentation | None:
    """Return what the visitor was shown; None if Cookiegate did not show it."""
    return None if choice.presentation is None else _stored(choice.presentation)


# Most visitors see one of a few pages, each of which has tens of kilobytes to hash.
@lru_cache(maxsize=64)
def _stored(presentation: Presentation) -> StoredPresentation | None:
    hash = presentation.hash
    if presentation.html is None or hash is None:
        return None
    return StoredPresentation(
        hash=hash,
        surface=presentation.surface,
        language=_language_of(presentation) or "",
        html=_encodable(presentation.html),
    )


def void_receipt(grant: Receipt, *, id: str, time: int) -> Receipt:
    """
    Return a receipt which says that a grant never took effect.

    Args:
        grant: The grant's receipt.
        id: The new receipt's id.
        time: Unix seconds.
    """
    return msgspec.structs.replace(
        grant,
        id=id,
        kind="void",
        time=time,
        granted=(),
        refused=grant.offered,
        presentation=None,
        evidence=None,
        closes=grant.id,
    )


def dump_receipt(receipt: Receipt) -> bytes:
    """Return the bytes that are stored and hashed: JSON, keys in the order of the fields."""
    return msgspec.json.encode(receipt)


# Created at import, under the import lock: see `registry.load`.
_DECODER: Final = msgspec.json.Decoder(Receipt)


def load_receipt(body: bytes) -> Receipt:
    """
    Return the receipt that `dump_receipt` wrote.

    Raises:
        ValueError: It is not a valid receipt: msgspec's error, or that of invalid UTF-8.
    """
    return _DECODER.decode(body)


def leaf_hash(salt: bytes, body: bytes) -> bytes:
    """
    Return the hash of a receipt in the chain.

    The random salt is deleted with the receipt, so that the hash that remains cannot be compared
    with guesses of what the receipt said.
    """
    return hashlib.sha256(_LEAF + salt + body).digest()


def page_hash(html: str) -> str:
    """Return the hash of what visitors were shown: SHA-256, in hexadecimal."""
    return hashlib.sha256(html.encode()).hexdigest()


def _encodable(text: str) -> str:
    # Input from a visitor may contain lone surrogates, which UTF-8 cannot encode.
    return text.encode("utf-8", "replace").decode()


def _language_of(presentation: Presentation) -> str | None:
    # A site's own page may pass a visitor's input as the language.
    language = presentation.language
    return language if language is not None and _LANGUAGE.fullmatch(language) else None
