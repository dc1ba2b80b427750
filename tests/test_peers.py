"""What the tests of comparable filters claim, retold as claims about this gate.

The peers are ASP.NET Core's CookiePolicy, Shopware 5's CookieRemoveHandler, Nucleos' GDPR bundle,
rack-policy and FAZ Cookie Manager. Each claim runs through every door. Where a peer's own answer
is a defect, the claim is the opposite of it and says so.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from cookiegate import Gate, Registry, TooLateError, Verdict
from tests.adapters import DOORS, Door, nothing
from tests.registries import NOON, SHOP, cookie_header, gate_for, shop

GATE = gate_for()
each_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)

Pair = tuple[bytes, bytes]


def cookies(*values: bytes) -> list[Pair]:
    return [(b"set-cookie", value) for value in values]


def arrived(
    door: Door,
    sent: Sequence[bytes],
    *,
    granted: Sequence[str] | None = None,
    gate: Gate = GATE,
    act: Any = nothing,
) -> list[bytes]:
    """The cookies that leave, the gate's own aside."""
    request = [] if granted is None else [cookie_header(GATE.issue(granted))]
    left = door(gate, request, cookies(*sent), act)
    own = gate.cookie_name.encode()
    return [
        value for name, value in left if name == b"set-cookie" and not value.startswith(own + b"=")
    ]


def issued(door: Door, act: Any, *, granted: Sequence[str] | None = None) -> list[bytes]:
    """The gate's own cookies that leave."""
    request = [] if granted is None else [cookie_header(GATE.issue(granted))]
    own = GATE.cookie_name.encode()
    left = door(GATE, request, [], act)
    return [v for n, v in left if n == b"set-cookie" and v.startswith(own)]


# ASP.NET Core: CookiePolicy


@each_door
def test_a_cookie_nobody_declared_is_dropped(door: Door) -> None:
    assert arrived(door, [b"who=1"]) == []


@each_door
def test_a_declared_cookie_without_consent_is_dropped(door: Door) -> None:
    assert arrived(door, [b"_ga=1"]) == []


@each_door
def test_an_essential_cookie_needs_no_consent(door: Door) -> None:
    assert arrived(door, [b"sid=1"]) == [b"sid=1"]


@each_door
def test_a_hook_may_let_a_cookie_pass(door: Door) -> None:
    gate = gate_for(hook=lambda verdict: "essential")
    assert arrived(door, [b"_ga=1"], gate=gate) == [b"_ga=1"]


@each_door
def test_a_hook_may_refuse_even_an_essential_cookie(door: Door) -> None:
    gate = gate_for(hook=lambda verdict: False)
    assert arrived(door, [b"sid=1", b"_ga=1"], granted=["analysis"], gate=gate) == []


@each_door
def test_a_hook_may_suppress_a_deletion(door: Door) -> None:
    gate = gate_for(hook=lambda verdict: False)
    assert arrived(door, [b"_ga=; Max-Age=0"], gate=gate) == []


@each_door
def test_consent_is_read_from_the_request(door: Door) -> None:
    # Nucleos looks for it among the cookies of the response, and never finds it.
    assert arrived(door, [b"_ga=1"], granted=["analysis"]) == [b"_ga=1"]


@each_door
@pytest.mark.parametrize("value", ["yes", "true", "1", "IAmATeapot", "analysis", ""])
def test_a_consent_nobody_signed_is_none(door: Door, value: str) -> None:
    request = [(b"cookie", f"{GATE.cookie_name}={value}".encode())]
    left = door(GATE, request, cookies(b"_ga=1"), nothing)
    assert cookies(b"_ga=1")[0] not in left


@each_door
def test_consent_granted_in_mid_request_lets_later_and_earlier_cookies_pass(door: Door) -> None:
    assert arrived(door, [b"_ga=1"], act=lambda visit: visit.grant(["analysis"])) == [b"_ga=1"]
    (own,) = issued(door, lambda visit: visit.grant(["analysis"]))
    assert GATE.read([(b"cookie", own)]).granted == {"analysis"}


@each_door
def test_granting_what_is_granted_issues_nothing(door: Door) -> None:
    assert issued(door, lambda visit: visit.grant(["analysis"]), granted=["analysis"]) == []


@each_door
def test_granting_twice_issues_once(door: Door) -> None:
    def act(visit: Any) -> None:
        visit.grant(["analysis"])
        visit.grant(["analysis"])

    assert len(issued(door, act)) == 1


@each_door
def test_withdrawing_what_is_refused_issues_nothing(door: Door) -> None:
    assert issued(door, lambda visit: visit.withdraw(), granted=[]) == []


@each_door
def test_a_cookie_queued_before_a_withdrawal_does_not_leave(door: Door) -> None:
    # ASP.NET lets it out: what was appended before the withdrawal is on its way already.
    left = arrived(door, [b"_ga=1"], granted=["analysis"], act=lambda visit: visit.withdraw())
    assert left == []


@pytest.mark.parametrize("verb", ["grant", "withdraw", "choose"])
def test_after_the_response_has_started_a_choice_is_an_error_and_not_half_a_choice(
    verb: str,
) -> None:
    # ASP.NET flips the state and sends no cookie.
    visit = GATE.visit([])
    visit.respond([])
    with pytest.raises(TooLateError):
        getattr(visit, verb)(["analysis"])
    assert not visit.allows("analysis")


@each_door
@pytest.mark.parametrize(
    "deletion", [b"_ga=; Max-Age=0", b"who=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_a_deletion_needs_no_consent(door: Door, deletion: bytes) -> None:
    (left,) = arrived(door, [deletion])
    assert left.startswith(deletion.partition(b";")[0] + b"; Max-Age=0")


@each_door
def test_a_raw_header_is_a_cookie_like_any_other(door: Door) -> None:
    # ASP.NET, Shopware and Nucleos look only at cookies set by the framework's own call.
    left = door(GATE, [], [(b"SET-cookie", b"_ga=1"), (b" set-cookie", b"_ga=2")], nothing)
    assert [value for _, value in left if value.startswith(b"_ga")] == []


@each_door
def test_the_consent_an_application_issues_equals_the_one_a_visit_issues(door: Door) -> None:
    def mask(value: bytes) -> list[bytes]:
        pair, _, attributes = value.partition(b";")
        return [*pair.split(b".")[:6], attributes]

    (own,) = issued(door, lambda visit: visit.grant(["analysis"]))
    assert mask(own) == mask(GATE.issue(["analysis"]).encode())


@each_door
def test_every_chunk_of_a_session_is_judged_alike(door: Door) -> None:
    chunks = [b"session.0=a", b"session.1=b", b"session.2=c"]
    assert arrived(door, chunks) == chunks


# Shopware 5: CookieRemoveHandler


@each_door
def test_a_category_that_left_the_registry_is_no_error_in_a_stored_consent(door: Door) -> None:
    stored = cookie_header(GATE.issue(["analysis", "marketing"]))
    text = SHOP.format(policy="", analysis="").replace("[categories.comfort]", "[categories.gone]")
    smaller = Registry.parse(text.replace('"comfort"', '"gone"'))
    left = door(gate_for(smaller), [stored], cookies(b"_ga=1", b"theme=1"), nothing)
    assert [value for name, value in left if name == b"set-cookie"] == [b"_ga=1"]


@each_door
def test_without_preferences_all_but_the_required_goes(door: Door) -> None:
    assert arrived(door, [b"_ga=1", b"sid=1", b"_fbp=1", b"who=1", b"cart=1"]) == [
        b"sid=1",
        b"cart=1",
    ]


@each_door
@pytest.mark.parametrize("name", [b"x_ga", b"_gax", b"_GA", b"_g", b"a_gat_1", b"sids"])
def test_no_name_matches_in_part(door: Door, name: bytes) -> None:
    # Shopware compares beginnings, and the expressions of Nucleos are not anchored.
    assert arrived(door, [name + b"=1"], granted=["analysis"]) == []


# rack-policy


@each_door
def test_the_application_still_sees_its_session(door: Door) -> None:
    # rack-policy empties the request's cookies and takes every Set-Cookie out: sessions die.
    seen: list[bool] = []
    request = [(b"cookie", b"sid=1")]
    left = door(GATE, request, cookies(b"sid=2"), lambda visit: seen.append(True))
    assert seen == [True]
    assert left == cookies(b"sid=2")


@each_door
def test_one_refused_cookie_takes_no_other_with_it(door: Door) -> None:
    sent = [b"sid=1", b"_ga=1", b"sid=2; Path=/a", b"who=1", b"cart=1"]
    assert arrived(door, sent) == [b"sid=1", b"sid=2; Path=/a", b"cart=1"]


# FAZ Cookie Manager


@each_door
def test_an_unknown_cookie_is_not_taken_for_harmless(door: Door) -> None:
    assert arrived(door, [b"brand_new=1"], granted=["analysis", "marketing"]) == []


@each_door
def test_a_refusal_beats_every_grant_of_its_category(door: Door) -> None:
    gate = gate_for(hook=lambda verdict: False if verdict.name == "_ga" else None)
    sent = [b"_ga=1", b"_gat_1=1"]
    assert arrived(door, sent, granted=["analysis"], gate=gate) == [b"_gat_1=1"]


@each_door
def test_a_signal_holds_although_everything_was_granted(door: Door) -> None:
    request = [cookie_header(GATE.issue(["analysis"])), (b"sec-gpc", b"1")]
    left = door(GATE, request, cookies(b"_ga=1"), nothing)
    assert cookies(b"_ga=1")[0] not in left


def test_no_report_shows_a_value() -> None:
    seen: list[Verdict] = []
    gate = gate_for(on_verdict=seen.append)
    gate.filter(cookies(b"_ga=secret", b"sid=secret", b"who=secret"), gate.read([]))
    assert len(seen) == 3
    assert not any("secret" in repr(verdict) for verdict in seen)


@each_door
def test_where_nothing_is_held_back_nothing_is_changed(door: Door) -> None:
    headers = [(b"Content-Type", b"text/html"), *cookies(b"sid=1"), (b"x", b"y")]
    assert door(GATE, [], headers, nothing) == headers


def test_a_choice_is_for_its_days_and_no_longer() -> None:
    # The others trust the browser to forget.
    header = cookie_header(GATE.issue(["analysis"]))
    days = shop().site.consent_days
    assert GATE.read([header], now=NOON + days * 86_400 - 1).status == "given"
    assert GATE.read([header], now=NOON + days * 86_400).status == "expired"
