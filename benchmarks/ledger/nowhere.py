"""The ledger with a database that takes no time: the cost of threads, tasks and interpreter."""

from __future__ import annotations

import time
from collections.abc import Sequence

from cookiegate.consent.choice import Choice
from cookiegate.ledger.receipts import presentation_of, receipt_of
from cookiegate.ledger.recording.limits import DEFAULT_LIMITS
from cookiegate.ledger.recording.waiters import TaskWaiter, ThreadWaiter
from cookiegate.ledger.recording.writer import Writer, new_receipt
from cookiegate.ledger.storage.database import open_engine
from cookiegate.ledger.storage.rows import ChainEnd, NewReceipt
from cookiegate.ledger.storage.store import Store

__all__ = ["Nowhere"]

_SECONDS = 60.0


class _Store(Store):
    # Accepts everything and keeps nothing.

    def append(self, chain: ChainEnd, items: Sequence[NewReceipt]) -> ChainEnd:
        return ChainEnd(writer=chain.writer, size=chain.size + len(items), link=chain.link)

    def chain_end(self, writer: str) -> ChainEnd:
        return ChainEnd(writer=writer, size=0, link=b"")

    def known(self, ids: object) -> set[str]:
        return set()


class Nowhere:
    """A recorder made of the ledger's parts without a database."""

    def __init__(self) -> None:
        self._writer = Writer(
            _Store(open_engine("sqlite:////nowhere")),
            "nowhere",
            clock=time.time,
            idle=lambda: None,
            on_error=_raise,
            limits=DEFAULT_LIMITS,
        )
        self._writer.start()
        self.asgi = _AsyncNowhere(self._writer)

    def commit(self, choice: Choice) -> None:
        waiting = ThreadWaiter(_item(choice))
        self._writer.submit(waiting)
        waiting.wait(_SECONDS)

    def close(self) -> None:
        """End the writer's thread."""
        self._writer.close()


class _AsyncNowhere:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def commit(self, choice: Choice) -> None:
        waiting = TaskWaiter(_item(choice))
        self._writer.submit(waiting)
        await waiting.wait(_SECONDS)


def _item(choice: Choice) -> NewReceipt:
    return new_receipt(receipt_of(choice), presentation_of(choice))


def _raise(error: Exception) -> None:
    raise error
