"""Files are written completely or not at all."""

import os
import stat
from pathlib import Path

import pytest

from cookiegate.cli.errors import CommandError
from cookiegate.cli.files import FileKind, mark_page, open_output, read_file


def write(
    path: Path | str,
    content: bytes = b"new",
    *,
    kind: FileKind = FileKind.EXPORT,
    replace: bool = True,
) -> None:
    with open_output(str(path), kind, replace=replace) as file:
        file.write(content)


def test_a_file_is_replaced_only_once_the_new_one_is_complete(tmp_path: Path) -> None:
    old = tmp_path / "out.csv"
    old.write_bytes(FILES[FileKind.EXPORT])
    with pytest.raises(ZeroDivisionError), open_output(str(old), FileKind.EXPORT) as file:
        file.write(b"%d" % (1 // 0))
    assert old.read_bytes() == FILES[FileKind.EXPORT]
    assert list(tmp_path.iterdir()) == [old]
    write(old)
    assert old.read_text() == "new"
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o640)])
def test_a_private_file_is_readable_by_its_owner_only(
    tmp_path: Path, private: bool, mode: int
) -> None:
    path = tmp_path / "out"
    path.touch(0o640)
    with open_output(str(path), FileKind.PAGE, private=private):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == mode


FILES = {
    FileKind.REGISTRY: b"# comment\n\n[site]\nname = 'Shop'\n",
    FileKind.PAGE: mark_page("<!doctype html>\n<title>Insights</title>"),
    FileKind.CHECKPOINT: b'{\n  "checkpoint": {\n    "time": 1',
    FileKind.PROOF: b'{\n  "receipt": "{',
    FileKind.EXPORT: b"id,kind,time,site\r\n",
}
FOREIGN = {
    "database": b"SQLite format 3\0more",
    "log": b"\x37\x7f\x06\x82more",
    "key": b"-----BEGIN PRIVATE KEY-----\nmore",
    "spool": b'{"id":"r0","time":1}\n',
    "script": b"site = 1\n\n[site]\n",
    "project": b"[project]\nname = 'shop'\n\n[tool.x]\n",
    "page": b"<!doctype html>\n<title>Home</title>",
    "json": b'{"name": "shop"}',
    "purchase": b'{"receipt": "paper 4711"}',
    "training": b'{"checkpoint": {"epoch": 3}}',
    "picture": b"\x89PNG\r\n\x1a\n",
    "table": b"name,value\r\n",
    "prose": b"# Registry\n\nA registry begins so:\n\n    [site]\n",
    "comments": b"# only\n" * 20_000,
}


@pytest.mark.parametrize("kind", [*FILES, FileKind.KEY])
@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_of_no_known_kind_is_never_replaced(
    tmp_path: Path, kind: FileKind, name: str
) -> None:
    path = tmp_path / "precious"
    path.write_bytes(FOREIGN[name])
    with pytest.raises(CommandError, match=r"exists and is not .*, so it is not replaced"):
        write(path, kind=kind)
    assert path.read_bytes() == FOREIGN[name]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("other", FILES)
@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_replaced_only_by_one_of_its_kind(
    tmp_path: Path, kind: FileKind, other: FileKind
) -> None:
    path = tmp_path / "out"
    path.write_bytes(FILES[other])
    if kind is other:
        write(path, FILES[kind], kind=kind)
    else:
        with pytest.raises(CommandError, match="is not replaced"):
            write(path, kind=kind)
    assert path.read_bytes() == FILES[other]


@pytest.mark.parametrize(
    "start",
    [b"\xef\xbb\xbf[site]\n", b"[[cookies]]\n", b"\r\n [ policy ]\n", b""],
)
def test_a_registry_is_recognised_also_if_it_is_not_valid(start: bytes) -> None:
    assert FileKind.REGISTRY.is_kind_of("shop", start)


@pytest.mark.parametrize(
    ("content", "may"),
    [
        *((b"mine", True), (b"[sit\n", True), (b"", True), (b"x = 1\n", False)),
        *((b"-----BEGIN KEY", False), (b'{"a": 1}', False), (b" <html>", False)),
        *((b"\0\0[", False), (b"\xff = [", False)),
    ],
)
def test_a_broken_registry_is_recognised_by_its_name(content: bytes, may: bool) -> None:
    assert FileKind.REGISTRY.is_kind_of("shop.toml", content) is may
    assert FileKind.REGISTRY.is_kind_of("shop.py", content) is (content == b"")


@pytest.mark.parametrize("target", ["there", "missing"])
@pytest.mark.parametrize("replace", [True, False])
def test_a_link_is_not_followed(tmp_path: Path, target: str, replace: bool) -> None:
    (tmp_path / "there").write_bytes(FILES[FileKind.EXPORT])
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    with pytest.raises(CommandError, match=r"is a link|already exists"):
        write(link, replace=replace)
    assert (tmp_path / "there").read_bytes() == FILES[FileKind.EXPORT]
    assert {path.name for path in tmp_path.iterdir()} == {"there", "link.csv"}


def test_a_pipe_of_this_user_is_written_and_of_another_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write(pipe)
    assert os.read(reader, 10) == b"new"
    monkeypatch.setattr(os, "geteuid", lambda: pipe.stat().st_uid + 1)
    with pytest.raises(CommandError, match="is a pipe of another user"):
        write(pipe)
    os.close(reader)


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
    with open_output(path, FileKind.EXPORT) as file:
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
