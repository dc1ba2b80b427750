"""Detect a project's frameworks, and the packages it uses that set cookies."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from .snippets import FRAMEWORKS

__all__ = ["Project", "detect_project"]

# Frameworks without an integration of their own.
_BY_INTERFACE: Final = {"bottle": "wsgi", "falcon": "wsgi", "pyramid": "wsgi", "blacksheep": "asgi"}
# Packages that set cookies, as they are installed. With "_" for "-" they are imported.
_PACKAGES: Final = ("asgi-csrf", "auth0-fastapi", "flask-login", "flask-wtf", "starlette-csrf")
# Packages that come with starlette.middleware.sessions.
_WITH_SESSIONS: Final = frozenset(("authlib", "itsdangerous"))

_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_IMPORT: Final = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_SKIPPED: Final = frozenset(("__pycache__", "build", "dist", "env", "node_modules", "venv"))
# Sources that people write are smaller.
_MAX_BYTES: Final = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What of a project matters for its cookies."""

    #: A proposal for the site's name.
    name: str
    #: Keys of FRAMEWORKS, in that order.
    frameworks: tuple[str, ...]
    #: The packages in use that set cookies; also "sessions" for Starlette's sessions, and
    #: "permanent" for sessions of Flask that outlive the browser.
    uses: frozenset[str]


def detect_project(folder: Path, *, max_files: int = 2_000) -> Project:
    """
    Read a project's requirements and sources, without running anything.

    Args:
        folder: The project's folder.
        max_files: How many source files to read at most.
    """
    table = _read_toml(folder / "pyproject.toml")
    required = {re.sub(r"[-_.]+", "-", one).lower() for one in _requirements(folder, table)}
    sources = list(islice(_sources(folder), max_files))
    imported = {name.lower() for text in sources for name in _IMPORT.findall(text)}
    uses = {one for one in _PACKAGES if one in required or one.replace("-", "_") in imported}
    has_sessions = any("SessionMiddleware" in text for text in sources)
    if not sources or required & _WITH_SESSIONS or has_sessions:
        uses.add("sessions")
    if any("session.permanent" in text for text in sources):
        uses.add("permanent")
    # An import is used; a requirement alone may serve another purpose.
    found = _frameworks(imported) or _frameworks(required)
    if (folder / "manage.py").is_file() and not found:
        found = {"django"}
    return Project(
        name=_title(str(_get(table, "project").get("name") or folder.resolve().name)),
        frameworks=tuple(one for one in FRAMEWORKS if one in found),
        uses=frozenset(uses),
    )


def _frameworks(names: set[str]) -> set[str]:
    found = (FRAMEWORKS.keys() - {"asgi", "wsgi"}) & names
    if "fastapi" in found:
        found.discard("starlette")  # FastAPI is built on it
    return found or {_BY_INTERFACE[one] for one in _BY_INTERFACE.keys() & names}


def _requirements(folder: Path, table: dict[str, Any]) -> Iterator[str]:
    poetry = _get(table, "tool", "poetry")
    groups = [
        _get(table, "project").get("dependencies"),
        *_get(table, "project", "optional-dependencies").values(),
        *_get(table, "dependency-groups").values(),
        list(_get(poetry, "dependencies")),
        *(list(_get(poetry, "group", name, "dependencies")) for name in _get(poetry, "group")),
        list(_get(_read_toml(folder / "Pipfile"), "packages")),
    ]
    for pattern in ("requirements*.txt", "requirements*.in", "requirements/*.txt"):
        groups += [_read(path).splitlines() for path in folder.glob(pattern)]
    for group in groups:
        for line in group if isinstance(group, list) else ():
            if isinstance(line, str) and (match := _REQUIREMENT.match(line)):
                yield match[1]


def _get(table: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return a table inside a table, or an empty one if the file has something else there."""
    found: Any = table
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _title(name: str) -> str:
    words = re.sub(r"[-_.\s]+", " ", name).strip()
    return words[:1].upper() + words[1:] or "My site"


def _sources(folder: Path) -> Iterator[str]:
    for here, folders, files in os.walk(folder):
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = sorted(one for one in folders if one[0] != "." and one not in _SKIPPED)
        for name in sorted(files):
            if name.endswith(".py"):
                yield _read(Path(here, name))


def _read(path: Path) -> str:
    """Return the beginning of a file, or nothing if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError:
        return {}
