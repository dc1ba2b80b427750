"""Files are written completely or not at all."""

import stat
from pathlib import Path

import pytest

from cookiegate.cli.errors import CommandError
from cookiegate.cli.files import open_output, read_file


def write(path: Path | str, content: bytes = b"new", *, replace: bool = True) -> None:
    with open_output(str(path), replace=replace) as file:
        file.write(content)


def test_a_file_is_replaced_only_once_the_new_one_is_complete(tmp_path: Path) -> None:
    old, link = tmp_path / "out.csv", tmp_path / "link.csv"
    old.write_text("old")
    link.symlink_to("out.csv")
    with pytest.raises(ZeroDivisionError), open_output(str(link)) as file:
        file.write(b"%d" % (1 // 0))
    assert old.read_text() == "old"
    assert set(tmp_path.iterdir()) == {old, link}
    write(link)
    assert link.is_symlink()
    assert old.read_text() == "new"
    assert set(tmp_path.iterdir()) == {old, link}


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_a_private_file_is_readable_by_its_owner_only(
    tmp_path: Path, private: bool, mode: int
) -> None:
    path = tmp_path / "out"
    path.touch(0o644)
    with open_output(str(path), private=private):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("start", [b"SQLite format 3\0", b"-----BEGIN PRIVATE KEY-----\n"])
def test_databases_and_keys_are_never_replaced(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "precious"
    path.write_bytes(start + b"more")
    with pytest.raises(CommandError, match="is a database or a key, and is not replaced"):
        write(path)
    assert path.read_bytes() == start + b"more"


def test_an_existing_file_is_kept_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "out"
    write(path, b"first", replace=False)
    with pytest.raises(CommandError, match="already exists and was not changed"):
        write(path, replace=False)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_is_written_directly() -> None:
    write("/dev/null")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("path", [None, "-"])
def test_no_file_or_a_dash_is_standard_output(
    path: str | None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with open_output(path) as file:
        file.write(b"\xff")
        file.flush()
    assert capfdbinary.readouterr().out == b"\xff"


@pytest.mark.parametrize("path", ["/dev/full", "no/such/out", "."])
def test_a_file_that_cannot_be_written_is_an_error(path: str) -> None:
    with pytest.raises(CommandError, match=f"'{path}' cannot be written: "):
        write(path, b"x" * 1_000_000)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        read_file(str(tmp_path))
