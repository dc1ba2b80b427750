"""The writer's store and idle function, without a database."""

import threading
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy.exc import IntegrityError

from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.storage.hash_chain import first_link
from cookiegate.ledger.storage.rows import ChainEnd, NewReceipt
from cookiegate.ledger.storage.store import Store
from tests.ledger.choices import lost_connection

__all__ = ["Idle", "Memory"]


class Memory(Store):
    """A store without a database, with configurable errors and delays."""

    def __init__(self) -> None:
        self.batches: list[list[NewReceipt]] = []
        #: Errors of the next commits; None for success.
        self.errors: list[Exception | None] = []
        #: The same, raised after the commit.
        self.answers: list[Exception | None] = []
        #: Ids of receipts that it rejects.
        self.refused: set[str] = set()
        #: Whether `known` fails.
        self.is_away = False
        #: Whether it goes away when an answer is lost.
        self.falls = False
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.is_reached = threading.Event()

    @property
    def ids(self) -> list[str]:
        """Return the ids of committed receipts, in order."""
        return [item.id for batch in self.batches for item in batch]

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of committed receipts, in order."""
        return [load_receipt(item.body).kind for batch in self.batches for item in batch]

    def append(self, chain: ChainEnd, items: Sequence[NewReceipt]) -> ChainEnd:
        self.is_reached.set()
        assert self.goes_on.wait(60)
        assert chain.size == len(self.ids)
        known = set(self.ids)
        if any(item.id in known for item in items):
            raise IntegrityError("INSERT", {}, Exception("twice"))
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        if not self.refused.isdisjoint(item.id for item in items):
            raise IntegrityError("INSERT", {}, Exception("refused"))
        self.batches.append(list(items))
        if self.answers and (error := self.answers.pop(0)) is not None:
            self.is_away = self.falls
            raise error
        return self.chain_end(chain.writer)

    def chain_end(self, writer: str) -> ChainEnd:
        return ChainEnd(writer=writer, size=len(self.ids), link=first_link(writer))

    def known(self, ids: Iterable[str]) -> set[str]:
        if self.is_away:
            raise lost_connection()
        return set(self.ids) & set(ids)

    def hold(self) -> None:
        """Let the next commit wait."""
        self.is_reached.clear()
        self.goes_on.clear()


class Idle:
    """The writer's idle function."""

    def __init__(self) -> None:
        self.times = 0
        self.act: Callable[[], object] = lambda: None

    def __call__(self) -> None:
        self.times += 1
        self.act()
