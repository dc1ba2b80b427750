"""`cookiegate report`: what was or would be stripped, where and how often."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Reason, Registry
from cookiegate.reports.sqlite import CountsFile
from cookiegate.reports.tally import VerdictRow
from tests.cli.runs import call, on_terminal
from tests.registries import SHOP
from tests.reports.rows import row

SITE = SHOP.format(policy="", analysis="")
REPORT = (Reason.REPORT_MODE,)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cookiegate.toml").write_text(SITE)
    return tmp_path


def count(*rows: VerdictRow, at: float = 1_795_521_600) -> None:
    CountsFile("cookiegate-report.db").add(rows, now=at)


def test_the_table_shows_what_would_be_stripped_where_and_how_often(folder: Path) -> None:
    facts: dict[str, Any] = {"category": "analysis", "reason": Reason.NO_CONSENT, "action": "keep"}
    count(
        row("_ga", 1200, notes=REPORT, route="/", **facts),
        row("_ga", 4, notes=REPORT, route="/users/<id>", **facts),
        row("sid", 90, category="essential", reason=Reason.REQUIRED, action="keep", allowed=True),
    )
    ended = call("report")
    assert ended.exit_code == 0
    assert ended.stdout == (
        "1,294 cookies judged from 2026-11-24 12:00 to 2026-11-24 12:00 UTC "
        "(cookiegate-report.db).\n\n"
        "cookie  category  outcome            times  where           why\n"
        "_ga     analysis  would be stripped  1,204  /, /users/<id>  "
        "The visitor has made no choice yet.\n\n"
        "1,204 of them were or would be held back.\n"
    )


def test_an_unknown_cookie_is_a_finding(folder: Path) -> None:
    count(row("who", 2), row("what"))
    ended = call("report")
    assert ended.exit_code == 1
    assert "2 names are not in the registry; to add: cookiegate report --propose\n" in ended.stdout
    assert "who     none      stripped      2  not known  It is not in the registry.\n" in (
        ended.stdout
    )


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"reason": Reason.DELETION, "action": "rewrite"}, "only deletes"),
        ({"reason": Reason.DELETION, "action": "keep", "notes": REPORT}, "would only delete"),
        ({"reason": Reason.UNKNOWN_ALLOWED, "action": "keep", "allowed": True}, "kept"),
    ],
)
def test_each_outcome_has_a_word(folder: Path, facts: dict[str, Any], outcome: str) -> None:
    count(row("who", **facts))
    assert f"  {outcome}  " in call("report").stdout


def test_one_unknown_name_is_counted_in_the_singular(folder: Path) -> None:
    count(row("who"))
    assert "1 name is not in the registry" in call("report").stdout


def test_a_cookie_without_a_name_is_marked(folder: Path) -> None:
    count(row("", reason=Reason.NAMELESS))
    assert "(no name)" in call("report").stdout


def test_of_many_routes_three_are_shown(folder: Path) -> None:
    count(*(row("who", route=f"/{letter}") for letter in "abcde"))
    assert "  /a, /b, /c and 2 more  " in call("report").stdout


def test_all_also_shows_cookies_that_need_no_attention(folder: Path) -> None:
    facts: dict[str, Any] = {
        "category": "essential",
        "reason": Reason.REQUIRED,
        "action": "keep",
        "allowed": True,
    }
    count(row("sid", 90, **facts))
    assert "sid" not in call("report").stdout
    assert "Nothing was or would be held back.\n" in call("report").stdout
    assert "sid" in call("report", "--all").stdout
    outlives = row("cart", 1, notes=(Reason.OUTLIVES,), **facts)
    count(outlives)
    ended = call("report")
    assert ended.exit_code == 1
    assert "Its category is required. It would live longer than the registry declares." in (
        ended.stdout
    )


def test_json_has_the_counted_rows(folder: Path) -> None:
    count(row("who", 3, 60.0, route="/a"))
    ended = call("report", "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout) == {
        "rows": [
            {
                "cookie": "who",
                "category": None,
                "reason": "unknown",
                "action": "strip",
                "allowed": False,
                "notes": [],
                "route": "/a",
                "count": 3,
                "lifetime": 60.0,
                "first_seen": 1_795_521_600,
                "last_seen": 1_795_521_600,
            }
        ]
    }


def test_proposed_entries_are_valid(folder: Path) -> None:
    count(row("who", 3), row("csrftoken", 7), row("_ga"))
    ended = call("report", "--propose")
    assert ended.exit_code == 0
    text = ended.stdout
    assert text.startswith(
        "# Seen 7 times.\n# The starter registry knows it as csrftoken.\n[[cookies]]\n"
        'name = "csrftoken"\ncategory = "essential"\n'
    )
    assert '\npurpose.en = "Makes sure that a form was sent from this site' in text
    assert "_ga" not in text
    count(row("_hjid"))
    assert "# Known from hotjar (Hotjar).\n" in call("report", "--propose").stdout
    (folder / "cookiegate-report.db").unlink()
    count(row("who", 3), row("csrftoken", 7), row("_ga"))
    # The unknown one waits for a person.
    assert len(Registry.parse(SITE + text).entries) == len(Registry.parse(SITE).entries) + 1
    found = json.loads(call("report", "--propose", "--json").stdout)
    assert found == {"toml": text, "names": ["csrftoken", "who"]}


def test_what_is_pasted_settles_the_report(folder: Path) -> None:
    count(row("XSRF-TOKEN", 3), row("_hjid", 7, notes=REPORT, action="keep"))
    assert call("report").exit_code == 1
    text = call("report", "--propose").stdout
    (folder / "cookiegate.toml").write_text(f"{SITE}\n{text}")
    ended = call("report")
    assert ended.exit_code == 0
    assert "2 names were unknown and are in the registry now.\n" in ended.stdout
    assert "XSRF-TOKEN" not in ended.stdout
    assert "It is in the registry now." in call("report", "--all").stdout
    assert json.loads(call("report", "--json").stdout) == {"rows": []}
    assert call("report", "--propose").stderr.startswith("Nothing to propose: the registry has")


def test_the_registry_that_is_given_judges(folder: Path) -> None:
    count(row("who"))
    (folder / "other.toml").write_text(SITE + '[[cookies]]\nname = "who"\ncategory = "analysis"\n')
    assert call("report").exit_code == 1
    assert call("report", "--registry", "other.toml").exit_code == 0
    assert call("report", "--registry", "none.toml").exit_code == 2
    (folder / "cookiegate.toml").unlink()
    assert call("report").exit_code == 1


def test_a_cookie_whose_entry_is_gone_is_a_finding(folder: Path) -> None:
    count(row("gone", category="analysis", reason=Reason.NO_CONSENT))
    ended = call("report")
    assert ended.exit_code == 1
    assert "1 name is not in the registry" in ended.stdout


def test_without_cookies_nothing_is_proposed(folder: Path) -> None:
    count()
    ended = call("report", "--propose")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr == "Nothing to propose: no cookies were seen yet.\n"


HOSTILE = "\x1b]0;owned\x07\x1b[31m\u202eabc\x9b31m\n\r"


@pytest.mark.parametrize(
    ("column", "value", "is_readable"),
    [
        ("subject", HOSTILE, True),
        ("subject", "who\nname = 1", True),
        ("category", HOSTILE, True),
        ("route", HOSTILE, True),
        ("subject", b"\xff", False),
        ("subject", None, False),
        ("reason", "future_reason", False),
        ("action", "explode", False),
        ("allowed", 7, False),
        ("notes", "unknown reason", False),
        ("count", -1, False),
        ("count", "many", False),
        ("lifetime", float("inf"), False),
        ("lifetime", -1.0, False),
        ("lifetime", "long", False),
        ("first_seen", 2**62, True),
        ("last_seen", 10**15, True),
        ("first_seen", -1, False),
    ],
)
@pytest.mark.parametrize("option", ["--all", "--propose", "--json"])
def test_a_hostile_file_prints_no_control_character(
    folder: Path, column: str, value: object, is_readable: bool, option: str
) -> None:
    count(row("who", 2, 60.0))
    hostile = sqlite3.connect("cookiegate-report.db")
    with hostile:
        hostile.execute("PRAGMA ignore_check_constraints = 1")
        hostile.execute("CREATE TABLE copy AS SELECT * FROM verdicts")
        hostile.execute("DROP TABLE verdicts")
        hostile.execute("ALTER TABLE copy RENAME TO verdicts")
        hostile.execute(f"UPDATE verdicts SET {column} = ?", (value,))
    hostile.close()
    ended = call("report", option)
    assert isinstance(ended.exception, SystemExit | None)
    assert ended.exit_code in ((0, 1) if is_readable else (2,))
    assert ended.output.replace("\n", "").isprintable()
    if not is_readable:
        assert ended.stderr.count("\n") == 1


def test_without_unknown_cookies_nothing_is_proposed(folder: Path) -> None:
    count(row("_ga"))
    ended = call("report", "--propose")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr.startswith("Nothing to propose")


def test_a_missing_file_says_how_it_is_written(folder: Path) -> None:
    ended = call("report")
    assert ended.exit_code == 2
    assert 'on_verdict=Counts("cookiegate-report.db")' in ended.stderr


def test_the_file_comes_from_the_argument_or_the_environment(folder: Path) -> None:
    count(row("who"))
    (folder / "cookiegate-report.db").rename("other.db")
    assert "other.db" in call("report", "other.db").stdout
    assert "other.db" in call("report", env={"COOKIEGATE_REPORT": "other.db"}).stdout


def test_a_file_of_another_program_is_an_error(folder: Path) -> None:
    connection = sqlite3.connect("cookiegate-report.db")
    connection.execute("CREATE TABLE theirs (id)")
    connection.close()
    ended = call("report")
    assert ended.exit_code == 2
    assert "does not hold counts" in ended.stderr


def test_a_file_that_cannot_be_read_is_an_error(folder: Path) -> None:
    ended = call("report", ".")
    assert (ended.exit_code, ended.stderr.count("\n")) == (2, 1)


def test_a_file_whose_tables_were_changed_is_an_error_that_names_it(folder: Path) -> None:
    count(row("_ga"))
    connection = sqlite3.connect("cookiegate-report.db")
    connection.execute("ALTER TABLE verdicts RENAME TO others")
    connection.close()
    ended = call("report")
    assert (ended.exit_code, ended.stderr.count("\n")) == (2, 1)
    assert "cookiegate-report.db: no such table" in ended.stderr


def test_an_empty_report_says_so(folder: Path) -> None:
    count()
    ended = call("report")
    assert (ended.exit_code, ended.stdout) == (
        0,
        "No cookies were seen yet (cookiegate-report.db).\n",
    )
    assert call("report", "--json").stdout == '{\n  "rows": []\n}\n'


def test_on_a_terminal_output_fits_the_width(folder: Path) -> None:
    count(row("a_rather_long_name_of_a_cookie", 3, route="/a/rather/long/route/<int:id>"))
    ended = on_terminal("report", cwd=folder, columns=60, env={"NO_COLOR": "1"})
    plain = re.sub(r"\x1b\[[0-9;]*m", "", ended.out)
    table = plain.partition("\n\n")[2].partition("\n\n")[0]
    assert table.startswith("cookie")
    assert max(len(line) for line in table.splitlines()) <= 60


def test_cookies_that_browsers_still_send_are_or_would_be_expired(folder: Path) -> None:
    facts: dict[str, Any] = {"category": "analysis", "reason": Reason.NOT_GRANTED}
    sent = Reason.STILL_SENT
    count(
        row("_ga", 3, action="sweep", notes=(sent,), **facts),
        row("_gid", 2, action="keep", notes=(sent, Reason.REPORT_MODE), **facts),
        row("who", 1, action="keep", notes=(sent,)),
    )
    lines = call("report").stdout.splitlines()
    outcomes = [line.split()[:4] for line in lines if line.startswith(("_ga ", "_gid", "who"))]
    assert outcomes == [
        ["_ga", "analysis", "expired", "3"],
        ["_gid", "analysis", "would", "be"],
        ["who", "none", "kept", "1"],
    ]
    assert "5 of them were or would be held back." in lines
