"""`cookiegate policy`: the page of the policy, as Markdown and HTML."""

import html
import re
import sys
from pathlib import Path

import pytest

from tests.cli.runs import call
from tests.pages.support import TEXT


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("cookiegate.toml").write_text(TEXT.format(site="updated = 2026-11-24", policy=""))
    return tmp_path


def test_markdown_has_the_tables_and_escapes_the_registrys_texts() -> None:
    ended = call("policy")
    assert ended.exit_code == 0
    text = ended.stdout
    assert text.startswith("# Cookie policy\n\nThis page shows what Shop & Co")
    assert "Version 2, updated on 24 November 2026." in text
    assert "| Name | Owner | Kept for | Purpose | Set by |\n|---|---|---|---|---|\n" in text
    row = "| Counter: \\_ga, \\_ga\\_… (name not confirmed) | Shop & Co | 730 days | Counts. Sums. "
    assert f"{row}On each page. | A script" in text
    assert "| thing (Local storage) | " in text
    assert "Not stated You could not log in." not in text
    assert "Counts \\<b\\>visits\\</b\\>." in text
    assert "- Google, Google’s policy: <https://google.example/policy>, " in text
    assert ", opt out at Google: <https://google.example/out>\n" in text
    assert "### Complaints about personal data\n\n- DPA (<https://dpa.example>)\n" in text
    assert "There are no cookies in this category at present." in text
    assert "\n\n\n" not in text


def test_the_language_must_be_one_of_the_registrys() -> None:
    assert call("policy", "--lang", "sv").stdout.startswith("# Cookiepolicy\n")
    ended = call("policy", "--lang", "de")
    assert ended.exit_code == 2
    assert "the registry has no language 'de'; write one of en, sv" in ended.stderr


def test_html_is_a_page_and_a_fragment_is_a_part_of_it() -> None:
    page, part = (call("policy", "--format", form).stdout for form in ("html", "fragment"))
    assert page.startswith("<!doctype html>")
    assert part.startswith('<article class="cg-policy">')
    assert part.strip() in page


def test_a_small_registry_has_a_small_policy() -> None:
    Path("cookiegate.toml").write_text(
        '[site]\nname = "S"\nlanguages = ["en"]\n[categories.essential]\nrequired = true\n'
    )
    text = call("policy").stdout
    assert "Who is responsible" not in text
    assert "Other companies" not in text


def test_without_the_extra_the_policy_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cookiegate.pages", None)
    ended = call("policy")
    assert ended.exit_code == 2


@pytest.mark.parametrize("signals", ["override", "confirm", "default", "ignore"])
def test_markdown_has_every_chapter_and_every_sentence_of_the_page(signals: str) -> None:
    policy = f'signals = "{signals}"\n[ledger]\nkeep = "3 years"'
    Path("cookiegate.toml").write_text(TEXT.format(site="", policy=policy))
    text, page = (call("policy", "--format", form).stdout for form in ("md", "fragment"))
    chapters = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)
    assert re.findall(r"(?m)^## (.+)$", text) == chapters
    assert len(chapters) == 9
    plain = text.replace("\\", "")
    paragraphs = re.findall(r"<p>([^<]+)</p>", page)
    assert len(paragraphs) > 12
    for paragraph in paragraphs:
        assert html.unescape(paragraph).strip() in plain
