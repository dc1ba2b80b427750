"""The ledger under load: choosers, each of which makes the next choice after the last is kept."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine, event

from benchmarks.subjects import KEY, registry
from cookiegate import Gate
from cookiegate.consent.choice import Choice, Presentation
from cookiegate.consent.recording import AsyncRecorder
from cookiegate.pages import Pages
from cookiegate.pages.messages import PageRequest

__all__ = ["LOADS", "Keeper", "Load", "Maker", "Turn", "turn"]


class Maker:
    """Makes choices as the banner's form does, each with another receipt."""

    def __init__(self) -> None:
        self._gate = Gate(registry(), KEY)
        home = PageRequest(method="GET", path="/")
        page = Pages(self._gate).banner(home, self._gate.visit([]))
        self._shown = Presentation(surface="banner", language="en", html=page)

    def make(self, count: int) -> list[Choice]:
        """Return choices of visitors who grant everything for the first time."""
        offered = self._gate.registry.offered
        made = []
        for _ in range(count):
            visit = self._gate.visit([])
            visit.choose(offered, presentation=self._shown)
            if visit.choice is None or not visit.choice.widens:
                raise RuntimeError("the registry offers nothing to choose")
            made.append(visit.choice)
        return made


@dataclass(frozen=True)
class Turn:
    """The results of one turn."""

    count: int
    commits: int
    seconds: float
    #: Of all threads of this process.
    processor_seconds: float
    #: How long each choice waited, in seconds, sorted.
    waits: Sequence[float]

    @property
    def batch(self) -> float:
        """Return the mean number of receipts in a commit."""
        return self.count / self.commits

    def wait(self, part: float) -> float:
        """Return a quantile of the waits, in milliseconds."""
        return self.waits[min(self.count - 1, int(self.count * part))] * 1000


class Keeper(Protocol):
    """A recorder: a ledger or a substitute."""

    @property
    def asgi(self) -> AsyncRecorder: ...

    def commit(self, choice: Choice) -> None: ...


#: Commits each list of choices by another chooser; returns total seconds and each wait.
Load = Callable[[Keeper, Sequence[Sequence[Choice]]], tuple[float, list[float]]]


def by_threads(ledger: Keeper, shares: Sequence[Sequence[Choice]]) -> tuple[float, list[float]]:
    """One thread for each chooser, as with the WSGI middleware."""
    waits: list[float] = []
    failures: list[Exception] = []
    gate = threading.Barrier(len(shares) + 1)

    def choose(share: Sequence[Choice]) -> None:
        own = []
        gate.wait()
        try:
            for choice in share:
                begun = time.perf_counter()
                ledger.commit(choice)
                own.append(time.perf_counter() - begun)
        except Exception as error:
            failures.append(error)
        waits.extend(own)

    threads = [threading.Thread(target=choose, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if failures:
        raise failures[0]
    return seconds, waits


def by_tasks(ledger: Keeper, shares: Sequence[Sequence[Choice]]) -> tuple[float, list[float]]:
    """One task for each chooser in one event loop, as with the ASGI middleware."""
    waits: list[float] = []

    async def choose(share: Sequence[Choice]) -> None:
        for choice in share:
            begun = time.perf_counter()
            await ledger.asgi.commit(choice)
            waits.append(time.perf_counter() - begun)

    async def all_of_them() -> float:
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for share in shares:
                group.create_task(choose(share))
        return time.perf_counter() - begun

    return asyncio.run(all_of_them()), waits


LOADS: dict[str, Load] = {"threads": by_threads, "tasks": by_tasks}


def turn(ledger: Keeper, load: Load, choices: Sequence[Choice], choosers: int) -> Turn:
    """
    One turn.

    Args:
        ledger: The ledger, already started.
        load: Threads or tasks.
        choices: The choices, prepared in advance.
        choosers: The number of choosers that share them.
    """
    shares = [choices[first::choosers] for first in range(choosers)]
    with _commits() as commits, _no_garbage():
        begun = time.process_time()
        seconds, waits = load(ledger, shares)
        processor = time.process_time() - begun
    if len(waits) != len(choices):
        raise RuntimeError(f"{len(choices)} choices were made, and {len(waits)} kept")
    return Turn(len(choices), len(commits), seconds, processor, sorted(waits))


@contextmanager
def _commits() -> Iterator[list[None]]:
    # The ledger only reads before its first commit, so all of these are the writer's.
    seen: list[None] = []

    def note(connection: Connection) -> None:
        seen.append(None)

    event.listen(Engine, "commit", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "commit", note)


@contextmanager
def _no_garbage() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
