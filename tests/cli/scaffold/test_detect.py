"""A project's frameworks are detected from its files."""

from pathlib import Path

from cookiegate.cli.scaffold.detect import detect_project


def test_virtual_environments_and_broken_links_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "app.py").write_text("import flask\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyvenv.cfg").write_text("")
    (tmp_path / "mine" / "app.py").write_text("import django\n")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    assert detect_project(tmp_path).frameworks == ()


def test_the_number_of_files_that_are_read_is_limited(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    (tmp_path / "b.py").write_text("import flask\n")
    assert detect_project(tmp_path, max_files=1).frameworks == ()
    assert detect_project(tmp_path).frameworks == ("flask",)
