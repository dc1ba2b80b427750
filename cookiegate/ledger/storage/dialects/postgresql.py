"""The ledger on a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.storage.tables import receipts

from .base import INSERT_INTO, READS, Dialect

__all__ = ["PostgreSQL"]

_DRIVER: Final = "postgresql+psycopg"
_CONNECT_SECONDS: Final = 5
_SESSION: Final = "target_session_attrs"
# A connection to a server that no longer answers is closed after this.
_UNANSWERED_MILLISECONDS: Final = 10_000
# The number of the advisory lock: the bytes of "cook".
_MAINTENANCE_LOCK: Final = 0x636F6F6B
_UNSAMPLED: Final = ("id", "closes", "salt", "body", "leaf", "link")


class PostgreSQL(Dialect):
    """PostgreSQL, through psycopg 3."""

    name = "postgresql"
    title = "PostgreSQL"
    example = "postgresql://user@host/name"
    schemes: ClassVar[frozenset[str]] = frozenset(("postgresql", _DRIVER))
    read_options: ClassVar[Mapping[str, Any]] = {
        "isolation_level": "REPEATABLE READ",
        READS: True,
    }
    leftovers: ClassVar[str] = (
        "PostgreSQL's files still contain them until new receipts take their space. To rewrite "
        "the files now, with the ledger locked: cookiegate ledger prune --vacuum-full"
    )
    rewritten_leftovers: ClassVar[str] = (
        "PostgreSQL's log, its replicas and your backups still contain them until they are replaced"
    )
    # All rows at once, one array for each column; %b sends bytes as they are, not in hexadecimal.
    insert_statement: ClassVar[str] = (
        f"{INSERT_INTO} SELECT * FROM unnest(%s::text[], %s::int8[], %s::text[], %s::int8[], "
        "%s::text[], %b::bytea[], %b::bytea[], %b::bytea[])"
    )

    def create_engine(self, url: URL, *, writes: bool = False) -> Engine:
        arguments: dict[str, Any] = {
            "connect_timeout": _CONNECT_SECONDS,
            "tcp_user_timeout": _UNANSWERED_MILLISECONDS,
        }
        if writes and _SESSION not in url.query:
            # Of several hosts, take the primary. A standby refuses the connection, so that the
            # next attempt may reach another server.
            arguments[_SESSION] = "read-write"
        # No ping before each use, which would add a round trip to each commit: the writer
        # reconnects after a failure and looks up whether the commit succeeded.
        try:
            engine = create_engine(
                url.set(drivername=_DRIVER), hide_parameters=True, connect_args=arguments
            )
        except ImportError as error:
            raise LedgerError(
                f"a ledger in PostgreSQL needs {error.name}: pip install 'cookiegate[postgresql]'"
            ) from error
        event.listen(engine, "begin", _begin)
        event.listen(engine, "handle_error", _drop_connection)
        return engine

    def insert_receipts(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        connection.exec_driver_sql(self.insert_statement, columns)

    def insert_missing(self, connection: Connection, table: Table, values: dict[str, Any]) -> None:
        connection.execute(insert(table).values(values).on_conflict_do_nothing())

    def lock_maintenance(self, connection: Connection) -> None:
        connection.execute(select(func.pg_advisory_xact_lock(_MAINTENANCE_LOCK)))

    def scrub(self, connection: Connection, sleep: Callable[[float], None]) -> None:
        self._vacuum(connection)

    def prepare_tables(self, connection: Connection) -> None:
        # Otherwise PostgreSQL keeps samples of these columns for its planner, which an erasure
        # does not reach.
        changes = (f"ALTER {column} SET STATISTICS 0" for column in _UNSAMPLED)
        connection.exec_driver_sql(f"ALTER TABLE {receipts.name} {', '.join(changes)}")

    def rewrite(self, connection: Connection) -> None:
        file = select(func.pg_relation_filenode(receipts.name))
        before = connection.scalar(file)
        connection.commit()
        self._vacuum(connection, "FULL ")
        if connection.scalar(file) == before:
            # PostgreSQL only warns.
            raise LedgerError(
                "the receipts are removed from the ledger, and the removal is recorded, but "
                "PostgreSQL has not rewritten its files; run this as the owner of the table: "
                "cookiegate ledger prune --vacuum-full"
            )

    def _vacuum(self, connection: Connection, option: str = "") -> None:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(f"VACUUM {option}{receipts.name}")


def _begin(connection: Connection) -> None:
    # Not SQLAlchemy's option for it, after which the connection writes for the rest of its life,
    # also where the operator has set default_transaction_read_only.
    if connection.get_execution_options().get(READS):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _drop_connection(context: ExceptionContext) -> None:
    # Whatever fails, except for a row that the server rejects, may lie with this connection: after
    # a failover it may lead to a server that only reads, and a pooler may have exchanged the
    # server's session. The next attempt connects anew.
    error = context.sqlalchemy_exception
    if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
        context.is_disconnect = True
