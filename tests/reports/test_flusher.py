"""The background thread writes each count once and loses none."""

import gc
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from cookiegate.reports import Banners, Counts
from cookiegate.reports.sqlite import CountsFile
from cookiegate.reports.tally import VerdictRow, reset_counters
from tests.reports.rows import verdict

ROOT = Path(__file__).parents[2]


def subjects(rows: Sequence[VerdictRow]) -> dict[str, int]:
    return {row.key.subject: row.count for row in rows}


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "cookiegate-counts"]


def run(program: str) -> None:
    command = [sys.executable, "-W", "error", "-c", program]
    subprocess.run(command, check=True, cwd=ROOT, timeout=60)


def test_a_flush_hands_each_count_over_once(tmp_path: Path) -> None:
    received: list[VerdictRow] = []
    counts = Counts(tmp_path / "counts.db", callback=received.extend)
    counts(verdict("a"))
    counts.flush()
    counts.flush()
    assert subjects(received) == {"a": 1}
    assert subjects(CountsFile(tmp_path / "counts.db").read()) == {"a": 1}
    assert counts.rows() == []
    counts.close()


def test_an_output_that_fails_keeps_its_counts_and_others_get_theirs_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    received: list[VerdictRow] = []
    counts = Counts(tmp_path / "later" / "counts.db", callback=received.extend)
    counts(verdict("a"))
    counts.flush()
    counts(verdict("a"))
    assert "counts could not be written and are kept" in caplog.text
    (tmp_path / "later").mkdir()
    counts.close()
    assert subjects(CountsFile(tmp_path / "later" / "counts.db").read()) == {"a": 2}
    assert [row.count for row in received] == [1, 1]


@pytest.mark.parametrize("interval", [0.01, 1_000_000])
def test_the_first_count_after_a_pause_is_handed_over_soon(interval: float) -> None:
    received: Queue[Sequence[VerdictRow]] = Queue()
    counts = Counts(callback=received.put, interval=interval)
    counts(verdict("a"))
    assert subjects(received.get(timeout=30)) == {"a": 1}
    counts.close()


def test_the_thread_continues_after_a_pause() -> None:
    received: Queue[Sequence[VerdictRow]] = Queue()
    counts, slower = Counts(callback=received.put, interval=0.001), Counts(callback=received.put)
    for name in ("a", "b"):
        counts(verdict(name))
        assert subjects(received.get(timeout=30)) == {name: 1}
        # These take a hundred times as long, in which the first ones wait.
        slower(verdict("slow"))
        assert subjects(received.get(timeout=30)) == {"slow": 1}
        slower.close()
    counts.close()


def test_counts_of_a_failed_output_are_handed_over_again_without_a_further_count() -> None:
    received: Queue[Sequence[VerdictRow]] = Queue()
    attempts = []

    def fail_at_first(rows: Sequence[VerdictRow]) -> None:
        attempts.append(rows)
        if len(attempts) < 3:
            raise OSError("the disk is full")
        received.put(rows)

    counts = Counts(callback=fail_at_first, interval=0.01)
    counts(verdict("a"))
    assert subjects(received.get(timeout=30)) == {"a": 1}
    counts.close()


def test_the_file_exists_before_the_first_count(tmp_path: Path) -> None:
    path = tmp_path / "counts.db"
    Counts(path)
    assert CountsFile(path).read() == []
    Banners(tmp_path / "banners.db")
    assert CountsFile(tmp_path / "banners.db").read() == []


@pytest.mark.parametrize("content", [b"another program's file", None])
def test_a_file_that_cannot_be_created_is_logged(
    content: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "nowhere" / "counts.db"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    Counts(path)
    assert "no counts can be written yet: " in caplog.text


def test_the_thread_flushes_at_the_interval() -> None:
    received: Queue[Sequence[VerdictRow]] = Queue()
    counts = Counts(callback=received.put, interval=0.01)
    counts(verdict("a"))
    assert subjects(received.get(timeout=30)) == {"a": 1}
    counts(verdict("b"))
    assert subjects(received.get(timeout=30)) == {"b": 1}
    counts.close()


def test_the_first_count_starts_the_thread_and_close_stops_it() -> None:
    counts = Counts(callback=lambda rows: None)
    assert threads() == []
    counts(verdict("a"))
    counts(verdict("a"))
    assert len(threads()) == 1
    counts.close()
    assert threads() == []
    counts(verdict("a"))
    assert len(threads()) == 1
    counts.close()


def test_without_an_output_there_is_no_thread() -> None:
    counts = Counts()
    counts(verdict("a"))
    counts.flush()
    assert threads() == []
    assert subjects(counts.rows()) == {"a": 1}


def test_deleted_counts_are_flushed_and_their_thread_stops() -> None:
    received: list[VerdictRow] = []
    counts = Counts(callback=received.extend)
    counts(verdict("a"))
    del counts
    gc.collect()
    assert subjects(received) == {"a": 1}
    assert threads() == []


def test_concurrent_counts_start_one_thread_and_lose_nothing() -> None:
    received: list[VerdictRow] = []
    counts = Counts(callback=received.extend, interval=0.001)
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        for _ in range(500):
            counts(verdict("a"))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(threads()) == 1
    counts.close()
    assert sum(row.count for row in received) == 2_000


def test_the_exit_of_the_process_flushes(tmp_path: Path) -> None:
    file = CountsFile(tmp_path / "counts.db")
    run(
        "from cookiegate.reports import Banners, Counts\n"
        "from tests.reports.rows import verdict\n"
        f"counts = Counts({str(file.path)!r}, interval=1000)\n"
        "counts(verdict('a'))\n"
        f"banners = Banners({str(file.path)!r}, interval=1000)\n"
        "banners('sv')\n"
    )
    assert subjects(file.read()) == {"a": 1}
    assert [row.language for row in file.read_banners() or []] == ["sv"]


def test_a_forked_child_leaves_the_counts_of_its_parent_to_the_parent(tmp_path: Path) -> None:
    file = CountsFile(tmp_path / "counts.db")
    run(
        "import os\n"
        "from cookiegate.reports import Counts\n"
        "from tests.reports.rows import verdict\n"
        f"counts = Counts({str(file.path)!r}, interval=1000)\n"
        "counts(verdict('parent'))\n"
        "child = os.fork()\n"
        "if not child: assert not counts.rows() and not counts.totals()\n"
        "counts(verdict('both'))\n"
        "if child: assert os.waitpid(child, 0)[1] == 0\n"
    )
    assert subjects(file.read()) == {"both": 2, "parent": 1}


def test_resetting_the_counters_deletes_all_counts() -> None:
    counts = Counts()
    counts(verdict("a"))
    reset_counters()
    assert counts.rows() == []
    assert counts.totals() == {}


@pytest.mark.parametrize("counter", [Counts, Banners])
@pytest.mark.parametrize("interval", [0, -1, float("nan")])
def test_an_interval_of_zero_or_less_is_an_error(
    counter: Any, interval: float, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"interval is .*; give a number of seconds above 0"):
        counter(tmp_path / "report.db", interval=interval)
