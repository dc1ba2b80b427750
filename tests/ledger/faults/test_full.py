"""Full disks: withdrawals are accepted as long as the spool can be written."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import msgspec
import psycopg
import pytest

from tests.ledger.faults.conftest import Say, ready
from tests.ledger.faults.disks import may_mount, room_taken, size_limited, small_disk
from tests.ledger.faults.holding import libpq_address
from tests.ledger.faults.proof import find, lost
from tests.ledger.faults.serving import Site, serve
from tests.ledger.faults.site import SiteOptions
from tests.ledger.faults.test_outages import save_some, see_after, see_through
from tests.ledger.faults.visitors import crowd
from tests.ledger.faults.waits import await_that, children_of
from tests.ledger.postgres import Cluster, cluster

# If this user may not mount a disk, the size of files is limited instead.
DISKS = ["limit", "disk"] if may_mount() else ["limit"]
# The spool of a test stays below the limit, the database does not.
LIMIT_BYTES = 128 * 1024
#: Fills the disk that the database of a site is on.
Fill = Callable[[Site], AbstractContextManager[None]]


@contextmanager
def sqlite_on(disk: str, folder: Path) -> Iterator[tuple[str, Fill]]:
    """The URL of an SQLite file, and a context that fills its disk."""
    if disk == "limit":
        yield (
            f"sqlite:///{folder}/consent.db",
            lambda site: size_limited(site.serving(), LIMIT_BYTES),
        )
        return
    with small_disk(32) as small:
        yield f"sqlite:///{small}/consent.db", lambda site: room_taken(small)


@contextmanager
def postgres_on(disk: str) -> Iterator[tuple[Cluster, Callable[[], AbstractContextManager[None]]]]:
    """A PostgreSQL server, and a context that fills its disk."""
    if disk == "limit":
        with cluster() as own:
            yield own, lambda: size_limited((own.pid, *children_of(own.pid)), 1)
        return
    with small_disk(200) as small:
        own = Cluster(small)
        own.make()
        own.start()
        try:
            yield own, lambda: room_taken(small)
        finally:
            own.stop("immediate")


def start_again(own: Cluster, url: str) -> None:
    """Start a server that has ended, or is ending, because of an error."""

    def answers() -> bool:
        try:
            psycopg.connect(libpq_address(url)).close()
        except psycopg.OperationalError:
            if not own.is_up:
                own.start()
            return False
        return True

    await_that(answers, "the server is back")


@pytest.mark.parametrize("disk", DISKS)
def test_withdrawals_take_effect_while_the_disk_of_sqlite_is_full(
    disk: str, tmp_path: Path, say: Say
) -> None:
    with sqlite_on(disk, tmp_path) as (url, fill):
        options = ready(url, tmp_path)
        with serve("uvicorn", options, tmp_path / "log") as site:
            with crowd(site, 1) as visitors:
                save_some(visitors)
                with fill(site):
                    see_through(visitors)
                visitors.await_done("grant", "withdraw")
            site.await_drained()
            see_after(site, visitors, f"sqlite, full ({disk})", say)
    if "disk" not in DISKS:
        say("no disk was filled: this user may mount none; files were limited in size instead")


def test_refusals_are_counted_below_min_free_bytes(options: SiteOptions, tmp_path: Path) -> None:
    options = msgspec.structs.replace(options, min_free_bytes=1 << 60)
    with serve("uvicorn", options, tmp_path / "log") as site:
        with crowd(site, 1) as visitors:
            visitors.await_not_kept("grant")
            visitors.await_done("refuse")
        counted = visitors.noted.refusals
        await_that(lambda: find(options.url).counted == counted, "the refusals are counted")
        health = site.health()
        assert health.is_full
        assert (health.committed, health.waiting, health.lost) == (0, 0, 0)
    found = find(options.url)
    assert not lost(found, visitors.noted, were_killed=False)
    assert not found.receipts


@pytest.mark.needs("postgres")
@pytest.mark.parametrize("disk", DISKS)
def test_withdrawals_take_effect_while_the_disk_of_postgresql_is_full(
    disk: str, tmp_path: Path, say: Say
) -> None:
    with postgres_on(disk) as (own, fill):
        options = ready(own.new_database(), tmp_path)
        with serve("uvicorn", options, tmp_path / "log") as site:
            with crowd(site, 1) as visitors:
                save_some(visitors)
                with fill():
                    see_through(visitors)
                # A process that could not write its log has ended.
                start_again(own, options.url)
                visitors.await_done("grant", "withdraw")
            site.await_drained()
            see_after(site, visitors, f"postgresql, full ({disk})", say)
