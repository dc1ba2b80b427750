"""The file of counts: a small SQLite database that all processes of a site share."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from cookiegate.enforcement.verdict import Action, Reason
from cookiegate.errors import CookiegateError

from .redact import redact_subject
from .tally import MAX_LIFETIME, CountKey, VerdictRow, without_subject

__all__ = ["BannerRow", "CountsFile", "ReportFileError", "StoredRow"]

logger: Final = logging.getLogger("cookiegate.report")

# "coga": identifies the file as one of Cookiegate.
_APPLICATION: Final = 0x636F6761
_VERSION: Final = 1
_TABLE: Final = """
CREATE TABLE verdicts (
    subject TEXT NOT NULL,
    category TEXT NOT NULL,
    reason TEXT NOT NULL,
    action TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    notes TEXT NOT NULL,
    route TEXT NOT NULL,
    count INTEGER NOT NULL,
    lifetime REAL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (subject, category, reason, action, allowed, notes, route)
) WITHOUT ROWID
"""
_KEY: Final = (
    "subject = ? AND category = ? AND reason = ? AND action = ? AND allowed = ? AND notes = ? "
    "AND route = ?"
)
_UPDATE: Final = f"""
UPDATE verdicts SET
    count = count + ?,
    lifetime = CASE WHEN ? IS NULL THEN lifetime ELSE max(coalesce(lifetime, 0), ?) END,
    last_seen = max(last_seen, ?)
WHERE {_KEY}
"""
_INSERT: Final = "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# Made with the first banner: a file without this table is valid.
_BANNER_TABLE: Final = """
CREATE TABLE IF NOT EXISTS banners (
    day TEXT NOT NULL,
    language TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, language)
) WITHOUT ROWID
"""
_ADD_BANNER: Final = """
INSERT INTO banners VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
# The smallest page size of SQLite.
_MIN_DATABASE_BYTES: Final = 512
_Natural: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
# How long to wait for another process that writes.
_TIMEOUT_SECONDS: Final = 5.0


class ReportFileError(CookiegateError, ValueError):
    """A file does not hold counts, or a newer version of Cookiegate wrote it."""


class StoredRow(VerdictRow, kw_only=True):
    """A row of the file, with the Unix seconds of its first and last verdict."""

    first_seen: int
    last_seen: int


class BannerRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many banners were due on one day (UTC, as "2026-11-25") in one language."""

    day: str
    language: str
    count: _Natural


class CountsFile:
    """
    Counts in a file.

    Every method but `create` raises `ReportFileError` if the file does not hold counts of this
    version, and `OSError` if it cannot be opened, read or written.

    Args:
        path: `create` and the first `add` create the file.
        limit: How many different rows of verdicts to hold; further ones are counted together.
    """

    def __init__(self, path: str | PathLike[str], *, limit: int = 10_000) -> None:
        self.path: Path = Path(path)
        self._limit = limit

    def create(self) -> None:
        """Create the file, so that a site without cookies has one. A failure is logged."""
        try:
            self.add([], 0)
        except (OSError, ReportFileError) as error:
            logger.warning("no counts can be written yet: %s", error)

    def add(self, rows: Iterable[VerdictRow], now: float) -> None:
        """Add counts of verdicts, all or none, made at `now` in Unix seconds."""
        with self._write() as connection:
            free = self._limit - _count(connection, "verdicts")
            for row in rows:
                free -= _add_row(connection, row.key, row, int(now), free)

    def read(self) -> list[StoredRow]:
        """Return all counts of verdicts, the most frequent first."""
        with self._read() as connection:
            found = connection.execute("SELECT * FROM verdicts ORDER BY count DESC, subject, route")
            return [_stored_row(values, self.path) for values in found]

    def add_banners(self, rows: Iterable[BannerRow]) -> None:
        """Add counts of banners, all or none."""
        with self._write() as connection:
            connection.execute(_BANNER_TABLE)
            connection.executemany(_ADD_BANNER, map(msgspec.structs.astuple, rows))

    def read_banners(self) -> list[BannerRow] | None:
        """Return all counts of banners by day and language; None if banners were never counted."""
        with self._read() as connection:
            if not _count(connection, "sqlite_master WHERE name = 'banners'"):
                return None
            found = connection.execute("SELECT * FROM banners ORDER BY day, language")
            return [_banner_row(values, self.path) for values in found]

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists():
            raise FileNotFoundError(f"{self.path}: there is no such file")
        with self._open("ro") as connection:
            self._check(connection)
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._open("rwc") as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            if _count(connection, "sqlite_master"):
                self._check(connection)
            else:
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
                connection.execute(_TABLE)
            yield connection

    @contextmanager
    def _open(self, mode: str) -> Iterator[sqlite3.Connection]:
        # SQLite takes a few bytes of anything for an empty database, and overwrites them. It waits
        # for the other end of a pipe.
        is_small = self.path.is_file() and 0 < self.path.stat().st_size < _MIN_DATABASE_BYTES
        if is_small or (self.path.exists() and not self.path.is_file()):
            raise ReportFileError(f"{self.path} does not hold counts; give another path")
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        try:
            with closing(
                sqlite3.connect(uri, uri=True, timeout=_TIMEOUT_SECONDS, isolation_level=None)
            ) as connection:
                yield connection
        except sqlite3.OperationalError as error:
            raise OSError(f"{self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise ReportFileError(
                f"{self.path} does not hold counts: {error}; give another path"
            ) from error

    def _check(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if (application, version) != (_APPLICATION, _VERSION):
            raise ReportFileError(
                f"{self.path} does not hold counts of this version of Cookiegate; give another path"
            )


def _count(connection: sqlite3.Connection, rows: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()
    return int(count)


def _add_row(
    connection: sqlite3.Connection, key: CountKey, row: VerdictRow, now: int, free: int
) -> int:
    """Add one count and return how many rows that made."""
    *facts, notes, route = msgspec.structs.astuple(key)
    columns = (*facts, " ".join(notes), route)
    if connection.execute(_UPDATE, (row.count, row.lifetime, row.lifetime, now, *columns)).rowcount:
        return 0
    if free <= 0 and (other := without_subject(key)) != key:
        return _add_row(connection, other, row, now, free)
    connection.execute(_INSERT, (*columns, row.count, row.lifetime, now, now))
    return 1


class _Columns(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    # A row as it is stored. A file may come from anywhere.

    subject: str
    category: str
    reason: Reason
    action: Action
    allowed: Literal[0, 1]
    notes: str
    route: str
    count: _Natural
    lifetime: Annotated[float, msgspec.Meta(ge=0, le=MAX_LIFETIME)] | None
    first_seen: _Natural
    last_seen: _Natural


def _stored_row(values: Sequence[object], path: Path) -> StoredRow:
    try:
        one = msgspec.convert(values, _Columns)
        notes = tuple(map(Reason, one.notes.split()))
    except ValueError as error:
        raise ReportFileError(
            f"{path} holds a row that this version of Cookiegate cannot read: {error}"
        ) from None
    is_registered = bool(one.category) and not one.reason.is_unknown
    key = CountKey(
        subject=one.subject if is_registered else redact_subject(one.subject),
        category=one.category,
        reason=one.reason,
        action=one.action,
        allowed=bool(one.allowed),
        notes=notes,
        route=one.route,
    )
    return StoredRow(
        key=key,
        count=one.count,
        lifetime=one.lifetime,
        first_seen=one.first_seen,
        last_seen=one.last_seen,
    )


def _banner_row(values: Sequence[object], path: Path) -> BannerRow:
    try:
        row = msgspec.convert(
            dict(zip(BannerRow.__struct_fields__, values, strict=True)), BannerRow
        )
        date.fromisoformat(row.day)
    except ValueError as error:
        raise ReportFileError(
            f"{path} holds a banner that this version of Cookiegate cannot read: {error}"
        ) from None
    return row
