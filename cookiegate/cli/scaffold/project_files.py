"""Read a project's files: only ordinary ones, only their beginning, and in any encoding."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["read_text", "walk_sources"]

# What people write is smaller.
_MAX_BYTES: Final = 500_000
_SKIPPED: Final = frozenset(
    ("__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv")
)
_MARKS: Final = (
    # UTF-32 first: its mark begins as that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path, *, max_bytes: int = _MAX_BYTES) -> str:
    """
    Return the beginning of a file, or nothing if it is not an ordinary file that can be read.

    Byte order marks decide on the encoding; without one it is UTF-8, or UTF-16 if every other of
    the first bytes is zero. Line ends are those of Unix.
    """
    try:
        # A pipe without a writer would block, also between the two calls.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return ""
            data = file.read(max_bytes)
    except OSError:
        return ""
    text = data.decode(_encoding(data), "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def walk_sources(folder: Path, *, max_files: int, max_folders: int) -> Iterator[Path]:
    """
    Yield a project's Python files, folder by folder, without its environments.

    Args:
        folder: The project's folder. Links to other folders are not followed.
        max_files: How many files to yield at most.
        max_folders: How many folders to look into at most.
    """
    left = max_files
    for count, (here, folders, files) in enumerate(os.walk(folder)):
        if count >= max_folders:
            return
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = sorted(one for one in folders if one[0] != "." and one not in _SKIPPED)
        for name in sorted(files):
            if name.endswith(".py"):
                if not left:
                    return
                left -= 1
                yield Path(here, name)


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    # ASCII in UTF-16, as PowerShell writes it, has a zero in each character.
    start = data[:64]
    if len(start) >= 2 and not any(start[1::2]) and all(start[::2]):
        return "utf-16-le"
    if len(start) >= 2 and not any(start[::2]) and all(start[1::2]):
        return "utf-16-be"
    return "utf-8"
