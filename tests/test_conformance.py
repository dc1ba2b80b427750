"""The gate against recordings of Chromium and Firefox with unusual headers.

These are recorded runs, so that the rules are held to them without a browser at hand;
`browser/test_jars.py` asks the browsers anew.
"""

from typing import Any

import pytest

from cookiegate import Reason, Registry
from cookiegate.http.set_cookie import breaks_framing, read_lifespan, read_names, read_set_cookie
from tests.conformance import (
    HEAD,
    ROWS,
    each,
    header_of,
    is_registrable,
    names_of,
    registry_with,
)
from tests.registries import gate_for

FRAMING = [row for row in ROWS if row["framing"]]
FIELDS = [row for row in ROWS if not row["framing"]]
DELETIONS = [row for row in FIELDS if "seed" in row]
LIVING = [row for row in FIELDS if row["chromium"]["stored"] and row["attributes"]["expires"]]
# When Chromium was asked, within some seconds: 1 January 2027 was this far away.
ASKED_AT = 1_798_761_600 - 3_270_934
CAP = 400 * 86_400


def test_all_rows_are_here() -> None:
    assert len(ROWS) == 291


@each(FIELDS)
def test_every_name_that_some_browser_stores_is_read(row: dict[str, Any]) -> None:
    header = header_of(row)
    assert not breaks_framing(header)
    assert names_of(row) <= set(read_names(header))


@each(FRAMING)
def test_a_value_that_could_be_two_headers_never_leaves(row: dict[str, Any]) -> None:
    for mode in ("enforce", "report"):
        gate = gate_for(registry_with(names_of(row), "essential"), mode=mode)
        verdict = gate.judge(header_of(row), gate.read([]))
        assert verdict.header is None
        assert verdict.reason is Reason.UNREADABLE


@each(FIELDS)
def test_no_cookie_of_a_category_not_allowed_is_ever_stored(row: dict[str, Any]) -> None:
    header = header_of(row)
    gate = gate_for(registry_with(set(read_names(header)), "optional"))
    for leaves in _leaving(gate, header):
        # Only a deletion may leave.
        assert read_lifespan(read_set_cookie(leaves)).deletes_from < 0
        assert leaves.partition(b"=")[2].startswith(b";")


@each(FIELDS)
def test_an_unregistered_name_is_never_stored(row: dict[str, Any]) -> None:
    gate = gate_for(Registry.parse(HEAD))
    for leaves in _leaving(gate, header_of(row)):
        assert read_lifespan(read_set_cookie(leaves)).deletes_from < 0


@each([row for row in FIELDS if row["names"] and all(map(is_registrable, names_of(row)))])
def test_every_allowed_cookie_that_is_stored_leaves_unchanged(row: dict[str, Any]) -> None:
    header = header_of(row)
    assert _leaving(gate_for(registry_with(names_of(row), "essential")), header) == [header]


@each([row for row in FIELDS if "" in row["names"]])
def test_a_cookie_that_some_browser_stores_without_a_name_never_leaves(row: dict[str, Any]) -> None:
    header = header_of(row)
    gate = gate_for(registry_with(set(read_names(header)), "essential"))
    assert _leaving(gate, header) == []


@each([row for row in DELETIONS if row["jar_after"] == []])
def test_a_deletion_of_a_cookie_not_allowed_still_deletes(row: dict[str, Any]) -> None:
    gate = gate_for(registry_with({b"a"}, "optional"))
    assert gate.judge(header_of(row), gate.read([])).reason is Reason.DELETION


@each(LIVING)
def test_cookies_live_as_long_as_in_chromium(row: dict[str, Any]) -> None:
    lives = read_lifespan(read_set_cookie(header_of(row))).seconds(ASKED_AT)
    kept = row["attributes"]["expires"]
    if row["id"] == "maxage-19":  # Max-Age=- 60: Firefox deletes, and the stricter browser counts
        assert lives is not None
        assert lives < 0
    elif kept == "session":
        assert lives is None
    else:
        assert lives is not None
        assert min(lives, CAP) == pytest.approx(kept, abs=20)


def _leaving(gate: Any, header: bytes) -> list[bytes]:
    result = gate.filter([(b"set-cookie", header)], gate.read([]))
    return [value for name, value in result if name == b"set-cookie"]
