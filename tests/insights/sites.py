"""A ledger and a file of counts, like those of a site after some weeks."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cookiegate import Reason
from cookiegate.ledger import Receipt
from cookiegate.ledger.recording.writer import new_receipt
from cookiegate.ledger.storage.database import open_engine, upgrade
from cookiegate.ledger.storage.store import Store
from cookiegate.reports.sqlite import BannerRow, CountsFile
from tests.insights.receipts import receipt
from tests.registries import DAY, NOON
from tests.reports.rows import row

__all__ = ["keep", "make_site"]


def keep(url: str, receipts: Iterable[Receipt]) -> None:
    """Commit receipts to a ledger."""
    engine = open_engine(url)
    upgrade(engine)
    store = Store(engine)
    store.append(store.chain_end("writer"), [new_receipt(one, None) for one in receipts])
    engine.dispose()


def make_site(folder: Path, days: int = 28) -> tuple[str, Path]:
    """Make both, with many choices and a few rare ones; return the URL and the path."""
    url, report = f"sqlite:///{folder}/consent.db", folder / "report.db"
    receipts = []
    banners = []
    for day in range(days):
        time = NOON + (day - days + 1) * DAY
        busy = 30 + 11 * (day % 7)
        for number in range(busy):
            granted = ("analysis", "marketing") if number % 3 else ("analysis",)
            receipts.append(
                receipt(
                    *(() if number % 4 == 0 else granted),
                    id=f"SECRET{day}-{number}",
                    time=time,
                    language="sv" if number % 5 else "en",
                    version=3 if day < days // 2 else 4,
                    signals=("gpc",) if number % 13 == 0 else (),
                )
            )
        for number in range(day % 4 * 5):
            receipts.append(
                receipt(
                    id=f"SECRET{day}-w{number}",
                    kind="withdrawal",
                    surface="settings",
                    time=time,
                    address="192.0.2.0/24",
                )
            )
        banners += [
            BannerRow(day=_day(time), language="sv", count=busy * 2),
            BannerRow(day=_day(time), language="en", count=busy // 3),
        ]
    for number in range(4):
        receipts.append(
            receipt(
                "analysis", id=f"SECRET-c{number}", surface="code", language="fi", evidence="SECRET"
            )
        )
    receipts.append(receipt("analysis", id="SECRET-u", surface="code", language=None))
    keep(url, receipts)
    file = CountsFile(report)
    file.add_banners(banners)
    file.add(
        [
            row("_ga", 1200, category="analysis", reason=Reason.NO_CONSENT, route="/"),
            row("_gid", 310, category="analysis", reason=Reason.NOT_GRANTED),
            row("who_*", 43),
            row("rare", 2),
        ],
        now=NOON,
    )
    return url, report


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
