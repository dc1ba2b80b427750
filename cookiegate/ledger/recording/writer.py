"""The writer: one thread for each process, which commits receipts in batches."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.exc import DataError, IntegrityError

from cookiegate.ledger.receipts import Receipt, StoredPresentation, dump_receipt, void_receipt
from cookiegate.ledger.storage.rows import ChainEnd, NewReceipt
from cookiegate.ledger.storage.store import Store

from .limits import Limits
from .salts import new_salt
from .waiters import Waiter, wake

__all__ = ["Writer", "new_receipt"]

_ID_BYTES: Final = 16
# One retry, with a new connection, before a commit counts as failed.
_ATTEMPTS: Final = 2
# Errors of a receipt, not of the database.
_REJECTIONS: Final = (DataError, IntegrityError)


def new_receipt(receipt: Receipt, presentation: StoredPresentation | None = None) -> NewReceipt:
    """Return a receipt with a salt, ready to be committed."""
    return NewReceipt(
        id=receipt.id,
        time=receipt.time,
        closes=receipt.closes,
        salt=new_salt(),
        body=dump_receipt(receipt),
        presentation=presentation,
    )


class Writer:
    """
    Commits receipts in batches, at the end of its own chain.

    Args:
        store: The ledger's tables.
        name: The chain's name, different for each process.
        clock: Returns Unix seconds.
        idle: Called by the thread when it has nothing to write; raises if the database is away.
        on_error: Called with the error of a failed commit.
        limits: Times and sizes.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        *,
        clock: Callable[[], float],
        idle: Callable[[], None],
        on_error: Callable[[Exception], None],
        limits: Limits,
    ) -> None:
        self._store = store
        self._name = name
        self._clock = clock
        self._idle = idle
        self._on_error = on_error
        self.limits: Limits = limits
        self._queue: deque[Waiter] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        # None if the database has to be asked.
        self._end: ChainEnd | None = None
        # By id: grants that may be committed although the commit failed, each with its void
        # receipt, which is created once so that it is committed once.
        self._uncertain: dict[str, NewReceipt] = {}
        self._failure: type[Exception] | None = None
        self._started: float | None = None
        #: Whether the last commit failed.
        self.is_down: bool = False
        #: How many receipts were committed.
        self.committed: int = 0
        self._thread = threading.Thread(target=self._run, name="cookiegate-ledger", daemon=True)

    @property
    def is_away(self) -> bool:
        """Return True if the database is down, or slow with the current commit."""
        return self.is_down or self.seconds > self.limits.slow_seconds

    @property
    def seconds(self) -> float:
        """Return how long the current commit has taken so far."""
        started = self._started
        return 0.0 if started is None else time.monotonic() - started

    @property
    def queued(self) -> int:
        """Return the number of receipts that wait for the next commit."""
        return len(self._queue)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, waiter: Waiter) -> None:
        """Add a receipt to the next commit."""
        with self._changed:
            self._queue.append(waiter)
            # A thread that is at work looks at the queue again by itself.
            if len(self._queue) == 1:
                self._changed.notify()

    def cancel(self, waiter: Waiter) -> None:
        """
        Cancel a pending receipt. If its commit is already running, a void receipt follows.

        A waiter that is done stays done: the caller has to look again.
        """
        with self._changed:
            if not waiter.is_done:
                waiter.is_cancelled = True
                if waiter in self._queue:
                    self._queue.remove(waiter)

    def void(self, waiter: Waiter, grant: Receipt | None) -> None:
        """
        Cancel a receipt, and void its grant also if it is committed already.

        Args:
            waiter: The receipt.
            grant: The same receipt if it has to be voided.
        """
        with self._changed:
            waiter.grant = grant
            self.cancel(waiter)
        if waiter.is_committed and not waiter.is_cancelled and grant is not None:
            self._submit_void(grant)

    def write(self, new: Sequence[NewReceipt]) -> None:
        """Commit receipts now; only for the writer's thread."""
        if self._end is None:
            # A commit may have succeeded although its answer was lost.
            self._end = self._store.chain_end(self._name)
            known = self._store.known(one.id for one in new)
            new = [one for one in new if one.id not in known]
        if not new:
            return
        # Unknown until the commit has returned.
        end, self._end = self._end, None
        self._end = self._store.append(end, new)
        self.committed += len(new)

    def replay(self, new: Sequence[NewReceipt]) -> list[NewReceipt]:
        """
        Commit receipts from a spool, which may be committed already; only for the thread.

        Returns:
            Receipts that the database rejects, and always will.
        """
        self._end = None
        rejected: list[NewReceipt] = []
        try:
            self.write(new)
        except _REJECTIONS:
            if len(new) == 1:
                return [*new]
            half = len(new) // 2
            rejected = [*self.replay(new[:half]), *self.replay(new[half:])]
        # The database answers, so choices are accepted during a long replay.
        self._mark_up()
        self._started = time.monotonic()
        if batch := self._next_batch():
            self._commit(batch)
        return rejected

    def close(self) -> None:
        """Commit what is pending, and end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        rested = time.monotonic()
        while True:
            with self._changed:
                if not self._queue and not self._is_closing:
                    self._changed.wait(self.limits.rest_seconds)
                batch = self._next_batch()
            if not batch and self._is_closing:
                self._finish()
                return
            self._started = time.monotonic()
            if batch:
                self._commit(batch)
            # Also if there is always something to write.
            if not batch or time.monotonic() - rested > self.limits.rest_seconds:
                self._rest()
                rested = time.monotonic()
            self._started = None

    def _next_batch(self) -> list[Waiter]:
        with self._changed:
            size = min(self.limits.batch, len(self._queue))
            return [self._queue.popleft() for _ in range(size)]

    def _commit(self, batch: Sequence[Waiter]) -> None:
        error = self._attempt([waiter.new for waiter in batch])
        if isinstance(error, _REJECTIONS) and len(batch) > 1:
            # Find the rejected receipt and commit the others.
            half = len(batch) // 2
            self._commit(batch[:half])
            self._commit(batch[half:])
            return
        if error is not None:
            self._fail(batch, error)
            return
        cancelled = []
        with self._changed:
            # A cancellation comes before this block and is seen here, or sees the result.
            for waiter in batch:
                if waiter.is_cancelled and waiter.grant is not None:
                    cancelled.append(waiter.grant)
                waiter.is_done = True
        # Outside of the lock, which a woken thread would wait for.
        wake(batch)
        for grant in cancelled:
            self._submit_void(grant)

    def _attempt(self, new: Sequence[NewReceipt]) -> Exception | None:
        failure: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                self.write(new)
                self._void_uncertain()
            except Exception as error:
                self._end = None
                failure = error
            else:
                self._mark_up()
                return None
        return failure

    def _fail(self, batch: Sequence[Waiter], error: Exception) -> None:
        is_rejection = isinstance(error, _REJECTIONS)
        self.is_down = not is_rejection
        with self._changed:
            for waiter in batch:
                if len(self._uncertain) < self.limits.uncertain:
                    self._remember(waiter, is_rejection=is_rejection)
                waiter.error = error
                waiter.is_done = True
        wake(batch)
        if is_rejection:
            self._on_error(error)
        else:
            self._mark_down(error)

    def _remember(self, waiter: Waiter, *, is_rejection: bool) -> None:
        new = waiter.new
        if waiter.grant is not None:
            self._uncertain[new.id] = self._new_void(waiter.grant)
        elif type(waiter) is Waiter and new.closes is not None and not is_rejection:
            # A void receipt, for which no thread or task waits that would try again.
            self._uncertain[new.closes] = new

    def _void_uncertain(self) -> None:
        # Void the grants whose commit seemed to fail, but did not.
        if self._uncertain:
            known = self._store.known(self._uncertain)
            # The void receipts may be committed already, with their answer lost.
            self._end = None
            self.write([self._uncertain[id] for id in sorted(known)])
            self._uncertain = {}

    def _rest(self) -> None:
        try:
            self._void_uncertain()
            self._idle()
        except Exception as error:
            self._end = None
            self._mark_down(error)
        else:
            self._mark_up()

    def _finish(self) -> None:
        # Other processes do not know the uncertain grants of this one.
        try:
            self._void_uncertain()
        except Exception as error:
            self._mark_down(error)

    def _mark_up(self) -> None:
        self.is_down, self._failure = False, None

    def _mark_down(self, error: Exception) -> None:
        self.is_down = True
        # Report each kind of error once, not at every attempt.
        if self._failure is not type(error):
            self._failure = type(error)
            self._on_error(error)

    def _submit_void(self, grant: Receipt) -> None:
        self.submit(Waiter(self._new_void(grant)))

    def _new_void(self, grant: Receipt) -> NewReceipt:
        id = secrets.token_urlsafe(_ID_BYTES)
        return new_receipt(void_receipt(grant, id=id, time=int(self._clock())))
