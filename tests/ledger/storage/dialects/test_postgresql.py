"""PostgreSQL behind a failover, a pooler or a setting: no connection is used that cannot write."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from cookiegate import NotKeptError
from cookiegate.ledger import Ledger, open_engine
from cookiegate.ledger.recording.limits import Limits
from cookiegate.ledger.recording.process import LedgerProcess
from cookiegate.ledger.storage.database import reading, upgrade, writing
from cookiegate.ledger.storage.store import Store
from tests.ledger.choices import QUICK, granting, kinds, until, withdrawing
from tests.ledger.postgres import Cluster, cluster, running
from tests.registries import NOON

pytestmark = [
    pytest.mark.needs("postgres"),
    pytest.mark.slow,
    # One server, which the tests stop and change.
    pytest.mark.xdist_group("postgresql-failover"),
]

Open = Callable[[str], "QuickLedger"]


class QuickLedger(Ledger):
    """A ledger that looks for its database more often."""

    limits: Limits = QUICK

    def new_process(self) -> LedgerProcess:
        return LedgerProcess(self.options, is_current=self.is_current, limits=self.limits)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as found:
        yield found


@pytest.fixture
def url(server: Cluster) -> str:
    found = server.new_database()
    engine = open_engine(found)
    upgrade(engine)
    engine.dispose()
    return found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Open]:
    """Starts ledgers, and closes them."""
    made: list[QuickLedger] = []

    def start(url: str) -> QuickLedger:
        made.append(
            QuickLedger(
                url,
                spool=tmp_path / "spool",
                on_error=lambda error: None,
                clock=lambda: float(NOON),
                min_free_bytes=0,
                timeout=60,
            )
        )
        return made[-1]

    yield start
    for ledger in made:
        ledger.close()


def execute(url: str, *statements: str) -> None:
    """Execute statements over a connection of its own, which is allowed to write."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
        for statement in statements:
            connection.execute(statement.encode())


def stored(url: str) -> list[str]:
    """Return the kinds of all receipts."""
    engine = open_engine(url)
    try:
        return kinds(Store(engine))
    finally:
        engine.dispose()


def refuses_grants_and_says_so(ledger: Ledger) -> None:
    with pytest.raises(NotKeptError):
        ledger.commit(granting())
    assert ledger.health().is_away
    # It does not find the database back, however often it looks.
    process = ledger.start()
    for _ in range(50):
        assert process.writer.is_away
        time.sleep(0.002)


def recovers(ledger: Ledger) -> None:
    until(lambda: not ledger.health().is_away and not ledger.health().waiting)
    ledger.commit(granting())


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def test_a_database_that_only_reads_is_away_until_it_writes_again(url: str, start: Open) -> None:
    ledger = start(url)
    ledger.commit(granting())
    # Sessions that are open go on; those of the future only read.
    execute(
        url,
        f"ALTER DATABASE {name_of(url)} SET default_transaction_read_only = on",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    refuses_grants_and_says_so(ledger)
    ledger.commit(withdrawing())
    assert ledger.health().waiting == 1
    execute(url, f"ALTER DATABASE {name_of(url)} RESET default_transaction_read_only")
    recovers(ledger)
    assert stored(url) == ["grant", "grant", "withdrawal"]


def test_a_setting_that_changes_in_open_sessions_is_noticed(url: str, start: Open) -> None:
    ledger = start(url)
    ledger.commit(granting())
    reload = "SELECT pg_reload_conf()"
    execute(url, "ALTER SYSTEM SET default_transaction_read_only = on", reload)
    try:
        # The setting arrives with a signal, a moment later.
        until(lambda: is_refused(ledger))
        refuses_grants_and_says_so(ledger)
    finally:
        execute(url, "ALTER SYSTEM RESET default_transaction_read_only", reload)
    recovers(ledger)


def is_refused(ledger: Ledger) -> bool:
    try:
        ledger.commit(granting())
    except NotKeptError:
        return True
    return False


def test_reading_changes_nothing(url: str) -> None:
    engine = open_engine(url)
    with pytest.raises(DBAPIError, match="read-only transaction"), reading(engine) as connection:
        connection.exec_driver_sql("DELETE FROM cookiegate_receipts")
    engine.dispose()


def _only_reads(store: Store) -> bool:
    try:
        store.ping()
    except DBAPIError:
        return True
    return False


def test_an_idle_ledger_notices_by_itself(url: str, start: Open) -> None:
    ledger = start(url)
    ledger.limits = Limits(rest_seconds=0.01, ping_seconds=0.02)
    ledger.commit(granting())
    assert not ledger.health().is_away
    execute(
        url,
        f"ALTER DATABASE {name_of(url)} SET default_transaction_read_only = on",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    until(lambda: ledger.health().is_away)
    execute(url, f"ALTER DATABASE {name_of(url)} RESET default_transaction_read_only")
    until(lambda: not ledger.health().is_away)


@pytest.mark.parametrize("count", [1, 3])
def test_connections_that_the_server_ends_cost_no_grant(url: str, start: Open, count: int) -> None:
    ledger = start(url)
    for _ in range(count):
        ledger.commit(granting())
        execute(
            url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
    ledger.commit(granting())
    assert stored(url) == ["grant"] * (count + 1)


def test_a_session_that_a_pooler_exchanged_costs_no_grant(url: str, start: Open) -> None:
    ledger = start(url)
    for _ in range(8):  # psycopg prepares a statement that it has often seen
        ledger.commit(granting())
    with ledger.start().store.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM pg_prepared_statements").all()
        # The next session does not know what another one has prepared.
        connection.exec_driver_sql("DEALLOCATE ALL")
    for _ in range(3):
        ledger.commit(granting())
    assert ledger.health().refused == 0
    assert stored(url) == ["grant"] * 11


@pytest.mark.parametrize("code", ["53100", "53200", "42501", "XX001"])
def test_a_server_that_cannot_write_is_away_until_it_can(url: str, start: Open, code: str) -> None:
    # A full disk, too little memory, a lost privilege, a damaged index.
    ledger = start(url)
    ledger.commit(granting())
    execute(
        url,
        f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$",
        "CREATE TRIGGER fail BEFORE INSERT ON cookiegate_receipts "
        "FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    refuses_grants_and_says_so(ledger)
    execute(url, "DROP TRIGGER fail ON cookiegate_receipts")
    recovers(ledger)
    assert stored(url) == ["grant", "grant"]


def test_a_ping_leaves_nothing_behind(url: str) -> None:
    store = Store(open_engine(url))
    for _ in range(3):
        store.ping()
    assert (store.count(), store.newest()) == (0, None)
    store.engine.dispose()


def test_a_rejected_row_does_not_cost_the_connection(url: str) -> None:
    engine = open_engine(url)

    def session() -> int:
        with engine.connect() as connection:
            found: int = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        return found

    before = session()
    for statement in ("SELECT 1 / 0", "INSERT INTO cookiegate_receipts (writer) VALUES (NULL)"):
        with pytest.raises(DBAPIError), writing(engine) as connection:
            connection.exec_driver_sql(statement)
        assert session() == before
    with pytest.raises(DBAPIError), writing(engine) as connection:
        connection.exec_driver_sql("SELECT * FROM no_such_table")
    assert session() != before
    engine.dispose()


class Address:
    """An address that leads to one server, then to another: a folder of sockets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._link = folder / "current"

    def lead_to(self, target: Path) -> None:
        """Lead to the server whose socket is in a folder."""
        new = self.folder / "new"
        new.symlink_to(target)
        new.rename(self._link)

    def url(self, database: str) -> str:
        """Return the URL of a database at this address."""
        return f"postgresql://test@/{database}?host={self._link}"


@pytest.fixture
def folders() -> Iterator[tuple[Path, Path]]:
    """Short paths, because those of sockets are limited."""
    made = (Path(tempfile.mkdtemp(prefix="cgsb-")), Path(tempfile.mkdtemp(prefix="cgad-")))
    made[1].chmod(0o755)
    yield made
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


def is_standby(engine: Engine) -> bool:
    with engine.connect() as connection:
        found: bool = connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one()
    return found


def test_a_failover_and_back_needs_no_restart(folders: tuple[Path, Path], start: Open) -> None:
    own, address = folders[0], Address(folders[1])
    with cluster() as primary:
        primary_folder = primary.folder
        database = name_of(primary.new_database())
        direct = primary.url(database)
        engine = open_engine(direct)
        upgrade(engine)
        engine.dispose()
        with running(primary.copy_to(own)) as standby:
            # At first, the address leads to the standby: for example, an old entry of DNS.
            address.lead_to(own)
            ledger = start(address.url(database))
            reader = open_engine(address.url(database))
            until(lambda: is_standby(reader))
            reader.dispose()
            refuses_grants_and_says_so(ledger)
            ledger.commit(withdrawing())
            # Both servers run on; the address leads to the one that writes.
            address.lead_to(primary_folder)
            recovers(ledger)
            assert stored(direct) == ["grant", "withdrawal"]
            execute(direct, "SELECT pg_switch_wal()")
            copied = standby.url(database)
            until(lambda: stored(copied) == ["grant", "withdrawal"])
            # The primary dies, and the standby is promoted a while later.
            primary.stop("immediate")
            address.lead_to(own)
            refuses_grants_and_says_so(ledger)
            ledger.commit(withdrawing())
            standby.promote()
            recovers(ledger)
            assert stored(copied) == ["grant", "grant", "withdrawal", "withdrawal"]


def test_of_several_hosts_the_one_that_writes_is_taken(
    folders: tuple[Path, Path], server: Cluster, url: str, start: Open
) -> None:
    with running(server.copy_to(folders[0])) as standby:
        both = f"{standby.url(name_of(url))}&host={server.folder}"
        ledger = start(both)
        ledger.commit(granting())
        assert stored(url) == ["grant"]
        # An auditor may read a standby.
        assert _only_reads(Store(open_engine(standby.url(name_of(url)))))
        until(lambda: stored(standby.url(name_of(url))) == ["grant"])
