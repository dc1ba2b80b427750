"""Show what seven visitors receive from an example shop, then keep the shop open for a browser.

    make demo                   the table, then http://127.0.0.1:PORT/ until Ctrl-C
    make demo ONCE=1            only the table; fails if it is not as expected
    make demo SITE=starlette    the same shop with ASGI (SITE=flask: WSGI, the default)

The table shows real HTTP responses. tests/data/demo_expected.csv holds the expected result. It was
derived by hand from the published policy, not from this code.
"""

import csv
import errno
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.padding import Padding

import samples
import serving
import storefront
from board import Board
from choosers import STORIES, play
from cookiegate.ledger import Ledger, open_engine, verify
from visitors import PAGES, Haul, Visitor, tours

EXPECTED = storefront.HERE.parent / "tests" / "data" / "demo_expected.csv"


def expected(path: Path | None = None) -> dict[tuple[str, str], bool]:
    """Return whether each cookie must arrive, by (cookie, visitor id)."""
    with (path or EXPECTED).open(encoding="utf-8", newline="") as file:
        return {
            (row["sample"], visitor): word == "kept"
            for row in csv.DictReader(file)
            for visitor, word in row.items()
            if visitor not in ("sample", "category")
        }


def differences(
    seen: list[tuple[Visitor, Haul]], wanted: dict[tuple[str, str], bool]
) -> Iterator[str]:
    """Yield a sentence for each cell that is not as expected."""
    met: set[tuple[str, str]] = set()
    for visitor, haul in seen:
        for name, outcome in haul.outcomes.items():
            cell = name, visitor.id
            met.add(cell)
            did = "arrived" if outcome.arrived else "did not arrive"
            if cell not in wanted:
                yield f"{name} / {visitor.id}: {did}, and nothing is said about it"
            elif wanted[cell] != outcome.arrived:
                yield f"{name} / {visitor.id}: {did}, and should{'' if wanted[cell] else ' not'}"
            elif not outcome.as_judged:
                yield f"{name} / {visitor.id}: {did}, and the gate judges otherwise"
        for name in haul.surplus:
            yield f"{name} / {visitor.id}: arrived, and the shop did not set it so"
    for name, visitor_id in sorted(wanted.keys() - met):
        yield f"{name} / {visitor_id}: was never set"


def record(console: Console, address: tuple[str, int]) -> bool:
    """Let visitors choose. Return whether the ledger has all receipts."""
    url = storefront.ledger_url()
    engine = open_engine(url)
    try:
        before = verify(engine).receipts
        console.print("\n[bold]Three visitors choose[/bold], and a ledger keeps receipts:")
        for story in STORIES:
            console.print(Padding(f"one {story.about}", (0, 0, 0, 2), expand=False))
            play(address, story)
        seen = verify(engine)
    finally:
        engine.dispose()
    new = seen.receipts - before
    if seen.finding is not None or new != sum(len(story.steps) for story in STORIES):
        console.print(f"[bold red]The ledger is not whole[/bold red]: {command()} ledger verify")
        return False
    console.print(
        f"{new} receipts, {seen.receipts} with those of earlier runs; the chain is whole.",
        style="green",
    )
    shown = os.path.relpath(storefront.LEDGER_FILE)
    where = url if "COOKIEGATE_LEDGER" in os.environ else f"sqlite:///{shown}"
    console.print(f"Look at it:\n  {command()} ledger verify --ledger {where}", soft_wrap=True)
    return True


def command() -> str:
    """Return the command line's path: make installs it where no shell looks for it."""
    path = os.path.relpath(Path(sys.executable).with_name("cookiegate"))
    return path if os.path.exists(path) else "cookiegate"


def stop_event() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopped


def main() -> int:
    """Show the table and serve the shop. Return the exit code: 1 if ONCE is set and it is wrong."""
    once = os.environ.get("ONCE", "") not in ("", "0")
    site = os.environ.get("SITE") or "flask"
    if site not in serving.SITES:
        print(f"SITE is {site!r}; write one of: {', '.join(serving.SITES)}", file=sys.stderr)
        return 2
    port = os.environ.get("PORT") or "0"
    if not (port.isascii() and port.isdigit() and int(port[:6]) < 65_536):
        print(f"PORT is {port!r}; write a number up to 65535", file=sys.stderr)
        return 2
    console = Console(highlight=False)
    # The demo uses plain http on purpose: no warning.
    logging.getLogger("cookiegate").setLevel(logging.ERROR)
    gate = storefront.make_gate()
    # A receipt of the refusal, too, to show it; a site needs only its count.
    ledger = Ledger(storefront.ledger_url(), refusals="keep")
    with closing(ledger), serving.SITES[site](gate, int(port), ledger) as address:
        url = f"http://{address[0]}:{address[1]}/"
        seen = tours(address, gate)
        console.print(f"[bold]Seven visitors of an example shop[/bold] ({site}, {url})")
        console.print(
            f"Each opens {len(PAGES)} pages, which set {len(samples.SAMPLES)} cookies."
            " This is what arrived over HTTP."
        )
        Board(console, seen).show()
        console.print()
        wrong = list(differences(seen, expected()))
        for line in wrong:
            console.print(f"[bold red]Not as expected:[/bold red] {line}", soft_wrap=True)
        if not wrong:
            console.print("All as expected (tests/data/demo_expected.csv).", style="green")
        is_whole = record(console, address)
        if once:
            return 1 if wrong or not is_whole else 0
        stopped = stop_event()
        console.print(f"\nOpen [bold]{url}[/bold] in a browser. Ctrl-C ends.", soft_wrap=True)
        stopped.wait()
    return 0


def run() -> int:
    """Run `main`. Print one line, not a traceback, if something ends it early."""
    try:
        return main()
    except KeyboardInterrupt:
        print("Interrupted before the shop was open.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader closed the pipe. Discard what is still in the buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"port {os.environ['PORT']} is in use; write another PORT, or none", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(run())
