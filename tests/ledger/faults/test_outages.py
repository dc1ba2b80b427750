"""While the database is away, slow or broken, withdrawals work and grants are refused."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.ledger.faults.conftest import Say, ready
from tests.ledger.faults.holding import broken, hold
from tests.ledger.faults.proof import find, lost
from tests.ledger.faults.serving import Server, Site, serve
from tests.ledger.faults.site import SiteOptions
from tests.ledger.faults.visitors import Crowd, crowd
from tests.ledger.faults.waits import await_that
from tests.ledger.postgres import Cluster, cluster

SERVERS = ["uvicorn", pytest.param("gunicorn, one", marks=pytest.mark.long)]
# A withdrawal waits a quarter of a second for its commit; the rest is for a slow, busy machine and
# for the page. A lock of SQLite, or a server that does not answer, would take ten seconds.
MAX_WAIT_SECONDS = 9.0
FAULTS: dict[str, Callable[[str], AbstractContextManager[None]]] = {"slow": hold, "broken": broken}


# One worker runs these tests, so that only one more server is started.
ONE_WORKER = pytest.mark.xdist_group("own_cluster")


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server that tests may stop."""
    with cluster() as found:
        yield found


@contextmanager
def stopped(own: Cluster, mode: str) -> Iterator[None]:
    """Stop a server inside of the context."""
    own.stop(mode)
    try:
        yield
    finally:
        own.start()


def save_some(visitors: Crowd) -> None:
    """Let visitors grant categories that they can withdraw during the outage."""
    visitors.is_saving.set()
    visitors.await_done("grant", count=40)


def see_through(visitors: Crowd) -> None:
    """Check the responses to visitors during the outage."""
    visitors.await_not_kept("grant")
    visitors.is_saving.clear()
    visitors.await_done("withdraw", "narrow", "refuse")
    health = visitors.site.health()
    assert health.is_away
    assert health.waiting
    assert health.refused


def see_after(site: Site, visitors: Crowd, what: str, say: Say) -> None:
    """Check that all receipts are in the ledger, and that health counts the refusals."""
    # A file is deleted shortly before its lines are no longer counted.
    await_that(lambda: not site.health().waiting, "nothing waits")
    noted, health = visitors.noted, site.health()
    found = find(site.options.url)
    missing = lost(found, noted, were_killed=False)
    say(
        f"{what}: {noted.acknowledged:,} receipts acknowledged, {missing} lost, "
        f"{noted.not_kept} choices not kept, slowest withdrawal {noted.slowest:.2f} s"
    )
    assert not missing
    assert noted.slowest < MAX_WAIT_SECONDS
    assert health.refused == noted.not_kept
    assert (health.is_away, health.is_full, health.lost, health.accepted) == (False, False, 0, 0)
    # The answer to a commit may be lost, so that the count of commits is too low.
    assert noted.acknowledged <= len(found.rows)
    assert 0 < health.committed <= len(found.rows)


def go_through(
    server: Server,
    options: SiteOptions,
    folder: Path,
    fault: AbstractContextManager[None],
    *,
    what: str,
    say: Say,
) -> None:
    """Run a site through an outage of its database."""
    with serve(server, options, folder / "log") as site:
        with crowd(site, 1) as visitors:
            save_some(visitors)
            with fault:
                see_through(visitors)
            visitors.await_done("grant", "withdraw")
        site.await_drained()
        await_that(lambda: not site.health().is_away, "the ledger is well")
        kind = options.url.partition(":")[0]
        see_after(site, visitors, f"{kind}, {server}, {what}", say)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("server", SERVERS)
def test_withdrawals_take_effect_while_the_database_fails(
    server: Server, fault: str, options: SiteOptions, tmp_path: Path, say: Say
) -> None:
    go_through(server, options, tmp_path, FAULTS[fault](options.url), what=fault, say=say)


@ONE_WORKER
@pytest.mark.needs("postgres")
@pytest.mark.parametrize("mode", ["fast", "immediate"])
@pytest.mark.parametrize("server", SERVERS)
def test_withdrawals_take_effect_while_the_database_is_stopped(
    server: Server, mode: str, own_cluster: Cluster, tmp_path: Path, say: Say
) -> None:
    options = ready(own_cluster.new_database(), tmp_path)
    go_through(
        server, options, tmp_path, stopped(own_cluster, mode), what=f"stopped ({mode})", say=say
    )


@ONE_WORKER
@pytest.mark.needs("postgres")
@pytest.mark.parametrize("server", SERVERS)
def test_withdrawals_take_effect_on_a_site_that_starts_without_its_database(
    server: Server, own_cluster: Cluster, tmp_path: Path, say: Say
) -> None:
    options = ready(own_cluster.new_database(), tmp_path)
    own_cluster.stop()
    try:
        with serve(server, options, tmp_path / "log") as site:
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
    options = ready(own_cluster.new_database(), tmp_path)
    with serve("uvicorn", options, tmp_path / "log") as site:
        with crowd(site, 1) as visitors:
            for mode in ("immediate", "fast", "immediate"):
                visitors.await_more(20)
                with stopped(own_cluster, mode):
                    visitors.await_more(3)
            visitors.await_done("grant")
        site.await_drained()
        see_after(site, visitors, "postgresql, stopped 3 times", say)
