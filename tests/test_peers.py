"""Claims of the tests of comparable filters, as claims about this gate.

The peers are ASP.NET Core's CookiePolicy, Shopware 5's CookieRemoveHandler, Nucleos' GDPR bundle,
rack-policy and FAZ Cookie Manager. Each claim runs through every adapter. Where a peer's own answer
is a defect, the claim is the opposite of it and says so.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from cookiegate import Gate, Registry, TooLateError, Verdict
from tests.adapters import ADAPTERS, Adapter, nothing
from tests.registries import NOON, SHOP, cookie_header, gate_for, shop

GATE = gate_for()
each_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)

Pair = tuple[bytes, bytes]


def cookies(*values: bytes) -> list[Pair]:
    return [(b"set-cookie", value) for value in values]


def arrived(
    adapter: Adapter,
    sent: Sequence[bytes],
    *,
    granted: Sequence[str] | None = None,
    gate: Gate = GATE,
    act: Any = nothing,
) -> list[bytes]:
    """Return the cookies that leave, without the consent cookie."""
    request = [] if granted is None else [cookie_header(GATE.issue(granted))]
    result = adapter(gate, request, cookies(*sent), act)
    own = gate.cookie_name.encode()
    return [
        value
        for name, value in result
        if name == b"set-cookie" and not value.startswith(own + b"=")
    ]


def issued(adapter: Adapter, act: Any, *, granted: Sequence[str] | None = None) -> list[bytes]:
    """Return the consent cookies that leave."""
    request = [] if granted is None else [cookie_header(GATE.issue(granted))]
    own = GATE.cookie_name.encode()
    result = adapter(GATE, request, [], act)
    return [v for n, v in result if n == b"set-cookie" and v.startswith(own)]


# ASP.NET Core: CookiePolicy


@each_adapter
def test_an_undeclared_cookie_is_dropped(adapter: Adapter) -> None:
    assert arrived(adapter, [b"who=1"]) == []


@each_adapter
def test_a_declared_cookie_without_consent_is_dropped(adapter: Adapter) -> None:
    assert arrived(adapter, [b"_ga=1"]) == []


@each_adapter
def test_an_essential_cookie_needs_no_consent(adapter: Adapter) -> None:
    assert arrived(adapter, [b"sid=1"]) == [b"sid=1"]


@each_adapter
def test_a_hook_may_let_a_cookie_pass(adapter: Adapter) -> None:
    gate = gate_for(hook=lambda verdict: "essential")
    assert arrived(adapter, [b"_ga=1"], gate=gate) == [b"_ga=1"]


@each_adapter
def test_a_hook_may_refuse_even_an_essential_cookie(adapter: Adapter) -> None:
    gate = gate_for(hook=lambda verdict: False)
    assert arrived(adapter, [b"sid=1", b"_ga=1"], granted=["analysis"], gate=gate) == []


@each_adapter
def test_a_hook_may_suppress_a_deletion(adapter: Adapter) -> None:
    gate = gate_for(hook=lambda verdict: False)
    assert arrived(adapter, [b"_ga=; Max-Age=0"], gate=gate) == []


@each_adapter
def test_consent_is_read_from_the_request(adapter: Adapter) -> None:
    # Nucleos looks for it among the response's cookies, and never finds it.
    assert arrived(adapter, [b"_ga=1"], granted=["analysis"]) == [b"_ga=1"]


@each_adapter
@pytest.mark.parametrize("value", ["yes", "true", "1", "IAmATeapot", "analysis", ""])
def test_an_unsigned_consent_is_invalid(adapter: Adapter, value: str) -> None:
    request = [(b"cookie", f"{GATE.cookie_name}={value}".encode())]
    result = adapter(GATE, request, cookies(b"_ga=1"), nothing)
    assert cookies(b"_ga=1")[0] not in result


@each_adapter
def test_consent_granted_during_a_request_lets_all_its_cookies_pass(adapter: Adapter) -> None:
    assert arrived(adapter, [b"_ga=1"], act=lambda visit: visit.grant(["analysis"])) == [b"_ga=1"]
    (own,) = issued(adapter, lambda visit: visit.grant(["analysis"]))
    assert GATE.read([(b"cookie", own)]).granted == {"analysis"}


@each_adapter
def test_granting_again_issues_nothing(adapter: Adapter) -> None:
    assert issued(adapter, lambda visit: visit.grant(["analysis"]), granted=["analysis"]) == []


@each_adapter
def test_granting_twice_issues_once(adapter: Adapter) -> None:
    def act(visit: Any) -> None:
        visit.grant(["analysis"])
        visit.grant(["analysis"])

    assert len(issued(adapter, act)) == 1


@each_adapter
def test_withdrawing_again_issues_nothing(adapter: Adapter) -> None:
    assert issued(adapter, lambda visit: visit.withdraw(), granted=[]) == []


@each_adapter
def test_a_cookie_queued_before_a_withdrawal_does_not_leave(adapter: Adapter) -> None:
    # ASP.NET sends it: a cookie that was appended before the withdrawal leaves.
    result = arrived(adapter, [b"_ga=1"], granted=["analysis"], act=lambda visit: visit.withdraw())
    assert result == []


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


@each_adapter
@pytest.mark.parametrize(
    "deletion", [b"_ga=; Max-Age=0", b"who=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_a_deletion_needs_no_consent(adapter: Adapter, deletion: bytes) -> None:
    (result,) = arrived(adapter, [deletion])
    assert result.startswith(deletion.partition(b";")[0] + b"; Max-Age=0")


@each_adapter
def test_a_raw_header_is_a_cookie_like_any_other(adapter: Adapter) -> None:
    # ASP.NET, Shopware and Nucleos look only at cookies set by the framework's own call.
    result = adapter(GATE, [], [(b"SET-cookie", b"_ga=1"), (b" set-cookie", b"_ga=2")], nothing)
    assert [value for _, value in result if value.startswith(b"_ga")] == []


@each_adapter
def test_the_consent_an_application_issues_equals_the_one_a_visit_issues(adapter: Adapter) -> None:
    def mask(value: bytes) -> list[bytes]:
        pair, _, attributes = value.partition(b";")
        return [*pair.split(b".")[:6], attributes]

    (own,) = issued(adapter, lambda visit: visit.grant(["analysis"]))
    assert mask(own) == mask(GATE.issue(["analysis"]).encode())


@each_adapter
def test_every_chunk_of_a_session_is_judged_alike(adapter: Adapter) -> None:
    chunks = [b"session.0=a", b"session.1=b", b"session.2=c"]
    assert arrived(adapter, chunks) == chunks


# Shopware 5: CookieRemoveHandler


@each_adapter
def test_a_stored_consent_may_name_a_removed_category(adapter: Adapter) -> None:
    stored = cookie_header(GATE.issue(["analysis", "marketing"]))
    text = SHOP.format(policy="", analysis="").replace("[categories.comfort]", "[categories.gone]")
    smaller = Registry.parse(text.replace('"comfort"', '"gone"'))
    result = adapter(gate_for(smaller), [stored], cookies(b"_ga=1", b"theme=1"), nothing)
    assert [value for name, value in result if name == b"set-cookie"] == [b"_ga=1"]


@each_adapter
def test_without_a_choice_only_required_cookies_pass(adapter: Adapter) -> None:
    assert arrived(adapter, [b"_ga=1", b"sid=1", b"_fbp=1", b"who=1", b"cart=1"]) == [
        b"sid=1",
        b"cart=1",
    ]


@each_adapter
@pytest.mark.parametrize("name", [b"x_ga", b"_gax", b"_GA", b"_g", b"a_gat_1", b"sids"])
def test_no_name_matches_in_part(adapter: Adapter, name: bytes) -> None:
    # Shopware compares prefixes, and the expressions of Nucleos are not anchored.
    assert arrived(adapter, [name + b"=1"], granted=["analysis"]) == []


# rack-policy


@each_adapter
def test_the_application_still_sees_its_session(adapter: Adapter) -> None:
    # rack-policy removes all request cookies and every Set-Cookie: sessions are lost.
    seen: list[bool] = []
    request = [(b"cookie", b"sid=1")]
    result = adapter(GATE, request, cookies(b"sid=2"), lambda visit: seen.append(True))
    assert seen == [True]
    assert result == cookies(b"sid=2")


@each_adapter
def test_a_refused_cookie_affects_no_other(adapter: Adapter) -> None:
    sent = [b"sid=1", b"_ga=1", b"sid=2; Path=/a", b"who=1", b"cart=1"]
    assert arrived(adapter, sent) == [b"sid=1", b"sid=2; Path=/a", b"cart=1"]


# FAZ Cookie Manager


@each_adapter
def test_an_unknown_cookie_is_stripped(adapter: Adapter) -> None:
    assert arrived(adapter, [b"brand_new=1"], granted=["analysis", "marketing"]) == []


@each_adapter
def test_a_refusal_beats_every_grant_of_its_category(adapter: Adapter) -> None:
    gate = gate_for(hook=lambda verdict: False if verdict.name == "_ga" else None)
    sent = [b"_ga=1", b"_gat_1=1"]
    assert arrived(adapter, sent, granted=["analysis"], gate=gate) == [b"_gat_1=1"]


@each_adapter
def test_a_signal_holds_although_everything_was_granted(adapter: Adapter) -> None:
    request = [cookie_header(GATE.issue(["analysis"])), (b"sec-gpc", b"1")]
    result = adapter(GATE, request, cookies(b"_ga=1"), nothing)
    assert cookies(b"_ga=1")[0] not in result


def test_no_report_shows_a_value() -> None:
    seen: list[Verdict] = []
    gate = gate_for(on_verdict=seen.append)
    gate.filter(cookies(b"_ga=secret", b"sid=secret", b"who=secret"), gate.read([]))
    assert len(seen) == 3
    assert not any("secret" in repr(verdict) for verdict in seen)


@each_adapter
def test_without_a_refused_cookie_nothing_is_changed(adapter: Adapter) -> None:
    headers = [(b"Content-Type", b"text/html"), *cookies(b"sid=1"), (b"x", b"y")]
    assert adapter(GATE, [], headers, nothing) == headers


def test_a_choice_is_for_its_days_and_no_longer() -> None:
    # The others rely on the browser's expiry.
    header = cookie_header(GATE.issue(["analysis"]))
    days = shop().site.consent_days
    assert GATE.read([header], now=NOON + days * 86_400 - 1).status == "given"
    assert GATE.read([header], now=NOON + days * 86_400).status == "expired"
