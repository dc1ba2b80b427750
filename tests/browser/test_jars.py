"""A browser's cookie jar, with and without the gate.

Each header of `data/browsers.jsonl` is sent as it is, and through the gate. Only the names are
taken from the record, since they must be registered; the results are measured again.
"""

from typing import Any

import pytest

from cookiegate import Registry
from cookiegate.http.set_cookie import breaks_framing, read_names
from tests.browser.judges import Answer, Judge
from tests.browser.passing import leaving
from tests.conformance import HEAD, ROWS, each, header_of, is_registrable, names_of, registry_with

SECONDS = 10


def seeds_of(row: dict[str, Any]) -> list[list[bytes]]:
    """Return the responses before that of the row."""
    return [[row["seed"].encode("latin-1")]] if "seed" in row else []


def without_gate(judge: Judge, row: dict[str, Any]) -> Answer:
    return judge.ask(*seeds_of(row), [header_of(row)])


def through_gate(judge: Judge, row: dict[str, Any], registry: Registry) -> Answer:
    return judge.ask(*seeds_of(row), leaving(registry, header_of(row)))


def names_anywhere(judge: Judge, row: dict[str, Any]) -> set[bytes]:
    """Return all names of the row's cookie: on record, in this browser, and in the gate."""
    header = header_of(row)
    return names_of(row) | judge.ask([header]).names | set(read_names(header))


def is_allowed(judge: Judge, row: dict[str, Any]) -> bool:
    """Return whether a registry can hold every name under which the row's cookie is stored."""
    names = names_anywhere(judge, row)
    return all(map(is_registrable, names)) and not breaks_framing(header_of(row))


@each(ROWS)
def test_no_cookie_of_a_category_not_allowed_is_in_the_jar(
    judge: Judge, row: dict[str, Any]
) -> None:
    registry = registry_with(names_anywhere(judge, row), "optional")
    held_before = judge.ask(*seeds_of(row)).jar
    answer = through_gate(judge, row, registry)
    assert set(answer.jar) <= set(held_before)
    assert held_before or not answer.sent


@each(ROWS)
def test_no_unregistered_cookie_is_in_the_jar(judge: Judge, row: dict[str, Any]) -> None:
    held_before = judge.ask(*seeds_of(row)).jar
    answer = through_gate(judge, row, Registry.parse(HEAD))
    assert set(answer.jar) <= set(held_before)
    assert held_before or not answer.sent


@each(ROWS)
def test_no_refused_cookie_passes_as_an_unknown_one(judge: Judge, row: dict[str, Any]) -> None:
    """If unknown names pass, a name that is read wrongly passes."""
    registry = registry_with(
        names_of(row) | judge.ask([header_of(row)]).names, "optional", unknown="allow"
    )
    refused = {name for name in names_anywhere(judge, row) if is_registrable(name)}
    answer = judge.ask(leaving(registry, header_of(row)))
    assert answer.names.isdisjoint(refused)


@each(ROWS)
def test_an_allowed_cookie_is_in_the_jar_as_without_the_gate(
    judge: Judge, row: dict[str, Any]
) -> None:
    registry = registry_with(names_anywhere(judge, row), "essential")
    answer = through_gate(judge, row, registry)
    expected = without_gate(judge, row) if is_allowed(judge, row) else judge.ask(*seeds_of(row))
    assert answer == expected
    lives = [held.lives for held in expected.jar]
    assert [held.lives for held in answer.jar] == pytest.approx(lives, abs=SECONDS)


@each([row for row in ROWS if row.get("jar_after") == []])
def test_a_deletion_of_a_cookie_not_allowed_empties_the_jar(
    judge: Judge, row: dict[str, Any]
) -> None:
    assert judge.ask(*seeds_of(row)).jar
    assert through_gate(judge, row, registry_with({b"a"}, "optional")).jar == ()


@each([row for row in ROWS if row["framing"]])
def test_a_value_that_could_be_two_headers_is_not_sent(judge: Judge, row: dict[str, Any]) -> None:
    assert leaving(registry_with(names_anywhere(judge, row), "essential"), header_of(row)) == []


@each([row for row in ROWS if row["names"] and not row["framing"] and "2027" not in row["header"]])
def test_browsers_still_store_what_the_records_say(judge: Judge, row: dict[str, Any]) -> None:
    """If a jar is empty above, the gate caused it, not a browser that stores nothing."""
    recorded = row[judge.name] or row["chromium"]
    # A row without attributes was recorded on an IP address.
    if recorded["stored"] and row["attributes"]["expires"]:
        assert recorded["name"].encode("latin-1") in judge.ask([header_of(row)]).names
