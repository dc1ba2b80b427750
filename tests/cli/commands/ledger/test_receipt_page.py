"""The page that a visitor was shown."""

import json
import webbrowser
from pathlib import Path

import pytest

from tests.cli.runs import call, on_terminal
from tests.ledger.books import PAGE

from .runs import ledger, run_on_terminal


def assert_has_page(path: Path) -> None:
    """Assert that a file has the page, and before it a policy that allows no script."""
    text = path.read_text()
    policy, page = text.split(PAGE.html.removeprefix("<!doctype html>"))
    assert (policy.count("script-src 'none'"), page) == (1, "")
    assert policy.startswith("<!doctype html>")


pytestmark = pytest.mark.usefixtures("folder")


def test_a_proof_of_a_grant_by_the_application_has_no_page(url: str, public_key: str) -> None:
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    ledger(url, "prove", "r3", "--checkpoint", "point.json", "-o", "p.json")
    assert call("ledger", "check", "p.json").exit_code == 0
    result = call("ledger", "check", "p.json", "--page", "shown.html")
    assert (result.exit_code, "did not show one" in result.stderr) == (2, True)


def test_a_grant_by_the_application_has_no_page(url: str) -> None:
    result = ledger(url, "show", "r3", "--page", "shown.html")
    assert result.exit_code == 2
    assert "did not show one" in result.stderr
    assert ledger(url, "show", "r3").exit_code == 0
    assert ledger(url, "show", "r99").exit_code == 2


def test_no_browser_is_opened_unless_it_is_asked_for(url: str, folder: Path) -> None:
    browser = folder / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o700)
    env = {
        "COOKIEGATE_LEDGER": url,
        "BROWSER": f"{browser} %s",
    }
    result = on_terminal("ledger", "show", "r1", cwd=folder, env=env)
    assert result.out.endswith("was shown: --open, or --page FILE\n")
    machine = on_terminal("ledger", "show", "r1", "--json", cwd=folder, env=env)
    assert json.loads(machine.out)["receipt"] == "r1"
    assert not (folder / "opened").exists()
    result = on_terminal("ledger", "show", "r1", "--open", cwd=folder, env=env)
    assert "Opening the page: " in result.out
    shown = Path((folder / "opened").read_text().strip().removeprefix("file://"))
    assert_has_page(shown)
    shown.unlink()


def test_the_page_is_opened_in_a_browser_and_written(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    ended = ledger(url, "show", "r1", "--open", "--page", "shown.html", "--json")
    (address,) = opened
    shown = Path(address.removeprefix("file://"))
    assert_has_page(shown)
    shown.unlink()
    assert_has_page(Path("shown.html"))
    assert json.loads(ended.stdout)["receipt"] == "r1"
    assert "Opening the page: " in ended.stderr
    assert ledger(url, "show", "r3", "--open").exit_code == 2


def test_on_a_terminal_show_says_how_to_see_the_page(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for receipt, hints in (("r1", 1), ("r3", 0)):
        run_on_terminal(["ledger", "show", receipt, "--ledger", url], monkeypatch)
        assert capsys.readouterr().err.count("--open, or --page FILE") == hints


def test_on_a_terminal_a_written_file_is_named(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    show = ["ledger", "show", "r1", "--ledger", url]
    run_on_terminal([*show, "--page", "shown.html"], monkeypatch)
    assert capsys.readouterr().err == "Wrote shown.html\n"
    assert ledger(url, "show", "r1", "--page", "again.html").stderr == ""
