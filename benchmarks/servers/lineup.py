"""The servers of one comparison: a site with nothing around it, with the gate, and with others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.servers.client import Client, refused_lengths
from benchmarks.servers.processes import (
    AROUND,
    SERVERS,
    SITE,
    STRIPPED,
    VARIANTS,
    Server,
    serve,
    variants,
)
from benchmarks.servers.sites import BARE, GATE, SITES
from benchmarks.servers.traffic import templates
from benchmarks.subjects import STRIPPED as REFUSED

__all__ = ["Comparison", "check", "run", "run_all"]


@dataclass(frozen=True)
class Comparison:
    """A server with a site, and the numbers of cookies that its visitors send."""

    #: A key of `SERVERS`, and one of `SITES`.
    server: str
    site: str
    counts: tuple[int, ...] = (6,)
    with_peers: bool = False

    @property
    def requests(self) -> list[list[str]]:
        """The templates of the requests, for each number of cookies."""
        return [templates(SITES[self.site].kind, count) for count in self.counts]

    @property
    def names(self) -> list[str]:
        """What there is to run: `BARE`, the gate's variants, and other middleware."""
        gates = [f"{GATE}, {variant}" for variant in variants()]
        return [BARE, *gates, *(SITES[self.site].peers if self.with_peers else ())]


@contextmanager
def run(
    comparison: Comparison, name: str, stripped: Sequence[int] = (), under: Sequence[str] = ()
) -> Iterator[Server]:
    """
    Run one server of a comparison.

    Args:
        comparison: The comparison.
        name: One of its names.
        stripped: The lengths of the Set-Cookie values that the gate strips.
        under: The command that runs the interpreter, such as valgrind's.
    """
    around, _, variant = name.partition(", ")
    environment = {
        SITE: comparison.site,
        AROUND: around,
        STRIPPED: " ".join(map(str, stripped)),
        "PYTHONHASHSEED": "0",
        **VARIANTS.get(variant, {}),
    }
    with serve(SERVERS[comparison.server], environment, under=under) as server:
        yield server


@contextmanager
def run_all(comparison: Comparison) -> Iterator[dict[str, Server]]:
    """Run all servers of a comparison, and check that they answer the same."""
    requests = comparison.requests[0]
    with ExitStack() as running:
        servers = {BARE: running.enter_context(run(comparison, BARE))}
        with Client(servers[BARE].port, requests) as client:
            plain = client.get()
        stripped = refused_lengths(plain, REFUSED)
        for name in comparison.names[1:]:
            servers[name] = running.enter_context(run(comparison, name, stripped))
            with Client(servers[name].port, requests) as client:
                answer = client.get()
            if name.startswith(GATE):
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
