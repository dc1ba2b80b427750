"""Who sends choices in a flood fills neither the disk nor the spool, and costs no withdrawal."""

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cookiegate import NotKeptError, Presentation
from cookiegate.insights.aggregate import Period
from cookiegate.insights.ledger_source import read_ledger
from cookiegate.ledger import Ledger
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.recording.repeats import MOST_REPEATS, Repeats
from cookiegate.ledger.refusals import RefusalKey
from cookiegate.ledger.storage.store import Store
from tests.ledger.choices import (
    PAGE,
    Outage,
    back,
    choosing,
    granting,
    in_sqlite,
    kinds,
    texts,
    until,
    withdrawing,
)
from tests.ledger.conftest import Commit, Make
from tests.registries import DAY, NOON, gate_for

MIDNIGHT = NOON - NOON % DAY


def refusing(presentation: Presentation | None = PAGE, **options: Any) -> Any:
    """Return the refusal of a visitor who had granted nothing."""
    return choosing(presentation=presentation, **options)


def key(**changes: Any) -> RefusalKey:
    """Return what is counted of `refusing`."""
    values: dict[str, Any] = {
        "day": MIDNIGHT,
        "site": "shop",
        "version": 1,
        "surface": "banner",
        "language": "sv",
        "signals": "",
    }
    return RefusalKey(**(values | changes))


def test_a_refusal_that_takes_nothing_back_is_counted_without_a_receipt(
    make: Make, kept: Store, commit: Commit
) -> None:
    ledger = make(refusals="count")
    gate = gate_for(clock=lambda: NOON + DAY)
    gpc = (b"sec-gpc", b"1")
    for choice in (
        *[refusing()] * 3,
        refusing(Presentation(surface="settings", language="xx")),
        refusing(None),
        refusing(headers=(gpc, (b"dnt", b"1"))),
        refusing(gate=gate),
        withdrawing(),
        granting(),
    ):
        commit(ledger, choice)
    ledger.close()
    assert kinds(kept) == ["grant", "withdrawal"]
    language = PAGE.language if PAGE.language in gate.registry.site.languages else ""
    site = {"site": gate.registry.site.id, "version": gate.registry.site.version}
    assert dict(kept.refusals()) == {
        key(**site, language=language): 3,
        key(**site, surface="settings", language=""): 1,
        key(**site, surface="code", language=""): 1,
        key(**site, language=language, signals="dnt gpc"): 1,
        key(**site, language=language, day=MIDNIGHT + DAY): 1,
    }


def test_counts_are_written_while_the_ledger_runs_and_add_up(
    make: Make, kept: Store, commit: Commit
) -> None:
    first, second = make(refusals="count"), make(refusals="count")
    for ledger in (first, second, first):
        commit(ledger, refusing())
    until(lambda: [count for _, count in kept.refusals()] == [3])
    commit(first, refusing())
    until(lambda: [count for _, count in kept.refusals()] == [4])
    assert kept.refusals(since=MIDNIGHT, until=MIDNIGHT + 1) == kept.refusals()
    assert kept.refusals(since=MIDNIGHT + 1) == kept.refusals(until=MIDNIGHT) == []


@in_sqlite
def test_counts_wait_for_a_database_that_is_away(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger = make(refusals="count")
    outage.is_down = True
    for _ in range(5):
        commit(ledger, refusing())
    assert (ledger.health().waiting, ledger.health().lost) == (0, 0)
    until(lambda: ledger.health().is_away)
    back(outage, ledger)
    until(lambda: [count for _, count in kept.refusals()] == [5])


@in_sqlite
def test_counts_that_cannot_be_written_at_the_end_are_reported(
    make: Make, outage: Outage, errors: list[Exception]
) -> None:
    ledger = make(refusals="count")
    outage.is_down = True
    ledger.commit(refusing())
    ledger.close()
    assert "server closed the connection unexpectedly" in texts(errors)


@in_sqlite
def test_a_flood_of_refusals_leaves_one_row_and_an_empty_spool(
    make: Make, kept: Store, outage: Outage, tmp_path: Path
) -> None:
    ledger = make(refusals="count", spool_bytes=3000)
    # As in the flood that once filled the disk: the database is locked, too.
    outage.is_down = True
    choice = refusing()

    def refuse() -> None:
        for _ in range(500):
            ledger.commit(choice)

    threads = [threading.Thread(target=refuse) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    withdrawn = withdrawing()
    ledger.commit(withdrawn)
    assert (ledger.health().waiting, ledger.health().lost) == (1, 0)
    back(outage, ledger)
    until(lambda: [count for _, count in kept.refusals()] == [4000])
    assert kept.known([withdrawn.receipt]) == {withdrawn.receipt}


@in_sqlite
def test_insights_show_counted_refusals_with_those_of_receipts(
    make: Make, url: str, commit: Commit
) -> None:
    ledger = make(refusals="count")
    for choice in (refusing(), refusing(None), refusing(headers=((b"dnt", b"1"),)), granting()):
        commit(ledger, choice)
    ledger.close()
    keeping = make(refusals="keep")
    commit(keeping, refusing())
    keeping.close()
    counts = read_ledger(url, Period())
    assert counts.kinds == {"grant": 1, "change": 0, "refusal": 4, "withdrawal": 0}
    assert (counts.signals[""], counts.signals["dnt"]) == (4, 1)
    assert counts.granted.total() + counts.refused.total() == 4
    assert counts.kinds.total() == counts.signals.total()


@in_sqlite
def test_a_site_may_keep_a_receipt_of_each_refusal(make: Make, kept: Store, commit: Commit) -> None:
    ledger = make(refusals="keep")
    commit(ledger, refusing())
    ledger.close()
    assert (kinds(kept), kept.refusals()) == (["refusal"], [])


def test_another_rule_is_an_error() -> None:
    wrong: Any = "drop"
    with pytest.raises(ValueError, match="refusals is 'drop'; write 'count' or 'keep'"):
        Ledger("sqlite:///consent.db", refusals=wrong)


@in_sqlite
def test_half_of_the_spool_is_for_what_is_taken_back(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger = make(refusals="keep", on_unavailable="accept", spool_bytes=8000)
    outage.is_down = True
    refused = 0
    for _ in range(30):
        commit(ledger, refusing())
        try:
            commit(ledger, granting())
        except NotKeptError:
            refused += 1
    before = ledger.health()
    assert before.waiting
    assert (before.lost, before.refused) == (0, refused)
    assert before.accepted + refused == 30
    # What is accepted is in the spool, and withdrawals still have their half.
    withdrawn = [withdrawing() for _ in range(5)]
    for choice in withdrawn:
        commit(ledger, choice)
    assert (ledger.health().waiting, ledger.health().lost) == (before.waiting + 5, 0)
    back(outage, ledger)
    ids = {one.receipt for one in withdrawn}
    assert kept.known(ids) == ids
    assert kinds(kept).count("grant") == before.accepted
    until(lambda: kinds(kept).count("refusal") + sum(n for _, n in kept.refusals()) == 30)


@in_sqlite
def test_below_the_floor_of_free_space_refusals_are_counted_and_withdrawals_kept(
    make: Make, kept: Store, commit: Commit
) -> None:
    ledger = make(refusals="keep", min_free_bytes=1 << 60)
    commit(ledger, refusing())
    commit(ledger, withdrawing())
    with pytest.raises(NotKeptError):
        commit(ledger, granting())
    ledger.close()
    assert kinds(kept) == ["withdrawal"]
    assert [count for _, count in kept.refusals()] == [1]


def test_one_cookie_sent_again_and_again_fills_nothing(
    make: Make, kept: Store, commit: Commit
) -> None:
    ledger = make()
    before = granting()
    cookie = ("analysis", "marketing")
    replayed = [choosing(before=cookie) for _ in range(2)]
    for _ in range(3 * MOST_REPEATS):
        # Its withdrawal, and a change that takes back a part.
        commit(ledger, _again(choosing(before=cookie), "grant-1"))
        commit(ledger, _again(choosing("analysis", before=cookie), "grant-1"))
    for choice in (before, *replayed):
        commit(ledger, choice)
    ledger.close()
    found = [load_receipt(body) for body in kept.bodies()]
    closing = [one.kind for one in found if one.closes == "grant-1"]
    assert (closing.count("withdrawal"), closing.count("change")) == (MOST_REPEATS, MOST_REPEATS)
    # Others are not affected.
    assert {one.receipt for one in (before, *replayed)} <= {one.id for one in found}


def _again(choice: Any, closes: str) -> Any:
    return msgspec.structs.replace(
        choice, before=msgspec.structs.replace(choice.before, receipt=closes)
    )


def test_a_change_that_allows_more_is_never_left_out(make: Make, kept: Store) -> None:
    ledger = make()
    for _ in range(MOST_REPEATS + 3):
        ledger.commit(_again(choosing("analysis", "marketing", before=("analysis",)), "grant-1"))
    ledger.close()
    assert kinds(kept) == ["change"] * (MOST_REPEATS + 3)


def test_the_grants_that_are_remembered_are_bounded() -> None:
    repeats = Repeats(grants=2)
    for _ in range(MOST_REPEATS):
        assert not repeats.is_excess("a", "withdrawal")
    assert repeats.is_excess("a", "withdrawal")
    repeats.is_excess("b", "withdrawal")
    assert repeats.is_excess("a", "withdrawal")
    for id in ("c", "d"):
        repeats.is_excess(id, "withdrawal")
    assert not repeats.is_excess("a", "withdrawal")
