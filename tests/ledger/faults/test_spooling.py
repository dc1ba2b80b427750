"""Concurrent users of a spool: every line is kept and taken once."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from cookiegate.ledger.recording.spool import Spool

LIMIT = 1 << 24


class Taker:
    """Counts the lines that it takes."""

    def __init__(self) -> None:
        self.taken: Counter[bytes] = Counter()
        self._guard = threading.Lock()

    def take(self, lines: Sequence[bytes]) -> None:
        with self._guard:
            self.taken.update(lines)


def keep(spool: Spool, line: bytes) -> None:
    assert spool.append([line])


def together(*works: Callable[[], None]) -> None:
    """Do all of it at the same time; what goes wrong is raised."""
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_lines_appended_during_a_drain_are_kept(tmp_path: Path) -> None:
    spool, taker, over = Spool(tmp_path, "w", LIMIT), Taker(), threading.Event()

    def append() -> None:
        try:
            for number in range(400):
                keep(spool, b"%d" % number)
        finally:
            over.set()

    def drain() -> None:
        while not over.is_set():
            spool.drain(taker.take)

    together(append, drain)
    spool.drain(taker.take)
    spool.close()
    assert taker.taken == {b"%d" % number: 1 for number in range(400)}
    assert spool.waiting == 0


def test_threads_that_come_and_go_share_a_spool(tmp_path: Path) -> None:
    spool, taker = Spool(tmp_path, "w", LIMIT), Taker()
    other = Spool(tmp_path, "other", LIMIT)
    for number in range(20):
        together(partial(keep, spool, b"%d" % number))
        # The process holds the lock as long as it lives, whichever thread took it.
        other.drain(taker.take)
        assert not taker.taken
        if number % 5 == 4:
            spool.drain(taker.take)
            assert sum(taker.taken.values()) == 5
            taker.taken.clear()
    spool.close()
    other.close()


def test_a_new_spool_is_taken_once_while_others_search_for_orphans(
    tmp_path: Path,
) -> None:
    taker, over = Taker(), threading.Event()
    count = 300

    def begin() -> None:
        try:
            for number in range(count):
                spool = Spool(tmp_path, f"w{number}", LIMIT)
                keep(spool, b"%d" % number)
                # As after the end of a process: its lock is free, its file exists.
                spool.close()
        finally:
            over.set()

    def look(name: str) -> None:
        looking = Spool(tmp_path, name, LIMIT)
        while not over.is_set():
            looking.drain(taker.take)
        looking.drain(taker.take)
        looking.close()

    together(begin, *(partial(look, name) for name in "abc"))
    last = Spool(tmp_path, "last", LIMIT)
    last.drain(taker.take)
    last.close()
    assert taker.taken == {b"%d" % number: 1 for number in range(count)}
    assert not list(tmp_path.iterdir())
