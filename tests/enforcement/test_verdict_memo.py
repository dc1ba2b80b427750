"""What a listener gets is the same, whether a verdict was remembered or not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Gate, Verdict
from cookiegate.http.memo import clear_memos
from tests.registries import NOON, cookie_header, gate_for, shop

NAMES = ["sid", "_ga", "_gat_UA-1", "SID", "who", " _ga", "", "__Host-cookiegate", "_fbp", "fr"]
ATTRIBUTES = [
    *("", "; Path=/", "; Max-Age=0", "; Max-Age=99999999", "; Domain=shop.example"),
    *("; Expires=Tue, 24 Nov 2026 12:01:00 GMT", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
    *("; Domain=other.example", "; Secure; SameSite=None", "; x\0"),
]
values = st.builds(
    lambda name, value, attributes: f"{name}={value}{attributes}".encode(),
    st.sampled_from(NAMES),
    st.text("ab=\n\0é", max_size=3),
    st.sampled_from(ATTRIBUTES),
)


class Listening:
    """A gate with a listener, and what it hears."""

    def __init__(self, policy: str = "", **options: Any) -> None:
        self.heard: list[Verdict] = []
        self.gate: Gate = gate_for(shop(policy), on_verdict=self.heard.append, **options)

    def respond(self, *cookies: bytes, host: str = "shop.example", granted: str = "") -> Any:
        self.heard.clear()
        headers = [cookie_header(self.gate.issue(granted.split()))] if granted else []
        visit = self.gate.visit(headers, host=host)
        visit.context.find_route = lambda: "/users/<id>"
        left = visit.respond([(b"set-cookie", cookie) for cookie in cookies])
        return left, list(self.heard)


@given(
    st.lists(values, min_size=1, max_size=6),
    st.sampled_from(["", 'lifetime = "clamp"', 'mode = "report"', 'same_site_none = "mend"']),
    st.sampled_from(["", "analysis", "analysis marketing"]),
    st.sampled_from(["shop.example", "other.example"]),
)
def test_a_remembered_verdict_is_the_one_that_a_new_gate_gives(
    cookies: list[bytes], policy: str, granted: str, host: str
) -> None:
    one = Listening(policy)
    first = one.respond(*cookies, host=host, granted=granted)
    again = one.respond(*cookies, host=host, granted=granted)
    clear_memos()
    new = Listening(policy).respond(*cookies, host=host, granted=granted)
    assert first[1] == again[1] == new[1]
    assert [v for n, v in first[0] if n == b"set-cookie"] == [
        v for n, v in again[0] if n == b"set-cookie"
    ]


def test_a_remembered_verdict_has_the_value_of_its_own_cookie() -> None:
    one = Listening()
    one.respond(b"sid=1; Path=/")
    left, (verdict,) = one.respond(b"sid=2; Path=/")
    assert left == [(b"set-cookie", b"sid=2; Path=/")]
    assert verdict.header == b"sid=2; Path=/"


def test_a_verdict_is_not_remembered_beyond_the_visitor_the_host_and_the_route() -> None:
    one = Listening()
    assert [v.reason.value for v in one.respond(b"_ga=1")[1]] == ["no_consent"]
    assert [v.reason.value for v in one.respond(b"_ga=1", granted="analysis")[1]] == ["allowed"]
    visit = one.gate.visit([])
    visit.context.find_route = lambda: "/other"
    visit.respond([(b"set-cookie", b"_ga=1")])
    assert one.heard[-1].route == "/other"


def test_what_depends_on_the_time_is_judged_each_time() -> None:
    now = [NOON]
    one = Listening(clock=lambda: now[0])
    cookie = b"_ga=1; Expires=Tue, 24 Nov 2026 12:01:00 GMT"
    assert [v.action for v in one.respond(cookie)[1]] == ["strip"]
    now[0] += 3600
    assert [v.action for v in one.respond(cookie)[1]] == ["rewrite"]


def test_with_a_hook_every_cookie_is_judged() -> None:
    asked: list[Verdict] = []
    one = Listening(hook=asked.append)
    one.respond(b"sid=1")
    one.respond(b"sid=1")
    assert len(asked) == 2


def test_a_failure_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Listening()
    with monkeypatch.context() as broken:
        broken.setattr(type(one.gate.pipeline.judge), "reason_against", None)
        assert [v.reason.value for v in one.respond(b"_ga=1")[1]] == ["failure"]
    assert [v.reason.value for v in one.respond(b"_ga=1")[1]] == ["no_consent"]


@pytest.mark.parametrize("fails", [[True, True, True], [False, True, True]])
def test_a_failing_listener_loses_no_cookie(fails: list[bool]) -> None:
    calls = iter(fails)

    def listen(verdict: Verdict) -> None:
        if next(calls):
            raise ZeroDivisionError

    errors: list[Exception] = []
    gate = gate_for(on_verdict=listen, on_error=errors.append)
    for _ in fails:
        left = gate.visit([]).respond([(b"set-cookie", b"sid=1")])
        assert left == [(b"set-cookie", b"sid=1")]
    assert [type(error) for error in errors] == [ZeroDivisionError] * sum(fails)


ODD: list[Any] = [
    (b"x-a", b"1"),
    [b"set-cookie", b"sid=2"],
    (b"SET-COOKIE", b"sid=2"),
    ("x-b", "1"),
    (b"set-cookie", "sid=2"),
    (b"set-cookie", b"sid"),
    (b"set-cookie", b"sid=2\n"),
    (b"cache-control", b"public"),
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_header_between_remembered_cookies_is_decided_like_a_first_one(odd: Any) -> None:
    one, other = Listening(), Listening()
    around: list[Any] = [(b"set-cookie", b"sid=1"), (b"set-cookie", b"_ga=1")]
    alone = other.gate.visit([]).respond([odd, *around])
    names = [verdict.name for verdict in other.heard]
    one.respond(b"sid=1", b"_ga=1")
    one.heard.clear()
    left = one.gate.visit([]).respond([*around, odd, *around])
    assert sorted(map(repr, left)) == sorted(map(repr, [*alone, (b"set-cookie", b"sid=1")]))
    assert [verdict.name for verdict in one.heard] == ["sid", "_ga", *names]


def test_a_callback_hears_of_cookies_on_a_route_that_cannot_be_found() -> None:
    heard: list[Verdict] = []
    errors: list[Exception] = []
    gate = gate_for(on_verdict=heard.append, on_error=errors.append)
    for _ in range(2):
        visit = gate.visit([])
        visit.context.find_route = lambda: str(1 / 0)
        assert visit.respond([(b"set-cookie", b"sid=1")]) == [(b"set-cookie", b"sid=1")]
    assert [verdict.route for verdict in heard] == [None, None]
    assert [type(error) for error in errors] == [ZeroDivisionError] * 2
