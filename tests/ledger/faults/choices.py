"""Choices to hand to a ledger without a site around it."""

from collections.abc import Iterable

from cookiegate import Gate
from cookiegate.consent.choice import Choice
from tests.registries import gate_for

__all__ = ["grant", "refusal", "withdrawal"]


def grant(gate: Gate | None = None, categories: Iterable[str] = ("analysis",)) -> Choice:
    """A new visitor's grant."""
    visit = (gate or gate_for()).visit([])
    visit.grant(categories, evidence="a test")
    assert visit.choice is not None
    return visit.choice


def refusal(gate: Gate | None = None) -> Choice:
    """A new visitor's no."""
    visit = (gate or gate_for()).visit([])
    visit.withdraw()
    assert visit.choice is not None
    return visit.choice


def withdrawal(choice: Choice, gate: Gate | None = None) -> Choice:
    """What takes a grant back."""
    gate = gate or gate_for()
    cookie = gate.pipeline.consent_cookie.dump(choice.record).partition(";")[0]
    visit = gate.visit([(b"cookie", cookie.encode())])
    visit.withdraw()
    assert visit.choice is not None
    return visit.choice
