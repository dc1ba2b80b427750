"""A choice: what it hands to the recorder, and what remains of it without proof."""

from collections.abc import Iterator

import pytest

from cookiegate import NotKeptError, Presentation, Registry
from cookiegate.consent.choice import Choice, inherit_evidence, make_choice, remainder
from cookiegate.consent.model import Consent
from cookiegate.consent.terms import Terms
from cookiegate.http.signals import Signal
from tests.registries import NOON, shop

PAGE = Presentation(surface="settings", language="sv", html="<html>", sent_by="form")
ADDRESS = "192.0.2.7"
GPC: frozenset[Signal] = frozenset(("gpc",))
NONE: frozenset[Signal] = frozenset()


class Site:
    """A registry's terms, and ids of receipts in order."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.terms = Terms(registry or shop())
        self._ids: Iterator[int] = iter(range(1000))

    def new_id(self) -> str:
        return f"receipt-{next(self._ids)}"

    def after(self, *granted: str, signals: frozenset[Signal] = NONE) -> Consent:
        """Return the consent of a visitor who granted this under no signal and now sends some."""
        record = self.terms.record(
            frozenset(granted), signals=NONE, now=NOON - 60, new_id=self.new_id
        )
        return self.terms.evaluate([record], signals=signals, now=NOON)

    def choose(self, *granted: str, before: Consent, signals: frozenset[Signal] = NONE) -> Choice:
        choice = make_choice(
            frozenset(granted),
            before,
            terms=self.terms,
            signals=signals,
            now=NOON + 0.5,
            new_id=self.new_id,
            evidence="form 4711",
            presentation=PAGE,
            address=ADDRESS,
        )
        assert choice is not None
        return choice

    def remainder(self, choice: Choice) -> Choice | None:
        return remainder(choice, NotKeptError("no proof"), self.terms, self.new_id)


def test_a_choice_hands_on_what_proves_it() -> None:
    site = Site()
    choice = site.choose("analysis", before=site.after(), signals=GPC)
    assert (choice.evidence, choice.presentation, choice.address) == ("form 4711", PAGE, ADDRESS)
    assert (choice.time, choice.record.signals) == (NOON, GPC)
    assert choice.receipt == choice.record.receipt


def test_what_remains_of_a_choice_is_proven_like_the_choice() -> None:
    site = Site()
    before = site.after("analysis", "functional", signals=GPC)
    choice = site.choose("functional", "marketing", before=before, signals=GPC)
    rest = site.remainder(choice)
    assert rest is not None
    assert rest.after.granted == {"functional"}
    assert (rest.evidence, rest.presentation, rest.address) == ("form 4711", PAGE, ADDRESS)
    assert (rest.time, rest.record.signals, rest.before) == (NOON, GPC, before)
    assert rest.receipt != choice.receipt


@pytest.mark.parametrize("granted", [("analysis",), ("analysis", "functional")])
def test_a_confirmation_without_proof_takes_nothing_back(granted: tuple[str, ...]) -> None:
    site = Site(shop('signals = "confirm"'))
    before = site.after(*granted, signals=GPC)
    choice = site.choose(*granted, before=before, signals=GPC)
    assert choice.widens
    assert site.remainder(choice) is None


def test_a_choice_that_only_takes_back_needs_no_remainder() -> None:
    site = Site()
    choice = site.choose(before=site.after("analysis"))
    assert choice.is_withdrawal
    assert site.remainder(choice) is None


def test_what_takes_away_from_no_choice_has_no_evidence() -> None:
    assert inherit_evidence(None) == (None, None)
