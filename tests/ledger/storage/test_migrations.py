"""Migrations from every earlier schema, with data."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table

from cookiegate.ledger.audit.checkpoints import load_checkpoint
from cookiegate.ledger.audit.verify import verify
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.storage.database import alembic_config, open_engine, require_current, upgrade
from cookiegate.ledger.storage.store import Store

# One file for each revision, with the rows of its tables and a checkpoint of them.
SCHEMAS = Path(__file__).parents[1] / "schemas"
REVISIONS = sorted(
    script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()
)


def test_every_schema_has_sample_rows() -> None:
    assert sorted(path.stem for path in SCHEMAS.glob("*.json")) == REVISIONS


def rows(revision: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{revision}.json").read_text())
    return found


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_ledger_of_every_schema_is_upgraded(url: str, revision: str) -> None:
    engine = open_engine(url)
    config = alembic_config()
    found = rows(revision)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for name, table_rows in found["tables"].items():
            table = Table(name, MetaData(), autoload_with=connection)
            for row in table_rows:
                values = {
                    column: base64.b64decode(value["base64"]) if isinstance(value, dict) else value
                    for column, value in row.items()
                }
                connection.execute(table.insert(), values)
    upgrade(engine)
    require_current(engine)
    signed = load_checkpoint(json.dumps(found["checkpoint"]).encode())
    seen = verify(engine, checkpoints=[signed], trusted=[signed.key])
    assert seen.finding is None
    assert seen.is_anchored
    assert (seen.receipts, seen.erased) == (found["receipts"], found["erased"])
    store = Store(engine)
    receipts = [load_receipt(body) for body in store.bodies()]
    assert {one.kind for one in receipts} == {"grant", "change", "withdrawal", "refusal"}
    assert all(store.presentation(one.presentation) for one in receipts if one.presentation)
    engine.dispose()
