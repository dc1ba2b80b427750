"""Problems by the path of what is wrong; their lines are looked up once all of them are known."""

from typing import Final

import msgspec

from cookiegate.registry.errors import Path, quoted

__all__ = ["HEADINGS", "PathProblem", "ProblemList", "container", "heading", "label"]

# The tables of a file, as an author writes their headers.
HEADINGS: Final = {
    "site": "[site]",
    "controller": "[controller]",
    "authorities": "[[authorities]]",
    "policy": "[policy]",
    "ledger": "[ledger]",
    "categories": "[categories.<id>]",
    "services": "[services.<id>]",
    "cookies": "[[cookies]]",
}


class PathProblem(msgspec.Struct, frozen=True):
    """A problem with the value at a path, or with its key.

    ``what`` is followed by the line of ``other``, if there is one.
    """

    path: Path
    what: str
    hint: str
    other: Path | None = None
    of_key: bool = False


class ProblemList:
    """The problems found so far, and the paths whose values are already known to be lost."""

    def __init__(self) -> None:
        self.found: list[PathProblem] = []
        self._lost: set[Path] = set()
        self._misspelt: dict[Path, str] = {}

    def add(
        self, path: Path, what: str, hint: str, other: Path | None = None, *, of_key: bool = False
    ) -> None:
        """Add a problem, unless it only follows from a value that was lost."""
        if not self.is_lost(path):
            self.found.append(PathProblem(path, what, hint, other, of_key))

    def lose(self, path: Path, what: str, hint: str, *, of_key: bool = False) -> None:
        """Add a problem, and mark the value at its path as lost."""
        self.add(path, what, hint, of_key=of_key)
        self._lost.add(path)

    def mark_lost(self, path: Path) -> None:
        """Mark a value as lost whose problem is added at another path."""
        self._lost.add(path)

    def mark_misspelt(self, path: Path, key: str) -> None:
        """Record that the file has the last key of a path under another name."""
        self._misspelt[path] = key

    def written(self, path: Path) -> Path:
        """Return a path as the file has it, with its misspelt keys."""
        if not self._misspelt:
            return path
        return tuple(self._misspelt.get(path[: end + 1], step) for end, step in enumerate(path))

    def is_lost(self, path: Path) -> bool:
        """Return whether the value at this path, or anything above it, was lost."""
        return bool(self._lost) and any(path[:end] in self._lost for end in range(len(path) + 1))


def _table_depth(path: Path) -> int:
    """Return how many steps of a path lead to its table."""
    return 1 if path[0] in ("site", "controller", "policy", "ledger") else 2


def label(path: Path) -> str:
    """Return a key as its author sees it below the table's header: ``title.en``."""
    return _dotted(path[_table_depth(path) :]) or _dotted(path)


def _dotted(steps: Path) -> str:
    return ".".join(step for step in steps if isinstance(step, str))


def heading(path: Path) -> str:
    """Return the header of the table that holds what is at this path."""
    match path:
        case ("categories" | "services" as table, str() as id, _, *_):
            is_bare = id.isascii() and id.replace("-", "").replace("_", "").isalnum()
            return f"[{table}.{id if is_bare else quoted(id)}]"
        case ("authorities" | "cookies" as table, _, _, *_):
            return f"[[{table}]]"
        case (table, _, *_):
            return f"[{table}]"
        case _:
            return "the file"


def container(path: Path) -> str:
    """Return what holds a key: a table's header, or a key of it such as ``links of …``."""
    inner = _dotted(path[_table_depth(path) : -1])
    return f"{inner} of {heading(path)}" if inner else heading(path)
