"""Detect a project's frameworks, and the packages it uses that set cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cookiegate.registry.presets import Package, load_packages

from .project_files import read_text, walk_sources
from .requirements import read_locks, read_project_name, read_requirements
from .snippets import FRAMEWORKS

__all__ = ["Project", "detect_project"]

# Frameworks without an integration of their own.
_BY_INTERFACE: Final = {
    "blacksheep": "asgi",
    "bottle": "wsgi",
    "cherrypy": "wsgi",
    "falcon": "wsgi",
    "pyramid": "wsgi",
}
# They are imported as they are installed, and set cookies only where they are the site's framework.
_BASES: Final = {*FRAMEWORKS, *_BY_INTERFACE} - {"asgi", "wsgi"}
# Packages that come with starlette.middleware.sessions.
_WITH_SESSIONS: Final = ("authlib", "itsdangerous")

_IMPORT: Final = re.compile(
    r"^[ \t]*(?:from[ \t]+(\w[\w.]*)[ \t]+import\b|import[ \t]+(\w[^\n;#]*))", re.MULTILINE
)
# In `a.b as c, d`: a.b and d.
_MODULES: Final = re.compile(r"(?:^|,)[ \t]*(\w[\w.]*)")
# In the settings of a Django site, applications are texts.
_DJANGO_APPS: Final = re.compile(r"INSTALLED_APPS|MIDDLEWARE")
_TEXT: Final = re.compile(r"""["']([A-Za-z_][\w.]*)["']""")
_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What of a project matters for its cookies."""

    #: A proposal for the site's name.
    name: str
    #: Keys of FRAMEWORKS, in that order.
    frameworks: tuple[str, ...]
    #: The packages in use that set cookies, by where each was found: a file and a line. Also
    #: "sessions" for Starlette's sessions, and "permanent" for sessions of Flask that outlive the
    #: browser.
    uses: Mapping[str, str]


def detect_project(folder: Path, *, max_files: int = 2_000, max_folders: int = 5_000) -> Project:
    """
    Read a project's requirements and sources, without running anything.

    Args:
        folder: The project's folder.
        max_files: How many source files to read at most.
        max_folders: How many folders to look into at most.
    """
    packages = load_packages()
    sources = _Sources(folder)
    sources.read(max_files, max_folders)
    imported = {
        name: place
        for name, modules in (
            *((name, package.modules) for name, package in packages.items()),
            *((name, (name,)) for name in _BASES),
        )
        for module in modules
        if (place := sources.imported.get(module))
    }
    required, locked = read_requirements(folder), read_locks(folder)
    uses = {
        name: place
        for name in packages
        if (place := required.get(name) or imported.get(name) or locked.get(name))
    }
    bases = _bases(imported, required, packages)
    if not bases and (folder / "manage.py").is_file():
        bases = {"django": "manage.py:1"}
    bases = bases or _bases({}, locked, packages)
    uses = {name: place for name, place in uses.items() if name not in _BASES}
    uses |= {name: place for name, place in bases.items() if name in packages}
    uses.pop("starlette", None)
    sessions = [required[name] for name in _WITH_SESSIONS if name in required]
    if place := sources.sessions or next(iter(sessions), "" if sources.count else "."):
        uses["sessions"] = place
    if sources.permanent:
        uses["permanent"] = sources.permanent
    found = {_BY_INTERFACE.get(name, name) for name in bases}
    return Project(
        name=_title(read_project_name(folder) or _folder_name(folder)),
        frameworks=tuple(one for one in FRAMEWORKS if one in found),
        uses=uses,
    )


def _bases(
    imported: Mapping[str, str], required: Mapping[str, str], packages: Mapping[str, Package]
) -> dict[str, str]:
    """Return the frameworks, and where each was found."""
    # An import is used; a requirement alone may serve another purpose.
    for found in (imported, required):
        if bases := {name: found[name] for name in sorted(_BASES) if name in found}:
            if "fastapi" in bases:
                bases.pop("starlette", None)  # FastAPI is built on it
            if len(bases) > 1 and not bases.keys().isdisjoint(FRAMEWORKS):
                bases = {name: bases[name] for name in bases if name in FRAMEWORKS}
            return bases
    # A package for one framework shows that it is used.
    for found in (imported, required):
        for name, place in found.items():
            if name in packages and packages[name].framework:
                return {packages[name].framework: place}
    return {}


@dataclass(slots=True)
class _Sources:
    """What a project's Python files say; a place is a file and a line."""

    folder: Path
    count: int = 0
    #: Modules that are imported, with those that they are part of.
    imported: dict[str, str] = field(default_factory=dict)
    #: Where sessions of Starlette are added.
    sessions: str | None = None
    #: Where sessions of Flask are made permanent.
    permanent: str | None = None

    def read(self, max_files: int, max_folders: int) -> None:
        """Read the files, up to a number of files and folders."""
        for path in walk_sources(self.folder, max_files=max_files, max_folders=max_folders):
            self.count += 1
            text = read_text(path)
            for at, name in _imports(text):
                if not self._is_local(path, name.partition(".")[0]):
                    self._add(path, text, at, name)
            if _DJANGO_APPS.search(text):
                for match in _TEXT.finditer(text):
                    self._add(path, text, match.start(), match[1])
            self.sessions = self.sessions or self._find(path, text, "SessionMiddleware")
            self.permanent = self.permanent or self._find(path, text, "session.permanent")

    def _add(self, path: Path, text: str, at: int, name: str) -> None:
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = ".".join(parts[:count])
            if module not in self.imported:
                self.imported[module] = self._place(path, text, at)

    def _find(self, path: Path, text: str, word: str) -> str | None:
        at = text.find(word)
        return None if at < 0 else self._place(path, text, at)

    def _place(self, path: Path, text: str, at: int) -> str:
        line = text.count("\n", 0, at) + 1
        return f"{path.relative_to(self.folder).as_posix()}:{line}"

    def _is_local(self, path: Path, module: str) -> bool:
        """Return whether the project has a module of this name itself, such as `web.py`."""
        return any(
            (folder / f"{module}.py").is_file() or (folder / module / "__init__.py").is_file()
            for folder in (path.parent, self.folder, self.folder / "src")
        )


def _imports(text: str) -> Iterator[tuple[int, str]]:
    for match in _IMPORT.finditer(text):
        at = match.start(match.lastindex or 0)
        if match[1]:
            yield at, match[1]
            continue
        for name in _MODULES.findall(match[2]):
            yield at, name


def _folder_name(folder: Path) -> str:
    try:
        return folder.resolve().name
    except OSError:
        # The working directory is gone.
        return ""


def _title(name: str) -> str:
    """Return a name for visitors from that of a project or folder; a host name stays as it is."""
    # A name on disk need not be text.
    name = name.encode("utf-8", "ignore").decode().removesuffix(".git")
    if _DOMAIN.fullmatch(name):
        return name
    name = "".join(one if one.isprintable() else " " for one in name)
    words = re.sub(r"[-_\s]+", " ", name).strip(" .")
    return words[:1].upper() + words[1:] or "My site"
