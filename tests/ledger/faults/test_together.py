"""Processes and threads that write at the same time, and what killed ones left for the others."""

import os
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.ledger.faults.conftest import Say
from tests.ledger.faults.holding import broken
from tests.ledger.faults.proof import Found, find
from tests.ledger.faults.site import Told
from tests.ledger.faults.writing import Work, at_once, leave


def writers(found: Found) -> Counter[str]:
    return Counter(row.writer for row in found.rows)


def work(told: Told, **what: int | bool) -> Work:
    return msgspec.structs.replace(Work(url=told.url, spool=told.spool), **what)


def test_two_processes_of_four_threads_write_valid_chains(told: Told, say: Say) -> None:
    # On slow cores a withdrawal may go by way of the spool.
    each = work(told, threads=4, rounds=25, drains=True)
    kept = at_once(each, each)
    ids = [id for some in kept for id in some]
    assert len(ids) == 2 * 4 * 25 * 3
    found = find(told.url)
    # Refusals have no number in the cookie; here the choice itself says it.
    assert found.receipts.keys() == set(ids)
    assert len(writers(found)) == 2
    assert not found.void
    kind = told.url.partition(":")[0]
    say(f"{kind}, 2 processes of 4 threads: {len(ids)} receipts kept, all of them there")


@pytest.mark.parametrize("heirs", [2, pytest.param(5, marks=pytest.mark.long)])
def test_the_spool_of_a_killed_process_is_taken_over_once(heirs: int, told: Told) -> None:
    with broken(told.url):
        left = leave(work(told, leaves=30))
    assert not find(told.url).rows
    at_once(*[work(told, drains=True)] * heirs)
    found = find(told.url)
    assert sorted(found.receipts) == sorted(left)
    # Whoever took it took all of it, in its order.
    assert len(writers(found)) == 1
    assert [row.id for row in found.rows] == left


def test_the_spools_of_several_killed_processes_are_taken_over(told: Told) -> None:
    with broken(told.url):
        left = [id for _ in range(2) for id in leave(work(told, leaves=10))]
    busy = work(told, threads=2, rounds=10, drains=True)
    kept = at_once(busy, busy)
    found = find(told.url)
    assert found.receipts.keys() == {*left, *kept[0], *kept[1]}
    assert not os.listdir(told.spool)


def test_the_spools_that_two_processes_leave_in_an_outage_are_taken_over(told: Told) -> None:
    with broken(told.url):
        left = leave(work(told, leaves=5))
        # It finds what was left, and cannot write it either.
        more = leave(work(told, leaves=5))
    assert len(list(Path(told.spool).glob("*.spool"))) == 2
    at_once(work(told, drains=True))
    assert find(told.url).receipts.keys() == {*left, *more}


def test_the_incomplete_last_line_of_a_killed_process_is_ignored(told: Told) -> None:
    with broken(told.url):
        left = leave(work(told, leaves=5))
    (file,) = Path(told.spool).glob("*.spool")
    # Nobody was told that this one is kept.
    with file.open("ab") as spool:
        spool.write(file.read_bytes().splitlines(keepends=True)[0][:-20])
    at_once(work(told, drains=True))
    assert [row.id for row in find(told.url).rows] == left
