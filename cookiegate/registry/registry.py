"""The registry: what a site's cookies are, by name, category and service."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import msgspec

from .errors import Problem, RegistryError, did_you_mean, quoted
from .model import Category, Entry
from .part_ids import SEPARATOR, category_of, part_id, service_of
from .parts import Parts as _Parts

if TYPE_CHECKING:
    from .candidates import Candidate

__all__ = ["Registry", "read_source"]

_SHIPPED = "cookiegate:"


class _PathLike(Protocol):
    """Like ``os.PathLike[str]``, without the import."""

    def __fspath__(self) -> str: ...


class Registry(_Parts, frozen=True, kw_only=True, eq=False):
    """The single truth about a site's cookies, read from one TOML file and never changed.

    ``Registry.parse`` and ``Registry.load`` make it.
    """

    #: The name of the file in messages.
    source: str
    #: The SHA-256 of its text, in hexadecimal. The version is only what its author says.
    digest: str

    def __repr__(self) -> str:
        site = self.site
        return f"<Registry {site.id!r}, version {site.version}, {len(self.entries)} entries>"

    @classmethod
    def parse(cls, text: str, *, source: str = "<registry>") -> Registry:
        """Read a registry from TOML text.

        Args:
            text: The whole file.
            source: The name of the file in messages.

        Raises:
            RegistryError: Something is wrong; it has every problem of the file.
        """
        # Imported here: what reads and checks files answers no request.
        from .load import load_parts

        parts = load_parts(text, source)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return cls(**msgspec.structs.asdict(parts), source=source, digest=digest)

    @classmethod
    def load(cls, path: str | _PathLike) -> Registry:
        """Read a registry file, or a shipped one by the name ``cookiegate:starter``.

        Raises:
            RegistryError: Something is wrong in the file, or no shipped file has this name.
            OSError: The file cannot be opened.
        """
        from .load import decode

        data = read_source(path)
        source = path if isinstance(path, str) else path.__fspath__()
        return cls.parse(decode(data, source), source=source)

    def find(self, name: bytes | str, kind: str = "cookie") -> tuple[Entry, ...]:
        """Return every entry that shares the best-ranking name or pattern for this name.

        An exact name beats a pattern. Bytes are read as UTF-8; an invalid byte counts as one
        character. Nothing is found for a name of more than 4,096 bytes.
        """
        index = self._indexes.get(kind)
        return () if index is None else tuple(map(self.entries.__getitem__, index.find(name)))

    def candidates(self, name: bytes | str, kind: str = "cookie") -> tuple[Candidate, ...]:
        """Return every entry with a name or pattern that matches this name, the best first.

        Those that ``find`` returns come first; the others rank lower. This compares every entry,
        and is for explanations only.
        """
        from .candidates import candidates

        return candidates((entry for entry in self.entries if entry.kind == kind), name)

    def category(self, id: str) -> Category:
        """Return the category with this id.

        Raises:
            ValueError: The id is unknown; the message suggests a known one.
        """
        found = self.categories.get(id)
        if found is None:
            raise ValueError(
                f"unknown category {quoted(str(id))}; {did_you_mean(str(id), self.categories)}"
            )
        return found

    def check_ids(self, ids: Iterable[str]) -> frozenset[str]:
        """Return ids of categories, or of services in categories (`parts`), as a set.

        Raises:
            ValueError: One of them is unknown, or a text is passed in place of a set.
        """
        # A str would be read as its letters.
        if isinstance(ids, str):
            raise ValueError(f"category ids must be a set, not a text; pass a set: {{{ids!r}}}")
        return frozenset(map(self._check_id, ids))

    def part(self, category: str, service: str | None = None) -> str:
        """Return the id that a visitor must allow for a service in a category.

        Args:
            category: The category's id, or already that of a part of it.
            service: The service's id; None for the whole category.

        Returns:
            The category's id unless visitors choose by service.

        Raises:
            ValueError: An id is unknown, or the service is not in the category; the message
                suggests what to write.
        """
        if service is None:
            return self._check_id(category)
        whole = self.category(category).id
        if service not in self.services:
            raise ValueError(
                f"unknown service {quoted(str(service))}; {did_you_mean(service, self.services)}"
            )
        return self._check_id(part_id(whole, service)) if whole in self.parts else whole

    def _check_id(self, id: str) -> str:
        if id in self.categories:
            return id
        parts = [part for parts in self.parts.values() for part in parts]
        if id in parts:
            return id
        text = str(id)
        if SEPARATOR not in text:
            return self.category(id).id
        if parts:
            # The same service elsewhere is meant rather than another one with a similar id.
            elsewhere = [part for part in parts if service_of(part) == service_of(text) != ""]
            hint = did_you_mean(text, elsewhere or parts)
            raise ValueError(f"unknown service in a category {quoted(text)}; {hint}")
        raise ValueError(
            f"{quoted(text)} is a service in a category, and visitors choose whole categories; "
            f'write {category_of(text)!r}, or granularity = "service" into [site]'
        )


def read_source(path: str | _PathLike) -> bytes:
    """Return the bytes of a registry file, or of a shipped one.

    Raises:
        RegistryError: No shipped file has this name.
        OSError: The file cannot be opened.
    """
    if isinstance(path, str) and path.startswith(_SHIPPED):
        return _read_shipped(path)
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError as error:
        hint = "a relative path begins in the working directory; to create it: cookiegate init"
        raise FileNotFoundError(error.errno, f"{error.strerror}; {hint}", error.filename) from None


def _read_shipped(path: str) -> bytes:
    # Imported lazily: it takes a third of this package's import time, and few sites need it.
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
