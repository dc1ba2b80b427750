"""A ledger is counted in either database, and errors quote no values."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from cookiegate.insights import Period
from cookiegate.insights.ledger_source import read_ledger
from cookiegate.ledger import LedgerError
from cookiegate.ledger.receipts import void_receipt
from tests.insights.receipts import receipt
from tests.insights.sites import keep
from tests.registries import DAY, NOON


def test_a_ledger_is_counted(url: str) -> None:
    late = receipt("analysis", id="late", time=NOON + DAY // 2 - 1)
    voids = [void_receipt(late, id="void", time=NOON + DAY // 2 + 3)]
    # Its grant is erased.
    voids.append(void_receipt(receipt("analysis", id="gone"), id="other", time=NOON))
    keep(url, [*(receipt("analysis", id=f"r{n}") for n in range(3)), late, *voids])
    today = Period(since=date(2026, 11, 24), until=date(2026, 11, 24))
    for period in (Period(), today):
        choices = read_ledger(url, period)
        assert choices.kinds == {"grant": 3, "change": 0, "refusal": 0, "withdrawal": 0}
    yesterday = Period(until=date(2026, 11, 23))
    assert sum(read_ledger(url, yesterday).kinds.values()) == 0


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no file"):
        read_ledger(f"sqlite:///{tmp_path}/consent.db", Period())
    assert list(tmp_path.iterdir()) == []


def test_an_unreadable_ledger_is_reported_without_values(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/consent.db"
    keep(url, [receipt("analysis", id="SECRET")])
    connection = sqlite3.connect(tmp_path / "consent.db")
    connection.execute("UPDATE cookiegate_receipts SET body = ?", (b'{"id": "SECRET"}',))
    connection.commit()
    with pytest.raises(LedgerError, match="cannot read") as found:
        read_ledger(url, Period())
    assert "SECRET" not in str(found.value)
    connection.execute("ALTER TABLE cookiegate_receipts RENAME TO other")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match=r"^the ledger cannot be read: no such table") as found:
        read_ledger(url, Period())
    assert "\n" not in str(found.value)


def test_an_erased_grant_is_not_undone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/consent.db"
    grant = receipt("analysis", id="grant")
    keep(url, [grant, void_receipt(grant, id="void", time=NOON)])
    connection = sqlite3.connect(tmp_path / "consent.db")
    connection.execute("UPDATE cookiegate_receipts SET body = NULL WHERE id = 'grant'")
    connection.commit()
    connection.close()
    assert sum(read_ledger(url, Period()).kinds.values()) == 0
