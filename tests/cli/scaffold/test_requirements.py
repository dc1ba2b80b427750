"""A project's requirements are found in every file in which projects write them."""

import json
from pathlib import Path

import pytest

from cookiegate.cli.scaffold.requirements import (
    read_locks,
    read_project_name,
    read_requirements,
)

PEP_621 = """\
[project]
name = "shop"
dependencies = [
    "Flask>=3",
]
[project.optional-dependencies]
login = ["flask_login ; python_version > '3'"]
[dependency-groups]
forms = ["Flask.WTF", { include-group = "x" }]
"""
POETRY = """\
[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
flask = "*"
[tool.poetry.dev-dependencies]
flask-login = { version = "*" }
[tool.poetry.group.web.dependencies]
flask-wtf = "^1"
"""
OTHERS = """\
[tool.pdm.dev-dependencies]
a = ["flask"]
[tool.uv]
dev-dependencies = ["flask-login"]
[tool.hatch.envs.default]
dependencies = ["flask-wtf"]
[tool.hatch.envs]
odd = 1
"""
PIPFILE = """\
[packages]
flask = "*"
"Flask-Login" = "*"
[dev-packages]
flask-wtf = "*"
"""
SETUP_CFG = """\
[options]
install_requires =
    flask>=3
    Flask-Login
[options.extras_require]
forms = flask-wtf; wtforms
"""
REQUIREMENTS = """\
# flask-admin is not used
-r other.txt
flask[async]==3.0 \\
    --hash=sha256:1
  Flask_Login~=0.6 # comment
git+https://example.org/flask-wtf.git#egg=Flask-WTF&subdirectory=x
"""


@pytest.mark.parametrize(
    ("file", "text", "lines"),
    [
        ("pyproject.toml", PEP_621, (4, 7, 9)),
        ("pyproject.toml", POETRY, (4, 6, 8)),
        ("pyproject.toml", OTHERS, (2, 4, 6)),
        ("Pipfile", PIPFILE, (2, 3, 5)),
        ("setup.cfg", SETUP_CFG, (3, 4, 6)),
        ("requirements.txt", REQUIREMENTS, (3, 5, 6)),
        ("requirements-dev.in", REQUIREMENTS, (3, 5, 6)),
        ("requirements/base.txt", REQUIREMENTS, (3, 5, 6)),
    ],
)
def test_names_are_found_with_their_lines(
    tmp_path: Path, file: str, text: str, lines: tuple[int, ...]
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    found = read_requirements(tmp_path)
    names = ("flask", "flask-login", "flask-wtf")
    assert {name: found.get(name) for name in names} == {
        name: f"{file}:{line}" for name, line in zip(names, lines, strict=True)
    }
    assert "flask-admin" not in found


def test_the_first_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask-login-x\nflask-login.y\nflask-login\n")
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["flask-login"]\n')
    assert read_requirements(tmp_path)["flask-login"] == "requirements.txt:3"


LOCK = '[[package]]\nname = "flask"\nversion = "3"\n\n[[package]]\nname = "flask-login"\n'


@pytest.mark.parametrize(
    ("file", "text", "lines"),
    [
        ("uv.lock", LOCK, (2, 6)),
        ("poetry.lock", LOCK, (2, 6)),
        ("pdm.lock", LOCK, (2, 6)),
        ("pylock.toml", LOCK.replace("package", "packages"), (2, 6)),
        (
            "Pipfile.lock",
            json.dumps({"default": {"flask": {}}, "develop": {"flask-login": {}}}, indent=1),
            (3, 6),
        ),
    ],
)
def test_lock_files_are_read(tmp_path: Path, file: str, text: str, lines: tuple[int, int]) -> None:
    (tmp_path / file).write_text(text)
    expected = {"flask": f"{file}:{lines[0]}", "flask-login": f"{file}:{lines[1]}"}
    assert read_locks(tmp_path) == expected


@pytest.mark.parametrize("file", ["pyproject.toml", "Pipfile", "setup.cfg", "Pipfile.lock"])
@pytest.mark.parametrize(
    "text",
    [
        "broken [",
        "x = " + "[" * 100_000,
        "[" * 100_000,
        "project = 1\ntool = []\npackages = 2\n",
        "[options\ninstall_requires",
        "[project]\ndependencies = 3\nname = 4\n[tool.poetry]\nname = ''\n",
    ],
    ids=["broken", "deep TOML", "deep JSON", "other types", "broken section", "other values"],
)
def test_a_broken_file_requires_nothing(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    assert (read_requirements(tmp_path), read_locks(tmp_path)) == ({}, {})
    assert read_project_name(tmp_path) is None


@pytest.mark.parametrize("text", [PEP_621, POETRY])
def test_the_projects_name_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert read_project_name(tmp_path) == "shop"
