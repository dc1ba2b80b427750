"""The spool: receipts on the local disk while the database is away; bounded and crash-safe.

Each process has its own files, and holds a lock for as long as it lives. If a lock is free, its
process has ended, and another process takes its files over.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice, takewhile
from pathlib import Path
from typing import BinaryIO, Final

from filelock import FileLock, Timeout

__all__ = ["LOCK_SUFFIX", "UNREADABLE", "Spool", "waiting_in"]

#: The file for lines that cannot be committed.
UNREADABLE: Final = "unreadable"
_SUFFIX: Final = ".spool"
#: Not ".lock", which other programs may use in a shared folder.
LOCK_SUFFIX: Final = ".spool-lock"
_APPEND: Final = os.O_CREAT | os.O_APPEND | os.O_WRONLY
# Lines that are given to `take` at once.
_BATCH: Final = 500
# A process that looks for files to take over holds each free lock for a moment.
_LOCK_SECONDS: Final = 5


class Spool:
    """
    Lines that are kept on the disk until they are taken.

    Args:
        folder: Where the files are; created with the first line.
        name: The name of the files, different for each process and without a dot.
        limit: The maximum size of this process's files in bytes.
    """

    def __init__(self, folder: Path, name: str, limit: int) -> None:
        self._folder = folder
        self._name = name
        self._limit = limit
        self._lock_path = folder / f"{name}{LOCK_SUFFIX}"
        self._lock = _lock_of(folder, name)
        # Guards the file that is written to; not held while lines are taken.
        self._guard = threading.Lock()
        self._file: BinaryIO | None = None
        self._number = 0
        self._size = 0
        #: The number of lines of this process.
        self.waiting: int = 0

    def append(self, lines: Sequence[bytes]) -> bool:
        """
        Append lines without line breaks, and return when they are on the disk.

        Returns:
            False if the limit does not allow all of them; then none is appended.

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
                is_complete = file.write(text) == len(text)
                os.fsync(file.fileno())
            except OSError:
                is_complete = False
                raise
            finally:
                if not is_complete:
                    # Remove what a full disk has accepted of the lines.
                    file.truncate(end)
            if is_complete:
                self._size += len(text)
                self.waiting += len(lines)
            return is_complete

    def drain(self, take: Callable[[Sequence[bytes]], None]) -> None:
        """
        Take and delete all lines, including those of processes that have ended.

        Args:
            take: Called with lines. If it raises, the file stays, and `take` gets the same lines
                again next time.

        Raises:
            OSError: Some files cannot be read or deleted. All others are taken.
        """
        for path in self._rotate():
            size, lines = _take_lines(path, take)
            path.unlink()
            with self._guard:
                self._size -= size
                self.waiting -= lines
        failure: OSError | None = None
        for path in self._orphans():
            try:
                self._take_over(path, take)
            except Timeout:
                continue  # its process is alive
            except OSError as error:
                # For example, the files of another user; the others are taken all the same.
                failure = failure or error
        if failure is not None:
            raise failure

    def set_aside(self, lines: Sequence[bytes]) -> None:
        """Append lines to the file `UNREADABLE`, for an operator to look at."""
        with os.fdopen(os.open(self._folder / UNREADABLE, _APPEND, 0o600), "ab") as file:
            file.writelines(line + b"\n" for line in lines)

    def has_lines(self) -> bool:
        """Return True if this process, or perhaps another one that has ended, has lines."""
        return bool(self.waiting) or any(True for _ in self._orphans())

    def close(self) -> None:
        """Close the files; lines in them stay for the next process."""
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
        # Receipts say what visitors chose: only this user may read them.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._hold()
        self._number += 1
        path = self._folder / f"{self._name}.{self._number}{_SUFFIX}"
        # Unbuffered: `append` passes the lines to the operating system at once.
        self._file = os.fdopen(os.open(path, _APPEND, 0o600), "ab", buffering=0)
        _sync(self._folder)
        return self._file

    def _hold(self) -> None:
        while not self._lock.is_locked:
            self._lock.acquire(timeout=_LOCK_SECONDS)
            # Another process may have deleted the lock's file before it was locked; without the
            # file, no process would find the lines.
            if not self._lock_path.exists():
                self._lock.release()

    def _take_over(self, path: Path, take: Callable[[Sequence[bytes]], None]) -> None:
        name = path.name.removesuffix(LOCK_SUFFIX)
        with _lock_of(self._folder, name):
            for file in _files(self._folder, name):
                _take_lines(file, take)
                file.unlink()
            path.unlink(missing_ok=True)

    def _rotate(self) -> list[Path]:
        # Close the current file, so that new lines go into another one.
        with self._guard:
            if self._file is not None:
                self._file.close()
                self._file = None
            return _files(self._folder, self._name) if self.waiting else []

    def _orphans(self) -> Iterator[Path]:
        locks = sorted(self._folder.glob(f"*{LOCK_SUFFIX}"))
        return (path for path in locks if path != self._lock_path)


def waiting_in(folder: Path) -> tuple[int, int, int]:
    """Return the number of files, lines and bytes of all processes in a folder."""
    files = lines = size = 0
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            continue  # another process has just taken it over
        files, lines, size = files + 1, lines + text.count(b"\n"), size + len(text)
    return files, lines, size


def _lock_of(folder: Path, name: str) -> FileLock:
    # Held by the process, not by one thread.
    return FileLock(folder / f"{name}{LOCK_SUFFIX}", timeout=0, thread_local=False)


def _sync(folder: Path) -> None:
    # Without this, a new file may disappear in a power failure.
    with suppress(PermissionError):  # Windows cannot open folders, and need not
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _files(folder: Path, name: str) -> list[Path]:
    # Ignore other names, such as a copy that was made by hand.
    numbers = {path: path.name.split(".")[1] for path in folder.glob(f"{name}.*{_SUFFIX}")}
    return sorted(
        (path for path, number in numbers.items() if number.isdecimal()),
        key=lambda path: int(numbers[path]),
    )


def _take_lines(path: Path, take: Callable[[Sequence[bytes]], None]) -> tuple[int, int]:
    size = lines = 0
    with path.open("rb") as file:
        # The last line is incomplete if the process died while writing it, and not acknowledged.
        complete = takewhile(lambda line: line.endswith(b"\n"), file)
        while batch := list(islice(complete, _BATCH)):
            size += sum(map(len, batch))
            lines += len(batch)
            take([line[:-1] for line in batch])
    return size, lines
