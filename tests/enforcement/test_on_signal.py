"""Whoever wants to be told of DNT and GPC is told, once, whatever the response is."""

from collections.abc import Callable
from typing import Any

import pytest

from cookiegate import Visit
from tests.adapters import DOORS, Door, nothing
from tests.registries import gate_for, shop

each_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
SENT = [(b"sec-gpc", b"1"), (b"dnt", b"1")]


def ask(visit: Visit) -> None:
    assert not visit.allows("analysis")


@each_door
@pytest.mark.parametrize("act", [nothing, ask])
@pytest.mark.parametrize("headers", [[], [(b"set-cookie", b"_ga=1")]])
def test_a_signal_is_told_once(door: Door, act: Callable[[Visit], None], headers: Any) -> None:
    told: list[tuple[Visit, frozenset[str]]] = []
    gate = gate_for(on_signal=lambda visit, signals: told.append((visit, signals)))
    door(gate, SENT, headers, act)
    ((visit, signals),) = told
    assert signals == {"dnt", "gpc"}
    assert visit.consent.signal == "gpc"
    told.clear()
    door(gate, [(b"dnt", b"0")], headers, act)
    assert told == []


@each_door
def test_a_signal_that_the_site_ignores_is_told_all_the_same(door: Door) -> None:
    told: list[frozenset[str]] = []
    gate = gate_for(shop('signals = "ignore"'), on_signal=lambda _, signals: told.append(signals))
    door(gate, SENT, [], nothing)
    assert told == [{"dnt", "gpc"}]


@each_door
def test_a_listener_that_fails_breaks_no_response(door: Door) -> None:
    errors: list[Exception] = []

    def fail(visit: Visit, signals: frozenset[str]) -> None:
        raise KeyError(len(signals))

    gate = gate_for(on_signal=fail, on_error=errors.append)
    assert door(gate, SENT, [(b"a", b"b")], nothing) == [(b"a", b"b")]
    assert [type(error) for error in errors] == [KeyError]


def test_a_request_that_cannot_be_read_is_told_as_a_failure() -> None:
    errors: list[Exception] = []
    gate = gate_for(on_signal=lambda *_: None, on_error=errors.append)
    broken: Any = [(b"dnt", 7)]
    assert gate.visit(broken).respond([(b"a", b"b")]) == [(b"a", b"b")]
    assert {type(error) for error in errors} == {TypeError}
