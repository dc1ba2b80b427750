"""What callbacks get beside the verdict."""

import pytest

from cookiegate import Verdict
from tests.registries import gate_for, shop


def notified(header: bytes, policy: str = "") -> Verdict:
    seen: list[Verdict] = []
    gate = gate_for(shop(policy), on_verdict=seen.append)
    visit = gate.visit([])
    visit.context.find_route = lambda: "/users/<id>"
    visit.respond([(b"set-cookie", header)])
    (verdict,) = seen
    return verdict


@pytest.mark.parametrize(
    ("header", "entry"),
    [
        (b"_ga=1", "_ga"),
        (b"_gat_UA-1=1", "_gat_*"),
        (b"session.7=1", "sid"),
        (b"who=1", None),
        (b"=1", None),
        ("küche=1".encode(), "küche"),
    ],
)
def test_a_verdict_names_the_entry_by_its_first_name(header: bytes, entry: str) -> None:
    assert notified(header).entry == entry


def test_a_verdict_names_the_entry_of_the_category_that_decided() -> None:
    assert (notified(b"SID=1").category, notified(b"SID=1").entry) == ("marketing", "SID")


def test_a_category_from_a_hook_has_no_entry() -> None:
    seen: list[Verdict] = []
    gate = gate_for(on_verdict=seen.append, hook=lambda verdict: "essential")
    gate.visit([]).respond([(b"set-cookie", b"_ga=1")])
    assert [(verdict.category, verdict.entry) for verdict in seen] == [("essential", None)]


@pytest.mark.parametrize("policy", ["", 'unknown = "allow"', 'mode = "report"'])
def test_a_verdict_on_an_unknown_cookie_has_its_lifetime(policy: str) -> None:
    assert notified(b"who=1; Max-Age=60", policy).lifetime == 60
    assert notified(b"who=1; Expires=Tue, 24 Nov 2026 12:01:00 GMT", policy).lifetime == 60
    assert notified(b"who=1", policy).lifetime is None
    assert notified(b"_ga=1; Max-Age=60", policy).lifetime is None


def test_the_route_is_found_only_for_callbacks() -> None:
    assert notified(b"_ga=1").route == "/users/<id>"
    asked: list[None] = []
    visit = gate_for().visit([])
    visit.context.find_route = lambda: asked.append(None)
    visit.respond([(b"set-cookie", b"_ga=1")])
    assert asked == []


def test_a_verdict_is_reported_if_its_route_cannot_be_found() -> None:
    seen: list[Verdict] = []
    errors: list[Exception] = []
    gate = gate_for(on_verdict=seen.append, on_error=errors.append)
    visit = gate.visit([])

    def boom() -> str:
        raise LookupError("no route")

    visit.context.find_route = boom
    assert visit.respond([(b"set-cookie", b"sid=1")]) == [(b"set-cookie", b"sid=1")]
    assert [(verdict.name, verdict.route) for verdict in seen] == [("sid", None)]
    assert [str(error) for error in errors] == ["no route"]
    assert gate.failures == 1


def test_outside_a_visit_there_is_no_route() -> None:
    seen: list[Verdict] = []
    gate = gate_for(on_verdict=seen.append)
    gate.filter([(b"set-cookie", b"sid=1")], gate.read([]))
    assert seen[0].route is None


def test_the_error_of_a_failing_callback_is_reported_unchanged() -> None:
    errors: list[Exception] = []

    def boom(verdict: Verdict) -> None:
        raise LookupError("the callback fails")

    gate = gate_for(on_verdict=boom, on_error=errors.append)
    assert gate.visit([]).respond([(b"set-cookie", b"sid=1")]) == [(b"set-cookie", b"sid=1")]
    assert [type(error) for error in errors] == [LookupError]


def test_a_name_that_is_not_utf8_has_an_entry_too() -> None:
    assert notified(b"_gat_\xff=1").entry == "_gat_*"
