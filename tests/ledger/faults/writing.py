"""A process that commits choices to a ledger in several threads.

As a program it is given a JSON of `Work`. It says that it is ready, begins when a line comes, and
prints the ids of the receipts that were kept.
"""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from cookiegate.ledger import Ledger
from tests.ledger.faults.choices import grant, refusal, withdrawal
from tests.ledger.faults.waits import ROOT, SECONDS, await_that

__all__ = ["Work", "at_once", "leave"]


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The task of the process."""

    url: str
    spool: str
    #: The number of threads, and of rounds of three choices in each.
    threads: int = 0
    rounds: int = 0
    #: The number of refusals, after which the process waits to be killed.
    leaves: int = 0
    #: Whether it ends only when the spool is empty.
    drains: bool = False


class Kept(msgspec.Struct):
    """Return the ids of kept receipts."""

    ids: list[str] = msgspec.field(default_factory=list)


@contextmanager
def writer(work: Work) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process, and wait until it is ready."""
    text = msgspec.json.encode(work).decode()
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.ledger.faults.writing", text],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def at_once(*works: Work) -> list[list[str]]:
    """Run processes at the same time; return the ids of the receipts that each has kept."""
    with ExitStack() as stack:
        processes = [stack.enter_context(writer(work)) for work in works]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"begin\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=SECONDS)[0] for process in processes]
        codes = [process.returncode for process in processes]
        assert not any(codes), codes
    return [msgspec.json.decode(answer, type=Kept).ids for answer in answers]


def leave(work: Work) -> list[str]:
    """Let a process fill its spool and kill it; return the ids of its receipts."""
    with writer(work) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"begin\n")
        process.stdin.flush()
        kept = msgspec.json.decode(process.stdout.readline(), type=Kept).ids
        process.kill()
        process.wait(SECONDS)
    assert len(kept) == work.leaves
    return kept


def main(work: Work) -> None:
    """Run the task."""
    kept = Kept()
    print("ready", flush=True)
    sys.stdin.readline()
    ledger = Ledger(
        work.url, spool=work.spool, min_free_bytes=0, timeout=30, refusals="keep", on_error=_say
    )
    ledger.start()

    def choose() -> None:
        for _ in range(work.rounds):
            granted, no = grant(), refusal()
            for choice in (granted, withdrawal(granted), no):
                ledger.commit(choice)
                kept.ids.append(choice.receipt)

    threads = [threading.Thread(target=choose) for _ in range(work.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if work.leaves:
        for _ in range(work.leaves):
            no = refusal()
            ledger.commit(no)
            kept.ids.append(no.receipt)
    print(msgspec.json.encode(kept).decode(), flush=True)
    if work.leaves:
        # Nothing is closed or committed: as if killed, but at a known time.
        signal.pause()
    if work.drains:
        folder = Path(work.spool)
        await_that(lambda: not any(folder.glob("*.spool")), "the spool is empty")
    ledger.close()


def _say(error: Exception) -> None:
    print(f"{type(error).__name__}: {error}".partition("\n")[0], file=sys.stderr)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Work))
