"""Clocks that step back: the order of receipts is that of their numbers, and not of their times."""

from contextlib import closing

import pytest

from cookiegate.consent.choice import Choice, NotKeptError
from cookiegate.ledger import Ledger
from tests.ledger.faults.choices import grant, withdrawal
from tests.ledger.faults.conftest import CommitTimeout
from tests.ledger.faults.holding import hold
from tests.ledger.faults.proof import find
from tests.ledger.faults.site import Told
from tests.ledger.faults.waits import await_that
from tests.registries import NOON, gate_for

HOUR = 3600


class Clock:
    """A clock that is put forward and back."""

    def __init__(self) -> None:
        self.now = float(NOON)

    def __call__(self) -> float:
        return self.now


def test_receipts_are_in_the_order_of_their_numbers_when_the_clock_steps_back(
    told: Told, commit_timeout: CommitTimeout
) -> None:
    clock = Clock()
    gate = gate_for(clock=clock)
    made: list[Choice] = []
    ledger = Ledger(
        told.url, spool=told.spool, min_free_bytes=0, timeout=60, on_error=print, clock=clock
    )
    with closing(ledger):
        for step in (0, -HOUR, -30 * HOUR, 5, HOUR, -1):
            clock.now += step
            made += [given := grant(gate), withdrawal(given, gate)]
            for choice in made[-2:]:
                ledger.commit(choice)
    found = find(told.url)
    assert [row.id for row in found.rows] == [choice.receipt for choice in made]
    assert [row.number for row in found.rows] == list(range(len(made)))
    assert [row.time for row in found.rows] == [choice.time for choice in made]
    times = [choice.time for choice in made]
    assert times != sorted(times)


def test_a_clock_that_steps_back_does_not_end_a_wait(
    told: Told, commit_timeout: CommitTimeout
) -> None:
    clock = Clock()
    gate = gate_for(clock=clock)
    ledger = Ledger(
        told.url, spool=told.spool, min_free_bytes=0, timeout=60, on_error=print, clock=clock
    )
    with closing(ledger):
        given = grant(gate)
        ledger.commit(given)
        with hold(told.url), commit_timeout.of(0.2):
            with pytest.raises(NotKeptError):
                ledger.commit(late := grant(gate))
            clock.now -= 365 * 24 * HOUR
            taken = withdrawal(given, gate)
            ledger.commit(taken)
            assert ledger.health().waiting == 1
        await_that(lambda: not ledger.health().waiting, "the withdrawal is written")
        clock.now += HOUR
        ledger.commit(last := grant(gate))
    found = find(told.url)
    # The one that came too late is void, if it is there at all; its void follows it.
    order = [row.id for row in found.rows if row.id in {r.receipt for r in (given, taken, last)}]
    assert order == [given.receipt, taken.receipt, last.receipt]
    assert found.void == {late.receipt} & found.receipts.keys()
