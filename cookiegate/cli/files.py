"""Read files, and write them completely or not at all."""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final

from .errors import CommandError, missing_file

__all__ = ["FileKind", "copy_broken", "mark_page", "open_output", "read_file"]

_DOCTYPE: Final = "<!doctype html>\n"
# In HTML pages that a command has written.
_PAGE_MARK: Final = "<!-- Written by cookiegate -->"
# The part of a file that shows what it is. A registry may begin with long comments.
_START_BYTES: Final = 1024 * 1024


class FileKind(Enum):
    """What a command writes. It replaces only a file of the same kind; the value recognises it."""

    #: The first line that is not a comment is one of its tables.
    REGISTRY = (
        "a registry",
        rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*+[ \t]*\[{1,2}[ \t]*"
        rb"(?:site|controller|authorities|policy|ledger|categories|services|cookies)\b",
    )
    PAGE = ("a page of cookiegate", rb"\A.{0,64}?" + re.escape(_PAGE_MARK).encode())
    CHECKPOINT = ("a checkpoint", rb'\A\s*\{\s*"checkpoint"\s*:\s*\{\s*"time"\s*:')
    PROOF = ("a proof", rb'\A\s*\{\s*"receipt"\s*:\s*"\{')
    EXPORT = ("an export of receipts", rb'\A(id,kind,time,|\{"id":"[^"]{0,200}","kind":")')
    CATALOG = (
        "a gettext catalogue",
        rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*+[ \t]*msg(?:ctxt|id)\b",
    )
    #: Never replaced.
    KEY = ("a key", rb"(?!)")

    def __init__(self, title: str, pattern: bytes) -> None:
        self.title: str = title
        self._pattern = re.compile(pattern, re.DOTALL)

    def is_kind_of(self, path: str, start: bytes) -> bool:
        """Return True if a file that starts like this may be replaced by one of this kind."""
        if not start or self._pattern.match(start) is not None:
            return True
        return self is FileKind.REGISTRY and path.endswith(".toml") and _is_broken_toml(start)


def mark_page(html: str, *, head: str = "") -> bytes:
    """
    Return a page with the mark by which its file is recognised, and may be replaced later.

    Args:
        html: The page.
        head: HTML to put before everything else.
    """
    return f"{_DOCTYPE}{_PAGE_MARK}\n{head}{html.removeprefix(_DOCTYPE)}".encode()


def read_file(path: str) -> bytes:
    """
    Return the content of a file.

    Raises:
        CommandError: The file does not exist or cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise missing_file(path) from None
    except OSError as error:
        raise CommandError(f"{path!r} cannot be read: {error.strerror}") from None


def copy_broken(path: str) -> str | None:
    """
    Copy a registry that cannot be read before it is replaced: it may have work of hours in it.

    Args:
        path: The file, which may not exist.

    Returns:
        The copy; None if the file can be read, or will not be replaced.

    Raises:
        CommandError: The file cannot be copied.
    """
    if not os.path.isfile(path) or os.path.islink(path):
        return None
    content = read_file(path)
    if _is_toml(content) or not FileKind.REGISTRY.is_kind_of(path, content[:_START_BYTES]):
        return None
    copies = (f"{path}.bak{number}" for number in count(1))
    while True:
        copy = next(copies)
        try:
            with _create(copy, stat.S_IMODE(os.stat(path).st_mode)) as file:
                file.write(content)
            return copy
        except FileExistsError:
            continue
        except OSError as error:
            raise CommandError(f"{copy!r} cannot be written: {error.strerror}") from None


@contextmanager
def open_output(
    path: str | None, kind: FileKind, *, replace: bool = True, private: bool = True
) -> Iterator[BinaryIO]:
    """
    Open a file that appears under its name once it is complete and on the disk.

    After an error the old file, if any, is still there: half an export would look like a whole one.

    Args:
        path: The file; None or "-" is standard output. A device or pipe is written directly.
        kind: What is written. A file of another kind is not replaced: a typing error must not cost
            the ledger. An empty file is of every kind.
        replace: Whether to replace an existing file of the same kind.
        private: Whether only the owner may read the file.

    Raises:
        CommandError: The file cannot be written, or must not be replaced.
    """
    if path is None or path == "-":
        yield sys.stdout.buffer
        return
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with _open_special(path) as file:
                yield file
            return
        mode = 0o600 if private else 0o666
        if replace:
            old = _check_replaceable(path, kind)
        else:
            old = None
            if os.path.lexists(path):
                raise FileExistsError
        folder = os.path.dirname(os.path.abspath(path))
        draft = os.path.join(folder, f".cookiegate-{secrets.token_hex(8)}")
        try:
            with _create(draft, mode) as file:
                if old is not None and not private:
                    os.fchmod(file.fileno(), old)
                yield file
                file.flush()
                os.fsync(file.fileno())
            if not replace:
                # Reserve the name: another process may have created the file meanwhile.
                _create(path, mode).close()
            os.replace(draft, path)
            _sync(folder)
        finally:
            Path(draft).unlink(missing_ok=True)
    except FileExistsError:
        raise CommandError(f"{path!r} already exists and was not changed") from None
    except OSError as error:
        raise CommandError(f"{path!r} cannot be written: {error.strerror}") from None


def _open_special(path: str) -> BinaryIO:
    found = os.stat(path)
    if stat.S_ISFIFO(found.st_mode) and found.st_uid != os.geteuid():
        raise CommandError(f"{path!r} is a pipe of another user, and is not written")
    return open(path, "wb")


def _create(path: str, mode: int) -> BinaryIO:
    # With O_EXCL a link is not followed.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


def _check_replaceable(path: str, kind: FileKind) -> int | None:
    # Return the permissions of the file that is replaced.
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        raise CommandError(f"{path!r} is a link, and is not followed; write the name of a file")
    with open(path, "rb") as file:
        start = file.read(_START_BYTES)
    if not kind.is_kind_of(path, start):
        raise CommandError(
            f"{path!r} exists and is not {kind.title}, so it is not replaced; write another name, "
            "or delete it first"
        )
    return stat.S_IMODE(found.st_mode)


def _is_broken_toml(start: bytes) -> bool:
    # A registry that cannot be read any more; but no key, HTML, JSON or binary file.
    if start.lstrip().startswith((b"-----BEGIN ", b"<", b"{")) or b"\0" in start:
        return False
    try:
        start.decode()
    except UnicodeDecodeError:
        return False
    return not _is_toml(start)


def _is_toml(content: bytes) -> bool:
    try:
        tomllib.loads(content.decode())
    except (ValueError, RecursionError):
        return False
    return True


def _sync(folder: str) -> None:
    # Without this, the new name may disappear in a power failure.
    with suppress(PermissionError):  # Windows cannot open folders, and need not
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
