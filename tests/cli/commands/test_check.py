"""`cookiegate check`: its output, its formats for machines, and its exit codes."""

import io
import json
import re
import sys
from pathlib import Path

import pytest
from rich.console import Console

from cookiegate.cli.check_run import check_file
from cookiegate.cli.render.check_text import print_checked
from tests.advice.texts import GOOD
from tests.cli.runs import call, command, on_terminal

ACCEPTED = GOOD.replace('"30 days"', '"2 years"\naccepted.capped-lifetime = "As published."')
LACKING = GOOD.replace('without = { en = "w", sv = "w" }\n', "")
BROKEN = '[site]\nname = "S"\nlangauges = ["en"]\n'
ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str, name: str = "cookiegate.toml") -> None:
    Path(name).write_text(text)


def test_a_complete_registry_has_no_findings(folder: Path) -> None:
    write(GOOD)
    ended = call("check")
    assert (ended.exit_code, ended.stdout) == (0, "cookiegate.toml: 2 entries\n")


def test_advice_shows_the_line_the_code_and_what_to_write(folder: Path) -> None:
    write(LACKING)
    ended = call("check")
    assert ended.exit_code == 1
    assert ended.stdout == (
        "cookiegate.toml:14: category 'analysis' does not say what visitors lose by refusing it "
        "[missing-without]\n"
        "       14 | [categories.analysis]\n"
        "          |             ^^^^^^^^\n"
        '          = write without.en = "..."\n'
        "cookiegate.toml: 2 entries, 1 piece of advice\n"
        "To explain a code in brackets: cookiegate check --explain CODE\n"
    )


def test_a_code_is_explained_without_a_registry(folder: Path) -> None:
    ended = call("check", "--explain", "missing-without")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.startswith("A category that does not say what a refusal costs.\n\n")
    assert "(GDPR, recital 42)" in ended.stdout
    ended = call("check", "--explain", "missing-witout")
    assert ended.exit_code == 2
    assert "there is no code 'missing-witout'; write 'missing-without'" in ended.stderr


def test_accepted_advice_is_printed_with_its_reason_and_does_not_fail(folder: Path) -> None:
    write(ACCEPTED)
    ended = call("check")
    assert ended.exit_code == 0
    assert "          = accepted: As published.\n" in ended.stdout
    assert ended.stdout.endswith("cookiegate.toml: 2 entries, 1 accepted\n")


def test_every_problem_of_a_broken_file_is_printed(folder: Path) -> None:
    write(BROKEN)
    ended = call("check")
    assert ended.exit_code == 1
    assert "cookiegate.toml:3: unknown key 'langauges' in [site]\n" in ended.stdout
    assert '        3 | langauges = ["en"]\n' in ended.stdout
    assert ended.stdout.endswith("cookiegate.toml: 2 problems\n")


def test_a_file_that_is_not_text_is_a_problem(folder: Path) -> None:
    Path("cookiegate.toml").write_bytes(b"[site]\n\xff")
    ended = call("check")
    assert ended.exit_code == 1
    assert "cookiegate.toml:2: this is not UTF-8 text\n" in ended.stdout


def test_a_long_line_is_quoted_in_part(folder: Path) -> None:
    write(f"[site]\nname = '{'x' * 5_000}\n")
    assert max(map(len, call("check").stdout.splitlines())) < 300


def test_production_demands_more(folder: Path) -> None:
    write(GOOD.replace('expires = "session"\n', ""))
    assert call("check").exit_code == 0
    ended = call("check", "--production")
    assert ended.exit_code == 1
    assert "'sid' has no lifetime [missing-text]" in ended.stdout
    assert "cookiegate.toml: 2 entries, 1 demand\n" in ended.stdout


def test_several_files_can_be_checked(folder: Path) -> None:
    write(GOOD, "a.toml")
    write(LACKING, "b.toml")
    ended = call("check", "a.toml", "b.toml")
    assert ended.exit_code == 1
    assert ended.stdout.startswith("a.toml: 2 entries\nb.toml:14: ")


def test_the_default_file_comes_from_the_environment(folder: Path) -> None:
    write(GOOD, "a.toml")
    assert call("check", env={"COOKIEGATE_REGISTRY": "a.toml"}).stdout == "a.toml: 2 entries\n"


@pytest.mark.parametrize(
    ("name", "text"), [("no.toml", "create one with: cookiegate init"), (".", "cannot be read")]
)
def test_a_file_that_cannot_be_read_is_wrong_usage(folder: Path, name: str, text: str) -> None:
    ended = call("check", name)
    assert ended.exit_code == 2
    assert text in ended.stderr


def test_many_findings_of_one_kind_are_limited_for_people_only(folder: Path) -> None:
    entry = '[[cookies]]\nname = "v{}"\ncategory = "analysis"\nexpires = "2 years"\n'
    write(GOOD + "".join(entry.format(number) for number in range(1_050)))
    ended = call("check")
    assert ended.stdout.count("[capped-lifetime]") == 20
    more = "cookiegate.toml: and 1,030 more: capped-lifetime (--verbose prints all)\n"
    assert more in ended.stdout
    everything = call("check", "--verbose").stdout
    assert (everything.count("[capped-lifetime]"), "more" in everything) == (1_050, False)
    assert "cookiegate.toml: 1,052 entries, 1,050 pieces of advice\n" in ended.stdout
    (file,) = json.loads(call("check", "--json").stdout)["files"]
    assert len(file["findings"]) == 1_050


def test_accepted_findings_do_not_displace_the_others(folder: Path) -> None:
    entry = '[[cookies]]\nname = "v{}"\ncategory = "analysis"\nexpires = "2 years"\n'
    accepted = entry + 'accepted.capped-lifetime = "As published."\n'
    write(GOOD + "".join(map(accepted.format, range(25))) + entry.format("x"))
    out = call("check").stdout
    assert "'vx' declares 2 years, but browsers keep a cookie for at most 400 days" in out
    assert "and 5 more: capped-lifetime, accepted (--verbose prints all)\n" in out


def test_demands_are_limited_and_problems_never_are(folder: Path) -> None:
    entry = '[[cookies]]\nname = "v{}"\ncategory = "{}"\nexpires = "1 day"\n'
    write(GOOD + "".join(entry.format(number, "analysis") for number in range(30)))
    out = call("check", "--production").stdout
    assert out.count("[missing-text]") == 20
    assert "and 10 more: missing-text (--verbose prints all)\n" in out
    write(GOOD + "".join(entry.format(number, "none") for number in range(30)))
    out = call("check").stdout
    assert out.count("unknown category 'none'\n") == 30
    assert out.endswith("cookiegate.toml: 30 problems\n")


def test_text_from_the_file_cannot_control_a_terminal(folder: Path) -> None:
    # TOML lets both pass: they are escapes there.
    reason = '"""Two\n lines,\\u001b[31m red."""'
    provider = '[services.x]\nprovider = "\\u202eX"\n'
    text = ACCEPTED.replace('"As published."', reason) + provider
    write(text.replace('category = "essential"\n', 'category = "essential"\nservice = "x"\n'))
    out = call("check").stdout
    assert "          = accepted: Two lines,\\x1b[31m red.\n" in out
    assert "'sid' of \\u202eX is required" in out


def test_lines_are_counted_as_in_toml(folder: Path) -> None:
    write(LACKING.replace('name = "S"', 'name = "S\u2028\u0085"'))
    assert "       14 | [categories.analysis]\n" in call("check").stdout


def test_a_byte_order_mark_is_not_quoted(folder: Path) -> None:
    write("\ufeffx = 1\n" + GOOD)
    assert "        1 | x = 1\n          | ^\n" in call("check").stdout


def test_standard_input_can_be_checked() -> None:
    ended = call("check", "-", stdin=BROKEN)
    assert ended.exit_code == 1
    assert "\n<stdin>:3: unknown key 'langauges' in [site]\n" in ended.stdout


def test_a_shipped_file_can_be_checked() -> None:
    ended = call("check", "cookiegate:billogram")
    assert ended.exit_code == 0
    assert re.match(r"cookiegate:billogram:\d+: visitors who refused are asked again", ended.stdout)
    ended = call("check", "cookiegate:biliogram")
    assert ended.exit_code == 1
    assert ended.stdout == (
        "cookiegate:biliogram: Cookiegate ships no registry 'biliogram'\n"
        "          = write 'billogram'\n"
        "cookiegate:biliogram: 1 problem\n"
    )


def test_holds_prints_what_holds_back_each_entry(folder: Path) -> None:
    write(GOOD.replace('name = "visits"', 'name = "visits"\nset_by = "script"'))
    ended = call("check", "--holds")
    assert ended.stdout.endswith("sid     essential: required\nvisits  analysis: sweep\n")
    (file,) = json.loads(call("check", "--holds", "--json").stdout)["files"]
    assert file["holds"][1] == {"names": ["visits"], "category": "analysis", "held_by": ["sweep"]}


def test_json_has_every_finding(folder: Path) -> None:
    write(ACCEPTED)
    assert json.loads(call("check", "--json").stdout) == {
        "files": [
            {
                "file": "cookiegate.toml",
                "entries": 2,
                "findings": [
                    {
                        "kind": "advice",
                        "code": "capped-lifetime",
                        "line": 27,
                        "what": "'visits' declares 2 years, but browsers keep a cookie for at most "
                        "400 days",
                        "hint": 'write expires = "400 days"',
                        "accepted": "As published.",
                    }
                ],
            }
        ]
    }


def test_json_of_a_broken_file_has_no_entries(folder: Path) -> None:
    write(BROKEN)
    (file,) = json.loads(call("check", "--format", "json").stdout)["files"]
    assert (file["entries"], {one["kind"] for one in file["findings"]}) == (0, {"problem"})
    assert call("check", "--holds").stdout.endswith("2 problems\n")


def test_sarif_has_rules_places_and_suppressions(folder: Path) -> None:
    write(ACCEPTED, "a.toml")
    write(BROKEN, "b.toml")
    (run,) = json.loads(call("check", "--format", "sarif", "a.toml", "b.toml").stdout)["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    first, second, _ = run["results"]
    assert {one["ruleId"] for one in run["results"]} <= rules
    assert (first["level"], second["level"]) == ("warning", "error")
    assert first["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "As published."}
    ]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a.toml"}
    assert place["region"] == {"startLine": 27, "startColumn": 12, "endColumn": 19}
    assert run["columnKind"] == "unicodeCodePoints"
    assert "suppressions" not in second
    for one in run["results"]:
        assert run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]


def test_sarif_names_files_by_uri(folder: Path) -> None:
    write(BROKEN, "a b#1.toml")
    names = ["a b#1.toml", str(folder / "a b#1.toml"), "cookiegate:none"]
    (run,) = json.loads(call("check", "--format", "sarif", *names).stdout)["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    uris = list(dict.fromkeys(place["artifactLocation"]["uri"] for place in places))
    assert uris == ["a%20b%231.toml", (folder / "a b#1.toml").as_uri(), "cookiegate%3Anone"]
    assert places[-1]["region"] == {"startLine": 1}


def test_equal_findings_have_different_stable_fingerprints(folder: Path) -> None:
    entry = '[[cookies]]\nname = "v"\ncategory = "analysis"\nexpires = "2 years"\ndomain = "{}"\n'
    text = GOOD + "".join(entry.format(domain) for domain in ("a.example", "b.example"))

    def fingerprints(form: str) -> list[str]:
        answer = json.loads(call("check", "--format", form).stdout)
        if form == "gitlab":
            return [one["fingerprint"] for one in answer]
        return [one["partialFingerprints"]["cookiegate/v1"] for one in answer["runs"][0]["results"]]

    write(text)
    before = fingerprints("gitlab")
    assert len(set(before)) == 2
    assert fingerprints("sarif") == before
    write("# Moved.\n\n" + text)
    assert fingerprints("gitlab") == before


@pytest.mark.parametrize("form", ["json", "sarif", "github", "gitlab"])
def test_formats_for_machines_print_a_summary_to_standard_error(folder: Path, form: str) -> None:
    write(LACKING, "a.toml")
    write(BROKEN, "b.toml")
    ended = call("check", "--format", form, "a.toml", "b.toml")
    assert ended.exit_code == 1
    assert ended.stderr == "a.toml: 2 entries, 1 piece of advice\nb.toml: 2 problems\n"


def test_github_and_gitlab_formats_leave_out_accepted_findings(folder: Path) -> None:
    write(ACCEPTED, "a.toml")
    write(LACKING, "b,c.toml")
    ended = call("check", "--format", "github", "a.toml", "b,c.toml")
    assert ended.exit_code == 1
    assert ended.stdout == (
        "::warning file=b%2Cc.toml,line=14,title=missing-without::category 'analysis' does not "
        'say what visitors lose by refusing it; write without.en = "..."\n'
    )
    (remark,) = json.loads(call("check", "--format", "gitlab", "a.toml", "b,c.toml").stdout)
    assert remark["check_name"] == "missing-without"
    assert remark["location"] == {"path": "b,c.toml", "lines": {"begin": 14}}
    assert len(remark["fingerprint"]) == 32


def test_for_machines_a_problem_of_the_whole_file_is_on_its_first_line(folder: Path) -> None:
    write("")
    assert "line=1," in call("check", "--format", "github").stdout
    assert call("check").exit_code == 1


def test_the_unusual_categories_of_billogram_are_accepted_with_reasons() -> None:
    ended = call("check", str(ROOT / "registry" / "billogram.toml"))
    assert ended.exit_code == 0
    assert "'pi_visitorid' of PubNub is required [required-third-party]" in ended.stdout
    reason = "The published level, though a notice on an invoice needs no visitor id."
    assert f"= accepted: {reason}\n" in ended.stdout
    assert ended.stdout.endswith(": 45 entries, 36 accepted\n")


def test_the_starter_lacks_only_what_the_site_must_write() -> None:
    ended = call("check", str(ROOT / "registry" / "starter.toml"), "--json")
    (file,) = json.loads(ended.stdout)["files"]
    codes = {one["code"] for one in file["findings"]}
    assert codes == {"missing-controller", "missing-authority", "empty-category"}


def test_on_a_terminal_findings_are_coloured_and_never_wrapped(folder: Path) -> None:
    write(LACKING)
    ended = on_terminal("check", cwd=folder, columns=40)
    assert ended.code == 1
    what = "category 'analysis' does not say what visitors lose by refusing it"
    assert f"cookiegate.toml:14: \x1b[35m{what}\x1b[0m" in ended.out


@pytest.mark.parametrize("columns", [10, 40, 80])
def test_on_a_terminal_hints_are_wrapped_and_quoted_lines_are_cut(
    folder: Path, columns: int
) -> None:
    text = ACCEPTED.replace("As published", "As it was published by the company, many years ago")
    write(text.replace("[categories.analysis]", f"[categories.analysis]  # {'how ' * 20}"))
    write(Path("cookiegate.toml").read_text().replace('without = { en = "w", sv = "w" }\n', ""))
    printed = io.StringIO()
    # With a height, too: where TERM is dumb, rich takes no width alone.
    console = Console(file=printed, force_terminal=True, no_color=True, width=columns, height=24)
    print_checked([check_file("cookiegate.toml", production=False)], console)
    lines = re.sub("\x1b[^m]*m", "", printed.getvalue()).splitlines()
    inner = [line for line in lines if line.startswith(" ")]
    assert max(map(len, inner)) <= max(columns, 32)
    assert sum(line.startswith("cookiegate.toml:14: ") for line in lines) == 1
    if columns == 40:
        assert inner[0] == "       14 | [categories.analysis]  # ho…"
        assert [line for line in inner if "|" not in line] == [
            '          = write without.en = "..."',
            "          = accepted: As it was",
            "            published by the company,",
            "            many years ago.",
        ]


def test_a_hundred_thousand_entries_are_checked_in_bounded_memory(folder: Path) -> None:
    entry = '[[cookies]]\nname = "v{}"\ncategory = "analysis"\nexpires = "2 years"\n'
    write(GOOD + "".join(entry.format(number) for number in range(100_000)))
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))\n"
        "from cookiegate.cli.run import run\n"
        "run(['check'])\n"
    )
    ended = command(cwd=folder, program=[sys.executable, "-c", program])
    assert ended.code == 1, ended.err
    assert "100,002 entries, 100,000 pieces of advice\n" in ended.out
