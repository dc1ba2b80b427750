"""What waits on the local disk while the database is away: bounded, and safe from a crash.

Each process has files of its own, and a lock that it holds as long as it lives. Files whose lock is
free were left by a process that is gone; whoever finds them takes them over.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from filelock import FileLock, Timeout

__all__ = ["UNREADABLE", "Spool", "waiting_in"]

#: Where lines are that are no receipts.
UNREADABLE: Final = "unreadable"
_SUFFIX: Final = ".spool"
# Not ".lock": in a folder that is shared, others' locks are none of our business.
_LOCK: Final = ".spool-lock"
_APPEND: Final = os.O_CREAT | os.O_APPEND | os.O_WRONLY
# Lines that are handed over at once.
_AT_A_TIME: Final = 500
# Whoever looks whether a process is gone holds its lock for a moment.
_TURN_SECONDS: Final = 5


class Spool:
    """
    Lines that are kept until somebody takes them.

    Args:
        folder: Where the files are; made when the first line comes.
        name: The files', different for each process and without a dot.
        limit: How many bytes this process may leave there.
    """

    def __init__(self, folder: Path, name: str, limit: int) -> None:
        self._folder = folder
        self._name = name
        self._limit = limit
        self._lock_path = folder / f"{name}{_LOCK}"
        self._lock = _lock_of(folder, name)
        # Guards the file that is written to; never held while somebody takes lines.
        self._guard = threading.Lock()
        self._file: BinaryIO | None = None
        self._number = 0
        self._size = 0
        #: How many lines this process has waiting.
        self.waiting: int = 0

    def append(self, lines: Sequence[bytes]) -> bool:
        """
        Keep lines, without a line break in them, and return when they are on the disk.

        Returns:
            False where there is no room for all of them; then none is kept.

        Raises:
            OSError: They cannot be written.
        """
        text = b"".join(line + b"\n" for line in lines)
        with self._guard:
            if self._size + len(text) > self._limit:
                return False
            file = self._file or self._open()
            end = file.seek(0, os.SEEK_END)
            try:
                is_whole = file.write(text) == len(text)
                os.fsync(file.fileno())
            except OSError:
                is_whole = False
                raise
            finally:
                if not is_whole:
                    # A disk that is full takes a part, which must not run into the next line.
                    file.truncate(end)
            if is_whole:
                self._size += len(text)
                self.waiting += len(lines)
            return is_whole

    def drain(self, take: Callable[[Sequence[bytes]], None]) -> None:
        """
        Hand over all lines, those of processes that are gone too, and forget them.

        Args:
            take: Given some lines; where it raises, all of that file stays, and it is given the
                same lines again another time.

        Raises:
            OSError: Some of them cannot be got at. All others are handed over.
        """
        for path in self._rotate():
            size, lines = _hand_over(path, take)
            path.unlink()
            with self._guard:
                self._size -= size
                self.waiting -= lines
        trouble: OSError | None = None
        for path in self._orphans():
            try:
                self._take_over(path, take)
            except Timeout:
                continue  # of a process that is at work
            except OSError as error:
                # Another user's, say: that is to keep nobody else's waiting.
                trouble = trouble or error
        if trouble is not None:
            raise trouble

    def put_aside(self, lines: Sequence[bytes]) -> None:
        """Keep lines where nobody takes them any more, for people to look at."""
        with os.fdopen(os.open(self._folder / UNREADABLE, _APPEND, 0o600), "ab") as file:
            file.writelines(line + b"\n" for line in lines)

    def has_some(self) -> bool:
        """Whether lines wait, of this process or perhaps of another that is gone."""
        return bool(self.waiting) or any(True for _ in self._orphans())

    def close(self) -> None:
        """Let go of the files; what is in them stays for whoever comes next."""
        with self._guard:
            if self._file is not None:
                self._file.close()
                self._file = None
            if self._lock.is_locked and not self.waiting:
                for path in _files(self._folder, self._name):
                    path.unlink()
                self._lock_path.unlink(missing_ok=True)
            self._lock.release()

    def _open(self) -> BinaryIO:
        # It may say what somebody chose: for this user's eyes alone.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._hold()
        self._number += 1
        path = self._folder / f"{self._name}.{self._number}{_SUFFIX}"
        # Unbuffered: what `append` writes is with the operating system when it returns.
        self._file = os.fdopen(os.open(path, _APPEND, 0o600), "ab", buffering=0)
        _sync(self._folder)
        return self._file

    def _hold(self) -> None:
        while not self._lock.is_locked:
            self._lock.acquire(timeout=_TURN_SECONDS)
            # Between its making and its locking somebody may have cleared it away: then nobody
            # would find it, nor the lines.
            if not self._lock_path.exists():
                self._lock.release()

    def _take_over(self, path: Path, take: Callable[[Sequence[bytes]], None]) -> None:
        name = path.name.removesuffix(_LOCK)
        with _lock_of(self._folder, name):
            for file in _files(self._folder, name):
                _hand_over(file, take)
                file.unlink()
            path.unlink(missing_ok=True)

    def _rotate(self) -> list[Path]:
        # The files that are whole: what is appended from now on goes into another one.
        with self._guard:
            if self._file is not None:
                self._file.close()
                self._file = None
            return _files(self._folder, self._name) if self.waiting else []

    def _orphans(self) -> Iterator[Path]:
        locks = sorted(self._folder.glob(f"*{_LOCK}"))
        return (path for path in locks if path != self._lock_path)


def waiting_in(folder: Path) -> tuple[int, int, int]:
    """How many files, lines and bytes wait in a folder, of all processes."""
    files = lines = size = 0
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            continue  # somebody took it over this moment
        files, lines, size = files + 1, lines + text.count(b"\n"), size + len(text)
    return files, lines, size


def _lock_of(folder: Path, name: str) -> FileLock:
    # Of the process, and not of the thread that took it.
    return FileLock(folder / f"{name}{_LOCK}", timeout=0, thread_local=False)


def _sync(folder: Path) -> None:
    # A file whose name is not on the disk is gone with the power.
    with suppress(PermissionError):  # Windows opens no folders, and needs no such thing
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _files(folder: Path, name: str) -> list[Path]:
    # Another name is nobody's: a copy that somebody made by hand.
    numbers = {path: path.name.split(".")[1] for path in folder.glob(f"{name}.*{_SUFFIX}")}
    return sorted(
        (path for path, number in numbers.items() if number.isdecimal()),
        key=lambda path: int(numbers[path]),
    )


def _hand_over(path: Path, take: Callable[[Sequence[bytes]], None]) -> tuple[int, int]:
    size = lines = 0
    some: list[bytes] = []
    with path.open("rb") as file:
        for line in file:
            # The last one is torn where the process died in the middle of it: nobody was told
            # that it is kept.
            if not line.endswith(b"\n"):
                break
            size += len(line)
            lines += 1
            some.append(line[:-1])
            if len(some) == _AT_A_TIME:
                take(some)
                some = []
    if some:
        take(some)
    return size, lines
