"""Receipts are in the table exactly as they were inserted, in every database."""

from sqlalchemy import select

from cookiegate.ledger.storage.database import open_engine, upgrade, writing
from cookiegate.ledger.storage.dialects import dialect_of
from cookiegate.ledger.storage.dialects.base import INSERT_COLUMNS
from cookiegate.ledger.storage.tables import receipts

# Text with a meaning in arrays, in SQL, or in a driver's placeholders.
ODD = ['"', "'", "\\", "{", "}", ",", "NULL", "null", "", " ", "%s", "%(id)s", "?", "é", "😀"]


def test_rows_are_read_as_they_were_inserted(url: str) -> None:
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
    dialect = dialect_of(engine)
    with writing(engine) as connection:
        dialect.insert_receipts(connection, rows)
        dialect.insert_receipts(connection, [("v", 0, "alone", 0, None, b"", b"", b"")])
    query = select(*(receipts.c[name] for name in INSERT_COLUMNS)).where(receipts.c.writer != "v")
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    assert sorted(found, key=lambda row: row[5]) == rows
