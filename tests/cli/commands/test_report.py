"""`cookiegate report`: what would have been stripped, where, and how often."""

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


def counted(*rows: VerdictRow, at: float = 1_795_521_600) -> None:
    CountsFile("cookiegate-report.db").add(rows, now=at)


def test_the_table_says_what_would_be_stripped_where_and_how_often(folder: Path) -> None:
    facts: dict[str, Any] = {"category": "analysis", "reason": Reason.NO_CONSENT, "action": "keep"}
    counted(
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


def test_what_is_to_be_mended_is_a_finding(folder: Path) -> None:
    counted(row("who", 2), row("what"))
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
    counted(row("who", **facts))
    assert f"  {outcome}  " in call("report").stdout


def test_one_name_is_one_name(folder: Path) -> None:
    counted(row("who"))
    assert "1 name is not in the registry" in call("report").stdout


def test_a_cookie_without_a_name_is_told_so(folder: Path) -> None:
    counted(row("", reason=Reason.NAMELESS))
    assert "(no name)" in call("report").stdout


def test_more_than_three_routes_are_counted(folder: Path) -> None:
    counted(*(row("who", route=f"/{letter}") for letter in "abcde"))
    assert "  /a, /b, /c and 2 more  " in call("report").stdout


def test_with_all_what_is_as_it_should_be_is_shown_too(folder: Path) -> None:
    facts: dict[str, Any] = {
        "category": "essential",
        "reason": Reason.REQUIRED,
        "action": "keep",
        "allowed": True,
    }
    counted(row("sid", 90, **facts))
    assert "sid" not in call("report").stdout
    assert "Nothing was or would be held back.\n" in call("report").stdout
    assert "sid" in call("report", "--all").stdout
    outlives = row("cart", 1, notes=(Reason.OUTLIVES,), **facts)
    counted(outlives)
    ended = call("report")
    assert ended.exit_code == 1
    assert "Its category is required. It would live longer than the registry declares." in (
        ended.stdout
    )


def test_machines_get_the_facts(folder: Path) -> None:
    counted(row("who", 3, 60.0, route="/a"))
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


def test_entries_are_proposed_ready_to_be_put_in(folder: Path) -> None:
    counted(row("who", 3), row("csrftoken", 7), row("_ga"))
    ended = call("report", "--propose")
    assert ended.exit_code == 0
    text = ended.stdout
    assert text.startswith(
        "# Seen 7 times.\n# The starter registry knows it as csrftoken.\n[[cookies]]\n"
        'name = "csrftoken"\ncategory = "essential"\n'
    )
    assert '\npurpose.en = "Makes sure that a form was sent from this site' in text
    assert "_ga" not in text
    counted(row("_hjid"))
    assert "# Known from hotjar (Hotjar).\n" in call("report", "--propose").stdout
    (folder / "cookiegate-report.db").unlink()
    counted(row("who", 3), row("csrftoken", 7), row("_ga"))
    assert len(Registry.parse(SITE + text).entries) == len(Registry.parse(SITE).entries) + 2
    found = json.loads(call("report", "--propose", "--json").stdout)
    assert found == {"toml": text, "names": ["csrftoken", "who"]}


def test_where_nothing_is_unknown_nothing_is_proposed(folder: Path) -> None:
    counted(row("_ga"))
    ended = call("report", "--propose")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr.startswith("Nothing to propose")


def test_a_file_that_is_not_there_says_how_to_get_one(folder: Path) -> None:
    ended = call("report")
    assert ended.exit_code == 2
    assert 'on_verdict=Counts("cookiegate-report.db")' in ended.stderr


def test_another_file_is_named_by_argument_or_environment(folder: Path) -> None:
    counted(row("who"))
    (folder / "cookiegate-report.db").rename("other.db")
    assert "other.db" in call("report", "other.db").stdout
    assert "other.db" in call("report", env={"COOKIEGATE_REPORT": "other.db"}).stdout


def test_another_programs_file_is_no_report(folder: Path) -> None:
    connection = sqlite3.connect("cookiegate-report.db")
    connection.execute("CREATE TABLE theirs (id)")
    connection.close()
    ended = call("report")
    assert ended.exit_code == 2
    assert "does not hold counts" in ended.stderr


def test_an_empty_report_says_so(folder: Path) -> None:
    counted()
    assert call("report").stdout == (
        "0 cookies judged (cookiegate-report.db).\nNothing was or would be held back.\n"
    )


def test_on_a_terminal_it_keeps_to_the_width(folder: Path) -> None:
    counted(row("a_rather_long_name_of_a_cookie", 3, route="/a/rather/long/route/<int:id>"))
    ended = on_terminal("report", cwd=folder, columns=60, env={"NO_COLOR": "1"})
    plain = re.sub(r"\x1b\[[0-9;]*m", "", ended.out)
    table = plain.partition("\n\n")[2].partition("\n\n")[0]
    assert table.startswith("cookie")
    assert max(len(line) for line in table.splitlines()) <= 60


def test_what_browsers_still_send_is_said_to_be_expired_or_would_be(folder: Path) -> None:
    facts: dict[str, Any] = {"category": "analysis", "reason": Reason.NOT_GRANTED}
    sent = Reason.STILL_SENT
    counted(
        row("_ga", 3, action="sweep", notes=(sent,), **facts),
        row("_gid", 2, action="keep", notes=(sent, Reason.REPORT_MODE), **facts),
        row("who", 1, action="keep", notes=(sent,)),
    )
    lines = call("report").stdout.splitlines()
    said = [line.split()[:4] for line in lines if line.startswith(("_ga ", "_gid", "who"))]
    assert said == [
        ["_ga", "analysis", "expired", "3"],
        ["_gid", "analysis", "would", "be"],
        ["who", "none", "kept", "1"],
    ]
    assert "5 of them were or would be held back." in lines
