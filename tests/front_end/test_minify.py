"""What visitors load is made from the source, and small."""

import sys
from pathlib import Path

import pytest

from tests.front_end import minify
from tests.front_end.sizes import own_sizes

pytestmark = pytest.mark.slow


def test_the_minified_script_is_made_from_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["minify", "--check"])
    assert minify.main() == 0


def test_a_stale_script_fails_the_check_and_is_written_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(minify, "MINIFIED", tmp_path / "cookiegate.min.js")
    minify.MINIFIED.write_bytes(b"old")
    monkeypatch.setattr(sys, "argv", ["minify", "--check"])
    assert minify.main() == 1
    assert "python -m tests.front_end.minify" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["minify"])
    assert minify.main() == 0
    assert minify.MINIFIED.read_bytes() == minify.minified()


def test_script_style_and_banner_have_6_kilobytes_at_most() -> None:
    assert sum(own_sizes()) <= 6 * 1024
