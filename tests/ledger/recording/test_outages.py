"""While the database is away, withdrawals take effect and grants are refused."""

import os
import threading

import pytest
from filelock import FileLock

from cookiegate import NotKeptError, Presentation
from cookiegate.ledger.receipts import load_receipt, presentation_of
from cookiegate.ledger.recording.limits import Limits
from cookiegate.ledger.storage import database
from cookiegate.ledger.storage.store import Store, presentations_in
from tests.ledger.choices import Outage, back, granting, in_sqlite, kinds, texts, until, withdrawing
from tests.ledger.conftest import Commit, Make


def test_withdrawals_take_effect_at_once_and_are_committed_later(
    make: Make, kept: Store, outage: Outage, commit: Commit, errors: list[Exception]
) -> None:
    ledger = make(timeout=3600)
    outage.is_down = True
    choices = [withdrawing() for _ in range(3)]
    for choice in choices:
        commit(ledger, choice)
    health = ledger.health()
    assert (health.is_away, health.waiting, health.committed, health.lost) == (True, 3, 0, 0)
    back(outage, ledger)
    assert kept.known(one.receipt for one in choices) == {one.receipt for one in choices}
    assert kinds(kept) == ["withdrawal"] * 3
    # The page was spooled once, and is stored for all of them.
    page = presentation_of(choices[0])
    assert page is not None
    assert kept.presentation(page.hash) == page
    assert texts(errors) == ["server closed the connection unexpectedly"]


@in_sqlite
def test_grants_are_refused(make: Make, kept: Store, outage: Outage, commit: Commit) -> None:
    ledger = make(timeout=3600)
    outage.is_down = True
    for _ in range(3):
        with pytest.raises(NotKeptError):
            commit(ledger, granting())
    health = ledger.health()
    assert (health.refused, health.waiting, health.accepted) == (3, 0, 0)
    back(outage, ledger)
    choice = granting()
    commit(ledger, choice)
    assert kept.count() == 1
    assert ledger.health().refused == 3


@in_sqlite
def test_grants_are_accepted_and_reported_if_configured(
    make: Make, kept: Store, outage: Outage, commit: Commit, errors: list[Exception]
) -> None:
    ledger = make(on_unavailable="accept")
    outage.is_down = True
    choices = [granting() for _ in range(2)]
    for choice in choices:
        commit(ledger, choice)
    health = ledger.health()
    assert (health.refused, health.waiting, health.accepted) == (0, 2, 2)
    assert texts(errors).count("a grant was accepted without a committed receipt") == 2
    back(outage, ledger)
    assert kept.known(one.receipt for one in choices) == {one.receipt for one in choices}
    assert kinds(kept) == ["grant", "grant"]


@in_sqlite
def test_a_slow_commit_delays_withdrawals_briefly(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger, choice = make(timeout=3600), withdrawing()
    outage.hold()
    commit(ledger, choice)
    assert ledger.health().waiting == 1
    # Withdrawals do not wait for a commit that is known to be slow.
    ledger.start().writer.limits = Limits(rest_seconds=0.01, slow_seconds=0.01)
    until(lambda: ledger.health().is_away)
    commit(ledger, withdrawing())
    assert ledger.health().waiting == 2
    outage.goes_on.set()
    back(outage, ledger)
    # The first one was in the spool and in the commit.
    assert kinds(kept) == ["withdrawal"] * 2


def test_a_commit_slower_than_the_timeout_is_refused_and_voided(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger, late = make(), granting()
    outage.hold(timeout=0.01)
    with pytest.raises(NotKeptError):
        commit(ledger, late)
    assert ledger.health().refused == 1
    outage.goes_on.set()
    until(lambda: kept.count() == 2)
    (void,) = kept.replacements(late.receipt)
    found = load_receipt(void.body or b"")
    assert (found.kind, found.granted, found.closes) == ("void", (), late.receipt)


@in_sqlite
def test_a_grant_during_a_slow_commit_waits_for_the_whole_timeout(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger = make(timeout=60, limits=Limits(rest_seconds=0.01, slow_seconds=-1.0))
    outage.hold()
    first = threading.Thread(target=commit, args=(ledger, granting()))
    first.start()
    assert outage.is_reached.wait(60)
    assert ledger.health().is_away
    second = threading.Thread(target=commit, args=(ledger, granting()))
    second.start()
    until(lambda: ledger.start().writer.queued == 1)
    outage.goes_on.set()
    first.join()
    second.join()
    assert kinds(kept) == ["grant", "grant"]


@in_sqlite
def test_grants_do_not_wait_behind_a_stuck_commit(
    make: Make, outage: Outage, commit: Commit, kept: Store
) -> None:
    ledger = make(timeout=0.5)
    outage.hold(timeout=0.01)
    for _ in range(2):
        with pytest.raises(NotKeptError):
            commit(ledger, granting())
        until(lambda: ledger.start().writer.seconds > 0.5)
    assert ledger.health().refused == 2
    outage.goes_on.set()
    until(lambda: kept.count() == 2)
    assert kinds(kept) == ["grant", "void"]


@in_sqlite
def test_a_grant_accepted_during_its_slow_commit_is_kept_once_and_not_voided(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger, choice = make(on_unavailable="accept"), granting()
    outage.hold(timeout=0.01)
    commit(ledger, choice)
    assert (ledger.health().accepted, ledger.health().waiting) == (1, 1)
    outage.goes_on.set()
    back(outage, ledger)
    commit(ledger, granting())
    assert kinds(kept) == ["grant", "grant"]


def test_a_commit_on_a_broken_connection_is_retried_once(
    make: Make, kept: Store, outage: Outage, commit: Commit, errors: list[Exception]
) -> None:
    ledger = make()
    outage.broken_commits = 1
    commit(ledger, granting())
    assert (kept.count(), errors) == (1, [])
    outage.broken_commits = 2
    with pytest.raises(NotKeptError):
        commit(ledger, granting())
    until(lambda: texts(errors) == ["server closed the connection unexpectedly"])
    back(outage, ledger)
    commit(ledger, granting())
    assert kinds(kept) == ["grant", "grant"]


def test_a_commit_with_a_lost_answer_is_not_repeated(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger = make()
    for choice in (granting(), withdrawing()):
        outage.lost_answers = 1
        commit(ledger, choice)
    commit(ledger, granting())
    assert kinds(kept) == ["grant", "grant", "withdrawal"]
    health = ledger.health()
    assert (health.waiting, health.refused) == (0, 0)


def test_a_refused_grant_that_was_committed_is_voided(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger, choice = make(), granting()
    outage.falls_after_commit = True
    with pytest.raises(NotKeptError):
        commit(ledger, choice)
    back(outage, ledger)
    until(lambda: kept.count() == 2)
    assert [load_receipt(row.body or b"").kind for row in kept.replacements(choice.receipt)] == [
        "void"
    ]


@in_sqlite
def test_a_spooled_withdrawal_that_was_committed_is_kept_once(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger = make()
    outage.falls_after_commit = True
    commit(ledger, withdrawing())
    assert ledger.health().waiting == 1
    back(outage, ledger)
    assert kinds(kept) == ["withdrawal"]


@in_sqlite
def test_withdrawals_take_effect_with_a_full_spool(
    make: Make, kept: Store, outage: Outage, commit: Commit, errors: list[Exception]
) -> None:
    ledger = make(spool_bytes=2000)
    outage.is_down = True
    for _ in range(5):
        commit(ledger, withdrawing())
    health = ledger.health()
    assert health.waiting + health.lost == 5
    assert health.waiting
    assert health.lost
    lost = "receipts are lost (1): the spool is full or cannot be written"
    assert texts(errors).count(lost) == health.lost
    back(outage, ledger)
    assert kept.count() == health.waiting


@in_sqlite
def test_withdrawals_take_effect_with_a_full_disk(
    make: Make,
    outage: Outage,
    commit: Commit,
    errors: list[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = make()
    outage.is_down = True
    commit(ledger, withdrawing())

    def full(file: int) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        commit(ledger, withdrawing())
    health = ledger.health()
    assert (health.waiting, health.lost) == (1, 1)
    assert texts(errors)[-2:] == [
        "No space left on device",
        "receipts are lost (1): the spool is full or cannot be written",
    ]


@in_sqlite
def test_the_number_of_remembered_pages_is_limited(make: Make, kept: Store, outage: Outage) -> None:
    ledger = make(limits=Limits(rest_seconds=0.01, pages=2))
    pages = [Presentation(surface="banner", html=f"for visitor {n}") for n in range(5)]
    for page in pages:
        ledger.commit(granting(page))
    outage.is_down = True
    for page in pages:
        ledger.commit(withdrawing(page))
    assert len(ledger.start().store.known_pages) <= 2
    assert len(ledger.start().spooled_pages) <= 2
    back(outage, ledger)
    with database.reading(kept.engine) as connection:
        found = {page.html for page in presentations_in(connection)}
    assert found == {page.html for page in pages}


@in_sqlite
def test_withdrawals_take_effect_if_the_spool_cannot_be_locked(
    make: Make,
    outage: Outage,
    commit: Commit,
    errors: list[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unsupported(self: FileLock, timeout: float | None = None) -> None:
        raise NotImplementedError("this file system has no locks")

    monkeypatch.setattr(FileLock, "acquire", unsupported)
    ledger = make()
    outage.is_down = True
    commit(ledger, withdrawing())
    assert ledger.health().lost == 1
    assert "this file system has no locks" in texts(errors)


@in_sqlite
def test_an_error_in_on_error_loses_no_receipt(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    def fail(error: Exception) -> None:
        raise error

    ledger = make(on_error=fail, on_unavailable="accept")
    outage.is_down = True
    commit(ledger, granting())
    back(outage, ledger)
    commit(ledger, granting())
    assert kinds(kept) == ["grant", "grant"]
