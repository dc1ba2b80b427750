"""Concurrent processes and threads, and the spools of killed processes."""

import os
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.ledger.faults.conftest import Say
from tests.ledger.faults.holding import broken
from tests.ledger.faults.proof import Found, find
from tests.ledger.faults.site import SiteOptions
from tests.ledger.faults.writing import Work, at_once, leave


def writers(found: Found) -> Counter[str]:
    return Counter(row.writer for row in found.rows)


def work(options: SiteOptions, **what: int | bool) -> Work:
    return msgspec.structs.replace(Work(url=options.url, spool=options.spool), **what)


def test_two_processes_of_four_threads_write_valid_chains(options: SiteOptions, say: Say) -> None:
    # On slow cores a withdrawal may go by way of the spool.
    each = work(options, threads=4, rounds=25, drains=True)
    kept = at_once(each, each)
    ids = [id for some in kept for id in some]
    assert len(ids) == 2 * 4 * 25 * 3
    found = find(options.url)
    # Refusals have no number in the cookie; here the choice itself says it.
    assert found.receipts.keys() == set(ids)
    assert len(writers(found)) == 2
    assert not found.void
    kind = options.url.partition(":")[0]
    say(f"{kind}, 2 processes of 4 threads: {len(ids)} receipts kept, all of them there")


@pytest.mark.parametrize("successors", [2, pytest.param(5, marks=pytest.mark.long)])
def test_the_spool_of_a_killed_process_is_taken_over_once(
    successors: int, options: SiteOptions
) -> None:
    with broken(options.url):
        left = leave(work(options, leaves=30))
    assert not find(options.url).rows
    at_once(*[work(options, drains=True)] * successors)
    found = find(options.url)
    assert sorted(found.receipts) == sorted(left)
    # Whoever took it took all of it, in its order.
    assert len(writers(found)) == 1
    assert [row.id for row in found.rows] == left


def test_the_spools_of_several_killed_processes_are_taken_over(options: SiteOptions) -> None:
    with broken(options.url):
        left = [id for _ in range(2) for id in leave(work(options, leaves=10))]
    busy = work(options, threads=2, rounds=10, drains=True)
    kept = at_once(busy, busy)
    found = find(options.url)
    assert found.receipts.keys() == {*left, *kept[0], *kept[1]}
    assert not os.listdir(options.spool)


def test_the_spools_that_two_processes_leave_in_an_outage_are_taken_over(
    options: SiteOptions,
) -> None:
    with broken(options.url):
        left = leave(work(options, leaves=5))
        # It finds what was left, and cannot write it either.
        more = leave(work(options, leaves=5))
    assert len(list(Path(options.spool).glob("*.spool"))) == 2
    at_once(work(options, drains=True))
    assert find(options.url).receipts.keys() == {*left, *more}


def test_the_incomplete_last_line_of_a_killed_process_is_ignored(options: SiteOptions) -> None:
    with broken(options.url):
        left = leave(work(options, leaves=5))
    (file,) = Path(options.spool).glob("*.spool")
    # This line was not acknowledged.
    with file.open("ab") as spool:
        spool.write(file.read_bytes().splitlines(keepends=True)[0][:-20])
    at_once(work(options, drains=True))
    assert [row.id for row in find(options.url).rows] == left
