"""Several sites in one process, each behind its own gate."""

import logging
from typing import Any

import pytest

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.middleware.hosts import ByHost, host_of
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.adapters import by_asgi, by_websocket, by_wsgi, nothing
from tests.registries import KEY, SHOP, gate_for

A = gate_for()
B = Gate(Registry.parse(SHOP.format(policy="", analysis="").replace('"sid"', '"bid"')), KEY)


@pytest.mark.parametrize(
    ("host", "gate"),
    [
        ("a.example", A),
        ("A.Example:8443", A),
        (b"b.example.", B),
        ("other.example", B),
        (None, B),
        ("", B),
        ("[::1]:80", B),
        ("*", B),
    ],
)
def test_each_host_has_its_gate(host: str | bytes | None, gate: Gate) -> None:
    assert ByHost({"a.example": A, "b.example": B, "*": B}).find(host) is gate


def test_without_a_star_the_first_gate_answers_for_other_hosts() -> None:
    gates = ByHost({"a.example": A, "b.example": B})
    assert gates.find("other.example") is A
    assert gates.gates == (A, B)


def test_a_gate_of_several_hosts_is_listed_once() -> None:
    assert ByHost({"a.example": A, "A.EXAMPLE": A, "www.a.example": A}).gates == (A,)


@pytest.mark.parametrize(
    ("gates", "error", "text"),
    [
        ({}, ValueError, "an empty mapping; give at least one"),
        ({"a.example": "a"}, TypeError, "the gate of 'a.example' is str; give Gate"),
        ({"a.example:80": A}, ValueError, "'a.example:80' is not a host name; write one such as"),
        ({"": A}, ValueError, "'' is not a host name"),
        ({"a.example": A, "A.example": B}, ValueError, "'A.example' has two gates"),
    ],
)
def test_an_invalid_mapping_is_an_error(
    gates: dict[str, Any], error: type[Exception], text: str
) -> None:
    app: Any = None
    for middleware in (AsgiGate, WsgiGate):
        with pytest.raises(error, match=text):
            middleware(app, gates)


@pytest.mark.parametrize("middleware", [by_asgi, by_websocket, by_wsgi])
def test_each_host_is_judged_by_its_own_registry(middleware: Any) -> None:
    gates = {"a.example": A, "b.example": B}
    headers = [(b"set-cookie", b"sid=1"), (b"set-cookie", b"bid=1")]
    for host, kept in ((b"a.example", b"sid=1"), (b"b.example:80", b"bid=1")):
        assert middleware(gates, [(b"host", host)], headers, nothing) == [(b"set-cookie", kept)]


def test_the_warnings_of_each_gate_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "cookiegate")
    gates = {"a.example": gate_for(secure=False), "b.example": gate_for(mode="report")}
    WsgiGate(lambda environ, start_response: [], gates)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "secure=False",
        "mode 'report'",
    ]
    WsgiGate(lambda environ, start_response: [], gates)
    assert len(caplog.records) == 2


def test_a_middleware_does_not_change_its_gates() -> None:
    gates = {"a.example": gate_for(secure=False), "b.example": gate_for(mode="report")}
    for gate in gates.values():
        gate.pop_startup_warnings()
    before = [vars(gate).copy() for gate in gates.values()]
    WsgiGate(lambda environ, start_response: [], gates)
    assert [vars(gate) for gate in gates.values()] == before


def test_of_several_host_headers_the_first_counts() -> None:
    assert host_of([(b"x", b"1"), (b" HOST", b"a"), (b"host", b"b")]) == b"a"
    assert host_of([]) is None
