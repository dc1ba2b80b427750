"""What visitors load is made from the source, and small."""

import sys
from pathlib import Path

import pytest

from tests.front_end import minify
from tests.front_end.sizes import own_sizes

pytestmark = pytest.mark.slow


def test_the_minified_scripts_are_made_from_the_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["minify", "--check"])
    assert minify.main() == 0


def test_a_stale_script_fails_the_check_and_is_written_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = [tmp_path / name.replace(".js", ".min.js") for name in minify.SOURCES]
    for file in stale:
        file.write_bytes(b"old")
    monkeypatch.setattr(sys, "argv", ["minify", "--check"])
    assert minify.main(tmp_path) == 1
    assert "python -m tests.front_end.minify" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["minify"])
    assert minify.main(tmp_path) == 0
    assert [file.read_bytes() for file in stale] == [*map(minify.minified, minify.SOURCES)]


def test_script_style_and_banner_have_6_kilobytes_at_most() -> None:
    assert sum(own_sizes()) <= 6 * 1024
