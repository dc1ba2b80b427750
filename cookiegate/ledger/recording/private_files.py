"""The spool's folder and files, as nobody but this user can have made them.

Lines of the spool enter the ledger. Whoever can put a file or a link there could forge a receipt,
or have another file overwritten.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from cookiegate.errors import CookiegateError

__all__ = [
    "CurrentUser",
    "UnsafePathError",
    "check_file",
    "check_folder",
    "current_user",
    "file_problem",
    "folder_problem",
    "open_file",
]

#: Returns the id of the user whose files are trusted.
CurrentUser = Callable[[], int]

# What Windows lacks is 0: there, a folder belongs to who made it, and stat shows no rights.
_IS_POSIX: Final = os.name == "posix"
#: Follow no link, and do not wait for the other end of a pipe or for a device.
_SAFELY: Final = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
)
_FOR_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO if _IS_POSIX else 0
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH if _IS_POSIX else 0
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


class UnsafePathError(CookiegateError, PermissionError):
    """Another user may have made a folder or a file, or may change it."""


def current_user() -> int:
    """Return the id of the user that this process runs as; 0 on Windows, as `os.stat` does."""
    find: CurrentUser = getattr(os, "geteuid", int)
    return find()


def folder_problem(found: os.stat_result, user: int) -> str:
    """
    Return why a folder is not safe; "" if it is.

    Args:
        found: What `os.lstat` found.
        user: The id of the user whose folder it has to be.
    """
    if stat.S_ISLNK(found.st_mode):
        return "is a symbolic link"
    if not stat.S_ISDIR(found.st_mode):
        return "is not a folder"
    if found.st_uid != user:
        return f"belongs to the user with the id {found.st_uid}, not to this one ({user})"
    if found.st_mode & _WRITABLE_BY_OTHERS:
        return "can be written to by other users"
    return ""


def file_problem(found: os.stat_result, user: int) -> str:
    """
    Return why a file is not safe; "" if it is.

    Args:
        found: What `os.fstat` or `os.lstat` found.
        user: The id of the user whose file it has to be.
    """
    if not stat.S_ISREG(found.st_mode):
        return "is not a regular file"
    if found.st_uid != user:
        return f"belongs to the user with the id {found.st_uid}, not to this one ({user})"
    # 0: another process deleted it after it was opened.
    if found.st_nlink > 1:
        return "has a second name (a hard link)"
    if found.st_mode & _WRITABLE_BY_OTHERS:
        return "can be written to by other users"
    return ""


def check_folder(folder: Path, user: int) -> None:
    """
    Check that only one user can write to a folder, and let nobody else read it.

    Args:
        folder: The folder.
        user: The user's id.

    Raises:
        UnsafePathError: Another user made it or can write to it, or it is a link.
        OSError: It does not exist, or cannot be changed.
    """
    found = folder.lstat()
    if problem := folder_problem(found, user):
        raise UnsafePathError(
            f"the spool's folder {str(folder)!r} {problem}, so receipts in it could be forged; "
            "look at what is in it and delete it, or choose a folder that belongs to this user "
            "and that nobody else can write to (chmod 700): Ledger(..., spool='/var/lib/…')"
        )
    if found.st_mode & _FOR_OTHERS:
        folder.chmod(_FOLDER_MODE)


def check_file(path: Path, user: int) -> None:
    """
    Check that a file is safe to open by its path, in a folder that is safe.

    Args:
        path: The file.
        user: The id of the user whose file it has to be.

    Raises:
        UnsafePathError: It is not safe.
        OSError: It does not exist.
    """
    _check(path, path.lstat(), user)


def open_file(path: Path, flags: int, user: int) -> int:
    """
    Open a file that belongs to a user and that nobody else can write to.

    Args:
        path: The file; a new one gets the mode 0600.
        flags: Those of `os.open`.
        user: The user's id.

    Returns:
        The file descriptor.

    Raises:
        UnsafePathError: It is not safe.
        OSError: It cannot be opened.
    """
    try:
        descriptor = os.open(path, flags | _SAFELY, _FILE_MODE)
    except OSError:
        # Links, sockets and pipes that nobody reads are not even opened.
        with suppress(FileNotFoundError):
            check_file(path, user)
        raise
    try:
        _check(path, os.fstat(descriptor), user)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: Path, found: os.stat_result, user: int) -> None:
    if problem := file_problem(found, user):
        raise UnsafePathError(
            f"{str(path)!r} {problem}, so it is not read: its receipts could be forged; "
            "look at it and delete it"
        )
