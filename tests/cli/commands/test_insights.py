"""`cookiegate insights`: statistics about visitors' choices."""

import json
import re
import sqlite3
import string
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cookiegate.reports.sqlite import BannerRow, CountsFile
from tests.cli.runs import call, on_terminal
from tests.insights.receipts import receipt
from tests.insights.sites import keep, make_site
from tests.registries import DAY, NOON, SHOP
from tests.reports.rows import row


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("COOKIEGATE_LEDGER", "COOKIEGATE_REPORT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "cookiegate.toml").write_text(SHOP.format(policy="", analysis=""))
    return tmp_path


@pytest.fixture
def site(folder: Path) -> tuple[str, ...]:
    url, report = make_site(folder)
    return "--ledger", url, "--report", str(report)


def test_tables_show_rounded_counts_and_shares(site: tuple[str, ...]) -> None:
    ended = call("insights", *site, "--since", "2026-11-23", "--by", "day")
    assert ended.exit_code == 0
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("From 2026-11-23 on (UTC). Counts are rounded down")
    assert "Banners shown  420  granted 32%, refused 10%, ignored 58%" in lines
    assert "day         banners  granted  refused  ignored" in lines
    assert "2026-11-24      220      33%      10%      57%" in lines
    assert "2026-11-24       70       20" in lines
    assert not any(line.startswith(("fi ", "rare ")) for line in lines)
    assert "Grants by code without evidence  under 10" in lines
    assert "HOW THIS IS COUNTED" in lines
    assert "NOT KNOWN" not in lines


def test_no_output_holds_data_of_a_visitor(site: tuple[str, ...], folder: Path) -> None:
    plain = call("insights", *site, "--html", "page.html").output
    plain += call("insights", *site).output + call("insights", *site, "--json").output
    plain += (folder / "page.html").read_text()
    assert "SECRET" not in plain
    assert "192.0.2" not in plain
    assert "consent.db" not in plain


def test_json_has_the_same_counts_and_no_small_numbers(site: tuple[str, ...]) -> None:
    ended = call("insights", *site, "--json", "--until", "2026-11-24")
    assert ended.exit_code == 0
    found = json.loads(ended.stdout)
    assert (found["since"], found["until"], found["threshold"]) == (None, "2026-11-24", 10)
    assert found["site"] == "Shop"
    assert found["not_known"] == []
    assert found["totals"]["without_evidence"] == "under 10"
    assert found["tables"]["languages"] == [
        {"row": "sv", "title": "sv", "count": 1050, "share": 80},
        {"row": "en", "title": "en", "count": 260, "share": 20},
    ]
    assert (found["by"], found["withdrawals_by"]) == ("day", "month")
    assert found["shares"]["banners"] == {
        "of": 4100,
        "granted": 32,
        "refused": 11,
        "ignored": 57,
    }
    assert found["tables"]["shares_over_time"][-1] == {
        "row": "2026-11-24",
        "title": "2026-11-24",
        "of": 220,
        "granted": 33,
        "refused": 10,
        "ignored": 57,
    }
    assert found["tables"]["withdrawals_over_time"][-1] == {
        "row": "2026-11",
        "title": "2026-11",
        "withdrawn": 180,
    }
    whole = re.findall(r'"(?!granted|refused|ignored|withdrawn|share)\w+": (\d+)', ended.stdout)
    assert min(map(int, whole)) >= 10


def test_the_page_the_terminal_and_json_have_the_same_numbers(
    site: tuple[str, ...], folder: Path
) -> None:
    found = json.loads(call("insights", *site, "--json", "--html", "page.html").stdout)
    page, text = (folder / "page.html").read_text(), call("insights", *site).stdout
    for rows in filter(None, found["tables"].values()):
        for line in rows:
            numbers = [value for key, value in line.items() if key not in ("row", "title")]
            for number in (one for one in numbers if isinstance(one, int)):
                assert f">{number:,}<" in page or f">{number}%<" in page
                assert f" {number:,}" in text or f" {number}%" in text
    for name, share in found["shares"]["banners"].items():
        assert name == "of" or f"<dd>{share}%</dd>" in page


@pytest.mark.parametrize(
    ("unit", "title"),
    [("day", "day "), ("week", "week from"), ("month", "month"), ("year", "year")],
)
def test_time_is_shown_in_the_steps_that_are_asked_for(
    site: tuple[str, ...], unit: str, title: str
) -> None:
    ended = call("insights", *site, "--by", unit)
    assert any(line.startswith(title) for line in ended.stdout.splitlines())
    assert json.loads(call("insights", *site, "--by", unit, "--json").stdout)["by"] == unit


def test_a_threshold_of_one_shows_exact_counts(site: tuple[str, ...]) -> None:
    found = json.loads(call("insights", *site, "--json", "--threshold", "1").stdout)
    assert found["totals"]["without_evidence"] == 1
    assert found["tables"]["languages"][-1]["count"] == 4
    assert found["tables"]["kinds"][1]["count"] == 0
    assert "Counts are exact" in call("insights", *site, "--threshold", "1").stdout


def test_a_threshold_that_hides_nothing_is_wrong_usage(site: tuple[str, ...]) -> None:
    ended = call("insights", *site, "--threshold", "2")
    assert ended.exit_code == 2
    assert "write 3 or more" in ended.stderr


def test_with_html_a_page_is_written_and_nothing_printed(
    site: tuple[str, ...], folder: Path
) -> None:
    ended = call("insights", *site, "--html", "page.html")
    assert (ended.exit_code, ended.output) == (0, "")
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<h1>Consent in numbers: Shop</h1>" in page
    ended = call("insights", *site, "--html", "nowhere/page.html")
    assert ended.exit_code == 2
    assert "'nowhere/page.html' cannot be written: No such file" in ended.stderr


def test_with_one_source_the_other_numbers_are_not_known(folder: Path) -> None:
    url, report = make_site(folder)
    ended = call("insights", "--ledger", url)
    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[-2:] == [
        "NOT KNOWN",
        "How often banners were shown, what was stripped and what is unknown: no file of counts "
        "was read (--report).",
    ]
    assert "Answers       1,760  granted 74%, refused 26%" in ended.stdout
    assert "Banners shown                    not known" in ended.stdout
    found = json.loads(call("insights", "--report", str(report), "--json").stdout)
    assert found["not_known"] == ["What visitors chose: no ledger was read (--ledger)."]
    assert found["totals"]["choices"] is None
    assert found["shares"] == {}
    assert found["tables"]["banners_over_time"][-1]["shown"] == 220
    assert "categories" not in found["tables"]


def test_sources_come_from_the_environment_or_the_default_file(folder: Path) -> None:
    url, report = make_site(folder)
    env = {"COOKIEGATE_LEDGER": url, "COOKIEGATE_REPORT": str(report)}
    expected = call("insights", "--ledger", url, "--report", str(report)).stdout
    assert call("insights", env=env).stdout == expected
    report.rename("cookiegate-report.db")
    assert call("insights", env={"COOKIEGATE_LEDGER": url}).stdout == expected


def test_without_a_source_it_says_what_to_write(folder: Path) -> None:
    ended = call("insights")
    assert ended.exit_code == 2
    assert "write --ledger URL, --report FILE, or both" in ended.stderr


def test_a_missing_source_is_an_error(folder: Path) -> None:
    ended = call("insights", "--ledger", "sqlite:///none.db")
    assert (
        ended.exit_code,
        "there is no file 'none.db'; the site creates it with" in ended.stderr,
    ) == (2, True)
    ended = call("insights", "--report", "none.db")
    assert (
        ended.exit_code,
        "there is no file 'none.db'; the gate of a running" in ended.stderr,
    ) == (2, True)
    ended = call("insights", "--report", "cookiegate.toml")
    assert (ended.exit_code, "does not hold counts" in ended.stderr) == (2, True)


def test_a_file_without_a_ledger_is_an_error_and_gets_no_tables(folder: Path) -> None:
    Path("empty.db").touch()
    ended = call("insights", "--ledger", "sqlite:///empty.db")
    assert (ended.exit_code, "contains no ledger yet" in ended.stderr) == (2, True)
    with closing(sqlite3.connect("empty.db")) as database:
        assert database.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_a_file_without_banners_says_how_to_count_them(folder: Path) -> None:
    CountsFile("cookiegate-report.db").add([row("who", 30)], now=1)
    ended = call("insights")
    assert "Pages(gate, on_banner=Banners(FILE))" in ended.stdout
    assert "Nothing to show yet: Cookies stripped." in ended.stdout


def test_suppressed_values_are_marked(folder: Path) -> None:
    receipts = [
        receipt(id=f"{day}-{number}", time=NOON + day * DAY)
        for day in range(10)
        for number in range(19 if day else 9)
    ]
    receipts += [receipt("analysis", id=f"g{number}") for number in range(20)]
    keep("sqlite:///consent.db", receipts)
    CountsFile("cookiegate-report.db").add_banners(
        [BannerRow(day="2026-11-24", language="sv", count=50)]
    )
    period = ("--since", "2026-11-24", "--until", "2026-12-03")
    url = "sqlite:///consent.db"
    by_day = ("--by", "day", "--json")
    found = json.loads(call("insights", "--ledger", url, *by_day, *period).stdout)
    assert found["tables"]["choices_over_time"][0] == {
        "row": "2026-11-24",
        "title": "2026-11-24",
        "granted": 20,
        "refused": "left out",
    }
    assert found["tables"]["withdrawals_over_time"] is None


def test_a_small_site_learns_why_nothing_is_shown(folder: Path) -> None:
    keep("sqlite:///consent.db", [receipt("analysis", id="one"), receipt(id="two")])
    arguments = ("insights", "--ledger", "sqlite:///consent.db")
    sentence = "No count has reached 10 yet, so none is shown."
    assert sentence in call(*arguments).stdout
    assert sentence not in call(*arguments, "--threshold", "1").stdout
    call(*arguments, "--html", "page.html")
    assert sentence in (folder / "page.html").read_text()


@pytest.mark.parametrize("time", [253_402_300_000, 10**15, 2**60])
def test_a_receipt_of_any_time_is_no_error(folder: Path, time: int) -> None:
    receipts = [receipt("analysis", id=f"r{number}", time=time) for number in range(12)]
    keep("sqlite:///consent.db", [*receipts, receipt(id="usual")])
    for option in ("--json", "--threshold=1", "--html=page.html"):
        ended = call("insights", "--ledger", "sqlite:///consent.db", option)
        assert ended.exit_code == 0
        assert ended.output.count("\n") < 200


def test_the_number_of_unlisted_names_is_shown(folder: Path) -> None:
    names = [f"{letter}_cart" for letter in string.ascii_lowercase[:23]]
    CountsFile("cookiegate-report.db").add([row(name, 30) for name in names], now=1)
    assert "And 3 more that are not listed." in call("insights").stdout


def test_the_last_day_must_not_be_before_the_first(site: tuple[str, ...]) -> None:
    ended = call("insights", *site, "--since", "2026-11-02", "--until", "2026-11-01")
    assert ended.exit_code == 2
    assert "--until 2026-11-01 is before --since 2026-11-02" in ended.stderr
    ended = call("insights", *site, "--since", "yesterday")
    assert ended.exit_code == 2
    assert "'--since': 'yesterday' is no day; write one such as 2026-11-24" in ended.stderr


def test_a_terminal_reads_that_the_page_was_written(site: tuple[str, ...], folder: Path) -> None:
    ended = on_terminal("insights", *site, "--html", "page.html", cwd=folder)
    assert (ended.code, ended.out) == (0, "Wrote page.html\n")


def test_without_a_registry_categories_are_shown_by_id(site: tuple[str, ...], folder: Path) -> None:
    (folder / "cookiegate.toml").unlink()
    ended = call("insights", *site)
    assert ended.exit_code == 0
    assert re.search(r"^analysis +1,310 +100%$", ended.stdout, re.MULTILINE)
    assert call("insights", *site, "--registry", "none.toml").exit_code == 2
    named = call("insights", *site, "--registry", "cookiegate:billogram")
    assert re.search(r"^Analysis +1,310 +100%$", named.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("module", "needs"),
    [("cookiegate.insights.page", "--html"), ("cookiegate.insights.ledger_source", "--ledger")],
)
def test_a_missing_extra_is_named(
    site: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, module: str, needs: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    ended = call("insights", *site, "--html", "page.html")
    assert ended.exit_code == 2
    assert f"{needs} needs" in ended.stderr
    assert "pip install 'cookiegate[insights]'" in ended.stderr


def test_on_a_terminal_output_fits_the_width(site: tuple[str, ...], folder: Path) -> None:
    ended = on_terminal("insights", *site, cwd=folder, columns=60, env={"NO_COLOR": "1"})
    plain = re.sub(r"\x1b\[[0-9;]*m", "", ended.out)
    assert "GRANTS BY CATEGORY" in plain
    assert max(len(line) for line in plain.splitlines()) <= 60


def test_a_huge_threshold_is_refused(site: tuple[str, ...]) -> None:
    # No chart has a scale for it.
    ended = call("insights", *site, "--threshold", "1" + "0" * 320, "--html", "page.html")
    assert ended.exit_code == 2
    assert "--threshold" in ended.stderr
    ended = call("insights", *site, "--threshold", "1000000", "--html", "page.html")
    assert ended.exit_code == 0
