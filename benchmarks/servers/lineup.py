"""The servers of one comparison: a site with nothing around it, with the gate, and with others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.servers.client import Client, refused_lengths
from benchmarks.servers.processes import AROUND, SERVERS, SITE, STRIPPED, Server, serve
from benchmarks.servers.sites import BARE, CACHE_HEADERS, GATE, SITES
from benchmarks.servers.traffic import templates
from benchmarks.subjects import STRIPPED as REFUSED
from benchmarks.variants import current

__all__ = ["Comparison", "check", "run", "run_all"]


@dataclass(frozen=True)
class Comparison:
    """A server with a site, and the numbers of cookies that its visitors send."""

    #: A key of `SERVERS`, and one of `SITES`.
    server: str
    site: str
    counts: tuple[int, ...] = (6,)
    with_peers: bool = False

    def requests(self, cookies: int) -> list[str]:
        """Return the templates of the requests with so many cookies."""
        return templates(SITES[self.site].kind, cookies)

    @property
    def names(self) -> list[str]:
        """
        What the site has around it: `BARE`, `GATE`, and other middleware.

        What has no gate has no forms, so other middleware is measured with one of them.
        """
        has_peers = self.with_peers and current() == "pure"
        peers = (CACHE_HEADERS, *SITES[self.site].peers) if has_peers else ()
        return [BARE, GATE, *peers]

    def counts_of(self, name: str) -> tuple[int, ...]:
        """Return the numbers of cookies that are measured: of other middleware, only the first."""
        return self.counts if name in (BARE, GATE) else self.counts[:1]

    def label(self, cookies: int) -> str:
        """Return the words for it in a row, with the number of cookies that are sent."""
        return f"{self.server}, {self.site}, {cookies} cookies sent"


@contextmanager
def run(
    comparison: Comparison,
    name: str,
    stripped: Sequence[int] = (),
    *,
    command: Sequence[str] = (),
    under: Sequence[str] = (),
) -> Iterator[Server]:
    """
    Run one server of a comparison.

    Args:
        comparison: The comparison.
        name: One of its names.
        stripped: The lengths of the Set-Cookie values that the gate strips.
        command: The module and arguments of the server, if not those of `SERVERS`.
        under: The command that runs the interpreter, such as valgrind's.
    """
    environment = {
        SITE: comparison.site,
        AROUND: name,
        STRIPPED: " ".join(map(str, stripped)),
        "PYTHONHASHSEED": "0",
    }
    with serve(command or SERVERS[comparison.server], environment, under=under) as server:
        yield server


@contextmanager
def run_all(comparison: Comparison) -> Iterator[dict[str, Server]]:
    """Run all servers of a comparison, and check that they answer the same."""
    requests = comparison.requests(comparison.counts[0])
    with ExitStack() as running:
        servers = {BARE: running.enter_context(run(comparison, BARE))}
        with Client(servers[BARE].port, requests) as client:
            plain = client.get()
        stripped = refused_lengths(plain, REFUSED)
        for name in comparison.names[1:]:
            servers[name] = running.enter_context(run(comparison, name, stripped))
            with Client(servers[name].port, requests) as client:
                answer = client.get()
            if name == GATE:
                check(plain, answer)
        yield servers


def check(plain: bytes, gated: bytes) -> None:
    """
    Check that the gate has stripped what is refused, and that nothing else is missing.

    Args:
        plain: A response without the gate.
        gated: One with the gate, filled up.

    Raises:
        RuntimeError: It is not so.
    """
    if refused_lengths(gated, REFUSED) or not refused_lengths(plain, REFUSED):
        raise RuntimeError(f"the gate stripped nothing: {gated!r}")
    if (
        len(gated) < len(plain)
        or gated.partition(b"\r\n\r\n")[2] != plain.partition(b"\r\n\r\n")[2]
    ):
        raise RuntimeError(f"the gate sends less than the application: {plain!r}, {gated!r}")
