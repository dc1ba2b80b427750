"""Clocks that step back: receipts are ordered by their numbers, not by their times."""

from contextlib import closing

import pytest

from cookiegate.consent.choice import Choice, NotKeptError
from cookiegate.ledger import Ledger
from tests.ledger.faults.choices import grant, withdrawal
from tests.ledger.faults.conftest import CommitTimeout
from tests.ledger.faults.holding import hold
from tests.ledger.faults.proof import find
from tests.ledger.faults.site import SiteOptions
from tests.ledger.faults.waits import await_that
from tests.registries import NOON, gate_for

HOUR = 3600


class Clock:
    """A clock that can be set."""

    def __init__(self) -> None:
        self.now = float(NOON)

    def __call__(self) -> float:
        return self.now


def test_receipts_are_in_the_order_of_their_numbers_when_the_clock_steps_back(
    options: SiteOptions, commit_timeout: CommitTimeout
) -> None:
    clock = Clock()
    gate = gate_for(clock=clock)
    made: list[Choice] = []
    ledger = Ledger(
        options.url, spool=options.spool, min_free_bytes=0, timeout=60, on_error=print, clock=clock
    )
    with closing(ledger):
        for step in (0, -HOUR, -30 * HOUR, 5, HOUR, -1):
            clock.now += step
            made += [given := grant(gate), withdrawal(given, gate)]
            for choice in made[-2:]:
                ledger.commit(choice)
    found = find(options.url)
    assert [row.id for row in found.rows] == [choice.receipt for choice in made]
    assert [row.number for row in found.rows] == list(range(len(made)))
    assert [row.time for row in found.rows] == [choice.time for choice in made]
    times = [choice.time for choice in made]
    assert times != sorted(times)


def test_a_clock_that_steps_back_does_not_end_a_wait(
    options: SiteOptions, commit_timeout: CommitTimeout
) -> None:
    clock = Clock()
    gate = gate_for(clock=clock)
    ledger = Ledger(
        options.url,
        spool=options.spool,
        min_free_bytes=0,
        timeout=60,
        on_error=print,
        clock=clock,
        # A year before the grant, the grant does not hold: its withdrawal is a refusal.
        refusals="keep",
    )
    with closing(ledger):
        given = grant(gate)
        ledger.commit(given)
        with hold(options.url), commit_timeout.of(0.2):
            with pytest.raises(NotKeptError):
                ledger.commit(late := grant(gate))
            clock.now -= 365 * 24 * HOUR
            taken = withdrawal(given, gate)
            ledger.commit(taken)
            assert ledger.health().waiting == 1
        await_that(lambda: not ledger.health().waiting, "the withdrawal is written")
        clock.now += HOUR
        ledger.commit(last := grant(gate))
    found = find(options.url)
    # The late one is voided if it was committed; its void receipt follows it.
    order = [row.id for row in found.rows if row.id in {r.receipt for r in (given, taken, last)}]
    assert order == [given.receipt, taken.receipt, last.receipt]
    assert found.void == {late.receipt} & found.receipts.keys()
