"""The one thread of a process that writes: receipts that arrive meanwhile share the next commit."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.exc import DataError, IntegrityError

from cookiegate.ledger.receipts import Presentation, Receipt, dump_receipt, void_of
from cookiegate.ledger.storage.store import Chain, Item, Store

from .salts import new_salt
from .waiters import Waiting, wake

__all__ = ["Writer", "item_of"]

_ID_BYTES: Final = 16
# How long the thread rests where there is nothing to do, or the database is away.
_REST_SECONDS: Final = 0.5
# A connection that broke is opened anew once before anybody is told.
_ATTEMPTS: Final = 2
# A commit that takes longer is as good as none to somebody who is to wait for nothing.
_SLOW_SECONDS: Final = 1.0
# It is the receipt's fault, not the database's.
_REFUSALS: Final = (DataError, IntegrityError)
# Grants that may or may not be in the database, of which that is looked up later.
_MOST_DOUBTFUL: Final = 10_000


def item_of(receipt: Receipt, presentation: Presentation | None = None) -> Item:
    """A receipt with a salt of its own, ready to be written."""
    return Item(
        id=receipt.id,
        time=receipt.time,
        closes=receipt.closes,
        salt=new_salt(),
        body=dump_receipt(receipt),
        presentation=presentation,
    )


class Writer:
    """
    Commits receipts in batches, at the end of a chain of its own.

    Args:
        store: Where to.
        name: The chain's, different for each process.
        most: How many receipts a batch holds at most.
        clock: Gives Unix seconds.
        idle: Called by the thread when there is nothing to write; raises where the database is
            away.
        on_error: Told of commits that failed.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        *,
        most: int,
        clock: Callable[[], float],
        idle: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._store = store
        self._name = name
        self._most = most
        self._clock = clock
        self._idle = idle
        self._on_error = on_error
        self._queue: deque[Waiting] = deque()
        self._wake = threading.Condition()
        self._is_closing = False
        # None where it has to be asked of the database.
        self._chain: Chain | None = None
        # Each with the receipt that says it void, made once so that it is written once.
        self._doubtful: dict[str, Item] = {}
        self._failure: type[Exception] | None = None
        self._began: float | None = None
        #: Whether the last commit failed.
        self.is_down = False
        #: How many receipts were committed.
        self.committed: int = 0
        self._thread = threading.Thread(target=self._run, name="cookiegate-ledger", daemon=True)

    @property
    def is_away(self) -> bool:
        """Whether the database is down, or takes long over the commit under way."""
        return self.is_down or self.seconds > _SLOW_SECONDS

    @property
    def seconds(self) -> float:
        """How long the commit under way has taken so far."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, waiting: Waiting) -> None:
        """Have a receipt written."""
        with self._wake:
            self._queue.append(waiting)
            # A thread at work looks again by itself.
            if len(self._queue) == 1:
                self._wake.notify()

    def abandon(self, waiting: Waiting) -> None:
        """
        Say that nobody waits any more: the receipt is not written, or said to be void.

        Unless it is over by now: whoever gave up may look again.
        """
        with self._wake:
            if not waiting.is_over:
                waiting.is_abandoned = True
                if waiting in self._queue:
                    self._queue.remove(waiting)

    def disown(self, waiting: Waiting, grant: Receipt | None) -> None:
        """
        Say that nobody is there any more, also where the commit is done by now.

        Args:
            waiting: The receipt.
            grant: The same, where it is void now.
        """
        with self._wake:
            waiting.grant = grant
            self.abandon(waiting)
        if waiting.is_kept and not waiting.is_abandoned and grant is not None:
            self.submit(Waiting(self._void(grant)))

    def write(self, items: Sequence[Item]) -> None:
        """Commit these now; for the thread itself."""
        if self._chain is None:
            # The answer to a commit can be lost as well as the commit.
            self._chain = self._store.chain(self._name)
            known = self._store.known(item.id for item in items)
            items = [item for item in items if item.id not in known]
        if not items:
            return
        chain, self._chain = self._chain, None
        # Unknown until the commit has returned.
        self._chain = self._store.append(chain, items)
        self.committed += len(items)

    def replay(self, items: Sequence[Item]) -> list[Item]:
        """
        Commit what waited elsewhere, and may have been committed before; for the thread.

        Returns:
            What the database refuses for what it is: it always will.
        """
        self._chain = None
        refused: list[Item] = []
        try:
            self.write(items)
        except _REFUSALS:
            if len(items) == 1:
                return [*items]
            half = len(items) // 2
            refused = [*self.replay(items[:half]), *self.replay(items[half:])]
        # The database answers, whatever it thinks of this: nobody is turned away meanwhile.
        self._is_well()
        # There may be much of it, and somebody waits.
        self._began = time.monotonic()
        with self._wake:
            batch = self._take()
        if batch:
            self._commit(batch)
        return refused

    def close(self) -> None:
        """Write what waits, and end the thread."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        rested = time.monotonic()
        while True:
            with self._wake:
                if not self._queue and not self._is_closing:
                    self._wake.wait(_REST_SECONDS)
                batch = self._take()
            if not batch and self._is_closing:
                self._end()
                return
            self._began = time.monotonic()
            if batch:
                self._commit(batch)
            # Also where there is always something to write.
            if not batch or time.monotonic() - rested > _REST_SECONDS:
                self._rest()
                rested = time.monotonic()
            self._began = None

    def _take(self) -> list[Waiting]:
        return [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]

    def _commit(self, batch: Sequence[Waiting]) -> None:
        error = self._try([waiting.item for waiting in batch])
        if isinstance(error, _REFUSALS) and len(batch) > 1:
            # One of them is to blame; the others are not to suffer for it.
            half = len(batch) // 2
            self._commit(batch[:half])
            self._commit(batch[half:])
            return
        if error is not None:
            self._fail(batch, error)
            return
        late = []
        with self._wake:
            # Under the lock: whoever gives up meanwhile does so before this, or sees the result.
            for waiting in batch:
                if waiting.is_abandoned and waiting.grant is not None:
                    late.append(waiting.grant)
                waiting.is_over = True
        # After it: whoever is woken is not to run into the lock.
        wake(batch)
        for grant in late:
            self.submit(Waiting(self._void(grant)))

    def _try(self, items: Sequence[Item]) -> Exception | None:
        failure: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                self.write(items)
                self._settle()
            except Exception as error:
                self._chain = None
                failure = error
            else:
                self._is_well()
                return None
        return failure

    def _fail(self, batch: Sequence[Waiting], error: Exception) -> None:
        is_refusal = isinstance(error, _REFUSALS)
        self.is_down = not is_refusal
        with self._wake:
            for waiting in batch:
                if len(self._doubtful) < _MOST_DOUBTFUL:
                    self._doubt(waiting, is_refusal=is_refusal)
                waiting.error = error
                waiting.is_over = True
        wake(batch)
        if is_refusal:
            self._on_error(error)
        else:
            self._is_ill(error)

    def _doubt(self, waiting: Waiting, *, is_refusal: bool) -> None:
        item = waiting.item
        if waiting.grant is not None:
            self._doubtful[item.id] = self._void(waiting.grant)
        elif type(waiting) is Waiting and item.closes is not None and not is_refusal:
            # A void receipt: nobody waits for it who would try again.
            self._doubtful[item.closes] = item

    def _settle(self) -> None:
        # Grants whose commit failed, and took place all the same.
        if self._doubtful:
            known = self._store.known(self._doubtful)
            # These may have been written before, and the answer lost.
            self._chain = None
            self.write([self._doubtful[id] for id in sorted(known)])
            self._doubtful = {}

    def _rest(self) -> None:
        try:
            self._settle()
            self._idle()
        except Exception as error:
            self._chain = None
            self._is_ill(error)
        else:
            self._is_well()

    def _end(self) -> None:
        # Nobody else will know which grants are in doubt.
        try:
            self._settle()
        except Exception as error:
            self._is_ill(error)

    def _is_well(self) -> None:
        self.is_down, self._failure = False, None

    def _is_ill(self, error: Exception) -> None:
        self.is_down = True
        # Once for each reason, and not twice a second.
        if self._failure is not type(error):
            self._failure = type(error)
            self._on_error(error)

    def _void(self, grant: Receipt) -> Item:
        return item_of(void_of(grant, id=secrets.token_urlsafe(_ID_BYTES), time=int(self._clock())))
