"""Read files, and write them completely or not at all."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from .errors import CommandError

__all__ = ["open_output", "read_file"]

# The first bytes of SQLite databases and of keys. A typing error must not cost the ledger.
_PROTECTED: Final = (b"SQLite format 3\0", b"-----BEGIN ")


def read_file(path: str) -> bytes:
    """
    Return the content of a file.

    Raises:
        CommandError: The file cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"{path!r} cannot be read: {error.strerror}") from None


@contextmanager
def open_output(
    path: str | None, *, replace: bool = True, private: bool = True
) -> Iterator[BinaryIO]:
    """
    Open a file that appears under its name once it is complete.

    After an error the old file, if any, is still there: half an export would look like a whole one.

    Args:
        path: The file; None or "-" is standard output. A device or pipe is written directly.
        replace: Whether to replace an existing file. Databases and keys are never replaced.
        private: Whether only the owner may read the file.

    Raises:
        CommandError: The file cannot be written, or must not be replaced.
    """
    if path is None or path == "-":
        yield sys.stdout.buffer
        return
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:
                yield file
            return
        if replace:
            target = os.path.realpath(path)
            _refuse_protected(path, target)
        else:
            target = os.path.abspath(path)
        draft = os.path.join(os.path.dirname(target), f".cookiegate-{secrets.token_hex(8)}")
        mode = 0o600 if private else 0o666
        try:
            with _create(draft, mode) as file:
                yield file
            if not replace:
                # Reserve the name: another process may have created the file meanwhile.
                _create(target, mode).close()
            os.replace(draft, target)
        finally:
            Path(draft).unlink(missing_ok=True)
    except FileExistsError:
        raise CommandError(f"{path!r} already exists and was not changed") from None
    except OSError as error:
        raise CommandError(f"{path!r} cannot be written: {error.strerror}") from None


def _create(path: str, mode: int) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


def _refuse_protected(path: str, target: str) -> None:
    if os.path.isfile(target):
        with open(target, "rb") as file:
            start = file.read(max(map(len, _PROTECTED)))
        if start.startswith(_PROTECTED):
            raise CommandError(f"{path!r} is a database or a key, and is not replaced")
