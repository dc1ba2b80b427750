"""The spool: lines are complete, taken once, and found after their process has ended."""

import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from cookiegate.ledger.recording import spool
from cookiegate.ledger.recording.spool import Spool, waiting_in

MUCH = 1_000_000
HOLDER = """
import os, sys
from pathlib import Path
from cookiegate.ledger.recording.spool import Spool, waiting_in
spool = Spool(Path(sys.argv[1]), "other", 1000)
assert spool.append([b"one", b"two"])
print("kept", flush=True)
input()
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Spool]:
    found = Spool(tmp_path, "own", MUCH)
    yield found
    found.close()


class Taker:
    """Takes lines, and fails a number of times."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.lines: list[bytes] = []
        self.sizes: list[int] = []

    def __call__(self, lines: Sequence[bytes]) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("the database is away")
        self.lines += lines
        self.sizes.append(len(lines))


def taken(spool: Spool) -> list[bytes]:
    taker = Taker()
    spool.drain(taker)
    return taker.lines


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Limit the size of files, which looks like a full disk to a writer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_lines_are_taken_once_and_in_order(own: Spool) -> None:
    assert own.append([b"one", b"two"])
    assert own.append([b"three"])
    assert own.waiting == 3
    assert own.has_lines()
    assert taken(own) == [b"one", b"two", b"three"]
    assert (own.waiting, own.has_lines(), taken(own)) == (0, False, [])
    assert own.append([b"four"])
    assert taken(own) == [b"four"]


def test_no_file_is_created_before_the_first_line(tmp_path: Path) -> None:
    found = Spool(tmp_path / "deep/down", "own", MUCH)
    assert not found.has_lines()
    assert taken(found) == []
    found.close()
    assert list(tmp_path.iterdir()) == []
    assert found.append([b"one"])
    assert taken(found) == [b"one"]
    found.close()


def test_only_this_user_can_read_the_files(tmp_path: Path) -> None:
    found = Spool(tmp_path / "spool", "own", MUCH)
    found.append([b"one"])
    (path,) = (tmp_path / "spool").glob("*.spool")
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found.close()


def test_file_and_folder_are_synced_before_a_line_is_kept(
    own: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def note(file: int) -> None:
        synced.append(os.fstat(file).st_ino)
        fsync(file)

    monkeypatch.setattr(os, "fsync", note)
    own.append([b"one"])
    (path,) = tmp_path.glob("*.spool")
    assert path.read_bytes() == b"one\n"
    assert set(synced) == {path.stat().st_ino, tmp_path.stat().st_ino}


def test_nothing_is_kept_beyond_the_limit(tmp_path: Path) -> None:
    found = Spool(tmp_path, "own", 10)
    assert found.append([b"1234"])
    assert not found.append([b"5", b"6789"])
    assert found.append([b"5678"])
    assert not found.append([b""])
    assert found.waiting == 2
    assert taken(found) == [b"1234", b"5678"]
    assert found.append([b"123456789"])
    assert taken(found) == [b"123456789"]
    found.close()


def test_lines_that_are_not_taken_stay_and_count(tmp_path: Path) -> None:
    found = Spool(tmp_path, "own", 8)
    found.append([b"one"])
    with pytest.raises(OSError, match="away"):
        found.drain(Taker(fails=1))
    assert found.append([b"two"])
    assert not found.append([b"x"])
    assert found.waiting == 2
    assert taken(found) == [b"one", b"two"]
    found.close()


def test_many_lines_come_in_batches_and_a_file_is_repeated_if_one_fails(
    own: Spool,
) -> None:
    lines = [str(number).encode() for number in range(1100)]
    own.append(lines)
    failing = Taker()

    def take(some: Sequence[bytes]) -> None:
        if len(failing.lines) == 500:
            raise OSError("the database is away")
        failing(some)

    with pytest.raises(OSError, match="away"):
        own.drain(take)
    assert failing.lines == lines[:500]
    taker = Taker()
    own.drain(taker)
    assert taker.sizes == [500, 500, 100]
    assert taker.lines == lines


def test_no_empty_batch_follows_the_last_one(own: Spool) -> None:
    own.append([b"x"] * 500)
    taker = Taker()
    own.drain(taker)
    assert taker.sizes == [500]


def test_an_incomplete_line_is_removed(own: Spool) -> None:
    assert own.append([b"one"])
    with at_most(8):
        assert not own.append([b"many bytes"])
    assert own.append([b"two"])
    assert own.waiting == 2
    assert taken(own) == [b"one", b"two"]


def test_a_full_disk_is_an_error(own: Spool) -> None:
    assert own.append([b"one"])
    with at_most(4), pytest.raises(OSError, match="too large"):
        own.append([b"two"])
    assert own.waiting == 1
    assert taken(own) == [b"one"]


def test_a_line_that_is_not_synced_is_not_kept(own: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert own.append([b"one"])

    def fail(file: int) -> None:
        raise OSError("input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="input/output"):
            own.append([b"two"])
    assert own.append([b"three"])
    assert taken(own) == [b"one", b"three"]


def test_threads_share_the_files_of_their_process(own: Spool) -> None:
    # Each request has another thread, and so has the drain.
    for number in range(3):
        thread = threading.Thread(target=own.append, args=([str(number).encode()],))
        thread.start()
        thread.join()
        assert own.waiting == 1
        drained: list[bytes] = []
        drainer = threading.Thread(target=own.drain, args=(drained.extend,))
        drainer.start()
        drainer.join()
        assert drained == [str(number).encode()]


def test_lines_appended_by_others_during_a_drain_are_not_lost(own: Spool) -> None:
    taker = Taker()
    lines = [str(number).encode() for number in range(400)]
    is_done = threading.Event()

    def drain() -> None:
        while not is_done.is_set():
            own.drain(taker)

    drainer = threading.Thread(target=drain)
    drainer.start()
    for line in lines:
        assert own.append([line])
    is_done.set()
    drainer.join()
    own.drain(taker)
    assert taker.lines == lines
    assert own.waiting == 0


def test_lines_appended_during_a_drain_wait_for_the_next(own: Spool) -> None:
    def take(lines: Sequence[bytes]) -> None:
        own.append([b"two"])

    own.append([b"one"])
    own.drain(take)
    assert own.waiting == 1
    assert taken(own) == [b"two"]


def test_a_closed_empty_spool_leaves_no_file(tmp_path: Path) -> None:
    found = Spool(tmp_path, "own", MUCH)
    found.append([b"one"])
    taken(found)
    found.close()
    assert list(tmp_path.iterdir()) == []


def test_a_spool_that_could_keep_nothing_leaves_no_file(tmp_path: Path) -> None:
    found = Spool(tmp_path, "own", MUCH)
    with at_most(2):
        assert not found.append([b"one"])
    assert len(list(tmp_path.glob("*.spool"))) == 1
    found.close()
    assert list(tmp_path.iterdir()) == []


def test_lines_of_a_closed_spool_are_taken_over(tmp_path: Path, own: Spool) -> None:
    other = Spool(tmp_path, "other", MUCH)
    other.append([b"one"])
    # Its process is alive, so its lines are not taken.
    assert taken(own) == []
    other.close()
    assert own.has_lines()
    assert taken(own) == [b"one"]
    assert not own.has_lines()
    assert list(tmp_path.iterdir()) == []


def test_lines_of_a_killed_process_are_taken_over(tmp_path: Path, own: Spool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "kept\n"
        assert taken(own) == []
        other.kill()
    (path,) = tmp_path.glob("other.*.spool")
    with path.open("ab") as file:
        file.write(b'{"torn')
    with pytest.raises(OSError, match="away"):
        own.drain(Taker(fails=1))
    assert taken(own) == [b"one", b"two"]
    assert list(tmp_path.iterdir()) == []


def test_a_lock_without_files_is_deleted(tmp_path: Path, own: Spool) -> None:
    (tmp_path / f"gone{spool.LOCK_SUFFIX}").touch()
    assert taken(own) == []
    assert list(tmp_path.iterdir()) == []


def test_other_files_in_the_folder_are_ignored(tmp_path: Path, own: Spool) -> None:
    for name in ("consent.db.lock", "apt.lock", "notes.txt", "a.b.c.spool"):
        (tmp_path / name).touch()
    assert not own.has_lines()
    assert taken(own) == []
    assert len(list(tmp_path.iterdir())) == 4


def test_a_lock_deleted_while_it_is_taken_is_taken_again(
    tmp_path: Path, own: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"own{spool.LOCK_SUFFIX}"
    acquire = FileLock.acquire
    times: list[int] = []

    def interfere(lock: FileLock, timeout: float | None = None) -> object:
        proxy = acquire(lock, timeout)
        if lock.lock_file == str(path) and not times:
            path.unlink()
        times.append(1)
        return proxy

    monkeypatch.setattr(FileLock, "acquire", interfere)
    assert own.append([b"one"])
    assert path.exists()
    assert len(times) == 2


def test_files_are_counted_while_others_take_them_over(tmp_path: Path) -> None:
    (tmp_path / "a.1.spool").write_bytes(b"{}\n{}\n")
    # Listed, but deleted before it is read.
    (tmp_path / "b.1.spool").symlink_to(tmp_path / "taken over")
    assert waiting_in(tmp_path) == (1, 2, 6)
    assert waiting_in(tmp_path / "none") == (0, 0, 0)


def test_a_spool_that_cannot_be_taken_over_does_not_block_others(
    own: Spool, tmp_path: Path
) -> None:
    (tmp_path / "a-folder.spool-lock").mkdir()
    (tmp_path / "gone.spool-lock").touch()
    (tmp_path / "gone.1.spool").write_bytes(b"one\n")
    copy = tmp_path / "gone.copy.spool"
    copy.touch()
    taken: list[bytes] = []
    with pytest.raises(OSError, match="a-folder"):
        own.drain(taken.extend)
    assert taken == [b"one"]
    assert copy.exists()
    assert not (tmp_path / "gone.spool-lock").exists()
