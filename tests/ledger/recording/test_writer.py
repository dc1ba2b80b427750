"""The writer: batches, failures, and cancelled grants."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy.exc import IntegrityError

from cookiegate.ledger import Receipt
from cookiegate.ledger.receipts import load_receipt, receipt_of
from cookiegate.ledger.recording.limits import Limits
from cookiegate.ledger.recording.waiters import ThreadWaiter
from cookiegate.ledger.recording.writer import Writer, new_receipt
from cookiegate.ledger.storage.rows import ChainEnd, NewReceipt
from tests.ledger.choices import granting, lost_connection, until
from tests.ledger.memory import Idle, Memory
from tests.registries import NOON


@pytest.fixture
def store() -> Iterator[Memory]:
    found = Memory()
    yield found
    found.goes_on.set()


@pytest.fixture
def idle() -> Idle:
    return Idle()


@pytest.fixture
def one(store: Memory, idle: Idle, errors: list[Exception]) -> Iterator[Writer]:
    found = Writer(
        store,
        "w",
        clock=lambda: NOON + 60.9,
        idle=idle,
        on_error=errors.append,
        limits=Limits(batch=4, rest_seconds=0.01),
    )
    found.start()
    yield found
    idle.act = lambda: None
    store.goes_on.set()
    found.close()


def grant() -> Receipt:
    return receipt_of(granting())


def submit(one: Writer, receipt: Receipt, *, is_proved: bool = True) -> ThreadWaiter:
    waiter = ThreadWaiter(new_receipt(receipt), receipt if is_proved else None)
    one.submit(waiter)
    return waiter


def finish(*waiters: ThreadWaiter) -> list[bool]:
    """Wait for the receipts; return whether each was committed."""
    for one in waiters:
        one.wait(60)
        assert one.is_done
    return [one.is_committed for one in waiters]


def begin(one: Writer, store: Memory, receipt: Receipt | None = None) -> ThreadWaiter:
    """Start a commit that waits."""
    store.hold()
    waiter = submit(one, receipt or grant())
    assert store.is_reached.wait(60)
    return waiter


def test_receipts_that_arrive_during_a_commit_share_the_next_ones(
    one: Writer, store: Memory
) -> None:
    first = begin(one, store)
    others = [submit(one, grant()) for _ in range(6)]
    assert not first.is_committed
    store.goes_on.set()
    assert all(finish(first, *others))
    assert [len(batch) for batch in store.batches] == [1, 4, 2]
    assert store.ids[1:] == [waiter.new.id for waiter in others]
    assert one.committed == 7


def test_each_receipt_has_a_different_salt() -> None:
    receipt = grant()
    salts = {new_receipt(receipt).salt for _ in range(50)}
    assert len(salts) == 50
    assert {len(salt) for salt in salts} == {16}


def test_a_cancelled_receipt_in_the_queue_is_not_committed(one: Writer, store: Memory) -> None:
    first = begin(one, store)
    cancelled, voided, other = (grant() for _ in range(3))
    one.cancel(submit(one, cancelled))
    one.void(submit(one, voided), voided)
    last = submit(one, other)
    store.goes_on.set()
    assert finish(first, last) == [True, True]
    assert store.ids == [first.new.id, other.id]


@pytest.mark.parametrize("way", ["cancel", "void", "both"])
def test_a_grant_cancelled_during_its_commit_is_voided_once(
    one: Writer, store: Memory, way: str
) -> None:
    receipt = grant()
    first = begin(one, store, receipt)
    if way != "void":
        one.cancel(first)
    if way != "cancel":
        one.void(first, receipt)
    store.goes_on.set()
    until(lambda: len(store.ids) == 2)
    assert finish(submit(one, grant())) == [True]
    assert store.kinds == ["grant", "void", "grant"]
    void = load_receipt(store.batches[1][0].body)
    assert (void.closes, void.time) == (receipt.id, NOON + 60)


def test_a_committed_grant_can_be_voided(one: Writer, store: Memory) -> None:
    receipt = grant()
    first = submit(one, receipt)
    assert finish(first) == [True]
    one.cancel(first)  # does nothing: the receipt is committed
    one.void(first, receipt)
    until(lambda: store.kinds == ["grant", "void"])


def test_a_grant_that_is_cancelled_and_voided_has_one_void_receipt(
    one: Writer, store: Memory
) -> None:
    receipt = grant()
    first = begin(one, store, receipt)
    one.cancel(first)
    store.goes_on.set()
    finish(first)
    one.void(first, receipt)
    assert finish(submit(one, grant())) == [True]
    assert sorted(store.kinds) == ["grant", "grant", "void"]


@pytest.mark.parametrize("way", ["cancel", "void"])
def test_a_void_receipt_that_failed_is_committed_later(
    one: Writer, store: Memory, way: str
) -> None:
    receipt = grant()
    errors = [lost_connection() for _ in range(3)]
    if way == "cancel":
        first = begin(one, store, receipt)
        one.cancel(first)
        store.errors = [None, *errors]
        store.goes_on.set()
    else:
        first = submit(one, receipt)
        assert finish(first) == [True]
        store.errors = [*errors]
        one.void(first, receipt)
    until(lambda: store.kinds == ["grant", "void"])
    assert load_receipt(store.batches[1][0].body).closes == receipt.id


def test_a_rejected_void_receipt_does_not_block_others(one: Writer, store: Memory) -> None:
    receipt = grant()
    first = submit(one, receipt)
    assert finish(first) == [True]
    refusal = IntegrityError("INSERT", {}, Exception("refused"))
    store.errors = [refusal, refusal]
    one.void(first, receipt)
    until(lambda: not store.errors)
    assert finish(submit(one, grant())) == [True]
    assert store.kinds == ["grant", "grant"]


@pytest.mark.parametrize(("is_back", "kinds"), [(False, ["grant"]), (True, ["grant", "void"])])
def test_an_uncertain_grant_is_looked_up_when_the_writer_closes(
    one: Writer, store: Memory, is_back: bool, kinds: list[str]
) -> None:
    one.limits = Limits(rest_seconds=60)
    store.answers, store.falls = [lost_connection()], True
    assert finish(submit(one, grant())) == [False]
    store.is_away = not is_back
    one.close()
    assert store.kinds == kinds


def test_a_withdrawal_is_never_voided(one: Writer, store: Memory) -> None:
    first = begin(one, store)
    one.void(first, None)
    store.goes_on.set()
    assert finish(first) == [True]
    one.void(first, None)
    second = begin(one, store)
    second.grant = None
    one.cancel(second)
    store.goes_on.set()
    assert finish(second, submit(one, grant())) == [True, True]
    assert store.kinds == ["grant"] * 3


def test_voiding_a_failed_commit_writes_nothing(one: Writer, store: Memory) -> None:
    receipt = grant()
    store.errors = [lost_connection(), lost_connection()]
    first = submit(one, receipt)
    assert finish(first) == [False]
    one.void(first, receipt)
    assert finish(submit(one, grant())) == [True]
    assert store.kinds == ["grant"]


def test_a_failed_commit_is_retried_once(
    one: Writer, store: Memory, errors: list[Exception]
) -> None:
    store.errors = [lost_connection()]
    assert finish(submit(one, grant())) == [True]
    store.errors = [lost_connection(), lost_connection()]
    assert finish(submit(one, grant()), submit(one, grant()))[0] is False
    until(lambda: len(errors) == 1)


def test_a_commit_with_a_lost_answer_succeeds(one: Writer, store: Memory) -> None:
    store.answers = [lost_connection()]
    first, second = submit(one, grant()), submit(one, grant())
    assert finish(first, second) == [True, True]
    assert sorted(store.ids) == sorted([first.new.id, second.new.id])


def test_an_uncertain_grant_is_voided_once(one: Writer, store: Memory) -> None:
    store.falls = True
    store.answers = [lost_connection(), lost_connection()]
    assert finish(submit(one, grant())) == [False]
    assert store.kinds == ["grant"]
    # The answer to the void receipt is lost too.
    store.falls = store.is_away = False
    until(lambda: not store.answers and not one.is_down)
    assert finish(submit(one, grant())) == [True]
    assert store.kinds == ["grant", "void", "grant"]


def test_a_void_receipt_with_a_lost_answer_fails_no_other_commit(
    one: Writer, store: Memory
) -> None:
    one.limits = Limits(rest_seconds=60)
    # Its commit seems to fail, but does not.
    store.answers, store.falls = [lost_connection()], True
    assert finish(submit(one, grant())) == [False]
    store.is_away = store.falls = False
    # The same happens to the void receipt.
    store.answers = [None, lost_connection()]
    assert finish(submit(one, grant())) == [True]
    assert store.kinds == ["grant", "grant", "void"]


def test_the_number_of_uncertain_grants_is_limited(one: Writer, store: Memory) -> None:
    one.limits = Limits(batch=4, rest_seconds=0.01, uncertain=2)
    first = begin(one, store)
    others = [submit(one, grant()) for _ in range(4)]
    store.answers = [None, lost_connection()]
    store.falls = True
    store.goes_on.set()
    assert finish(first, *others) == [True] + [False] * 4
    # All of them were committed.
    assert store.kinds == ["grant"] * 5
    store.falls = store.is_away = False
    until(lambda: not one.is_down)
    assert finish(submit(one, grant())) == [True]
    assert store.kinds == ["grant"] * 5 + ["void"] * 2 + ["grant"]


def test_a_rejected_receipt_fails_no_other(
    one: Writer, store: Memory, errors: list[Exception]
) -> None:
    first = begin(one, store)
    others = [submit(one, grant()) for _ in range(4)]
    store.refused = {others[2].new.id}
    store.goes_on.set()
    assert finish(first, *others) == [True, True, True, False, True]
    assert not one.is_down
    until(lambda: [type(error) for error in errors] == [IntegrityError])


def test_each_kind_of_failure_is_reported_once(
    one: Writer, idle: Idle, errors: list[Exception]
) -> None:
    def fail() -> None:
        raise lost_connection() if idle.times < 6 else TimeoutError("too slow")

    idle.act = fail
    until(lambda: idle.times > 12)
    assert one.is_down
    assert one.is_away
    idle.act = lambda: None
    until(lambda: not one.is_down)
    assert [type(error).__name__ for error in errors] == ["OperationalError", "TimeoutError"]
    idle.act = fail
    until(lambda: len(errors) == 3)


def test_the_database_is_away_during_a_slow_commit(one: Writer, store: Memory) -> None:
    first = begin(one, store)
    assert not one.is_away
    one.limits = Limits(slow_seconds=0.01)
    until(lambda: one.is_away)
    assert one.seconds > 0.01
    assert not one.is_down
    store.goes_on.set()
    finish(first)
    until(lambda: not one.is_away)


def test_the_writer_does_other_work_under_constant_load(
    one: Writer, store: Memory, idle: Idle
) -> None:
    append = store.append

    def append_and_ask_for_more(chain: ChainEnd, items: Sequence[NewReceipt]) -> ChainEnd:
        submit(one, grant())
        return append(chain, items)

    store.__dict__["append"] = append_and_ask_for_more
    submit(one, grant())
    until(lambda: bool(store.ids))
    times = idle.times
    try:
        until(lambda: idle.times > times + 3)
    finally:
        del store.__dict__["append"]


def test_a_replay_skips_committed_receipts(one: Writer, store: Memory, idle: Idle) -> None:
    items = [new_receipt(grant()) for _ in range(3)]
    store.batches.append([items[1]])
    found: list[list[NewReceipt]] = []

    def replay() -> None:
        if not found:
            found.append(one.replay(items))

    idle.act = replay
    until(lambda: len(store.ids) == 3)
    assert store.ids == [items[1].id, items[0].id, items[2].id]
    until(lambda: found == [[]])


def test_a_replay_returns_rejected_receipts_and_commits_the_others(
    one: Writer, store: Memory, idle: Idle
) -> None:
    items = [new_receipt(grant()) for _ in range(5)]
    store.refused = {items[0].id, items[3].id}
    found: list[list[NewReceipt]] = []

    def replay() -> None:
        if not found:
            found.append(one.replay(items))

    idle.act = replay
    until(lambda: bool(found))
    assert found == [[items[0], items[3]]]
    assert sorted(store.ids) == sorted(items[n].id for n in (1, 2, 4))


def test_receipts_are_committed_during_a_long_replay(
    one: Writer, store: Memory, idle: Idle
) -> None:
    old = [new_receipt(grant()) for _ in range(2)]
    new: list[ThreadWaiter] = []

    def replay() -> None:
        if not new:
            new.append(submit(one, grant()))
            for item in old:
                one.replay([item])

    idle.act = replay
    until(lambda: len(store.ids) == 3)
    assert store.ids == [old[0].id, new[0].new.id, old[1].id]
    assert finish(new[0]) == [True]


def test_pending_receipts_are_committed_on_close(
    store: Memory, idle: Idle, errors: list[Exception]
) -> None:
    closing = Writer(
        store,
        "w",
        clock=lambda: 0.0,
        idle=idle,
        on_error=errors.append,
        limits=Limits(batch=2),
    )
    closing.start()
    first = begin(closing, store)
    others = [submit(closing, grant()) for _ in range(5)]
    thread = threading.Thread(target=closing.close)
    thread.start()
    store.goes_on.set()
    thread.join()
    assert all(waiter.is_committed for waiter in (first, *others))
