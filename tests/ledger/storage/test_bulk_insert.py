"""Receipts stand in the table as they were put in, in either database."""

from sqlalchemy import select

from cookiegate.ledger.storage.bulk_insert import COLUMNS, insert_receipts
from cookiegate.ledger.storage.database import open_engine, upgrade, writing
from cookiegate.ledger.storage.tables import receipts

# Whatever has a meaning in arrays, in texts of SQL, or in a driver's marks.
ODD = ['"', "'", "\\", "{", "}", ",", "NULL", "null", "", " ", "%s", "%(id)s", "?", "é", "😀"]


def test_rows_come_back_as_they_were_put_in(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    rows = [
        (
            "w" * 32,
            number + 2**40 * (number % 2),
            f"{number}{odd}",
            number * 10**9,
            odd if number % 3 else None,
            bytes([number]) * 16,
            bytes(range(256)) * number,
            b"\x00\xff" * 16,
        )
        for number, odd in enumerate(ODD)
    ]
    with writing(engine) as connection:
        insert_receipts(connection, rows)
        insert_receipts(connection, [("v", 0, "alone", 0, None, b"", b"", b"")])
    wanted = select(*(receipts.c[name] for name in COLUMNS)).where(receipts.c.writer != "v")
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(wanted)]
    engine.dispose()
    assert sorted(found, key=lambda row: row[5]) == rows
