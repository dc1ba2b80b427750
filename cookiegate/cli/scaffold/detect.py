"""What kind of project a folder holds: its frameworks, and the packages that set cookies."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["FRAMEWORKS", "Project", "detect_project"]

#: What can be named with --framework, by how it is written for people. The last two are for all
#: other frameworks.
FRAMEWORKS: Final = {
    "flask": "Flask",
    "django": "Django",
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "quart": "Quart",
    "litestar": "Litestar",
    "asgi": "any ASGI application",
    "wsgi": "any WSGI application",
}
# Others that have a plain door.
_BY_DOOR: Final = {"bottle": "wsgi", "falcon": "wsgi", "pyramid": "wsgi", "blacksheep": "asgi"}
# What sets cookies of its own, by the name it is installed under. With "-" as "_" it is imported.
_PACKAGES: Final = ("asgi-csrf", "auth0-fastapi", "flask-login", "flask-wtf", "starlette-csrf")
# Packages that starlette.middleware.sessions needs, or that need it.
_WITH_SESSIONS: Final = frozenset(("authlib", "itsdangerous"))

_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_IMPORT: Final = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_SKIPPED: Final = frozenset(("__pycache__", "build", "dist", "env", "node_modules", "venv"))
# A project's own sources are small, and there are not so many of them.
_MOST_FILES: Final = 2_000
_MOST_BYTES: Final = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project, as far as its cookies are concerned."""

    #: What the site could be called.
    name: str
    #: Keys of FRAMEWORKS, in that order.
    frameworks: tuple[str, ...]
    #: Of the packages that set cookies, those that are used; "sessions" for Starlette's, and
    #: "permanent" where Flask's outlive the browser.
    uses: frozenset[str]


def detect_project(folder: Path) -> Project:
    """Look at a project's requirements and sources; nothing of it is run."""
    table = _read_toml(folder / "pyproject.toml")
    required = {_normal(one) for one in _requirements(folder, table)}
    sources = list(_sources(folder))
    imported = {name.lower() for text in sources for name in _IMPORT.findall(text)}
    uses = {one for one in _PACKAGES if one in required or one.replace("-", "_") in imported}
    if (
        not sources
        or required & _WITH_SESSIONS
        or any("SessionMiddleware" in text for text in sources)
    ):
        uses.add("sessions")
    if any("session.permanent" in text for text in sources):
        uses.add("permanent")
    # What is imported is used; what is only required may be there for something else.
    found = _frameworks(imported) or _frameworks(required)
    if (folder / "manage.py").is_file() and not found:
        found = {"django"}
    return Project(
        name=_title(str(_get(table, "project").get("name") or folder.resolve().name)),
        frameworks=tuple(one for one in FRAMEWORKS if one in found),
        uses=frozenset(uses),
    )


def _frameworks(names: set[str]) -> set[str]:
    found = {one for one in FRAMEWORKS if one in names and one not in ("asgi", "wsgi")}
    if "fastapi" in found:
        found.discard("starlette")  # FastAPI is made of it
    return found or {door for name, door in _BY_DOOR.items() if name in names}


def _requirements(folder: Path, table: dict[str, Any]) -> Iterator[str]:
    groups = [_get(table, "project").get("dependencies")]
    groups += _get(table, "project", "optional-dependencies").values()
    groups += _get(table, "dependency-groups").values()
    groups.append(list(_get(table, "tool", "poetry", "dependencies")))
    for one in _get(table, "tool", "poetry", "group").values():
        groups.append(list(_get({"group": one}, "group", "dependencies")))
    groups.append(list(_get(_read_toml(folder / "Pipfile"), "packages")))
    for pattern in ("requirements*.txt", "requirements*.in", "requirements/*.txt"):
        groups += [_read(path).splitlines() for path in sorted(folder.glob(pattern))]
    for group in groups:
        yield from _names(group)


def _get(table: dict[str, Any], *keys: str) -> dict[str, Any]:
    # What is no table, though it should be, is for others to complain about.
    found: Any = table
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _names(lines: object) -> Iterator[str]:
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, str) and (found := _REQUIREMENT.match(line)):
            yield found[1]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _title(name: str) -> str:
    words = re.sub(r"[-_.\s]+", " ", name).strip()
    return words[:1].upper() + words[1:] or "My site"


def _sources(folder: Path) -> Iterator[str]:
    count = 0
    for here, folders, files in os.walk(folder):
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = sorted(one for one in folders if one[0] != "." and one not in _SKIPPED)
        for name in sorted(files):
            if name.endswith(".py"):
                count += 1
                if count > _MOST_FILES:
                    return
                yield _read(Path(here, name))


def _read(path: Path) -> str:
    # What cannot be read says nothing here.
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError:
        return {}
