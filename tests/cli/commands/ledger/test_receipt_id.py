"""The id of a receipt may begin with a dash."""

import json
from pathlib import Path

import pytest

from tests.ledger.books import fill, made, receipt

from .runs import ledger

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    "id", ["-oabc", "-Xoabc", "--abc", "-", "--Aqvm9v2LTnuGqlSdcvxw", "-ooooooooooooooooooooo"]
)
def test_an_id_that_begins_with_a_dash_is_not_an_option(
    tmp_path: Path, public_key: str, folder: Path, id: str
) -> None:
    url = f"sqlite:///{tmp_path}/dashes.db"
    engine = made(url)
    fill(engine, [receipt(0, id=id)])
    engine.dispose()
    ledger(url, "checkpoint", "--key", "key.pem", "-o", "point.json")
    for order in (
        (id, "--checkpoint", "point.json", "-o", "-proof"),
        ("--checkpoint=point.json", id, "--output", "-proof"),
        ("-o", "-proof", "--checkpoint", "point.json", "--", id),
    ):
        assert ledger(url, "prove", *order).exit_code == 0
        assert json.loads(json.loads((folder / "-proof").read_text())["receipt"])["id"] == id
    assert f'"id": "{id}"' in ledger(url, "show", "--json", id).stdout
    assert f"\n{id}," in ledger(url, "export", "--receipt", id).stdout.replace("'", "")
    assert ledger(url, "erase", "--key", "key.pem", "--yes", id).exit_code == 0


def test_a_command_for_a_receipt_has_help_and_usage_errors(url: str) -> None:
    assert ledger(url, "show", "--help").stdout.startswith("Usage: ")
    for arguments in ((), ("r1", "--jsn"), ("r1", "--page")):
        assert ledger(url, "show", *arguments).exit_code == 2
