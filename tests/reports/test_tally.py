"""Verdicts are counted in bounded memory, and none is lost."""

from threading import Thread

from cookiegate import Reason
from cookiegate.reports.tally import OTHERS, Tally
from tests.reports.rows import verdict


def counted(tally: Tally) -> dict[str, int]:
    return {row.finding.subject: row.count for row in tally.rows()}


def test_what_is_alike_is_counted_together() -> None:
    tally = Tally(limit=10)
    for name in ("a", "b", "a"):
        tally.add(verdict(name))
    assert counted(tally) == {"a": 2, "b": 1}


def test_routes_notes_and_reasons_are_counted_apart() -> None:
    tally = Tally(limit=10)
    tally.add(verdict("a"))
    tally.add(verdict("a", route="/x"))
    tally.add(verdict("a", notes=(Reason.REPORT_MODE,)))
    tally.add(verdict("a", reason=Reason.NO_CONSENT, category="analysis"))
    assert [row.count for row in tally.rows()] == [1, 1, 1, 1]


def test_an_entry_stands_for_all_its_names() -> None:
    tally = Tally(limit=10)
    for name in ("_gat_1", "_gat_2"):
        tally.add(verdict(name, entry="_gat_*", category="analysis", reason=Reason.NO_CONSENT))
    assert counted(tally) == {"_gat_*": 2}


def test_beyond_the_limit_findings_are_counted_together_by_reason() -> None:
    tally = Tally(limit=2)
    for name in "abcde":
        tally.add(verdict(name, route="/x"))
    tally.add(verdict("f", reason=Reason.NOT_GRANTED, category="analysis"))
    tally.add(verdict("a", route="/x"))
    rows = [(row.finding.subject, row.finding.category, row.count) for row in tally.rows()]
    assert rows == [("a", "", 2), ("b", "", 1), (OTHERS, "", 3), (OTHERS, "analysis", 1)]


def test_memory_is_bounded_whatever_the_names() -> None:
    tally = Tally(limit=100)
    for number in range(10_000):
        tally.add(verdict(f"n-{number}-x"))
    assert len(tally.rows()) == 101
    assert sum(row.count for row in tally.rows()) == 10_000


def test_the_longest_lifetime_of_an_unknown_cookie_is_kept() -> None:
    tally = Tally(limit=10)
    for lifetime in (None, 60.0, 3600.0, 5.0, None):
        tally.add(verdict("a", lifetime=lifetime))
    assert [row.lifetime for row in tally.rows()] == [3600.0]


def test_what_is_taken_is_gone_and_may_be_given_back() -> None:
    tally = Tally(limit=10)
    tally.add(verdict("a"))
    rows = tally.take()
    assert tally.rows() == []
    tally.add(verdict("a"))
    tally.give_back(rows)
    assert counted(tally) == {"a": 2}


def test_totals_go_on_when_rows_are_taken() -> None:
    tally = Tally(limit=10)
    tally.add(verdict("a"))
    tally.take()
    tally.add(verdict("b"))
    tally.add(verdict("c", category="analysis", reason=Reason.ALLOWED, allowed=True))
    assert tally.totals() == {("", Reason.UNKNOWN): 2, ("analysis", Reason.ALLOWED): 1}


def test_rows_are_copies() -> None:
    tally = Tally(limit=10)
    tally.add(verdict("a"))
    (before,) = tally.rows()
    tally.add(verdict("a"))
    assert before.count == 1


def test_no_count_is_lost_between_threads() -> None:
    tally = Tally(limit=5)
    taken = []

    def work() -> None:
        for number in range(2_000):
            tally.add(verdict(f"n{number % 9}"))
            if number % 500 == 0:
                taken.extend(tally.take())

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(row.count for row in [*taken, *tally.rows()]) == 8_000
    assert sum(tally.totals().values()) == 8_000


def test_what_browsers_send_is_counted_and_no_part_of_the_totals() -> None:
    tally = Tally(limit=10)
    tally.add(verdict("a"))
    for action, *more in (("sweep",), ("keep",), ("keep", Reason.REPORT_MODE)):
        tally.add(verdict("a", action=action, notes=(Reason.STILL_SENT, *more)))
    assert [row.finding.is_held_back for row in tally.rows()] == [True, True, False, True]
    assert tally.totals() == {("", Reason.UNKNOWN): 1}
