"""Receipts: what the ledger keeps of a choice, and nothing else."""

import hashlib
import json

import msgspec
import pytest

from cookiegate import Presentation
from cookiegate.consent.choice import Choice
from cookiegate.ledger import Receipt
from cookiegate.ledger.receipts import (
    StoredPresentation,
    dump_receipt,
    leaf_hash,
    load_receipt,
    page_hash,
    presentation_of,
    receipt_of,
    void_receipt,
)
from tests.ledger.choices import PAGE, choosing
from tests.registries import DAY, NOON, gate_for, shop


def grant() -> Receipt:
    return receipt_of(choosing("analysis", presentation=PAGE))


@pytest.mark.parametrize(
    ("choice", "kind"),
    [
        (choosing("analysis"), "grant"),
        (choosing("analysis", before=()), "grant"),
        (choosing("analysis", "marketing", before=("analysis",)), "change"),
        (choosing("analysis", before=("analysis", "marketing")), "change"),
        (choosing(before=("analysis",)), "withdrawal"),
        (choosing(), "refusal"),
    ],
)
def test_a_receipt_says_what_kind_of_choice_it_proves(choice: Choice, kind: str) -> None:
    assert receipt_of(choice).kind == kind


def test_a_choice_after_a_lapsed_consent_is_a_refusal() -> None:
    late = gate_for(clock=lambda: float(NOON + 1000 * DAY))
    found = receipt_of(choosing(before=("analysis",), gate=late))
    assert (found.kind, found.closes) == ("refusal", None)


def test_a_receipt_contains_the_registry_and_what_was_offered_granted_and_refused() -> None:
    gate = gate_for()
    found = receipt_of(choosing("marketing", "analysis", presentation=PAGE, gate=gate))
    assert found.offered == gate.registry.offered
    assert found.granted == ("analysis", "marketing")
    assert found.refused == ("functional", "comfort")
    assert (found.site, found.version) == ("shop", 3)
    assert found.registry == gate.registry.digest
    assert receipt_of(choosing("analysis", gate=gate_for(shop("# changed")))).registry != (
        found.registry
    )


def test_a_receipts_id_is_random_and_that_of_the_consent_cookie() -> None:
    one, other = choosing("analysis"), choosing("analysis")
    assert receipt_of(one).id == one.record.receipt
    assert receipt_of(one).id != receipt_of(other).id
    assert len(receipt_of(one).id) >= 22  # 128 bits in base64


def test_the_time_of_a_refusal_is_rounded_down_to_the_day() -> None:
    midnight = NOON - NOON % DAY
    assert receipt_of(choosing()).time == midnight
    assert receipt_of(choosing("analysis")).time == NOON
    assert receipt_of(choosing(before=("analysis",))).time == NOON


def test_a_receipt_names_the_one_that_it_replaces() -> None:
    choice = choosing(before=("analysis",))
    assert choice.before.receipt is not None
    assert receipt_of(choice).closes == choice.before.receipt
    assert receipt_of(choosing("analysis")).closes is None


def test_a_receipt_contains_the_signals_of_the_browser() -> None:
    assert grant().signals == ()
    signals = ((b"sec-gpc", b"1"), (b"dnt", b"1"))
    assert receipt_of(choosing("functional", headers=signals)).signals == ("dnt", "gpc")


def test_a_receipt_contains_surface_and_language() -> None:
    found = grant()
    assert (found.surface, found.language) == ("banner", "sv")
    assert found.presentation == hashlib.sha256(b"<!doctype html><p>Kakor?").hexdigest()
    by_api = receipt_of(choosing("analysis", presentation=Presentation(surface="api")))
    assert (by_api.surface, by_api.language, by_api.presentation) == ("api", None, None)
    by_code = receipt_of(choosing("analysis", evidence="paper form 4711"))
    assert (by_code.surface, by_code.language, by_code.presentation) == ("code", None, None)
    assert by_code.evidence == "paper form 4711"


@pytest.mark.parametrize("language", ["", "x" * 36, "sv\0", "sv; DROP", "\ud800"])
def test_an_invalid_language_tag_is_not_stored(language: str) -> None:
    choice = choosing(
        "analysis", presentation=Presentation(surface="banner", language=language, html="<p>")
    )
    found, page = receipt_of(choice), presentation_of(choice)
    assert page is not None
    assert (found.language, page.language) == (None, "")


def test_a_grant_by_code_may_lack_evidence() -> None:
    assert receipt_of(choosing("analysis")).lacks_evidence
    assert receipt_of(choosing("analysis", evidence="")).lacks_evidence
    assert not receipt_of(choosing("analysis", evidence="paper form 4711")).lacks_evidence
    assert not receipt_of(choosing(before=("analysis",))).lacks_evidence
    assert not grant().lacks_evidence


def test_a_presentation_is_stored_complete_with_its_hash() -> None:
    page = presentation_of(choosing("analysis", presentation=PAGE))
    assert page == StoredPresentation(
        hash=page_hash("<!doctype html><p>Kakor?"),
        surface="banner",
        language="sv",
        html="<!doctype html><p>Kakor?",
    )
    assert presentation_of(choosing("analysis")) is None
    assert presentation_of(choosing("analysis", presentation=Presentation(surface="api"))) is None


@pytest.mark.parametrize(
    ("text", "kept"), [("form \ud8004711", "form ?4711"), ("a\x00b", "a\x00b"), ("x" * 4096,) * 2]
)
def test_lone_surrogates_are_replaced(text: str, kept: str) -> None:
    page = Presentation(surface="banner", html=text)
    choice = choosing("analysis", evidence=text, presentation=page)
    receipt = load_receipt(dump_receipt(receipt_of(choice)))
    found = presentation_of(choice)
    assert found is not None
    assert (receipt.evidence, found.html) == (kept, kept)
    assert receipt.presentation == found.hash == page_hash(kept)


def test_a_receipt_says_how_the_choice_was_sent() -> None:
    page = Presentation(surface="banner", sent_by="script")
    assert receipt_of(choosing("analysis", presentation=page)).sent_by == "script"
    assert receipt_of(choosing("analysis", presentation=PAGE)).sent_by is None
    assert receipt_of(choosing("analysis")).sent_by is None


def test_a_receipt_of_an_earlier_version_is_read_and_keeps_its_hash() -> None:
    body = dump_receipt(receipt_of(choosing("analysis")))
    earlier = body.replace(b',"sent_by":null', b"")
    assert earlier != body
    assert load_receipt(earlier) == load_receipt(body)


def test_a_void_receipt_grants_nothing_and_closes_the_grant() -> None:
    found = grant()
    void = void_receipt(found, id="another", time=NOON + 9)
    assert (void.kind, void.id, void.time) == ("void", "another", NOON + 9)
    assert (void.granted, void.refused, void.closes) == ((), found.offered, found.id)
    assert (void.presentation, void.evidence) == (None, None)
    assert (void.site, void.version, void.registry) == (found.site, found.version, found.registry)
    assert not void_receipt(receipt_of(choosing("analysis")), id="x", time=1).lacks_evidence


def test_a_receipt_is_json_and_is_loaded_unchanged() -> None:
    found = receipt_of(choosing("analysis", presentation=PAGE), address="192.0.2.0/24")
    body = dump_receipt(found)
    assert load_receipt(body) == found
    assert list(json.loads(body)) == [field.name for field in msgspec.structs.fields(Receipt)]


@pytest.mark.parametrize("body", [b"", b"{}", b"[1", dump_receipt(grant())[:-1] + b',"more":1}'])
def test_invalid_receipts_are_rejected(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        load_receipt(body)


def test_a_leaf_hash_depends_on_salt_and_body_and_has_a_prefix() -> None:
    body = dump_receipt(grant())
    leaves = {
        leaf_hash(b"1" * 16, body),
        leaf_hash(b"2" * 16, body),
        leaf_hash(b"1" * 16, body + b" "),
    }
    assert len(leaves) == 3
    assert hashlib.sha256(b"1" * 16 + body).digest() not in leaves


def test_the_repr_of_a_receipt_contains_no_ids() -> None:
    found = receipt_of(choosing("analysis", before=("marketing",)), address="192.0.2.0/24")
    assert found.closes is not None
    for text in (repr(found), str(found), f"{[found]}"):
        assert "change" in text
        assert found.id not in text
        assert found.closes not in text
        assert "192.0.2" not in text
