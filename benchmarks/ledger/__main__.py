"""The ledger's speed compared with that of its database; docs/ledger.md has the results.

make bench-ledger                                       everything, into docs/ledger.md
.venv/bin/python -m benchmarks.ledger --rounds 3        printed only
.venv/bin/python -m benchmarks.ledger --only sqlite --choosers 64
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import mean

from benchmarks.ledger.bare import Bare, bare_database, last_rows, timed
from benchmarks.ledger.choosers import LOADS, Maker, Turn, turn
from benchmarks.ledger.nowhere import Nowhere
from benchmarks.ledger.output import Case, show, show_server, write
from benchmarks.ledger.server import measure_server
from cookiegate.ledger import Ledger
from cookiegate.ledger.storage.database import open_engine, upgrade
from tests.ledger.postgres import cluster

CHOOSERS = (1, 16, 64, 256)
DATABASES = ("sqlite", "postgresql")
# A turn has at least a hundred commits, and takes about a second at most.
_FEWEST, _FOR_EACH, _MOST = 400, 40, 4000


class Pair:
    """
    A ledger, and the same tables for the bare driver in another database.

    Args:
        ledger_url: The ledger's, empty.
        bare_url: The bare driver's, empty.
        folder: The spool's folder; it stays empty.
    """

    def __init__(self, ledger_url: str, bare_url: str, folder: Path) -> None:
        self._engine = open_engine(ledger_url)
        upgrade(self._engine)
        self.ledger = Ledger(ledger_url, spool=folder, timeout=60)
        self.bare: Bare = bare_database(bare_url)
        self._nowhere = Nowhere()

    def measure(self, load: str, choosers: int, maker: Maker) -> dict[str, float]:
        """Measure one round: ledger, database alone with the same rows, ledger without it."""
        count = max(_FEWEST, min(_MOST, choosers * _FOR_EACH))
        found: Turn = turn(self.ledger, LOADS[load], maker.make(count), choosers)
        rows = last_rows(self._engine, count)
        seconds, processor = timed(self.bare, rows, max(1, round(found.batch)))
        nowhere = turn(self._nowhere, LOADS[load], maker.make(count), choosers)
        return {
            "ledger": count / found.seconds,
            "database": count / seconds,
            "nowhere": count / nowhere.seconds,
            "ledger cpu": found.processor_seconds / count * 1e6,
            "database cpu": processor / count * 1e6,
            "batch": found.batch,
            "p50": found.wait(0.5),
            "p99": found.wait(0.99),
        }

    def close(self) -> None:
        """Close both."""
        self.ledger.close()
        self.bare.close()
        self._nowhere.close()
        self._engine.dispose()


@contextmanager
def pairs(names: Sequence[str]) -> Iterator[dict[str, Pair]]:
    """Create a pair in each database, on the same disk, inside of the context."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cgbench-")))
        made = {}
        for name in names:
            if name == "sqlite":
                ours, theirs = f"sqlite:///{folder}/ledger.db", f"sqlite:///{folder}/bare.db"
            else:
                server = stack.enter_context(cluster())
                ours, theirs = server.new_database(), server.new_database()
            made[name] = Pair(ours, theirs, folder / f"{name}.spool")
            stack.callback(made[name].close)
        yield made


def sync_milliseconds(folder: Path, turns: int = 200) -> float:
    """Return the mean time in milliseconds to write a page to the disk and sync it."""
    taken = []
    path = folder / "cgbench-sync"
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        for _ in range(turns):
            os.write(file, bytes(4096))
            begun = time.perf_counter()
            os.fdatasync(file)
            taken.append(time.perf_counter() - begun)
    finally:
        os.close(file)
        path.unlink()
    return mean(taken) * 1000


def main() -> None:
    """Measure, print, and optionally write the results."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.ledger")
    parser.add_argument("--rounds", type=int, default=15, help="turns for each case")
    parser.add_argument("--only", choices=DATABASES, help="one of the databases")
    parser.add_argument("--load", choices=tuple(LOADS), help="one of the two kinds of choosers")
    parser.add_argument("--choosers", type=int, nargs="+", default=CHOOSERS, help="how many")
    parser.add_argument(
        "--write", action="store_true", help="write the results into docs/ledger.md"
    )
    given = parser.parse_args()
    begun, busy = time.monotonic(), os.getloadavg()[0]
    names = [given.only] if given.only else list(DATABASES)
    loads = [given.load] if given.load else list(LOADS)
    order = [
        Case(database, load, choosers)
        for database in names
        for load in loads
        for choosers in given.choosers
    ]
    maker = Maker()
    with pairs(names) as made:
        for case in order:
            made[case.database].measure(case.load, case.choosers, maker)
        for _ in range(given.rounds):
            for case in order:
                pair = made[case.database]
                case.times.append(pair.measure(case.load, case.choosers, maker))
    show(order)
    server = measure_server(given.rounds)
    show_server(server)
    if given.write:
        sync = sync_milliseconds(Path(tempfile.gettempdir()))
        print(write(order, server, sync=sync, busy=busy, seconds=time.monotonic() - begun))


if __name__ == "__main__":
    main()
