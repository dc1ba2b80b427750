"""A database that is away, slow or broken: who takes back is served, who allows more is told."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.ledger.faults.conftest import Say, ready
from tests.ledger.faults.holding import broken, hold
from tests.ledger.faults.proof import find, lost
from tests.ledger.faults.serving import Server, Site, serve
from tests.ledger.faults.site import Told
from tests.ledger.faults.visitors import Crowd, crowd
from tests.ledger.faults.waits import await_that
from tests.ledger.postgres import Cluster, cluster

SERVERS = ["uvicorn", pytest.param("gunicorn, one", marks=pytest.mark.long)]
# What takes back waits a quarter of a second for a database that is well; the rest is for two slow
# cores that others use too, and for the page. A lock of SQLite, or a server that is gone, would
# have it wait for ten seconds.
MAX_WAIT_SECONDS = 9.0
FAULTS: dict[str, Callable[[str], AbstractContextManager[None]]] = {"slow": hold, "broken": broken}


# One worker runs these tests, and so one server more is started.
ONE_WORKER = pytest.mark.xdist_group("own_cluster")


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server that tests may stop."""
    with cluster() as found:
        yield found


@contextmanager
def stopped(own: Cluster, mode: str) -> Iterator[None]:
    """A server that is stopped while the context lasts."""
    own.stop(mode)
    try:
        yield
    finally:
        own.start()


def save_some(visitors: Crowd) -> None:
    """Have something granted that can be taken back while the database is away."""
    visitors.is_saving.set()
    visitors.await_done("grant", count=40)


def see_through(visitors: Crowd) -> None:
    """See that visitors are served as they are to be while the database takes nothing."""
    visitors.await_not_kept("grant")
    visitors.is_saving.clear()
    visitors.await_done("withdraw", "narrow", "refuse")
    health = visitors.site.health()
    assert health.is_away
    assert health.waiting
    assert health.refused


def see_after(site: Site, visitors: Crowd, what: str, say: Say) -> None:
    """See that everything is in the ledger, and that health tells what happened."""
    # A file is gone a moment before its lines are counted no more.
    await_that(lambda: not site.health().waiting, "nothing waits")
    noted, health = visitors.noted, site.health()
    found = find(site.told.url)
    missing = lost(found, noted, were_killed=False)
    say(
        f"{what}: {noted.acknowledged:,} receipts acknowledged, {missing} lost, "
        f"{noted.not_kept} choices not kept, slowest withdrawal {noted.slowest:.2f} s"
    )
    assert not missing
    assert noted.slowest < MAX_WAIT_SECONDS
    assert health.refused == noted.not_kept
    assert (health.is_away, health.is_full, health.lost, health.accepted) == (False, False, 0, 0)
    # The answer to a commit may be lost, so that nobody knows who committed it.
    assert noted.acknowledged <= len(found.rows)
    assert 0 < health.committed <= len(found.rows)


def go_through(
    server: Server,
    told: Told,
    folder: Path,
    fault: AbstractContextManager[None],
    *,
    what: str,
    say: Say,
) -> None:
    """A site that works, then lacks its database, then works again."""
    with serve(server, told, folder / "log") as site:
        with crowd(site, 1) as visitors:
            save_some(visitors)
            with fault:
                see_through(visitors)
            visitors.await_done("grant", "withdraw")
        site.await_drained()
        await_that(lambda: not site.health().is_away, "the ledger is well")
        kind = told.url.partition(":")[0]
        see_after(site, visitors, f"{kind}, {server}, {what}", say)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("server", SERVERS)
def test_withdrawals_take_effect_while_the_database_fails(
    server: Server, fault: str, told: Told, tmp_path: Path, say: Say
) -> None:
    go_through(server, told, tmp_path, FAULTS[fault](told.url), what=fault, say=say)


@ONE_WORKER
@pytest.mark.needs("postgres")
@pytest.mark.parametrize("mode", ["fast", "immediate"])
@pytest.mark.parametrize("server", SERVERS)
def test_withdrawals_take_effect_while_the_database_is_stopped(
    server: Server, mode: str, own_cluster: Cluster, tmp_path: Path, say: Say
) -> None:
    told = ready(own_cluster.new_database(), tmp_path)
    go_through(
        server, told, tmp_path, stopped(own_cluster, mode), what=f"stopped ({mode})", say=say
    )


@ONE_WORKER
@pytest.mark.needs("postgres")
@pytest.mark.parametrize("server", SERVERS)
def test_withdrawals_take_effect_on_a_site_that_starts_without_its_database(
    server: Server, own_cluster: Cluster, tmp_path: Path, say: Say
) -> None:
    told = ready(own_cluster.new_database(), tmp_path)
    own_cluster.stop()
    try:
        with serve(server, told, tmp_path / "log") as site:
            with crowd(site, 1) as visitors:
                visitors.await_not_kept("grant")
                visitors.await_done("refuse")
                own_cluster.start()
                visitors.await_done("grant", "withdraw")
            site.await_drained()
            see_after(site, visitors, f"postgresql, {server}, started without it", say)
    finally:
        if not own_cluster.is_up:
            own_cluster.start()


@ONE_WORKER
@pytest.mark.needs("postgres")
def test_repeated_outages_lose_nothing(own_cluster: Cluster, tmp_path: Path, say: Say) -> None:
    told = ready(own_cluster.new_database(), tmp_path)
    with serve("uvicorn", told, tmp_path / "log") as site:
        with crowd(site, 1) as visitors:
            for mode in ("immediate", "fast", "immediate"):
                visitors.await_more(20)
                with stopped(own_cluster, mode):
                    visitors.await_more(3)
            visitors.await_done("grant")
        site.await_drained()
        see_after(site, visitors, "postgresql, stopped 3 times", say)
