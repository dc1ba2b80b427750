"""What is plugged into a gate counts each verdict and tells it, and loses none."""

import gc
import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Queue

import pytest

from cookiegate import Reason
from cookiegate.reports import Counts, Row
from cookiegate.reports.flusher import begin_anew
from cookiegate.reports.sqlite import CountsFile
from tests.registries import gate_for, shop
from tests.reports.rows import verdict

HEADERS = [(b"set-cookie", value) for value in (b"sid=1", b"_ga=1", b"who_1234567=SECRET", b"x")]


def subjects(rows: Sequence[Row]) -> dict[str, int]:
    return {row.finding.subject: row.count for row in rows}


def test_plugged_into_a_gate_it_counts_each_verdict() -> None:
    counts = Counts()
    gate = gate_for(on_verdict=counts)
    for _ in range(3):
        gate.visit([]).respond(HEADERS)
    assert subjects(counts.rows()) == {"sid": 3, "_ga": 3, "who_*": 3, "": 3}
    assert counts.totals()["essential", Reason.REQUIRED] == 3
    assert gate.failures == 0


def test_in_report_mode_it_counts_what_enforcing_would_strip() -> None:
    counts = Counts()
    gate_for(shop('mode = "report"'), on_verdict=counts).visit([]).respond(HEADERS)
    held = [row.finding for row in counts.rows() if row.finding.is_held_back]
    assert [(finding.subject, finding.action) for finding in held] == [
        ("_ga", "keep"),
        ("who_*", "keep"),
        ("", "keep"),
    ]


def test_no_value_is_anywhere_in_what_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cookiegate.report")
    told: list[Row] = []
    counts = Counts(tmp_path / "counts.db", log=True, tell=told.extend)
    gate_for(on_verdict=counts).visit([]).respond(HEADERS)
    counts.close()
    assert len(told) == 4
    everything = repr(told) + repr([record.__dict__ for record in caplog.records])
    assert "SECRET" not in everything
    assert b"SECRET" not in (tmp_path / "counts.db").read_bytes()


def test_a_flush_tells_each_output_once(tmp_path: Path) -> None:
    told: list[Row] = []
    counts = Counts(tmp_path / "counts.db", tell=told.extend, clock=lambda: 7.0)
    counts(verdict("a"))
    counts.flush()
    counts.flush()
    assert subjects(told) == {"a": 1}
    (row,) = CountsFile(tmp_path / "counts.db").read()
    assert (row.count, row.first_seen) == (1, 7)
    assert counts.rows() == []
    counts.close()


def test_what_one_output_could_not_be_told_is_kept_for_it_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Row] = []
    counts = Counts(tmp_path / "later" / "counts.db", tell=told.extend)
    counts(verdict("a"))
    counts.flush()
    counts(verdict("a"))
    assert "counts could not be told, and are kept" in caplog.text
    (tmp_path / "later").mkdir()
    counts.close()
    assert subjects(CountsFile(tmp_path / "later" / "counts.db").read()) == {"a": 2}
    assert [row.count for row in told] == [1, 1]


def test_a_thread_tells_without_being_asked() -> None:
    told: Queue[Sequence[Row]] = Queue()
    counts = Counts(tell=told.put, every=0.01)
    counts(verdict("a"))
    assert subjects(told.get(timeout=30)) == {"a": 1}
    counts(verdict("b"))
    assert subjects(told.get(timeout=30)) == {"b": 1}
    counts.close()


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "cookiegate-counts"]


def test_the_thread_begins_with_the_first_verdict_and_ends_on_close() -> None:
    counts = Counts(tell=lambda rows: None)
    assert workers() == []
    counts(verdict("a"))
    counts(verdict("a"))
    assert len(workers()) == 1
    counts.close()
    assert workers() == []
    counts(verdict("a"))
    assert len(workers()) == 1
    counts.close()


def test_where_nothing_is_told_there_is_no_thread() -> None:
    counts = Counts()
    counts(verdict("a"))
    counts.flush()
    assert workers() == []
    assert subjects(counts.rows()) == {"a": 1}


def test_dropped_counts_are_told_and_their_thread_ends() -> None:
    told: list[Row] = []
    counts = Counts(tell=told.extend)
    counts(verdict("a"))
    del counts
    gc.collect()
    assert subjects(told) == {"a": 1}
    assert workers() == []


def test_many_threads_at_once_begin_one_thread_and_lose_nothing() -> None:
    told: list[Row] = []
    counts = Counts(tell=told.extend, every=0.001)
    begin = threading.Barrier(4)

    def work() -> None:
        begin.wait()
        for _ in range(500):
            counts(verdict("a"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(workers()) == 1
    counts.close()
    assert sum(row.count for row in told) == 2_000


def test_what_is_left_is_told_when_the_process_ends(tmp_path: Path) -> None:
    program = (
        "from cookiegate.reports import Counts\n"
        "from tests.reports.rows import verdict\n"
        f"counts = Counts({str(tmp_path / 'counts.db')!r}, every=1000)\n"
        "counts(verdict('a'))\n"
    )
    folder = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program], check=True, cwd=folder, timeout=60)
    assert subjects(CountsFile(tmp_path / "counts.db").read()) == {"a": 1}


def test_a_forked_worker_counts_its_own_and_not_its_parents(tmp_path: Path) -> None:
    program = (
        "import os\n"
        "from cookiegate.reports import Counts\n"
        "from tests.reports.rows import verdict\n"
        f"counts = Counts({str(tmp_path / 'counts.db')!r}, every=1000)\n"
        "counts(verdict('parents'))\n"
        "child = os.fork()\n"
        "counts(verdict('both'))\n"
        "if child: os.waitpid(child, 0)\n"
    )
    folder = Path(__file__).parents[2]
    command = [sys.executable, "-W", "error", "-c", program]
    subprocess.run(command, check=True, cwd=folder, timeout=60)
    rows = CountsFile(tmp_path / "counts.db").read()
    assert subjects(rows) == {"both": 2, "parents": 1}


def test_a_forked_worker_begins_with_nothing_counted() -> None:
    parents = Counts()
    parents(verdict("parents"))
    begin_anew()
    assert parents.rows() == []


@pytest.mark.parametrize("every", [0, -1, float("nan")])
def test_no_time_between_two_tellings_is_an_error(every: float) -> None:
    with pytest.raises(ValueError, match=r"every is .*; give a number of seconds above 0"):
        Counts(every=every)


def test_a_limit_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="limit is 0; give at least 1"):
        Counts(limit=0)
