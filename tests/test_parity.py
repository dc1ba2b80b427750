"""The table of cases holds in the judge, in the filter, and in every adapter."""

import pytest

from cookiegate import Verdict
from tests.adapters import ADAPTERS, Adapter, nothing
from tests.cases import CASES, Case
from tests.registries import gate_for

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
each_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS.keys())
# With a callback, each cookie takes the long way; without one, common cookies take the short way.
both_ways = pytest.mark.parametrize("watched", [False, True], ids=["unwatched", "watched"])

VARY = (b"vary", b"Cookie, DNT, Sec-GPC")
PRIVATE = (b"cache-control", b"private")


@each_case
def test_the_judge(case: Case) -> None:
    gate = gate_for(case.registry)
    verdict = gate.judge(case.header, gate.read(case.request), host=case.host)
    assert verdict.header == case.leaves
    assert verdict.reason == case.reason
    assert verdict.notes == case.notes
    assert verdict.depends is case.depends
    expected = "keep" if case.leaves == case.header else "rewrite" if case.leaves else "strip"
    assert verdict.action == expected


@each_case
@both_ways
def test_the_filter(case: Case, watched: bool) -> None:
    seen: list[Verdict] = []
    gate = gate_for(case.registry, on_verdict=seen.append if watched else None)
    headers = [(b"a", b"b"), (b"set-cookie", case.header), (b"c", b"d")]
    consent = gate.read(case.request)
    assert gate.filter(headers, consent, host=case.host) == expected_headers(case)
    assert [verdict.reason for verdict in seen] == [case.reason] * watched
    # The second time the memos answer.
    assert gate.filter(headers, consent, host=case.host) == expected_headers(case)


@each_adapter
@each_case
@both_ways
def test_the_adapters(case: Case, adapter: Adapter, watched: bool) -> None:
    gate = gate_for(case.registry, on_verdict=print if watched else None)
    headers = [(b"a", b"b"), (b"set-cookie", case.header), (b"c", b"d")]
    assert adapter(gate, case.request, headers, nothing) == expected_headers(case)


def expected_headers(case: Case) -> list[tuple[bytes, bytes]]:
    result = [] if case.leaves is None else [(b"set-cookie", case.leaves)]
    return [(b"a", b"b"), *result, (b"c", b"d"), *([PRIVATE, VARY] if case.depends else [])]


@each_adapter
def test_all_cases_at_once_keep_their_order(adapter: Adapter) -> None:
    cases = [case for case in CASES if not (case.policy or case.analysis or case.signals)]
    cases = [case for case in cases if case.granted is None and case.host == b"shop.example"]
    gate = gate_for(cases[0].registry)
    result = adapter(gate, cases[0].request, [(b"set-cookie", c.header) for c in cases], nothing)
    kept = [(b"set-cookie", case.leaves) for case in cases if case.leaves is not None]
    assert result == [*kept, PRIVATE, VARY]
