"""The demo, in another process and over real HTTP."""

import csv
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import demo
import samples
import serving
import storefront
from tests.cli.runs import call
from visitors import Haul, Visitor, tours

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "examples/demo.py"]


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Use a ledger for this test alone."""
    url = f"sqlite:///{tmp_path}/consent.db"
    monkeypatch.setenv("COOKIEGATE_LEDGER", url)
    return url


def environment(**settings: str) -> dict[str, str]:
    """Return the environment without variables that change the demo or its colours."""
    steering = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "ONCE", "PORT", "SITE", "TERM"}
    kept = {key: value for key, value in os.environ.items() if key not in steering}
    return {**kept, "PYTHONUTF8": "1", **settings}


def run_once(**settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=environment(ONCE="1", **settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def prose(lines: list[str]) -> list[str]:
    """Return all but the command to be copied, which is one line at any width."""
    return [line for line in lines if "--ledger" not in line]


@pytest.mark.parametrize("site", ["flask", "starlette"])
@pytest.mark.parametrize("columns", [80, 100, 160])
def test_the_table_is_as_expected_and_fits_the_terminal(site: str, columns: int) -> None:
    run = run_once(SITE=site, COLUMNS=str(columns))
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert max(map(len, prose(lines))) <= columns
    assert "…" not in run.stdout
    words = set(run.stdout.split())
    assert {sample.name for sample in samples.SAMPLES} <= words
    assert re.search(
        r"^Arrived +16/45 +21/45 +45/45 +16/45 +16/45 +16/45 +16/45$", run.stdout, re.M
    )
    assert "All as expected" in run.stdout


@pytest.mark.parametrize("site", ["flask", "starlette"])
def test_choices_are_in_a_ledger_that_the_command_verifies(site: str, ledger: str) -> None:
    run = run_once(SITE=site)
    assert "4 receipts, 4 with those of earlier runs; the chain is whole." in run.stdout
    (line,) = re.findall(r"^  (.*) ledger verify --ledger (.*)$", run.stdout, re.M)
    # Not on the PATH, so the demo names where it is.
    assert Path(line[0]).resolve() == Path(sys.executable).with_name("cookiegate")
    assert line[1] == ledger
    verified = call("ledger", "verify", "--ledger", ledger)
    assert verified.exit_code == 0
    assert "4 checked" in verified.stdout
    lines = call("ledger", "export", "--ledger", ledger, "--format", "jsonl").stdout.splitlines()
    receipts = [json.loads(line) for line in lines]
    kinds = [(one["kind"], one["surface"], one["presentation"] is None) for one in receipts]
    assert sorted(kinds) == [
        ("grant", "banner", False),
        ("grant", "settings", False),
        ("refusal", "banner", False),
        ("withdrawal", "settings", False),
    ]


def test_the_demo_fails_if_the_ledger_is_not_intact(
    ledger: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "play", lambda address, story: None)
    monkeypatch.setenv("ONCE", "1")
    assert demo.main() == 1
    assert "The ledger is not whole" in capsys.readouterr().out


@pytest.mark.parametrize("columns", [60, 70, 76])
def test_a_narrow_terminal_has_numbers_for_the_visitors(columns: int) -> None:
    run = run_once(COLUMNS=str(columns))
    assert (run.returncode, run.stderr) == (0, "")
    assert max(map(len, prose(run.stdout.splitlines()))) <= columns
    assert "…" not in run.stdout
    assert {sample.name for sample in samples.SAMPLES} <= set(run.stdout.split())
    assert re.search(r"^cookie +1 +2 +3 +4 +5 +6 +7$", run.stdout, re.M)
    assert re.search(r"^  _ga +✗ c +✓ b +✓ b +✗ e", run.stdout, re.M)
    assert re.search(r"^Arrived \(of 45\) +16 +21 +45 +16 +16 +16 +16$", run.stdout, re.M)
    assert re.search(r"^7 forged +shows a consent", run.stdout, re.M)


def test_a_wide_terminal_has_the_reasons_in_the_cells() -> None:
    assert "✗ not granted" in run_once(COLUMNS="160").stdout
    assert "✗ not granted" not in run_once(COLUMNS="100").stdout.split("✗ stripped")[0]


def test_colours_are_for_terminals_that_want_them() -> None:
    assert "\x1b[" in run_once(FORCE_COLOR="1", TERM="xterm").stdout
    assert "\x1b[3" not in run_once(FORCE_COLOR="1", TERM="xterm", NO_COLOR="1").stdout
    assert "\x1b" not in run_once().stdout


def test_a_terminal_without_unicode_gets_plain_marks() -> None:
    run = run_once(PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (run.returncode, run.stderr) == (0, "")
    assert "✓" not in run.stdout
    assert re.search(r"csrftoken +\+ a", run.stdout)


def test_an_unknown_site_is_named_with_what_to_write() -> None:
    run = run_once(SITE="django")
    assert run.returncode == 2
    assert "write one of: flask, starlette" in run.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("site", ["flask", "starlette"])
def test_the_shop_stays_open_until_a_signal_ends_it(site: str, number: signal.Signals) -> None:
    with subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=environment(SITE=site),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if found := re.match(r"Open http://([\d.]+):(\d+)/ in a browser", line):
                    break
            else:
                pytest.fail("the address was never printed")
            connection = http.client.HTTPConnection(found[1], int(found[2]), timeout=60)
            connection.request("GET", "/")
            response = connection.getresponse()
            assert b"Billogram" in response.read()
            connection.close()
        finally:
            process.send_signal(number)
        assert process.stdout.read() == ""
        assert process.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def seen() -> list[tuple[Visitor, Haul]]:
    gate = storefront.make_gate()
    with serving.serve_flask(gate) as address:
        return tours(address, gate)


def test_the_expected_cookies_arrive(seen: list[tuple[Visitor, Haul]]) -> None:
    wanted = demo.expected()
    assert len(wanted) == 45 * 7
    assert list(demo.differences(seen, wanted)) == []


def test_each_cell_that_differs_is_named(seen: list[tuple[Visitor, Haul]]) -> None:
    wanted = demo.expected()
    wanted["_ga", "no_consent"] = True
    wanted["_ga", "all"] = False
    del wanted["csrftoken", "forged"]
    wanted["_gone", "all_dnt"] = True
    assert sorted(demo.differences(seen, wanted)) == [
        "_ga / all: arrived, and should not",
        "_ga / no_consent: did not arrive, and should",
        "_gone / all_dnt: was never set",
        "csrftoken / forged: arrived, and nothing is said about it",
    ]


def test_once_fails_when_something_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with demo.EXPECTED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("all_dnt")
    row = next(row for row in rows if row[0] == "_fbc")
    row[column] = "kept"
    wrong = tmp_path / "wrong.csv"
    with wrong.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    monkeypatch.setattr(demo, "EXPECTED", wrong)
    monkeypatch.setenv("ONCE", "1")
    assert demo.main() == 1
    assert (
        "Not as expected: _fbc / all_dnt: did not arrive, and should\n" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("PORT", "abc", "PORT is 'abc'; write a number up to 65535"),
        ("PORT", "99999", "PORT is '99999'; write a number up to 65535"),
        ("SITE", "flsk", "SITE is 'flsk'; write one of: flask, starlette"),
    ],
)
def test_a_wrong_setting_is_reported_in_one_line(setting: str, value: str, said: str) -> None:
    run = run_once(**{setting: value})
    assert (run.returncode, run.stdout, run.stderr) == (2, "", f"{said}\n")


def test_a_closed_pipe_gives_no_traceback() -> None:
    run = subprocess.run(
        f"{sys.executable} examples/demo.py | head -n 1",
        shell=True,
        cwd=ROOT,
        env=environment(ONCE="1"),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.stdout.startswith("Seven visitors")
    assert run.stderr == ""


def test_ctrl_c_before_the_table_ends_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("ONCE", "1")
    monkeypatch.setattr(demo, "tours", interrupted)
    assert demo.run() == 130
    assert capsys.readouterr().err == "Interrupted before the shop was open.\n"


def test_a_port_in_use_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server((serving.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        monkeypatch.setenv("SITE", "starlette")
        assert demo.run() == 2
    assert capsys.readouterr().err == f"port {port} is in use; write another PORT, or none\n"
