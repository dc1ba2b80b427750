"""The packages that a project requires, by the files in which it says so."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from .project_files import read_text

__all__ = ["normalized", "read_locks", "read_project_name", "read_requirements"]

_NAME: Final = re.compile(r"[ \t]*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_EGG: Final = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
# The key `name` of a package, in a file that a program has written.
_LOCKED: Final = re.compile(r'^name = "([^"\n]+)"', re.MULTILINE)
_MAX_LOCK_BYTES: Final = 20_000_000
_PATTERNS: Final = (
    "requirements*.txt",
    "requirements*.in",
    "requirements/*.txt",
    "requirements/*.in",
)


def read_requirements(folder: Path) -> dict[str, str]:
    """
    Return the packages that the project's authors wrote down, and where each was found first.

    The names are normalized; a place is a file and a line, as in "requirements.txt:3".
    """
    found: dict[str, str] = {}
    for pattern in _PATTERNS:
        for path in sorted(folder.glob(pattern)):
            text = read_text(path)
            names = (name for line in text.splitlines() for name in _of_line(line))
            _add(found, names, path.relative_to(folder), text)
    for file, read in (
        ("pyproject.toml", _of_pyproject),
        ("Pipfile", _of_pipfile),
        ("setup.cfg", _of_setup_cfg),
    ):
        text = read_text(folder / file)
        _add(found, read(text), Path(file), text)
    return found


def read_locks(folder: Path) -> dict[str, str]:
    """Return the packages that a lock file names: also those that others require."""
    found: dict[str, str] = {}
    for file in ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock"):
        text = read_text(folder / file, max_bytes=_MAX_LOCK_BYTES)
        names = _of_pipfile_lock(text) if file == "Pipfile.lock" else _LOCKED.findall(text)
        _add(found, names, Path(file), text)
    return found


def read_project_name(folder: Path) -> str | None:
    """Return the name in pyproject.toml, if there is one."""
    table = _toml(read_text(folder / "pyproject.toml"))
    for found in (_get(table, "project"), _get(table, "tool", "poetry")):
        if isinstance(name := found.get("name"), str) and name:
            return name
    return None


def normalized(name: str) -> str:
    """Return a package's name as an index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _add(found: dict[str, str], names: Iterable[str], file: Path, text: str) -> None:
    lines = text.splitlines()
    for name in map(normalized, names):
        if name in found:
            continue
        form = re.escape(name).replace(r"\-", "[-_.]+")
        where = re.compile(rf"(?<![A-Za-z0-9._-]){form}(?![A-Za-z0-9_-]|\.\w)", re.IGNORECASE)
        matching = (number for number, line in enumerate(lines, 1) if where.search(line))
        found[name] = f"{file.as_posix()}:{next(matching, 1)}"


def _of_line(line: str) -> Iterator[str]:
    if match := _EGG.search(line) or _NAME.match(line):
        yield match[1]


def _of_lines(lines: object) -> Iterator[str]:
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, str):
            yield from _of_line(line)


def _of_pyproject(text: str) -> Iterator[str]:
    table = _toml(text)
    yield from _of_lines(_get(table, "project").get("dependencies"))
    tables = [
        _get(table, "project", "optional-dependencies"),
        _get(table, "dependency-groups"),
        _get(table, "tool", "pdm", "dev-dependencies"),
    ]
    for groups in tables:
        for group in groups.values():
            yield from _of_lines(group)
    yield from _of_lines(_get(table, "tool", "uv").get("dev-dependencies"))
    for environment in _get(table, "tool", "hatch", "envs").values():
        if isinstance(environment, dict):
            yield from _of_lines(environment.get("dependencies"))
    poetry = _get(table, "tool", "poetry")
    yield from _get(poetry, "dependencies")
    yield from _get(poetry, "dev-dependencies")
    for name in _get(poetry, "group"):
        yield from _get(poetry, "group", name, "dependencies")


def _of_pipfile(text: str) -> Iterator[str]:
    table = _toml(text)
    yield from _get(table, "packages")
    yield from _get(table, "dev-packages")


def _of_setup_cfg(text: str) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    values = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        values += [value for _, value in parser.items("options.extras_require")]
    for value in values:
        for line in re.split(r"[\n;]", value):
            yield from _of_line(line)


def _of_pipfile_lock(text: str) -> Iterator[str]:
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        return
    for key in ("default", "develop"):
        yield from _get(table, key)


def _get(table: Any, *keys: str) -> dict[str, Any]:
    """Return a table inside a table, or an empty one if the file has something else there."""
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
