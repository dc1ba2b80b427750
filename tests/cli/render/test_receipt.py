"""A receipt for people."""

import pytest

from cookiegate.cli.render.receipt import receipt_rows
from cookiegate.consent.choice import SentBy
from tests.ledger.books import receipt


@pytest.mark.parametrize(
    ("sent_by", "text"), [("form", "a form"), ("script", "a script"), (None, "not known")]
)
def test_a_receipt_says_how_the_choice_was_sent(sent_by: SentBy | None, text: str) -> None:
    rows = receipt_rows(receipt(0, sent_by=sent_by))
    assert ("sent by", text, "") in rows
