"""Nothing that another user may have made gets into the ledger, and nothing is overwritten."""

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.ledger import Ledger, LedgerError
from cookiegate.ledger.recording.private_files import (
    UnsafePathError,
    check_folder,
    current_user,
    file_problem,
    folder_problem,
    open_file,
)
from cookiegate.ledger.recording.spool import LOCK_SUFFIX, UNREADABLE, Spool, waiting_in
from cookiegate.ledger.storage.store import Store
from tests.ledger.choices import Outage, in_sqlite, until, withdrawing
from tests.ledger.conftest import Make

MUCH = 1_000_000
ME = os.geteuid()
SOMEBODY = ME + 1


def found(kind: int, rights: int, user: int = ME, names: int = 1) -> os.stat_result:
    """Return what `os.stat` finds of a file."""
    return os.stat_result((kind | rights, 1, 1, names, user, 0, 0, 0, 0, 0))


@given(rights=st.integers(min_value=0, max_value=0o777))
def test_a_folder_is_safe_if_it_is_mine_and_nobody_else_can_write_to_it(rights: int) -> None:
    is_safe = not rights & 0o022
    assert (folder_problem(found(stat.S_IFDIR, rights), ME) == "") is is_safe
    assert "belongs to the user with the id" in folder_problem(
        found(stat.S_IFDIR, rights, SOMEBODY), ME
    )
    assert folder_problem(found(stat.S_IFLNK, rights), ME) == "is a symbolic link"
    for kind in (stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFBLK, stat.S_IFCHR):
        assert folder_problem(found(kind, rights), ME) == "is not a folder"


@given(rights=st.integers(min_value=0, max_value=0o777))
def test_a_file_is_safe_if_it_is_mine_with_one_name_and_nobody_else_can_write_to_it(
    rights: int,
) -> None:
    is_safe = not rights & 0o022
    assert (file_problem(found(stat.S_IFREG, rights), ME) == "") is is_safe
    assert (file_problem(found(stat.S_IFREG, rights, names=0), ME) == "") is is_safe
    assert "hard link" in file_problem(found(stat.S_IFREG, rights, names=2), ME)
    assert f"id {SOMEBODY}, not to this one ({ME})" in file_problem(
        found(stat.S_IFREG, rights, SOMEBODY), ME
    )
    for kind in (stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFBLK):
        assert file_problem(found(kind, rights), ME) == "is not a regular file"


def test_the_current_user_is_that_of_the_files_it_makes(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    assert (tmp_path / "mine").stat().st_uid == current_user()


def test_without_users_every_file_is_that_of_user_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "geteuid")
    assert current_user() == 0


def test_a_new_file_is_only_for_this_user(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        os.close(open_file(tmp_path / "new", os.O_CREAT | os.O_WRONLY, ME))
        spool = Spool(tmp_path / "spool", "own", MUCH)
        spool.append([b"one"])
    finally:
        os.umask(before)
    spool.close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("spool/*")}
    assert modes == {"own.1.spool": 0o600, f"own{LOCK_SUFFIX}": 0o600}


def test_a_file_that_is_not_there_is_no_unsafe_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "none", os.O_RDONLY, ME)


def test_a_refused_file_is_closed_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(UnsafePathError):
            open_file(tmp_path / "file", os.O_RDONLY, SOMEBODY)
    assert len(os.listdir("/proc/self/fd")) == before


# What another user may have put in place of the folder.


def a_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def a_link_to_nothing(folder: Path) -> None:
    folder.symlink_to(folder.parent / "nothing")


def a_file(folder: Path) -> None:
    folder.touch(0o600)


def a_pipe(folder: Path) -> None:
    os.mkfifo(folder, 0o600)


def for_everyone(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def for_everyone_as_in_tmp(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o1777)


def for_a_group(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o770)


FOLDERS = [a_link, a_link_to_nothing, a_file, a_pipe, for_everyone, for_everyone_as_in_tmp]


@pytest.mark.parametrize("make_unsafe", [*FOLDERS, for_a_group])
def test_a_ledger_does_not_start_with_a_folder_that_is_not_its_own(
    tmp_path: Path, make_unsafe: Callable[[Path], None]
) -> None:
    folder = tmp_path / "spool"
    make_unsafe(folder)
    with pytest.raises(LedgerError) as caught:
        Ledger(f"sqlite:///{tmp_path}/consent.db", spool=folder)
    message = str(caught.value)
    assert f"the spool's folder {str(folder)!r} " in message
    assert "chmod 700" in message
    assert "delete it" in message


@pytest.mark.parametrize("rights", [0o700, 0o750, 0o755, 0o711])
def test_a_folder_that_others_can_only_read_is_closed_to_them(tmp_path: Path, rights: int) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    folder.chmod(rights)
    Ledger(f"sqlite:///{tmp_path}/consent.db", spool=folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafePathError, match="belongs to the user with the id"):
        check_folder(tmp_path, SOMEBODY)
    spool = Spool(tmp_path, "own", MUCH, user=lambda: SOMEBODY)
    for use in (lambda: spool.append([b"one"]), spool.has_lines, lambda: spool.drain(print)):
        with pytest.raises(UnsafePathError, match="belongs to the user with the id"):
            use()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make_unsafe", FOLDERS)
def test_a_folder_that_was_exchanged_meanwhile_is_not_read(
    tmp_path: Path, make_unsafe: Callable[[Path], None]
) -> None:
    spool = Spool(tmp_path / "spool", "own", MUCH)
    spool.append([b"one"])
    spool.drain(lambda lines: None)
    spool.close()
    (tmp_path / "spool").rmdir()
    make_unsafe(tmp_path / "spool")
    with pytest.raises(UnsafePathError):
        spool.has_lines()
    with pytest.raises(UnsafePathError):
        spool.append([b"two"])


# What another user may have put into the folder, while it was open to them.


def forged_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def forged_name(path: Path, outside: Path) -> None:
    path.hardlink_to(outside)


def forged_pipe(path: Path, outside: Path) -> None:
    os.mkfifo(path, 0o600)


def forged_folder(path: Path, outside: Path) -> None:
    path.mkdir(mode=0o700)


def forged_socket(path: Path, outside: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        # Relative, because the address of a socket is short.
        made.bind(os.path.relpath(path))


def forged_for_everyone(path: Path, outside: Path) -> None:
    path.write_bytes(outside.read_bytes())
    path.chmod(0o666)


def link_to_a_device(path: Path, outside: Path) -> None:
    path.symlink_to("/dev/zero")


FORGERIES = [
    *(forged_link, forged_name, forged_pipe, forged_folder, forged_socket),
    *(forged_for_everyone, link_to_a_device),
]


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spool]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spool").mkdir(mode=0o700)
    own = Spool(tmp_path / "spool", "own", MUCH)
    yield own
    own.close()


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.write_bytes(b"forged\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forged_file_is_not_read_and_does_not_block_the_others(
    tmp_path: Path, spool: Spool, outside: Path, forge: Callable[[Path, Path], None]
) -> None:
    ended = Spool(tmp_path / "spool", "ended", MUCH)
    ended.append([b"honest"])
    ended.close()
    forge(tmp_path / "spool" / "ended.0.spool", outside)
    taken: list[bytes] = []
    with pytest.raises(UnsafePathError):
        spool.drain(taken.extend)
    assert taken == [b"honest"]
    assert outside.read_bytes() == b"forged\n"
    # It stays for the operator to look at.
    assert os.path.lexists(tmp_path / "spool" / "ended.0.spool")


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forged_lock_is_not_opened(
    tmp_path: Path, spool: Spool, outside: Path, forge: Callable[[Path, Path], None]
) -> None:
    file = tmp_path / "spool" / "forged.1.spool"
    file.write_bytes(b"forged\n")
    forge(tmp_path / "spool" / f"forged{LOCK_SUFFIX}", outside)
    taken: list[bytes] = []
    with pytest.raises(UnsafePathError):
        spool.drain(taken.extend)
    assert taken == []
    assert (outside.read_bytes(), file.exists()) == (b"forged\n", True)


@pytest.mark.parametrize("forge", FORGERIES)
def test_nothing_is_written_through_a_forged_file(
    spool: Spool, tmp_path: Path, outside: Path, forge: Callable[[Path, Path], None]
) -> None:
    forge(tmp_path / "spool" / UNREADABLE, outside)
    with pytest.raises(UnsafePathError):
        spool.set_aside([b"damaged"])
    planned = tmp_path / "spool" / "own.1.spool"
    forge(planned, outside)
    with pytest.raises(OSError, match=r"own\.1\.spool"):
        spool.append([b"one"])
    planned.rmdir() if planned.is_dir() else planned.unlink()
    assert outside.read_bytes() == b"forged\n"


@pytest.mark.parametrize("forge", [forged_link, forged_pipe, forged_folder, link_to_a_device])
def test_waiting_receipts_are_counted_without_links_and_pipes(
    spool: Spool, tmp_path: Path, outside: Path, forge: Callable[[Path, Path], None]
) -> None:
    spool.append([b"one"])
    forge(tmp_path / "spool" / "forged.1.spool", outside)
    assert waiting_in(tmp_path / "spool") == (1, 1, 4)


@in_sqlite
def test_a_forged_receipt_is_not_committed_and_is_reported_once(
    make: Make, kept: Store, outage: Outage, tmp_path: Path, errors: list[Exception]
) -> None:
    forger = make(spool=tmp_path / "elsewhere")
    outage.is_down = True
    forger.commit(withdrawing())
    forger.close()
    ledger = make()
    (forged,) = (tmp_path / "elsewhere").glob("*.spool")
    (tmp_path / "spool" / f"forged{LOCK_SUFFIX}").touch()
    (tmp_path / "spool" / "forged.1.spool").symlink_to(forged)
    (tmp_path / "spool" / "forged.2.spool").write_bytes(forged.read_bytes())
    (tmp_path / "spool" / "forged.2.spool").chmod(0o660)
    errors.clear()
    ledger.commit(withdrawing())
    outage.is_down = False
    until(lambda: kept.count() == 1)
    ledger.commit(withdrawing())
    until(lambda: any(isinstance(error, UnsafePathError) for error in errors))
    until(lambda: kept.count() == 2)
    assert [isinstance(error, UnsafePathError) for error in errors].count(True) == 1
