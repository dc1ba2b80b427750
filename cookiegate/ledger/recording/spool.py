"""The spool: receipts on the local disk while the database is away; bounded and crash-safe.

Each process has its own files, and holds a lock for as long as it lives. If a lock is free, its
process has ended, and another process of the same user takes its files over.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice, takewhile
from pathlib import Path
from typing import BinaryIO, Final

from filelock import FileLock, Timeout

from .private_files import (
    CurrentUser,
    UnsafePathError,
    check_file,
    check_folder,
    current_user,
    open_file,
)

__all__ = ["LOCK_SUFFIX", "UNREADABLE", "Spool", "make_folder", "waiting_in"]

#: The file for lines that cannot be committed.
UNREADABLE: Final = "unreadable"
_SUFFIX: Final = ".spool"
#: Not ".lock", which other programs may use in a shared folder.
LOCK_SUFFIX: Final = ".spool-lock"
_APPEND: Final = os.O_CREAT | os.O_APPEND | os.O_WRONLY
_LOCK_MODE: Final = 0o600
# Lines that are given to `take` at once.
_BATCH: Final = 500
# A process that looks for files to take over holds each free lock for a moment.
_LOCK_SECONDS: Final = 5


class Spool:
    """
    Lines that are kept on the disk until they are taken.

    Args:
        folder: Where the files are; created with the first line. Only this user may be able to
            write to it, and only this user's files are read.
        name: The name of the files, different for each process and without a dot.
        limit: The maximum size of this process's files in bytes.
        user: Returns the id of this user.
    """

    def __init__(
        self, folder: Path, name: str, limit: int, *, user: CurrentUser = current_user
    ) -> None:
        self._folder = folder
        self._name = name
        self._limit = limit
        self._user = user
        self._lock_path = folder / f"{name}{LOCK_SUFFIX}"
        self._lock = _lock_of(folder, name)
        # Guards the file that is written to; not held while lines are taken.
        self._guard = threading.Lock()
        self._file: BinaryIO | None = None
        self._number = 0
        self._size = 0
        #: The number of lines of this process.
        self.waiting: int = 0

    def append(self, lines: Sequence[bytes], *, reserve: int = 0) -> bool:
        """
        Append lines without line breaks, and return when they are on the disk.

        Args:
            lines: The lines.
            reserve: How many bytes of the limit they leave for more important ones.

        Returns:
            False if the limit does not allow all of them; then none is appended.

        Raises:
            OSError: They cannot be written.
        """
        text = b"".join(line + b"\n" for line in lines)
        with self._guard:
            if self._size + len(text) > self._limit - reserve:
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
            OSError: Some files cannot be read or deleted, or may be another user's. All others are
                taken.
        """
        for path in self._rotate():
            size, lines = _take_lines(path, take, self._user())
            path.unlink()
            with self._guard:
                self._size -= size
                self.waiting -= lines
        failure: OSError | None = None
        for path in self._orphans():
            try:
                self._take_over(path, take)
            except (Timeout, FileNotFoundError):
                continue  # its process is alive, or another one has just taken it over
            except OSError as error:
                # For example, a link; the others are taken all the same.
                failure = failure or error
        if failure is not None:
            raise failure

    def set_aside(self, lines: Sequence[bytes]) -> None:
        """Append lines to the file `UNREADABLE`, for an operator to look at."""
        with os.fdopen(open_file(self._folder / UNREADABLE, _APPEND, self._user()), "ab") as file:
            file.writelines(line + b"\n" for line in lines)

    def has_lines(self) -> bool:
        """
        Return True if this process, or perhaps another one that has ended, has lines.

        Raises:
            UnsafePathError: Another user may have made the folder or can write to it.
        """
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
        make_folder(self._folder, self._user())
        self._hold()
        self._number += 1
        path = self._folder / f"{self._name}.{self._number}{_SUFFIX}"
        # Unbuffered: `append` passes the lines to the operating system at once.
        descriptor = open_file(path, _APPEND | os.O_EXCL, self._user())
        self._file = os.fdopen(descriptor, "ab", buffering=0)
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
        check_file(path, self._user())
        name = path.name.removesuffix(LOCK_SUFFIX)
        failure: UnsafePathError | None = None
        with _lock_of(self._folder, name):
            for file in _files(self._folder, name):
                try:
                    _take_lines(file, take, self._user())
                except UnsafePathError as error:
                    failure = failure or error
                    continue
                file.unlink()
            if failure is not None:
                raise failure
            path.unlink(missing_ok=True)

    def _rotate(self) -> list[Path]:
        # Close the current file, so that new lines go into another one.
        with self._guard:
            if self._file is not None:
                self._file.close()
                self._file = None
            return _files(self._folder, self._name) if self.waiting else []

    def _orphans(self) -> Iterator[Path]:
        if os.path.lexists(self._folder):
            check_folder(self._folder, self._user())
        locks = sorted(self._folder.glob(f"*{LOCK_SUFFIX}"))
        return (path for path in locks if path != self._lock_path)


def make_folder(folder: Path, user: int) -> None:
    """
    Create the folder of a spool, unless it exists, and check that nobody else can write to it.

    Args:
        folder: The folder.
        user: The id of the user whose folder it has to be.

    Raises:
        UnsafePathError: Another user made it or can write to it, or it is a link.
        OSError: It cannot be created.
    """
    with suppress(FileExistsError):  # if it is no folder, that is found below
        folder.mkdir(mode=0o700, parents=True)
    check_folder(folder, user)


def waiting_in(folder: Path) -> tuple[int, int, int]:
    """
    Return the number of files, lines and bytes of all processes in a folder.

    Raises:
        OSError: This user may not read the folder or a file.
    """
    files = lines = size = 0
    names = os.listdir(folder) if folder.is_dir() else ()
    for path in (folder / name for name in names if name.endswith(_SUFFIX)):
        # Another process may just have taken it over.
        with suppress(FileNotFoundError):
            # Of any user: nothing is done with the lines. Links and pipes are not counted.
            if stat.S_ISREG(path.lstat().st_mode):
                text = path.read_bytes()
                files, lines, size = files + 1, lines + text.count(b"\n"), size + len(text)
    return files, lines, size


def _lock_of(folder: Path, name: str) -> FileLock:
    # Held by the process, not by one thread.
    path = folder / f"{name}{LOCK_SUFFIX}"
    return FileLock(path, timeout=0, mode=_LOCK_MODE, thread_local=False)


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


def _take_lines(path: Path, take: Callable[[Sequence[bytes]], None], user: int) -> tuple[int, int]:
    size = lines = 0
    with os.fdopen(open_file(path, os.O_RDONLY, user), "rb") as file:
        # The last line is incomplete if the process died while writing it, and not acknowledged.
        complete = takewhile(lambda line: line.endswith(b"\n"), file)
        while batch := list(islice(complete, _BATCH)):
            size += sum(map(len, batch))
            lines += len(batch)
            take([line[:-1] for line in batch])
    return size, lines
