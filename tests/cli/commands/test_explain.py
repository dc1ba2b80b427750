"""`cookiegate explain`, as text and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete

from cookiegate.cli.group import cli
from tests.cli.runs import call, command, on_terminal
from tests.registries import SERVICES, SHOP

FILE = SHOP.format(policy='lifetime = "report"', analysis="")
LINES = FILE.splitlines()
OPTIONAL = ["functional", "comfort", "analysis", "marketing", "empty"]
GA = 'name = "_ga"'


@pytest.fixture(autouse=True)
def shop_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the shop's registry."""
    (tmp_path / "cookiegate.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explain_rows(*arguments: str) -> dict[str, str]:
    """Return the text beside each label, with several lines joined."""
    result = call("explain", *arguments)
    assert result.exit_code == 0, result.stderr
    rows: dict[str, str] = {}
    label = ""
    first = result.stdout.splitlines()[0]
    margin = first.index(first.split()[1])
    for line in filter(None, result.stdout.splitlines()):
        label = line[:margin].strip() or label
        rows[label] = f"{rows.get(label, '')} {line[margin:]}".strip()
    return rows


def explain_json(*arguments: str) -> dict[str, Any]:
    result = call("explain", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def line_of(text: str) -> int:
    """Return the number of the line where the entry with this text begins."""
    return LINES.index(text)


def test_a_name_is_explained_to_people() -> None:
    assert explain_rows("_ga") == {
        "verdict": "stripped (no_consent) The visitor has made no choice yet.",
        "header": "_ga=1; Path=/",
        "sent": "nothing",
        "visitor": "has made no choice; allows essential",
        "name": "_ga",
        "matched": f"_ga (cookiegate.toml:{line_of(GA)}) It is this very name.",
        "category": "analysis",
        "domains": "this site",
        "lifetime": "730 days",
    }


def test_a_header_is_explained_with_its_notes() -> None:
    rows = explain_rows("Set-Cookie: _ga=2; Max-Age=99999999", "--consent", "analysis")
    assert rows["verdict"] == "kept (allowed) The visitor allows its category."
    assert rows["note"] == "It would live longer than the registry declares. (outlives)"
    assert rows["header"] == "_ga=2; Max-Age=99999999"
    assert rows["sent"] == "unchanged"
    assert rows["visitor"] == "has chosen analysis; allows analysis, essential"


def test_a_rewritten_header_is_shown() -> None:
    rows = explain_rows("_ga=2; Max-Age=0")
    assert rows["verdict"].startswith("rewritten (deletion) ")
    assert rows["sent"] == "_ga=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


def test_the_service_and_the_losing_entries_are_shown() -> None:
    rows = explain_rows("SID", "--host", "google.com")
    assert rows["service"] == "google, by Google"
    assert rows["domains"] == "google.com, google.se"
    assert rows["lifetime"] == "not declared"
    assert rows["elsewhere"].endswith("It is for shop.example, and this cookie for google.com.")


def test_each_of_several_names_is_explained() -> None:
    result = call("explain", "=_ga=1")
    named = [line.split(maxsplit=1)[1] for line in result.stdout.splitlines() if "name " in line]
    assert named == ["(no name): some browsers store it without a name", "_ga"]


def test_only_a_similar_name_gets_a_suggestion() -> None:
    rows = explain_rows("_GA")
    assert rows["matched"] == "no entry"
    assert rows["near"] == "_ga is in the registry; did you mean it?"
    assert "near" not in explain_rows("zzzz")


def test_an_entry_that_no_header_sets_is_marked() -> None:
    assert explain_rows("ls_only")["not this"].startswith(
        "a local_storage entry, which no header sets"
    )


def test_the_consent_cookie_is_built_in() -> None:
    rows = explain_rows("__Host-cookiegate", "--consent", "analysis")
    assert rows["verdict"].startswith("kept (consent_cookie)")
    assert rows["matched"] == "__Host-cookiegate (built in) It is Cookiegate's own."
    assert rows["set by"] == "a server"


def test_built_in_cookies_have_no_category_if_none_is_required() -> None:
    Path("cookiegate.toml").write_text(
        '[site]\nname = "a"\nlanguages = ["en"]\n[categories.a]\ntitle.en = "A"\n', encoding="utf-8"
    )
    assert "category" not in explain_rows("__Host-cookiegate")
    entry = explain_json("__Host-cookiegate")["names"][0]["matches"][0]["entry"]
    assert (entry["category"], entry["line"]) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "visitor"),
    [
        (["--consent", "analysis", "--dnt"], "has chosen analysis; dnt in force; allows essential"),
        (
            ["--consent", "analysis, functional", "--consent=analysis", "--gpc"],
            "has chosen analysis, functional; gpc in force; allows essential, functional",
        ),
        (["--status", "given"], "has refused everything optional; allows essential"),
        (
            ["--status", "expired", "--consent", "analysis"],
            "made a choice that has expired; allows essential",
        ),
        (["--status", "invalid"], "sends a consent cookie that is not valid; allows essential"),
        (
            ["--status", "outdated"],
            "made a choice about another version of the registry; allows essential",
        ),
    ],
)
def test_options_describe_the_visitor(arguments: list[str], visitor: str) -> None:
    assert explain_rows("_ga", *arguments)["visitor"] == visitor


def test_in_report_mode_a_forbidden_cookie_is_kept() -> None:
    rows = explain_rows("_ga", "--mode", "report")
    assert rows["verdict"].startswith("kept, though it is not allowed (no_consent)")
    assert rows["note"].endswith("(report_mode)")


def test_texts_are_shown_in_the_first_language_and_escaped() -> None:
    Path("cookiegate.toml").write_text(
        """
[site]
name = "Shop"
languages = ["sv", "en"]
[categories.a]
required = true
title.sv = "Nödvändiga\\u001b[2J"
title.en = "Essential"
[services.s]
[[cookies]]
name = "a"
service = "s"
category = "a"
set_by = "script"
purpose.sv = ["En sak.", "En annan."]
purpose.en = "A thing."
""",
        encoding="utf-8",
    )
    rows = explain_rows("a")
    assert rows["category"] == "a (Nödvändiga\\x1b[2J), required"
    assert rows["service"] == "s"
    assert rows["set by"] == "a script in the browser, out of the gate's reach"
    assert rows["purpose"] == "En sak. En annan."
    entry = explain_json("a")["names"][0]["matches"][0]["entry"]
    assert entry["purpose"] == {"sv": ["En sak.", "En annan."], "en": ["A thing."]}


def test_json_has_the_whole_explanation() -> None:
    assert explain_json("_gat_x=1", "--consent", "analysis", "--host", "shop.example") == {
        "registry": "cookiegate.toml",
        "header": "_gat_x=1",
        "host": "shop.example",
        "visitor": {
            "status": "given",
            "granted": ["analysis"],
            "signals": [],
            "allowed": ["analysis", "essential"],
        },
        "verdict": {
            "allowed": True,
            "action": "keep",
            "name": "_gat_x",
            "category": "analysis",
            "reason": "allowed",
            "text": "The visitor allows its category.",
            "notes": [],
            "header": "_gat_x=1",
        },
        "names": [
            {
                "name": "_gat_x",
                "matches": [
                    {
                        "written": "_gat_*",
                        "rank": [5, 0, 5],
                        "outcome": "meant",
                        "why": "It is the only pattern that matches.",
                        "built_in": False,
                        "entry": {
                            "line": line_of(GA.replace("_ga", "_gat_*")),
                            "names": ["_gat_*"],
                            "kind": "cookie",
                            "category": "analysis",
                            "service": None,
                            "part": "analysis",
                            "provider": None,
                            "domains": [],
                            "expires": "1 minute",
                            "set_by": None,
                            "purpose": {},
                        },
                    }
                ],
                "near": None,
                "not_cookies": [],
            }
        ],
    }


def test_json_has_no_header_for_a_stripped_cookie() -> None:
    answer = explain_json("_ga")
    assert answer["verdict"]["header"] is None
    assert explain_json("SID", "--host", "google.com")["names"][0]["matches"][0]["entry"][
        "provider"
    ] == ("Google")
    (note,) = explain_json("_ga", "--mode", "report")["verdict"]["notes"]
    assert note == {
        "reason": "report_mode",
        "text": "Nothing was changed: the site or the category only reports.",
    }
    (entry,) = explain_json("ls_only")["names"][0]["not_cookies"]
    assert entry["kind"] == "local_storage"


def test_bytes_and_control_characters_are_escaped(shop_folder: Path) -> None:
    odd = b"a\\\xff\xc3\xb6\x1b[31m\xe2\x80\xae=1\r\n"
    ended = command("explain", odd, cwd=shop_folder)
    assert "header   a\\\\\\xffö\\x1b[31m\\u202e=1\\r\\n\n" in ended.out
    answer = json.loads(command("explain", "--json", odd, cwd=shop_folder).out)
    assert answer["header"].encode("latin-1") == odd
    assert answer["names"][0]["name"].startswith("a\\\\xffö\x1b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "write a cookie, as a name or a header"),
        (["_ga", "--consent", "analytics"], "unknown category 'analytics'; write 'analysis'"),
        (["_ga", "--status", "lapsed"], "'lapsed' is not one of"),
        (["_ga", "--status", "missing", "--consent", "analysis"], "leave one of them out"),
        (["_ga", "--status", "invalid", "--consent", "analysis"], "leave one of them out"),
        (["_ga", "--registry", "none.toml"], "there is no file 'none.toml'; write another name"),
        (["_ga", "--registry", "."], "'.' cannot be read: Is a directory"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_to_write(arguments: list[str], message: str) -> None:
    result = call("explain", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_the_option_overrides_the_registry_of_the_environment() -> None:
    env = {"COOKIEGATE_REGISTRY": "cookiegate:billogram"}
    assert json.loads(call("explain", "_ga", "--json", env=env).stdout)["registry"] == (
        "cookiegate:billogram"
    )
    result = call("explain", "_ga", "--json", "--registry", "cookiegate.toml", env=env)
    assert json.loads(result.stdout)["registry"] == "cookiegate.toml"


def test_a_registry_with_problems_ends_with_1_and_a_line_for_each() -> None:
    Path("cookiegate.toml").write_text(FILE.replace("expires", "expirs"), encoding="utf-8")
    result = call("explain", "_ga")
    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert len(lines) == FILE.count("expires")
    assert all(line.startswith("cookiegate.toml:") for line in lines)
    assert lines[0].endswith("unknown key 'expirs' in [[cookies]]; write 'expires'")


def test_problems_of_a_registry_are_available_as_json() -> None:
    Path("cookiegate.toml").write_text(FILE.replace("730 days", "730 dags"), encoding="utf-8")
    result = call("explain", "_ga", "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert json.loads(result.stdout) == {
        "problems": [
            {
                "source": "cookiegate.toml",
                "line": line_of('expires = "730 days"') + 1,
                "what": "unknown unit 'dags' in lifetime '730 dags'",
                "hint": 'write "730 days"',
            }
        ]
    }


@pytest.mark.parametrize("columns", [40, 80])
def test_on_a_terminal_no_line_is_too_long(shop_folder: Path, columns: int) -> None:
    ended = on_terminal(
        "explain", f"SID={'v' * 90}", cwd=shop_folder, columns=columns, env={"NO_COLOR": "1"}
    )
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert "\x1b[3" not in ended.out  # no colour
    plain = [line.replace("\x1b[1m", "").replace("\x1b[2m", "") for line in lines]
    plain = [line.replace("\x1b[0m", "") for line in plain]
    assert columns - 2 <= max(map(len, plain)) <= columns
    assert [line for line in plain if line != line.rstrip()] == []


def test_only_a_terminal_gets_colours(shop_folder: Path) -> None:
    assert (
        "\x1b[31mstripped (no_consent)\x1b[0m" in on_terminal("explain", "_ga", cwd=shop_folder).out
    )
    long = f"SID={'v ' * 90}1"
    piped = command("explain", long, cwd=shop_folder, env={"COLUMNS": "30"}).out
    assert "\x1b" not in piped
    assert f"header    {long}\n" in piped


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        (["ex"], ["explain"]),
        (["explain", "--cons"], ["--consent"]),
        (["explain", "_ga", "--consent", ""], OPTIONAL),
        (["explain", "_ga", "--consent", "an"], ["analysis"]),
        (["explain", "_ga", "--consent", "analysis,f"], ["analysis,functional"]),
        (["explain", "_ga", "--consent", "analysis,a"], []),
        (["explain", "cs"], ["csrf"]),
        (["explain", "_g"], ["_ga"]),
        (["explain", "--registry", "none.toml", "cs"], []),
        (["explain", "--registry", "none.toml", "_ga", "--consent", ""], []),
        (["explain", "--status", "o"], ["outdated"]),
        (["completion", ""], ["bash", "fish", "zsh"]),
        (["--ver"], ["--version"]),
    ],
)
def test_commands_options_and_values_are_completed(
    words: list[str], completions: list[str], shop_folder: Path
) -> None:
    *before, incomplete = words
    found = ShellComplete(cli, {}, "cookiegate", "_COOKIEGATE_COMPLETE").get_completions(
        before, incomplete
    )
    assert [one.value for one in found] == completions


def test_a_sweep_lists_names_and_deletion_targets() -> None:
    rows = explain_rows("--sweep", "--host", "www.google.com", "--path", "/a b", "--dnt", "NID")
    assert rows == {
        "sweep": "deleted after a refusal or under a signal",
        "name": "NID",
        "category": "marketing: The visitor has made no choice yet.",
        "deleted at": (
            "this host, path / google.com, path / www.google.com, path / "
            "this host, path /, in its partition this host, path /a%20b "
            "google.com, path /a%20b www.google.com, path /a%20b"
        ),
    }


def test_a_sweep_without_a_name_lists_every_cookie_that_is_not_allowed() -> None:
    listed = explain_json("--sweep", "--consent", "marketing")
    assert listed["rule"] == "on"
    # SID is Google's and the shop's own: shared with what is required, it stays.
    assert [one["cookie"] for one in listed["swept"]] == [
        *("lang", "theme", "prefs[theme]", "_ga", "_gat_*"),
    ]
    assert listed["swept"][3] == {
        "cookie": "_ga",
        "category": "analysis",
        "reason": "not_granted",
        "places": [
            {"domain": None, "path": "/", "partitioned": False},
            {"domain": None, "path": "/", "partitioned": True},
        ],
    }


def test_a_sweep_says_that_no_set_cookie_can_delete_a_name_beyond_ascii() -> None:
    assert explain_rows("--sweep", "küche")["deleted at"].startswith("nowhere: No Set-Cookie can")
    assert explain_json("--sweep", "küche")["swept"][0]["places"] == []


@pytest.mark.parametrize("name", ["sid", "unknown", "ls_only"])
def test_a_sweep_says_if_there_is_nothing_to_delete(name: str) -> None:
    assert explain_rows("--sweep", name)["sweep"].endswith("or none of them is in the registry.")


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ('mode = "report"', "nothing is deleted: the site only reports"),
        ('sweep = "off"', 'nothing is deleted: [policy] sweep is "off"'),
        ('sweep = "report"', 'nothing is deleted, only reported: [policy] sweep is "report"'),
        ('sweep = "always"', "deleted, also for visitors who have made no choice"),
    ],
)
def test_a_sweep_shows_the_rule_of_the_policy(policy: str, words: str) -> None:
    text = SHOP.format(policy=policy, analysis="")
    Path("cookiegate.toml").write_text(text, encoding="utf-8")
    assert explain_rows("--sweep", "_ga")["sweep"] == words


def test_without_a_cookie_it_says_what_to_write() -> None:
    ended = call("explain")
    assert ended.exit_code == 2
    assert "write a cookie, as a name or a header, or --sweep" in ended.stderr


def test_the_service_that_a_visitor_must_allow_is_named(shop_folder: Path) -> None:
    text = SERVICES.format(granularity="service", policy="")
    (shop_folder / "cookiegate.toml").write_text(text, encoding="utf-8")
    refused = explain_rows("_map", "--consent", "analysis:counter")
    assert refused["chosen as"] == "analysis:heat_maps: not allowed"
    assert refused["visitor"] == ("has chosen analysis:counter; allows analysis:counter, essential")
    assert explain_rows("_count", "--consent", "analysis")["chosen as"] == (
        "analysis:counter: allowed"
    )
    assert "chosen as" not in explain_rows("sid")
