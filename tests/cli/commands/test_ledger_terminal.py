"""`cookiegate ledger` on a terminal, and where its extra is not installed."""

import sys
import webbrowser
from pathlib import Path

import pytest

from cookiegate.cli.run import run
from tests.cli.runs import call
from tests.ledger.books import PAGE, fill, made, receipt


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/consent.db"
    engine = made(url)
    fill(engine, (receipt(n) for n in range(1001)), size=500)
    engine.dispose()
    return url


def end(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    assert not ended.value.code


def test_the_page_is_opened_in_a_browser(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    end(["ledger", "show", "r1", "--ledger", url], monkeypatch)
    (address,) = opened
    shown = Path(address.removeprefix("file://"))
    assert shown.read_text() == PAGE.html
    shown.unlink()
    assert "Opening the page: " in capsys.readouterr().out


def test_a_long_command_counts_beside_what_it_writes(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    end(["ledger", "verify", "--ledger", url], monkeypatch)
    assert "1,001 checked" in capsys.readouterr().out
    end(["ledger", "export", "--ledger", url], monkeypatch)
    out = capsys.readouterr().out.splitlines()
    assert (len(out), out[0][:8], out[-1][:5]) == (1002, "id,kind,", "r1000")


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("health",),
        ("keygen", "key.pem"),
        ("check", "proof.json"),
        ("show", "r1"),
    ],
)
def test_without_the_extra_it_says_what_to_install(
    arguments: tuple[str, ...], url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name.startswith("cookiegate.ledger")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "alembic", None)
    seen = call("ledger", *arguments, env={"COOKIEGATE_LEDGER": url})
    assert seen.exit_code == 2
    assert "pip install 'cookiegate[ledger]'" in seen.stderr
    assert not (tmp_path / "key.pem").exists()


def test_looking_makes_no_tables(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for command in ("verify", "health"):
        seen = call("ledger", command, "--ledger", f"sqlite:///{tmp_path}/empty.db")
        assert "the database holds no ledger yet" in seen.output
    assert (tmp_path / "empty.db").stat().st_size <= 4096  # SQLite's own first page


def test_upgrade_says_from_which_version_it_came(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "cookiegate.ledger.storage.database.upgrade", lambda engine: ("0000", "0001")
    )
    seen = call("ledger", "upgrade", "--ledger", url)
    assert seen.stdout == "Upgraded the ledger from version 0000 to 0001.\n"
