"""`cookiegate texts`: files to translate, and what they lack."""

import json
import sys
from pathlib import Path

import pytest

from cookiegate import Registry
from tests.cli.runs import call
from tests.pages.catalogue_files import write_catalog

SITE = """[site]
name = "Shop"
languages = {}
{}
[categories.essential]
required = true
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(languages: str = '["en", "eo"]', more: str = 'catalogs = "own"') -> None:
    Path("cookiegate.toml").write_text(SITE.format(languages, more))


def test_a_file_to_translate_is_where_the_pages_look_for_it() -> None:
    write()
    ended = call("texts", "extract", "eo")
    assert ended.exit_code == 0
    path = Path("own/eo/LC_MESSAGES/cookiegate.po")
    assert ended.stdout.startswith(f"Wrote {path}: ")
    assert ended.stdout.endswith(
        " sentences, 0 translated.\n\nFill in the file, then run: cookiegate texts check eo\n"
    )
    assert 'msgid "Accept all"\nmsgstr ""\n' in path.read_text()
    write_catalog(Path("own"), "eo")
    text = path.read_text().replace('msgid "Language"', 'msgid "Language:"')
    path.write_text(text)
    found = json.loads(call("texts", "extract", "eo", "--json").stdout)
    assert found["written"] == str(path)
    assert (found["sentences"], found["fuzzy"]) == (found["translated"] + 1, 1)
    assert ", 1 fuzzy.\n" in call("texts", "extract", "eo").stdout


def test_a_first_file_says_what_to_write_into_the_registry() -> None:
    write('["en"]', "")
    ended = call("texts", "extract", "eo")
    assert Path("locale/eo/LC_MESSAGES/cookiegate.po").exists()
    assert 'Write into [site] of cookiegate.toml: catalogs = "locale"\n' in ended.stdout
    assert 'Write into [site] of cookiegate.toml: languages = ["en", "eo"]\n' in ended.stdout


@pytest.mark.parametrize(
    ("language", "code", "message"),
    [
        ("Danish", 2, "'Danish' is not a valid language code; write \"da\""),
        ("../x", 2, "'../x' is not a valid language code"),
        ("xx", 2, "there are no dates and durations for language 'xx'"),
    ],
)
def test_a_language_that_does_not_exist_is_wrong_usage(
    language: str, code: int, message: str
) -> None:
    write()
    ended = call("texts", "extract", language)
    assert (ended.exit_code, ended.stdout) == (code, "")
    assert message in ended.stderr
    ended = call("texts", "check", language)
    assert message in ended.stdout + ended.stderr
    assert ended.exit_code != 0


def test_no_other_file_is_replaced_and_no_broken_one() -> None:
    write()
    path = Path("own/eo/LC_MESSAGES/cookiegate.po")
    path.parent.mkdir(parents=True)
    for content in (b"print(1)\n", b"\xff", b'msgid "'):
        path.write_bytes(content)
        ended = call("texts", "extract", "eo")
        assert (ended.exit_code, ended.stdout) == (2, "")
        assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_an_error() -> None:
    write()
    Path("own").write_text("")
    ended = call("texts", "extract", "eo")
    assert ended.exit_code == 2
    assert "'own/eo/LC_MESSAGES' cannot be made: Not a directory" in ended.stderr


def test_the_check_names_each_sentence_with_its_place() -> None:
    write()
    path = write_catalog(Path("own"), "eo")
    assert call("texts", "check").stdout == "en: complete\neo: complete\n"
    text = path.read_text()
    text = text.replace('"[Language]"', '""').replace('"[Name]"', '"[Name] {host}"')
    text = text.replace('msgid "Accept all"', '#, fuzzy\nmsgid "Accept all"')
    path.write_text(f'{text}\nmsgid "Tongue"\nmsgstr "x"\n')
    lines = path.read_text().splitlines()
    ended = call("texts", "check", "eo")
    assert ended.exit_code == 1
    *found, summary = ended.stdout.splitlines()
    assert sorted(found) == sorted(
        f"{path}:{lines.index(line) + 1}: {what}: {sentence!r}"
        for line, what, sentence in (
            ('msgid "Language"', "not translated", "Language"),
            ('msgid "Name"', "other placeholders than the English sentence", "Name"),
            ('msgid "Accept all"', "fuzzy, so not used", "Accept all"),
            ('msgid "Tongue"', "the pages have no such sentence", "Tongue"),
        )
    )
    assert summary.startswith("eo: ")
    assert set(summary[4:].split(", ")) == {"1 missing", "1 placeholders", "1 fuzzy", "1 unknown"}


def test_the_check_is_json_too_and_names_a_language_without_a_file() -> None:
    write('["en", "eo", "is"]')
    write_catalog(Path("own"), "eo", lambda message: None)
    ended = call("texts", "check", "--json")
    assert ended.exit_code == 1
    english, esperanto, icelandic = json.loads(ended.stdout)["languages"]
    assert english == {"language": "en", "error": None, "findings": []}
    assert {one["kind"] for one in esperanto["findings"]} == {"missing"}
    assert {one["file"] for one in esperanto["findings"]} == {"own/eo/LC_MESSAGES/cookiegate.po"}
    assert icelandic["error"]["what"] == "the pages have no sentences in language 'is'"
    assert "is: the pages have no sentences" in call("texts", "check").stdout


def test_a_sentence_that_the_file_lacks_has_no_line() -> None:
    write()
    path = write_catalog(Path("own"), "eo")
    path.write_text(path.read_text().replace('msgid "Language"', 'msgid "Tongue"'))
    assert f"{path}: not translated: 'Language'\n" in call("texts", "check", "eo").stdout


def test_a_translated_site_passes_every_command() -> None:
    write('["eo"]')
    assert call("policy").exit_code == 1
    assert "cookiegate.toml: the pages have no sentences in language 'eo'" in call("policy").stderr
    assert "missing-catalog" in call("check").stdout
    assert call("texts", "extract", "eo").exit_code == 0
    write_catalog(Path("own"), "eo")
    assert call("texts", "check").exit_code == 0
    assert call("policy").stdout.startswith("# [Cookie policy]\n")
    assert "missing-catalog" not in call("check").stdout
    assert Registry.load("cookiegate.toml").site.catalogs == "own"


def test_without_the_extra_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write()
    monkeypatch.delitem(sys.modules, "cookiegate.cli.commands.texts.translate", raising=False)
    monkeypatch.setitem(sys.modules, "cookiegate.pages", None)
    monkeypatch.setitem(sys.modules, "cookiegate.pages.translations", None)
    ended = call("texts", "check")
    assert ended.exit_code == 2
    assert "cookiegate texts needs: pip install 'cookiegate[pages]'" in ended.stderr


def test_without_the_extra_the_pages_are_not_those_of_cookiegate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write('["eo"]')
    monkeypatch.setitem(sys.modules, "cookiegate.pages.i18n", None)
    assert "missing-catalog" not in call("check").stdout
