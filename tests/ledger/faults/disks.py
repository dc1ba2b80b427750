"""Full disks: a small one if this user may mount it, else a limit on the size of files.

The limit (RLIMIT_FSIZE) fails as a full disk does, in the middle of a write, with EFBIG for ENOSPC.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

__all__ = ["may_mount", "room_taken", "size_limited", "small_disk"]

_MOUNT: Final = "/bin/mount"
_UNMOUNT: Final = "/bin/umount"


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Path]:
    """Mount a small disk in memory inside of the context."""
    folder = Path(tempfile.mkdtemp(prefix="cgd-"))
    try:
        command = [_MOUNT, "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        try:
            yield folder
        finally:
            subprocess.run([_UNMOUNT, "--lazy", str(folder)], check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def may_mount() -> bool:
    """Return True if this user may mount such a disk."""
    if os.geteuid() != 0:
        return False
    try:
        with small_disk(1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def room_taken(folder: Path, *, but: int = 0) -> Iterator[None]:
    """
    Fill a disk inside of the context.

    Args:
        folder: On that disk.
        but: Bytes to leave free.
    """
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                free = shutil.disk_usage(folder).free - but
                if free <= 0 or not file.write(bytes(min(free, 1 << 20))):
                    break
        yield
    filler.unlink()


@contextmanager
def size_limited(processes: Iterable[int], size: int) -> Iterator[None]:
    """
    Limit the size of files of processes and their children inside of the context.

    Args:
        processes: Their ids.
        size: In bytes.
    """
    known = tuple(processes)
    for one in known:
        _limit(one, str(size))
    yield
    for one in known:
        # A process that failed because of it may have ended.
        with suppress(FileNotFoundError, subprocess.CalledProcessError):
            _limit(one, "unlimited")


def _limit(process: int, soft: str) -> None:
    # The owner of a process may limit it; in a container, root often may not.
    owner = Path(f"/proc/{process}").stat()
    who: dict[str, Any] = {}
    if owner.st_uid != os.geteuid():
        who = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    command = ["prlimit", "--pid", str(process), f"--fsize={soft}:"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, cwd="/", **who)
