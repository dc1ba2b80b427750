"""`cookiegate init`: a first registry for the project in the current folder."""

import io
import json
import stat
import sys
from pathlib import Path

import pytest

from cookiegate import Registry
from cookiegate.cli.run import run
from tests.cli.runs import call, on_terminal


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = tmp_path / "my-shop"
    project.mkdir()
    monkeypatch.chdir(project)
    return project


def load_written() -> Registry:
    return Registry.load("cookiegate.toml")


def names(registry: Registry) -> list[str]:
    return [entry.names[0] for entry in registry.entries]


FLASK = "from flask import Flask\nsession.permanent = True\n"
STARLETTE = "import starlette\nfrom starlette.middleware.sessions import SessionMiddleware\n"

POETRY = '[tool.poetry.dependencies]\nquart = "*"\n[tool.poetry.group.x.dependencies]\ny = "*"\n'
GROUPS = 'project = 1\n[dependency-groups]\na = [1, "auth0-fastapi", "fastapi"]\n'


REMEMBERED = ["session", "remember_token"]
CSRF = ["csrftoken"]
DJANGO = ["sessionid", "csrftoken", "messages", "django_language"]


@pytest.mark.parametrize(
    ("files", "frameworks", "cookies"),
    [
        ({"app.py": FLASK}, ["flask"], ["session"]),
        ({"requirements.txt": "Flask>=3\nflask-login\n# x\n"}, ["flask"], REMEMBERED),
        ({"app.py": STARLETTE}, ["starlette"], ["session"]),
        ({"app.py": "import starlette\n"}, ["starlette"], []),
        ({"app.py": "import fastapi, starlette\nimport starlette_csrf\n"}, ["fastapi"], CSRF),
        ({"manage.py": "", "x/__init__.py": ""}, ["django"], DJANGO),
        ({"pyproject.toml": '[project]\ndependencies = ["django"]\n'}, ["django"], DJANGO),
        ({"pyproject.toml": POETRY}, ["quart"], ["session"]),
        ({"Pipfile": '[packages]\nlitestar = "*"\n'}, ["litestar"], ["session", "csrftoken"]),
        ({"app.py": "import bottle\n"}, ["wsgi"], []),
        ({"pyproject.toml": "broken ["}, [], []),
        ({"pyproject.toml": GROUPS}, ["fastapi"], ["session", "_a0_session_[0-9]+", "_a0_tx"]),
        ({}, [], []),
    ],
)
def test_the_registry_has_the_cookies_of_the_project(
    folder: Path, files: dict[str, str], frameworks: list[str], cookies: list[str]
) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    ended = call("init", "--json")
    assert ended.exit_code == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert result["frameworks"] == frameworks
    assert result["written"] == "cookiegate.toml"
    registry = load_written()
    assert registry.policy.mode == "report"
    assert names(registry) == [name for name in cookies if name in names(registry)]
    assert set(cookies) <= set(names(registry))


def test_the_groups_of_the_packages_are_switched_on_and_no_others(folder: Path) -> None:
    (folder / "app.py").write_text("from flask import Flask\n")
    (folder / "requirements.txt").write_text("flask-login\nflask-wtf\nflask-jwt-extended\n")
    ended = call("init")
    tokens = ["access_token_cookie", "refresh_token_cookie", "csrf_access_token"]
    cookies = ["session", "remember_token", *tokens, "csrf_refresh_token"]
    assert [name for entry in load_written().entries for name in entry.names] == [
        "session",
        "session-[0-9]+",
        "session.[0-9]+",
        *cookies[1:],
    ]
    found = ended.stdout.partition("They are there because of these packages:\n\n")[2]
    assert found.splitlines()[:4] == [
        "    flask (app.py:1): session",
        "    flask-jwt-extended (requirements.txt:3): access_token_cookie, csrf_access_token",
        "    flask-login (requirements.txt:1): remember_token, session",
        "    flask-wtf (requirements.txt:2): session",
    ]


@pytest.mark.parametrize("framework", [[], ["--framework", "django"]])
def test_nothing_of_the_project_is_run(folder: Path, framework: list[str]) -> None:
    code = f"import flask, django\nopen({str(folder / 'ran')!r}, 'w')\nraise SystemExit(9)\n"
    for name in ("app.py", "manage.py", "setup.py", "conftest.py", "flask.py", "sitecustomize.py"):
        (folder / name).write_text(code)
    (folder / "shop").mkdir()
    for name in ("__init__.py", "settings.py", "django.py"):
        (folder / "shop" / name).write_text(code)
    assert call("init", *framework).exit_code == 0
    assert call("check").exit_code in (0, 1)
    assert not (folder / "ran").exists()


def test_a_session_that_starlette_adds_is_explained(folder: Path) -> None:
    (folder / "app.py").write_text(STARLETTE)
    assert "    starlette (app.py:2): session\n" in call("init").stdout


def test_sessions_of_starlette_do_not_concern_a_site_of_flask(folder: Path) -> None:
    (folder / "app.py").write_text(FLASK + STARLETTE)
    result = json.loads(call("init", "--json", "--framework", "flask").stdout)
    assert result["found"] == {"flask": "app.py:1"}


@pytest.mark.parametrize(
    ("framework", "extras"),
    [
        ("flask", "cli,flask,pages,ledger"),
        ("django", "cli,django,pages,ledger"),
        ("fastapi", "cli,starlette,pages,ledger"),
        ("quart", "cli,pages,ledger"),
    ],
)
def test_one_line_installs_what_the_code_needs(folder: Path, framework: str, extras: str) -> None:
    line = f"pip install 'cookiegate[{extras}]'"
    assert f"    {line}\n" in call("init", "--framework", framework).stdout
    result = json.loads(call("init", "--framework", framework, "--json", "--force").stdout)
    assert result["install"] == line


def test_a_folder_in_place_of_the_file_is_an_error(folder: Path) -> None:
    (folder / "cookies").mkdir()
    for flags in ([], ["--force"]):
        ended = call("init", "--registry", "cookies", *flags)
        assert ended.exit_code == 2
        assert "'cookies' is a folder; write --registry FILE" in ended.stderr


def test_options_set_name_languages_frameworks_and_days(folder: Path) -> None:
    flags = "--name Butik --language sv,en --framework flask --framework django --consent-days 90"
    ended = call("init", *flags.split(), "--refusal-days", "200")
    assert ended.exit_code == 0
    site = load_written().site
    assert (site.name, site.languages) == ("Butik", ("sv", "en"))
    assert (site.consent_days, site.refusal_days) == (90, 200)
    assert "Framework: Flask and Django." in ended.stdout
    assert 'app.config["COOKIEGATE_REPORT"] = "cookiegate-report.db"' in ended.stdout
    assert 'MIDDLEWARE.insert(0, "cookiegate.django.CookieGateMiddleware")' in ended.stdout
    text = (folder / "cookiegate.toml").read_text()
    assert '\ntitle.sv = "Nödvändiga"\ntitle.en = "Essential"\n' in text


def test_the_default_name_comes_from_the_project(folder: Path) -> None:
    call("init", "--yes")
    assert load_written().site.name == "My shop"


def test_an_existing_file_is_replaced_only_with_force(folder: Path) -> None:
    (folder / "cookiegate.toml").write_text("mine")
    ended = call("init")
    assert ended.exit_code == 2
    assert "already exists; write --force to replace it" in ended.stderr
    assert (folder / "cookiegate.toml").read_text() == "mine"
    assert call("init", "--force").exit_code == 0
    assert load_written().site.name == "My shop"


@pytest.mark.parametrize("content", [b"mine", b"[site]\nname = ", b"[site]\nname = '\xff'\n"])
def test_of_a_broken_registry_a_copy_stays(folder: Path, content: bytes) -> None:
    file = folder / "cookiegate.toml"
    for number in (1, 2):
        file.write_bytes(content)
        file.chmod(0o640)
        ended = call("init", "--force")
        assert ended.exit_code == 0
        copy = folder / f"cookiegate.toml.bak{number}"
        assert f"a copy of it is in {copy.name}.\n" in ended.stderr
        assert copy.read_bytes() == content
        assert stat.S_IMODE(copy.stat().st_mode) == 0o640
    assert load_written().site.name == "My shop"
    ended = call("init", "--force", "--json")
    assert (json.loads(ended.stdout)["copy"], ended.stderr) == (None, "")
    file.write_bytes(content)
    ended = call("init", "--force", "--json")
    assert (json.loads(ended.stdout)["copy"], ended.stderr) == ("cookiegate.toml.bak3", "")


def test_without_a_copy_a_broken_registry_is_not_replaced(folder: Path) -> None:
    # The name of the copy would be too long for the file system.
    file = folder / ("x" * 246 + ".toml")
    file.write_text("mine")
    ended = call("init", "--force", "--registry", file.name)
    assert ended.exit_code == 2
    assert "cannot be written: File name too long" in ended.stderr
    assert file.read_text() == "mine"


def test_what_is_not_replaced_is_not_copied(folder: Path) -> None:
    (folder / "cookiegate.toml").symlink_to("pyproject.toml")
    (folder / "key.toml").write_text("-----BEGIN PRIVATE KEY-----\n")
    (folder / "deep.toml").write_text("x = " + "[" * 20_000)
    before = set(folder.iterdir())
    for name in ("cookiegate.toml", "key.toml"):
        assert call("init", "--force", "--registry", name).exit_code == 2
    assert set(folder.iterdir()) == before
    assert call("init", "--force", "--registry", "deep.toml").exit_code == 0


def test_a_shipped_file_is_never_written(folder: Path) -> None:
    ended = call("init", "--registry", "cookiegate:starter")
    assert ended.exit_code == 2
    assert "is a shipped file" in ended.stderr


def test_a_missing_folder_is_an_error_and_nothing_is_written(folder: Path) -> None:
    ended = call("init", "--registry", "no/where.toml")
    assert ended.exit_code == 2
    assert "'no/where.toml' cannot be written: No such file or directory" in ended.stderr
    assert list(folder.iterdir()) == []


def test_an_invalid_language_is_an_error_and_nothing_is_written(folder: Path) -> None:
    ended = call("init", "--language", "klingon!")
    assert ended.exit_code == 2
    assert "klingon!" in ended.stderr
    assert list(folder.iterdir()) == []


def test_an_unknown_language_is_wrong_usage_and_one_without_sentences_a_next_step(
    folder: Path,
) -> None:
    ended = call("init", "-y", "--language", "en,xx")
    assert ended.exit_code == 2
    assert "there are no dates and durations for language 'xx'" in ended.stderr
    assert list(folder.iterdir()) == []
    ended = call("init", "-y", "--language", "is,en")
    assert (
        "    cookiegate texts extract is # translate the pages, which have no sentences in is\n"
    ) in ended.stdout
    found = json.loads(call("init", "--force", "--language", "is", "--json").stdout)
    assert found["next"][-1] == "cookiegate texts extract is"


def test_on_a_terminal_it_asks_for_name_languages_and_framework(folder: Path) -> None:
    answers = [
        ("The site's name", "Ann's shop\n"),
        ("Its languages", "en, de\n"),
        ("Its framework", "flask\n"),
    ]
    ended = on_terminal("init", cwd=folder, answers=answers)
    assert ended.code == 0, ended.out
    site = load_written().site
    assert (site.name, site.languages) == ("Ann's shop", ("en", "de"))


def test_on_a_terminal_it_does_not_ask_for_a_detected_framework(folder: Path) -> None:
    (folder / "app.py").write_text(FLASK)
    answers = [("The site's name", "\n"), ("Its languages", "\n")]
    ended = on_terminal("init", cwd=folder, answers=answers)
    assert ended.code == 0, ended.out
    assert "Framework: Flask." in ended.out
    assert str(load_written().entries[0].expires) == "31 days"


class Terminal(io.StringIO):
    """Standard input with answers, which claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("flags", "typed", "name", "languages"),
    [
        ([], "Shop\nde, en\nflask\n", "Shop", ("de", "en")),
        (["--name", "Butik", "--language", "sv"], "django\n", "Butik", ("sv",)),
        (["--framework", "flask"], "\n\n", "My shop", ("en",)),
    ],
)
def test_it_asks_only_for_what_no_option_sets(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: list[str],
    typed: str,
    name: str,
    languages: tuple[str, ...],
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    with pytest.raises(SystemExit) as ended:
        run(["init", *flags])
    assert ended.value.code == 0
    assert (load_written().site.name, load_written().site.languages) == (name, languages)
