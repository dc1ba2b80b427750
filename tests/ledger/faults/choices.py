"""Choices for a ledger without a site."""

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
    """A new visitor's refusal."""
    visit = (gate or gate_for()).visit([])
    visit.withdraw()
    assert visit.choice is not None
    return visit.choice


def withdrawal(choice: Choice, gate: Gate | None = None) -> Choice:
    """The withdrawal of a grant."""
    gate = gate or gate_for()
    cookie = gate.pipeline.consent_cookie.dump(choice.record).partition(";")[0]
    visit = gate.visit([(b"cookie", cookie.encode())])
    visit.withdraw()
    assert visit.choice is not None
    return visit.choice
