"""Exports: CSV that no spreadsheet executes, and JSON lines."""

import csv
import io
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookiegate.ledger.audit.export import COLUMNS, ExportFormat, export
from cookiegate.ledger.receipts import dump_receipt, load_receipt
from tests.ledger.books import receipt


def exported(form: ExportFormat, *bodies: bytes) -> str:
    out = io.StringIO()
    export(bodies, out, form)
    return out.getvalue()


# Whatever changes a terminal or the order of the text, except for tab and line feed.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def escaped(one: str) -> str:
    """Return a character as the number of its code."""
    return f"\\x{ord(one):02x}" if one < "\u0100" else f"\\u{ord(one):04x}"


def test_csv_has_a_line_for_each_receipt() -> None:
    one = receipt(0, evidence='said "yes", twice', signals=("dnt",), closes="r9")
    (row,) = csv.DictReader(io.StringIO(exported("csv", dump_receipt(one))))
    assert tuple(row) == COLUMNS
    assert row["evidence"] == 'said "yes", twice'
    assert (row["granted"], row["offered"]) == ("analysis", "analysis marketing")
    assert (row["time"], row["signals"], row["address"]) == ("2026-11-24T12:00:00+00:00", "dnt", "")


@given(st.text() | st.text(alphabet="=+-@;\t\r\n\" 'a\uff1d"))
@example("a;=1+1")
@example(" =1+1")
@example('a;"=1+1"')
@example("a\n=1+1")
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    one = receipt(0, evidence=text.encode("utf-8", "replace").decode())
    written = exported("csv", dump_receipt(one))
    rows = list(csv.reader(io.StringIO(written, newline="")))
    cell = rows[1][COLUMNS.index("evidence")]
    shown = CONTROL.sub(lambda found: escaped(found[0]), str(one.evidence))
    assert cell.replace("'", "") == shown.replace("'", "")
    # Where numbers have a decimal comma, spreadsheets separate cells by semicolons.
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter):
            for cell in row:
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\uff1d"))


def test_json_lines_are_what_was_hashed() -> None:
    bodies = [dump_receipt(receipt(n)) for n in range(3)]
    lines = exported("jsonl", *bodies).splitlines()
    assert [line.encode() for line in lines] == bodies
    assert json.loads(lines[0])["id"] == "r0"
    assert load_receipt(lines[2].encode()) == receipt(2)


@given(st.text())
@example("\x9b31m\x7f\u202e")
def test_json_lines_have_the_same_values_and_no_control_characters(text: str) -> None:
    one = receipt(0, evidence=text.encode("utf-8", "replace").decode())
    written = exported("jsonl", dump_receipt(one))
    assert not CONTROL.search(written)
    assert load_receipt(written.encode()) == one


def test_a_receipt_of_several_lines_is_one_json_line() -> None:
    body = dump_receipt(receipt(0)).replace(b',"', b',\r\n"')
    assert exported("jsonl", body).count("\n") == 1


@pytest.mark.parametrize("part", [";", "\t", "\n", '"', ' "', "; ", "=", "\x1b"])
def test_the_time_of_an_export_grows_with_the_length_of_the_evidence(part: str) -> None:
    # A second for each step would be hours if the time grew with the square.
    one = receipt(0, evidence=part * 300_000 + "x")
    assert len(exported("csv", dump_receipt(one))) > 300_000
