"""Counts are kept in bounded memory, and none is lost."""

from threading import Thread

import pytest

from cookiegate import Reason, reports
from cookiegate.reports.tally import OTHERS, CountKey, Tally, VerdictRow, count_key, without_subject
from tests.reports.rows import row, verdict


def tally_of(limit: int) -> Tally[str]:
    return Tally(limit, lambda key: "others")


def counted(tally: Tally[str]) -> dict[str, int]:
    return {row.key: row.count for row in tally.rows()}


def test_equal_keys_are_counted_together() -> None:
    tally = tally_of(10)
    for key in ("a", "b", "a"):
        tally.add(key)
    assert counted(tally) == {"a": 2, "b": 1}


def test_keys_beyond_the_limit_are_counted_together() -> None:
    tally = tally_of(2)
    for key in "abcdea":
        tally.add(key)
    assert counted(tally) == {"a": 2, "b": 1, "others": 3}


def test_memory_is_bounded() -> None:
    tally = tally_of(100)
    for number in range(10_000):
        tally.add(f"n-{number}")
    assert len(tally.rows()) == 101
    assert sum(row.count for row in tally.rows()) == 10_000


def test_the_longest_lifetime_is_kept() -> None:
    tally = tally_of(10)
    for lifetime in (None, 60.0, 3600.0, 5.0, None):
        tally.add("a", 1, lifetime)
    assert [row.lifetime for row in tally.rows()] == [3600.0]


def test_taken_rows_are_removed() -> None:
    tally = tally_of(10)
    tally.add("a")
    assert [row.key for row in tally.take()] == ["a"]
    assert tally.rows() == []


def test_rows_are_copies() -> None:
    tally = tally_of(10)
    tally.add("a")
    (before,) = tally.rows()
    tally.add("a")
    assert before.count == 1


def test_concurrent_threads_lose_no_count() -> None:
    tally = tally_of(5)
    taken = []

    def work() -> None:
        for number in range(2_000):
            tally.add(f"n{number % 9}")
            if number % 500 == 0:
                taken.extend(tally.take())

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(row.count for row in [*taken, *tally.rows()]) == 8_000


def test_routes_notes_and_reasons_have_keys_of_their_own() -> None:
    keys = {
        count_key(verdict("a")),
        count_key(verdict("a", route="/x")),
        count_key(verdict("a", notes=(Reason.REPORT_MODE,))),
        count_key(verdict("a", reason=Reason.NO_CONSENT, category="analysis")),
    }
    assert len(keys) == 4


def test_an_entry_is_the_subject_for_all_its_names() -> None:
    keys = {count_key(verdict(name, entry="_gat_*")) for name in ("_gat_1", "_gat_2")}
    assert [key.subject for key in keys] == ["_gat_*"]


def test_a_key_beyond_the_limit_loses_its_subject_and_route() -> None:
    key = row("a", route="/x", category="analysis", reason=Reason.NOT_GRANTED).key
    assert without_subject(key) == row(OTHERS, category="analysis", reason=Reason.NOT_GRANTED).key


@pytest.mark.parametrize(
    ("key", "is_held_back"),
    [
        (row("a").key, True),
        (row("a", action="keep", notes=(Reason.REPORT_MODE,)).key, True),
        (row("a", action="keep", allowed=True).key, False),
        (row("a", action="sweep", notes=(Reason.STILL_SENT,)).key, True),
        (row("a", action="keep", notes=(Reason.STILL_SENT,)).key, False),
        (row("a", action="keep", notes=(Reason.STILL_SENT, Reason.REPORT_MODE)).key, True),
    ],
)
def test_a_key_says_whether_the_cookie_is_held_back(key: CountKey, is_held_back: bool) -> None:
    assert key.is_held_back is is_held_back


def test_the_previous_names_of_the_package_are_importable() -> None:
    assert reports.Finding is reports.CountKey
    assert reports.fold_name is reports.redact_name
    assert reports.Row is VerdictRow
