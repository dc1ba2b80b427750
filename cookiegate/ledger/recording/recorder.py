"""The ledger as a recorder: what a door hands it is kept before it takes effect."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from weakref import WeakSet

from sqlalchemy.exc import DBAPIError

from cookiegate.consent.choice import Choice, NotKeptError
from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.receipts import Receipt, presentation_of, receipt_of
from cookiegate.ledger.storage.database import file_of, open_engine, require_current
from cookiegate.ledger.storage.store import Item

from .addresses import Addresses, AddressRule
from .process import Health, Options, Running, Unproved
from .waiters import WaitingTask, WaitingThread
from .writer import item_of

__all__ = ["AsyncLedger", "Ledger", "spool_of"]

_SPOOL: Final = "cookiegate-spool"
_MEBIBYTE: Final = 1024 * 1024

logger: logging.Logger = logging.getLogger("cookiegate")


class Ledger:
    """
    Keeps a receipt of each choice: `CookieGateMiddleware(app, gate, recorder=Ledger(url))`.

    What allows more waits until its receipt is committed. What only takes back never waits long:
    while the database is away, its receipt is kept in a spool on the local disk.

    Args:
        url: "sqlite:///consent.db", or "postgresql://user@host/name".
        spool: The folder for what waits. By default beside the SQLite file, else
            "cookiegate-spool" in the working directory.
        spool_bytes: How much one process may leave there.
        timeout: Seconds that a choice which allows more waits for its commit.
        unproved: What becomes of it where that fails: "refuse" or "accept".
        floor_bytes: With less room on the disk, only what takes back is taken.
        address: What is kept of the visitor's address: "none", "truncated" (the network: /24,
            /48), or "hashed".
        address_key: The key of that hash, and of nothing else.
        on_error: Told of each failure; by default it is logged, without a value.
        clock: Gives Unix seconds.

    Raises:
        LedgerError: The URL is none, the database is of another version, or the spool's
            folder cannot be made.
        ValueError: An option is none of those named.
    """

    def __init__(
        self,
        url: str,
        *,
        spool: str | os.PathLike[str] | None = None,
        spool_bytes: int = 64 * _MEBIBYTE,
        timeout: float = 5.0,
        unproved: Unproved = "refuse",
        floor_bytes: int = 64 * _MEBIBYTE,
        address: AddressRule = "none",
        address_key: str | bytes | None = None,
        on_error: Callable[[Exception], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if unproved not in ("refuse", "accept"):
            raise ValueError(f"unproved is {unproved!r}; write 'refuse' or 'accept'")
        self._addresses = Addresses(address, address_key)
        file = file_of(url)
        folder = spool_of(url) if spool is None else Path(spool)
        self._options = Options(
            url=url,
            spool=folder,
            spool_bytes=spool_bytes,
            timeout=timeout,
            unproved=unproved,
            floor_bytes=floor_bytes,
            folders=(folder,) if file is None else (folder, file.parent),
            on_error=_told_safely(on_error or _log_error),
            clock=clock,
        )
        self._is_current = self._check()
        #: The parts that belong to this process, once they are needed.
        self.running: Running | None = None
        self._starting = threading.Lock()
        #: The same recorder, for doors that await it.
        self.asgi: AsyncLedger = AsyncLedger(self)
        _LEDGERS.add(self)

    def __repr__(self) -> str:
        # Without the URL: it may hold a password.
        return "<Ledger>"

    def commit(self, choice: Choice) -> None:
        """
        Keep a choice, and return when it may take effect.

        Raises:
            NotKeptError: It allows more, and no proof of it can be kept now.
        """
        running, (item, grant) = self.start(), self.receive(choice)
        waiting = running.begin(item, grant, WaitingThread)
        try:
            if waiting is not None:
                waiting.wait(running.patience(grant))
            running.settle(waiting, item, grant)
        except NotKeptError:
            raise
        except BaseException:
            # A server that ends a request does it by an exception in the midst of it.
            running.give_up(waiting, grant)
            raise

    def health(self) -> Health:
        """How the ledger of this process is."""
        return self.start().health()

    def close(self) -> None:
        """Write what waits, and end the thread; the next choice begins anew."""
        with self._starting:
            if self.running is not None:
                self.running.close()
                self.running = None

    def start(self) -> Running:
        """The parts that belong to this process."""
        running = self.running
        if running is None:
            with self._starting:
                running = self.running
                if running is None:
                    running = Running(self._options, is_current=self._is_current)
                    self.running = running
        return running

    def receive(self, choice: Choice) -> tuple[Item, Receipt | None]:
        """A choice's receipt, and the same again where it needs to be proved."""
        receipt = receipt_of(choice, address=self._addresses.kept(choice.address))
        item = item_of(receipt, presentation_of(choice))
        return item, receipt if choice.widens else None

    def after_fork(self) -> None:
        """Begin anew in a forked process: chain, connections and spool are its parent's."""
        self._starting = threading.Lock()
        if self.running is not None:
            self.running.forget()
            self.running = None

    def _check(self) -> bool:
        try:
            # First: it may make the folder of the SQLite file too.
            self._options.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(
                f"the spool's folder cannot be made: {error}; "
                "give a folder that this user may write to: Ledger(..., spool='/var/lib/…')"
            ) from None
        engine = open_engine(self._options.url)
        try:
            require_current(engine)
        except DBAPIError as error:
            # Withdrawals work without a database, so the site starts without one too.
            self._options.on_error(error)
            return False
        finally:
            engine.dispose()
        return True


def spool_of(url: str) -> Path:
    """
    Where a ledger keeps what waits, unless it is told otherwise.

    Raises:
        LedgerError: The URL is none, or one of another database.
    """
    file = file_of(url)
    return Path(_SPOOL if file is None else f"{file}.spool")


class AsyncLedger:
    """
    The ledger for the ASGI door: nothing of it blocks the event loop.

    Args:
        ledger: The ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def __repr__(self) -> str:
        return "<AsyncLedger>"

    async def commit(self, choice: Choice) -> None:
        """
        Keep a choice, and return when it may take effect.

        Raises:
            NotKeptError: It allows more, and no proof of it can be kept now.
        """
        running = self.ledger.running
        if running is None:
            running = await asyncio.to_thread(self.ledger.start)
        item, grant = self.ledger.receive(choice)
        waiting = running.begin(item, grant, WaitingTask)
        if waiting is not None:
            try:
                await waiting.wait(running.patience(grant))
            except asyncio.CancelledError:
                running.give_up(waiting, grant)
                raise
            if waiting.is_kept:
                return
        try:
            await asyncio.to_thread(running.settle, waiting, item, grant)
        except asyncio.CancelledError:
            running.give_up(waiting, grant)
            raise


_LEDGERS: Final[WeakSet[Ledger]] = WeakSet()


def _begin_anew() -> None:
    for ledger in tuple(_LEDGERS):
        ledger.after_fork()


with suppress(AttributeError):  # where nothing forks
    os.register_at_fork(after_in_child=_begin_anew)


def _told_safely(on_error: Callable[[Exception], None]) -> Callable[[Exception], None]:
    # Whoever is told may fail in turn: no receipt is to be lost by it, and nobody is left to tell.
    def tell(error: Exception) -> None:
        with suppress(Exception):
            on_error(error)

    return tell


def _log_error(error: Exception) -> None:
    # Of a database's errors nothing but the first line of the driver's own: the rest quotes
    # receipts.
    text = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    logger.error("ledger: %s: %s", type(error).__name__, text.partition("\n")[0])
