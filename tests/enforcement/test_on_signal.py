"""`on_signal` is called for DNT and GPC, once, whatever the response is."""

from collections.abc import Callable
from typing import Any

import pytest

from cookiegate import Visit
from tests.adapters import ADAPTERS, Adapter, nothing
from tests.registries import gate_for, shop

each_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS.keys())
SENT = [(b"sec-gpc", b"1"), (b"dnt", b"1")]


def ask(visit: Visit) -> None:
    assert not visit.allows("analysis")


@each_adapter
@pytest.mark.parametrize("act", [nothing, ask])
@pytest.mark.parametrize("headers", [[], [(b"set-cookie", b"_ga=1")]])
def test_on_signal_is_called_once(
    adapter: Adapter, act: Callable[[Visit], None], headers: Any
) -> None:
    calls: list[tuple[Visit, frozenset[str]]] = []
    gate = gate_for(on_signal=lambda visit, signals: calls.append((visit, signals)))
    adapter(gate, SENT, headers, act)
    ((visit, signals),) = calls
    assert signals == {"dnt", "gpc"}
    assert visit.consent.signal == "gpc"
    calls.clear()
    adapter(gate, [(b"dnt", b"0")], headers, act)
    assert calls == []


@each_adapter
def test_on_signal_is_called_for_an_ignored_signal_too(adapter: Adapter) -> None:
    calls: list[frozenset[str]] = []
    gate = gate_for(shop('signals = "ignore"'), on_signal=lambda _, signals: calls.append(signals))
    adapter(gate, SENT, [], nothing)
    assert calls == [{"dnt", "gpc"}]


@each_adapter
def test_a_failing_on_signal_breaks_no_response(adapter: Adapter) -> None:
    errors: list[Exception] = []

    def fail(visit: Visit, signals: frozenset[str]) -> None:
        raise KeyError(len(signals))

    gate = gate_for(on_signal=fail, on_error=errors.append)
    assert adapter(gate, SENT, [(b"a", b"b")], nothing) == [(b"a", b"b")]
    assert [type(error) for error in errors] == [KeyError]


def test_a_request_that_cannot_be_read_is_reported_as_a_failure() -> None:
    errors: list[Exception] = []
    gate = gate_for(on_signal=lambda *_: None, on_error=errors.append)
    broken: Any = [(b"dnt", 7)]
    assert gate.visit(broken).respond([(b"a", b"b")]) == [(b"a", b"b")]
    assert {type(error) for error in errors} == {TypeError}
