"""The small file that counts are kept in: SQLite, shared by all processes of a site."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from os import PathLike
from pathlib import Path
from typing import Final

import msgspec

from cookiegate.enforcement.verdict import Action, Reason

from .tally import Finding, Row, as_other

__all__ = ["BannerRow", "CountsFile", "FileRow", "NotCounts"]

# "coga", so that another program's file is not taken for one of ours.
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
_ADD: Final = f"""
UPDATE verdicts SET
    count = count + ?,
    lifetime = CASE WHEN ? IS NULL THEN lifetime ELSE max(coalesce(lifetime, 0), ?) END,
    last_seen = max(last_seen, ?)
WHERE {_KEY}
"""
_NEW: Final = "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# Beside the others, and made when a banner is counted: a file without it is as good as ever.
_BANNERS: Final = """
CREATE TABLE IF NOT EXISTS banners (
    day TEXT NOT NULL,
    language TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, language)
) WITHOUT ROWID
"""
_ADD_BANNERS: Final = """
INSERT INTO banners VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
# One page of the smallest kind.
_SMALLEST_DATABASE: Final = 512
# How long a process waits for another one that writes.
_PATIENCE_SECONDS: Final = 5.0


class NotCounts(ValueError):
    """A file holds something else than counts of verdicts."""


class FileRow(Row, kw_only=True):
    """A row of the file, with the Unix seconds of its first and last verdict."""

    first_seen: int
    last_seen: int


class BannerRow(msgspec.Struct, frozen=True, kw_only=True):
    """How often a banner was due on one day (UTC, as "2026-11-25"), in one language."""

    day: str
    language: str
    count: int


class CountsFile:
    """
    Counts in a file.

    Args:
        path: Made when counts are first added.
        limit: How many different findings it holds; what comes beyond is counted together.
    """

    def __init__(self, path: str | PathLike[str], *, limit: int = 10_000) -> None:
        self.path = Path(path)
        self._limit = limit

    def add(self, rows: Iterable[Row], now: float) -> None:
        """
        Add counts to those in the file, all or none.

        Raises:
            NotCounts: The file is another program's, or a newer version's.
            OSError: It cannot be opened or written.
        """
        with self._open("rwc") as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            self._prepare(connection)
            room = self._limit - connection.execute("SELECT count(*) FROM verdicts").fetchone()[0]
            for row in rows:
                room -= self._add_one(connection, row.finding, row, int(now), room)

    def read(self) -> list[FileRow]:
        """
        All rows, the most frequent first.

        Raises:
            NotCounts: The file is another program's, or a newer version's.
            OSError: There is no such file, or it cannot be read.
        """
        self._require()
        with self._open("ro") as connection:
            self._check(connection)
            found = connection.execute("SELECT * FROM verdicts ORDER BY count DESC, subject, route")
            return [_row_of(values) for values in found]

    def add_banners(self, rows: Iterable[BannerRow]) -> None:
        """
        Add counts of banners to those in the file, all or none.

        Raises:
            NotCounts: The file is another program's, or a newer version's.
            OSError: It cannot be opened or written.
        """
        with self._open("rwc") as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            self._prepare(connection)
            connection.execute(_BANNERS)
            values = [(row.day, row.language, row.count) for row in rows]
            connection.executemany(_ADD_BANNERS, values)

    def read_banners(self) -> list[BannerRow] | None:
        """
        All counts of banners, by day and language; None where none were ever counted.

        Raises:
            NotCounts: The file is another program's, or a newer version's.
            OSError: There is no such file, or it cannot be read.
        """
        self._require()
        with self._open("ro") as connection:
            self._check(connection)
            tables = "SELECT count(*) FROM sqlite_master WHERE name = 'banners'"
            if not connection.execute(tables).fetchone()[0]:
                return None
            found = connection.execute("SELECT * FROM banners ORDER BY day, language")
            return [BannerRow(day=day, language=one, count=count) for day, one, count in found]

    def _require(self) -> None:
        if not self.path.exists():
            raise FileNotFoundError(f"{self.path}: there is no such file")

    def _add_one(
        self, connection: sqlite3.Connection, finding: Finding, row: Row, now: int, room: int
    ) -> int:
        # Returns how many rows it made.
        values = (row.count, row.lifetime, row.lifetime, now)
        if connection.execute(_ADD, (*values, *_key(finding))).rowcount:
            return 0
        if room <= 0 and (other := as_other(finding)) != finding:
            return self._add_one(connection, other, row, now, room)
        connection.execute(_NEW, (*_key(finding), row.count, row.lifetime, now, now))
        return 1

    @contextmanager
    def _open(self, mode: str) -> Iterator[sqlite3.Connection]:
        # SQLite takes a few bytes of anything for an empty database, and writes over them.
        if self.path.is_file() and 0 < self.path.stat().st_size < _SMALLEST_DATABASE:
            raise NotCounts(f"{self.path} holds no counts; give another path")
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        try:
            with closing(
                sqlite3.connect(uri, uri=True, timeout=_PATIENCE_SECONDS, isolation_level=None)
            ) as connection:
                yield connection
        except sqlite3.OperationalError as error:
            raise OSError(f"{self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise NotCounts(f"{self.path} holds no counts: {error}") from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            self._check(connection)
            return
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute(_TABLE)

    def _check(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if (application, version) != (_APPLICATION, _VERSION):
            raise NotCounts(
                f"{self.path} holds no counts of this version of Cookiegate; give another path"
            )


def _key(finding: Finding) -> tuple[str | int, ...]:
    return (
        finding.subject,
        finding.category,
        finding.reason.value,
        finding.action,
        int(finding.allowed),
        " ".join(note.value for note in finding.notes),
        finding.route,
    )


def _row_of(
    values: tuple[str, str, str, Action, int, str, str, int, float | None, int, int],
) -> FileRow:
    subject, category, reason, action, allowed, notes, route, count, lifetime, first, last = values
    finding = Finding(
        subject=subject,
        category=category,
        reason=Reason(reason),
        action=action,
        allowed=bool(allowed),
        notes=tuple(map(Reason, notes.split())),
        route=route,
    )
    return FileRow(
        finding=finding, count=count, lifetime=lifetime, first_seen=first, last_seen=last
    )
