"""Files of any kind are read without harm, and only those of the project."""

import os
from pathlib import Path

import pytest

from cookiegate.cli.scaffold.project_files import read_text, walk_sources

TEXT = "flask\nflask-login\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\r\n").encode("utf-16"),
    ],
)
def test_a_file_is_read_in_any_encoding_and_with_any_line_ends(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    assert read_text(tmp_path / "file") == TEXT


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff\x00flask\x80")
    assert "flask" in read_text(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"\x00")
    assert read_text(tmp_path / "file") == "\x00"


def test_only_the_beginning_of_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x" * 100)
    assert read_text(tmp_path / "file", max_bytes=10) == "x" * 10


def test_what_is_no_ordinary_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("nowhere")
    names = ["folder", "pipe", "zero", "loop", "gone", "missing"]
    assert [read_text(tmp_path / name) for name in names] == [""] * len(names)


def test_environments_hidden_folders_and_links_are_not_walked(tmp_path: Path) -> None:
    for folder in ("shop", ".git", ".venv", "venv", "node_modules", "mine", "lib/site-packages"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "app.py").write_text("")
    (tmp_path / "mine" / "pyvenv.cfg").write_text("")
    (tmp_path / "shop" / "again").symlink_to(tmp_path)
    (tmp_path / "shop" / "notes.txt").write_text("")
    found = walk_sources(tmp_path, max_files=10, max_folders=10)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["shop/app.py"]


def test_the_walk_ends_after_a_number_of_files_or_folders(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text("")
    assert len(list(walk_sources(tmp_path, max_files=2, max_folders=10))) == 2
    assert len(list(walk_sources(tmp_path, max_files=10, max_folders=2))) == 1
