"""The registry: what a site's cookies are, by name, category and service."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Protocol

from .candidates import Candidate, candidates
from .errors import Problem, RegistryError, did_you_mean, quoted
from .load import decode, load_parts
from .model import Authority, Category, Controller, Entry, Ledger, Policy, Service, Site
from .patterns import Index
from .validation.build import Parts

__all__ = ["Registry", "read_source"]

_SHIPPED = "cookiegate:"


class _PathLike(Protocol):
    """What ``os.PathLike[str]`` is, without the import."""

    def __fspath__(self) -> str: ...


class Registry:
    """The single truth about a site's cookies, read from one TOML file and never changed.

    Made by ``Registry.parse`` or ``Registry.load``; both raise RegistryError with every problem
    of the file at once.
    """

    __slots__ = (
        "_indexes",
        "authorities",
        "categories",
        "controller",
        "digest",
        "entries",
        "ledger",
        "offered",
        "optional",
        "policy",
        "required",
        "services",
        "site",
        "source",
    )

    _indexes: Mapping[str, Index[Entry]]
    #: What messages call the file.
    source: str
    #: The SHA-256 of its text, in hexadecimal. Versions are only what their author says.
    digest: str
    #: The site itself: name, languages, how long an answer holds.
    site: Site
    #: What the gate does.
    policy: Policy
    #: How long receipts are kept.
    ledger: Ledger
    #: Who answers for the data, where the file says so.
    controller: Controller | None
    authorities: tuple[Authority, ...]
    #: The categories by id, in the order of the file.
    categories: Mapping[str, Category]
    #: The services by id, in the order of the file.
    services: Mapping[str, Service]
    #: The entries in the order of the file.
    entries: tuple[Entry, ...]
    #: The ids of the required categories.
    required: frozenset[str]
    #: The ids of the other categories, in the order of the file.
    optional: tuple[str, ...]
    #: The optional categories that have at least one entry.
    offered: tuple[str, ...]

    def __init__(self, parts: Parts, source: str, digest: str) -> None:
        used = {entry.category for entry in parts.entries}
        optional = tuple(id for id, one in parts.categories.items() if not one.required)
        values = {
            "_indexes": parts.indexes,
            "authorities": parts.authorities,
            "categories": parts.categories,
            "controller": parts.controller,
            "digest": digest,
            "entries": parts.entries,
            "ledger": parts.ledger,
            "offered": tuple(id for id in optional if id in used),
            "optional": optional,
            "policy": parts.policy,
            "required": frozenset(id for id, one in parts.categories.items() if one.required),
            "services": parts.services,
            "site": parts.site,
            "source": source,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Registry is never changed: {name!r} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Registry is never changed: {name!r} cannot be deleted")

    def __repr__(self) -> str:
        site = self.site
        return f"<Registry {site.id!r}, version {site.version}, {len(self.entries)} entries>"

    @classmethod
    def parse(cls, text: str, *, source: str = "<registry>") -> "Registry":
        """Read a registry from TOML text.

        Args:
            text: The whole file.
            source: What messages call it.

        Raises:
            RegistryError: Something is wrong; all of it is told at once.
        """
        parts = load_parts(text, source)
        return cls(parts, source, hashlib.sha256(text.encode()).hexdigest())

    @classmethod
    def load(cls, path: str | _PathLike) -> "Registry":
        """Read a registry file, or a shipped one by the name ``cookiegate:starter``.

        Raises:
            RegistryError: Something is wrong in the file, or no shipped file has this name.
            OSError: The file cannot be opened.
        """
        data = read_source(path)
        source = path if isinstance(path, str) else path.__fspath__()
        return cls.parse(decode(data, source), source=source)

    def find(self, name: bytes | str, kind: str = "cookie") -> tuple[Entry, ...]:
        """Return every entry that shares the best-ranking name or pattern for this name.

        An exact name beats a pattern.  Bytes are read as UTF-8; a byte that is not counts as one
        character.  Nothing is found for a name of more than 4,096 bytes.
        """
        index = self._indexes.get(kind)
        return () if index is None else index.find(name)

    def candidates(self, name: bytes | str, kind: str = "cookie") -> tuple[Candidate, ...]:
        """Return every entry with a name or pattern that matches this name, the best first.

        Those that ``find`` returns come first; the others are outranked. It looks at every entry:
        it is for explanations.
        """
        return candidates((entry for entry in self.entries if entry.kind == kind), name)

    def category(self, id: str) -> Category:
        """Return the category with this id; a ValueError for an unknown id suggests one."""
        found = self.categories.get(id)
        if found is None:
            raise ValueError(
                f"unknown category {quoted(str(id))}; {did_you_mean(str(id), self.categories)}"
            )
        return found

    def check_ids(self, ids: Iterable[str]) -> frozenset[str]:
        """Return the ids as a set; raises ValueError for one the registry does not have."""
        # A str would be read as its letters.
        if isinstance(ids, str):
            raise ValueError(f"category ids are wanted, not a text; pass a set: {{{ids!r}}}")
        return frozenset(self.category(id).id for id in ids)


def read_source(path: str | _PathLike) -> bytes:
    """Return what is in a registry file, or in a shipped one, as `Registry.load` finds it.

    Raises:
        RegistryError: No shipped file has this name.
        OSError: The file cannot be opened.
    """
    if isinstance(path, str) and path.startswith(_SHIPPED):
        return _read_shipped(path)
    with open(path, "rb") as file:
        return file.read()


def _read_shipped(path: str) -> bytes:
    # Imported here: a third of this package's import time, and most sites have their own file.
    from importlib.resources import files

    folder = files("cookiegate._registry_data")
    name = path.removeprefix(_SHIPPED)
    known = {
        file.name.removesuffix(".toml"): file
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }
    if name not in known:
        what = f"Cookiegate ships no registry {quoted(name)}"
        hint = did_you_mean(name, known)
        raise RegistryError([Problem(path, 0, what, hint)])
    return known[name].read_bytes()
