"""The ledger as a recorder: it commits a choice's receipt before the choice takes effect."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from weakref import WeakSet

from sqlalchemy.exc import DBAPIError

from cookiegate.consent.choice import Choice, NotKeptError
from cookiegate.consent.recording import Kept
from cookiegate.gate import system_clock
from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.receipts import Receipt, presentation_of, receipt_of
from cookiegate.ledger.refusals import RefusalKey, RefusalRule, refusal_key
from cookiegate.ledger.storage.database import file_of, open_engine, require_current
from cookiegate.ledger.storage.rows import NewReceipt

from .addresses import AddressFilter, AddressRule
from .private_files import UnsafePathError, current_user
from .process import Health, LedgerOptions, LedgerProcess, OnUnavailable
from .spool import make_folder
from .waiters import TaskWaiter, ThreadWaiter
from .writer import new_receipt

__all__ = ["AsyncLedger", "Ledger", "reset_after_fork", "spool_of"]

_SPOOL: Final = "cookiegate-spool"
_MEBIBYTE: Final = 1024 * 1024

logger: logging.Logger = logging.getLogger("cookiegate")


class Ledger:
    """
    Keeps a receipt of each choice: `CookieGateMiddleware(app, gate, recorder=Ledger(url))`.

    A choice that allows more waits until its receipt is committed. A withdrawal never waits long:
    while the database is away, its receipt goes into a spool on the local disk.

    Args:
        url: "sqlite:///consent.db", or "postgresql://user@host/name".
        spool: The folder of the spool. Default: beside the SQLite file, else "cookiegate-spool"
            in the working directory. It must belong to this user, and nobody else may be able to
            write to it.
        spool_bytes: The maximum size of one process's spool.
        timeout: How many seconds a choice that allows more waits for its commit.
        on_unavailable: What happens to it if the commit fails: "refuse" or "accept".
        refusals: What is kept of a refusal by a visitor who had granted nothing: "count" it, or
            "keep" a receipt of each. Withdrawals always have a receipt.
        min_free_bytes: With less free disk space, no choice that allows more is accepted, and
            refusals are counted.
        address: What is kept of the visitor's address: "none", "truncated" (the network: /24,
            /48), or "hashed".
        address_key: The key of that hash.
        on_error: Called with each failure; by default it is logged, without values.
        clock: Returns Unix seconds.

    Raises:
        LedgerError: The URL is not valid, the database has another version, or the spool's
            folder cannot be created or is not safe.
        ValueError: An option has a value that does not exist.
    """

    def __init__(
        self,
        url: str,
        *,
        spool: str | os.PathLike[str] | None = None,
        spool_bytes: int = 64 * _MEBIBYTE,
        timeout: float = 5.0,
        on_unavailable: OnUnavailable = "refuse",
        refusals: RefusalRule = "count",
        min_free_bytes: int = 64 * _MEBIBYTE,
        address: AddressRule = "none",
        address_key: str | bytes | None = None,
        on_error: Callable[[Exception], None] | None = None,
        clock: Callable[[], float] = system_clock,
    ) -> None:
        if on_unavailable not in ("refuse", "accept"):
            raise ValueError(f"on_unavailable is {on_unavailable!r}; write 'refuse' or 'accept'")
        if refusals not in ("count", "keep"):
            raise ValueError(f"refusals is {refusals!r}; write 'count' or 'keep'")
        self._addresses = AddressFilter(address, address_key)
        #: For the policy page.
        self.kept: Kept = Kept(address=address, refusals=refusals == "keep")
        file = file_of(url)
        folder = spool_of(url) if spool is None else Path(spool)
        self.options: LedgerOptions = LedgerOptions(
            url=url,
            spool=folder,
            spool_bytes=spool_bytes,
            timeout=timeout,
            on_unavailable=on_unavailable,
            refusals=refusals,
            min_free_bytes=min_free_bytes,
            folders=(folder,) if file is None else (folder, file.parent),
            on_error=_without_errors(on_error or _log_error),
            clock=clock,
        )
        #: Whether the tables were found to have this version.
        self.is_current: bool = self.check()
        #: The parts of this process, once they are needed.
        self.process: LedgerProcess | None = None
        self._start_lock = threading.Lock()
        #: The same recorder for middleware that awaits it.
        self.asgi: AsyncLedger = AsyncLedger(self)
        _LEDGERS.add(self)

    def __repr__(self) -> str:
        # Without the URL, which may contain a password.
        return "<Ledger>"

    def commit(self, choice: Choice) -> None:
        """
        Keep a choice, and return when it may take effect.

        Raises:
            NotKeptError: It allows more, and its receipt cannot be committed now.
        """
        process = self.start()
        refusal = refusal_key(choice) if choice.is_refusal else None
        if self.is_only_counted(process, choice, refusal):
            return
        new, grant = self.new_receipt(choice)
        waiter = process.submit(new, grant, ThreadWaiter)
        try:
            if waiter is not None:
                waiter.wait(process.timeout(grant))
            process.finish(waiter, new, grant, refusal)
        except NotKeptError:
            raise
        except BaseException:
            # Some servers end a request by an exception in its thread.
            process.detach(waiter, grant)
            raise

    def health(self) -> Health:
        """Return the state of the ledger in this process."""
        return self.start().health()

    def close(self) -> None:
        """Commit what is pending, and end the thread; the next choice starts another one."""
        with self._start_lock:
            if self.process is not None:
                self.process.close()
                self.process = None

    def start(self) -> LedgerProcess:
        """Return the parts of this process."""
        process = self.process
        if process is None:
            with self._start_lock:
                process = self.process
                if process is None:
                    process = self.process = self.new_process()
        return process

    def new_process(self) -> LedgerProcess:
        """Return new parts for this process; an extension point for other stores and limits."""
        return LedgerProcess(self.options, is_current=self.is_current)

    def new_receipt(self, choice: Choice) -> tuple[NewReceipt, Receipt | None]:
        """Return the receipt of a choice, and the same again if the choice allows more."""
        receipt = receipt_of(choice, address=self._addresses.apply(choice.address))
        new = new_receipt(receipt, presentation_of(choice))
        return new, receipt if choice.widens else None

    def is_only_counted(
        self, process: LedgerProcess, choice: Choice, refusal: RefusalKey | None
    ) -> bool:
        """
        Return True if no receipt of a choice is kept: it proves nothing that the ledger lacks.

        Args:
            process: The parts of this process.
            choice: The choice.
            refusal: What is counted of it, if it is a refusal.
        """
        if refusal is not None:
            if self.options.refusals == "keep" and not process.lacks_space():
                return False
            process.refusals.add(refusal)
            return True
        closes = choice.before.receipt
        if closes is None or choice.widens:
            return False
        return process.repeats.is_excess(closes, "change" if choice.after.granted else "withdrawal")

    def after_fork(self) -> None:
        """Start again in a forked process: chain, connections and spool belong to its parent."""
        self._start_lock = threading.Lock()
        if self.process is not None:
            self.process.discard()
            self.process = None

    def check(self) -> bool:
        """
        Create the spool's folder, and return whether the database answers.

        Raises:
            LedgerError: The folder cannot be created, another user made it or can write to it, or
                the database has another version.
        """
        try:
            # First: this may also create the folder of the SQLite file.
            make_folder(self.options.spool, current_user())
        except UnsafePathError as error:
            raise LedgerError(str(error)) from None
        except OSError as error:
            raise LedgerError(
                f"the spool's folder cannot be created: {error}; "
                "choose a folder that this user may write to: Ledger(..., spool='/var/lib/…')"
            ) from None
        engine = open_engine(self.options.url)
        try:
            require_current(engine)
        except DBAPIError as error:
            # Withdrawals need no database, so the site starts without one.
            self.options.on_error(error)
            return False
        finally:
            engine.dispose()
        return True


def spool_of(url: str) -> Path:
    """
    Return the default folder of a ledger's spool.

    Raises:
        LedgerError: The URL is not valid, or names another database.
    """
    file = file_of(url)
    return Path(_SPOOL if file is None else f"{file}.spool")


class AsyncLedger:
    """
    The ledger for ASGI: it does not block the event loop.

    Args:
        ledger: The ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger: Ledger = ledger
        self.kept: Kept = ledger.kept

    def __repr__(self) -> str:
        return "<AsyncLedger>"

    async def commit(self, choice: Choice) -> None:
        """
        Keep a choice, and return when it may take effect.

        Raises:
            NotKeptError: It allows more, and its receipt cannot be committed now.
        """
        process = self.ledger.process
        if process is None:
            process = await asyncio.to_thread(self.ledger.start)
        refusal = refusal_key(choice) if choice.is_refusal else None
        if self.ledger.is_only_counted(process, choice, refusal):
            return
        new, grant = self.ledger.new_receipt(choice)
        waiter = process.submit(new, grant, TaskWaiter)
        try:
            if waiter is not None:
                await waiter.wait(process.timeout(grant))
                if waiter.is_committed:
                    return
            await asyncio.to_thread(process.finish, waiter, new, grant, refusal)
        except asyncio.CancelledError:
            process.detach(waiter, grant)
            raise


_LEDGERS: Final[WeakSet[Ledger]] = WeakSet()


def reset_after_fork() -> None:
    """Let every ledger start again; called in each forked process."""
    for ledger in tuple(_LEDGERS):
        ledger.after_fork()


with suppress(AttributeError):  # platforms without fork
    os.register_at_fork(after_in_child=reset_after_fork)


def _without_errors(on_error: Callable[[Exception], None]) -> Callable[[Exception], None]:
    # An error in the callback must not lose a receipt.
    def call(error: Exception) -> None:
        with suppress(Exception):
            on_error(error)

    return call


def _log_error(error: Exception) -> None:
    # Only the first line of a database driver's error: the rest quotes receipts.
    text = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    logger.error("ledger: %s: %s", type(error).__name__, text.partition("\n")[0])
