"""Visits: what the application asks and chooses, and when it is too late."""

from collections.abc import Iterator
from typing import Any

import pytest

from cookiegate import (
    Gate,
    NotKeptError,
    Presentation,
    Reason,
    Registry,
    TooLateError,
    Verdict,
    Visit,
)
from cookiegate.consent.choice import MAX_EVIDENCE_BYTES, remainder
from tests.pages.support import MemoryRecorder
from tests.registries import DAY, NOON, SHOP, cookie_header, gate_for, shop

GATE = gate_for()
NO_STORE = (b"cache-control", b"no-store")
VARY = (b"vary", b"Cookie, DNT, Sec-GPC")


def visit_with(
    *set_cookies: str, gate: Gate = GATE, headers: list[tuple[bytes, bytes]] | None = None
) -> Visit:
    request = [cookie_header(*set_cookies)] if set_cookies else []
    return gate.visit(request + (headers or []), host="shop.example")


def test_nothing_is_read_before_the_first_question() -> None:
    def explode() -> Iterator[tuple[bytes, bytes]]:
        raise AssertionError("read")
        yield (b"", b"")

    visit = GATE.visit(explode())
    assert visit.respond([(b"a", b"b")]) == [(b"a", b"b")]
    with pytest.raises(AssertionError, match="read"):
        GATE.visit(explode()).allows("analysis")


@pytest.mark.parametrize(
    "name", [bytearray(b"Content-Type"), memoryview(b"x-a"), memoryview(bytearray(b"x-c")), "x-b"]
)
def test_names_that_are_not_bytes_are_read_all_the_same(name: Any) -> None:
    headers: list[Any] = [(name, b"1"), (name, b"2"), (b"set-cookie", b"_ga=1")]
    assert [value for _, value in visit_with().respond(headers)][:2] == [b"1", b"2"]


@pytest.mark.parametrize("name", [bytearray(b"Cache-Control"), memoryview(b" cache-control")])
def test_cache_headers_are_set_also_if_names_are_not_bytes(name: Any) -> None:
    headers: list[Any] = [(name, b"public"), (b"set-cookie", b"_ga=1")]
    assert visit_with().respond(headers) == [(bytes(name), b"private"), VARY]


def test_a_visit_shows_nothing_of_the_request() -> None:
    visit = visit_with(headers=[(b"cookie", b"sid=secret"), (b"host", b"shop.example")])
    assert repr(visit) == "<Visit in progress>"
    assert repr(visit.context) == "<HeadersContext in progress>"
    visit.respond([])
    assert repr(visit) == "<Visit ended>"


def test_a_choice_counts_at_once() -> None:
    visit = visit_with()
    assert not visit.allows("analysis")
    visit.choose({"analysis"})
    assert visit.allows("analysis")
    assert visit.consent.status == "given"


def test_a_choice_leaves_as_the_consent_cookie() -> None:
    visit = visit_with()
    visit.choose({"analysis"})
    name, value = visit.respond([])[0]
    assert name == b"set-cookie"
    again = GATE.read([cookie_header(value.decode())])
    assert again.status == "given"
    assert again.granted == {"analysis"}


def test_choose_replaces_grant_adds_withdraw_takes_away() -> None:
    visit = visit_with(GATE.issue({"analysis"}))
    visit.grant({"marketing"})
    assert visit.consent.granted == {"analysis", "marketing"}
    visit.withdraw({"analysis"})
    assert visit.consent.granted == {"marketing"}
    visit.choose({"functional", "essential"})
    assert visit.consent.granted == {"functional"}
    visit.withdraw()
    assert visit.consent.granted == set()
    assert visit.consent.status == "given"


def test_withdrawing_records_a_refusal_even_if_nothing_was_granted() -> None:
    visit = visit_with()
    visit.withdraw()
    assert visit.respond([])[0][1].startswith(b"__Host-cookiegate=1.shop.3.")


def test_a_required_category_cannot_be_withdrawn() -> None:
    with pytest.raises(ValueError, match="essential"):
        visit_with().withdraw({"essential"})


@pytest.mark.parametrize("verb", ["choose", "grant", "withdraw"])
def test_unknown_ids_are_refused_with_a_suggestion(verb: str) -> None:
    with pytest.raises(ValueError, match=r"'anlysis'.*analysis"):
        getattr(visit_with(), verb)({"anlysis"})
    with pytest.raises(ValueError, match="set"):
        getattr(visit_with(), verb)("analysis")
    with pytest.raises(ValueError, match="anlysis"):
        visit_with().allows("anlysis")


@pytest.mark.parametrize("verb", ["choose", "grant", "withdraw"])
def test_a_choice_after_the_headers_have_left_is_too_late(verb: str) -> None:
    visit = visit_with()
    visit.respond([])
    with pytest.raises(TooLateError, match="before the response starts"):
        getattr(visit, verb)({"analysis"})
    assert visit.consent.status == "missing"


def test_a_choice_equal_to_the_current_one_issues_nothing() -> None:
    visit = visit_with(GATE.issue({"analysis"}))
    visit.choose({"analysis", "essential"})
    assert visit.choice is None
    assert visit.respond([(b"a", b"b")]) == [(b"a", b"b"), (b"cache-control", b"private"), VARY]


def test_a_choice_equal_to_the_current_one_still_strips_other_consent_cookies() -> None:
    visit = visit_with(GATE.issue({"analysis"}))
    visit.choose({"analysis"})
    other = (b"set-cookie", GATE.issue({"marketing"}).encode())
    assert [name for name, _ in visit.respond([other])] == [b"cache-control", b"vary"]


def test_to_grant_nothing_changes_nothing() -> None:
    visit = visit_with()
    visit.grant([])
    assert visit.choice is None
    visit.respond([])
    with pytest.raises(TooLateError):
        visit.grant([])


CONFIRM = 'signals = { dnt = "confirm", gpc = "override" }'


@pytest.mark.parametrize("verb", ["grant", "withdraw"])
def test_a_grant_that_a_signal_blocks_is_not_confirmed_by_another_choice(verb: str) -> None:
    gate = gate_for(shop(CONFIRM))
    before = gate.issue({"marketing", "functional", "comfort"})
    visit = visit_with(before, gate=gate, headers=[(b"dnt", b"1")])
    getattr(visit, verb)({"comfort"})
    # What survives the signal stays granted; marketing was never granted under it.
    assert visit.consent.granted - {"comfort"} == {"functional"}
    assert not visit.allows("marketing")


def test_a_grant_that_an_overriding_signal_blocks_stays_granted() -> None:
    gate = gate_for(shop(CONFIRM))
    visit = visit_with(gate.issue({"marketing"}), gate=gate, headers=[(b"sec-gpc", b"1")])
    visit.grant({"analysis"})
    assert visit.consent.granted == {"marketing", "analysis"}
    assert not visit.allows("marketing")


def test_a_choice_taken_back_issues_nothing() -> None:
    visit = visit_with(GATE.issue({"analysis"}))
    visit.grant({"marketing"})
    visit.withdraw({"marketing"})
    assert visit.choice is None


def test_only_a_choice_prolongs_a_choice() -> None:
    late = gate_for(clock=lambda: NOON + 89.0 * DAY)
    visit = visit_with(GATE.issue({"analysis"}), gate=late)
    assert visit.allows("analysis")
    assert not any(name == b"set-cookie" for name, _ in visit.respond([]))


def test_an_equal_choice_that_lifts_a_signal_is_a_choice() -> None:
    gate = gate_for(shop('signals = "confirm"'))
    visit = visit_with(gate.issue({"analysis"}), gate=gate, headers=[(b"sec-gpc", b"1")])
    assert not visit.allows("analysis")
    visit.choose({"analysis"})
    assert visit.allows("analysis")
    assert visit.choice is not None
    assert visit.choice.record.signals == {"gpc"}


def test_a_signal_holds_whatever_is_chosen() -> None:
    visit = visit_with(headers=[(b"dnt", b"1")])
    visit.choose({"analysis", "functional"})
    assert visit.consent.granted == {"analysis", "functional"}
    assert not visit.allows("analysis")
    assert visit.allows("functional")


def test_the_last_choice_decides_about_the_whole_response() -> None:
    visit = visit_with(GATE.issue({"analysis"}))
    queued = [(b"set-cookie", b"_ga=1"), (b"set-cookie", b"sid=1")]
    visit.withdraw()
    result = visit.respond(queued)
    assert (b"set-cookie", b"_ga=1") not in result
    assert (b"set-cookie", b"sid=1") in result


def test_a_grant_lets_cookies_of_the_same_response_pass() -> None:
    visit = visit_with()
    visit.grant({"analysis"})
    assert (b"set-cookie", b"_ga=1") in visit.respond([(b"set-cookie", b"_ga=1")])


def test_after_a_choice_only_the_gates_consent_cookie_leaves() -> None:
    seen: list[Verdict] = []
    gate = gate_for(on_verdict=seen.append)
    visit = visit_with(gate=gate)
    visit.withdraw()
    applications = gate.issue({"analysis"}).encode()
    result = visit.respond([(b"set-cookie", applications)])
    assert [value for name, value in result if name == b"set-cookie"] == [
        gate.issue(set()).encode()
    ]
    assert seen[0].reason is Reason.CONSENT_COOKIE_SUPERSEDED


def test_a_recorder_gets_the_consent_before_and_after_a_choice() -> None:
    visit = visit_with(GATE.issue({"analysis"}))
    assert visit.choice is None
    visit.choose({"marketing"})
    choice = visit.choice
    assert choice is not None
    assert choice.before.granted == {"analysis"}
    assert choice.after.granted == {"marketing"}
    assert choice.record.receipt == choice.after.receipt


def test_a_recorder_gets_the_registry_the_time_and_the_evidence_of_a_choice() -> None:
    visit = visit_with()
    visit.grant({"analysis"}, evidence="paper form 4711")
    choice = visit.choice
    assert choice is not None
    assert (choice.registry, choice.time) == (GATE.registry, NOON)
    assert (choice.evidence, choice.receipt) == ("paper form 4711", choice.record.receipt)
    visit.choose({"analysis"}, evidence="the form was read again")
    assert visit.choice is not None
    assert visit.choice.evidence == "the form was read again"


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("form 1", "form 2", "form 1; form 2"),
        ("form 1", "form 1", "form 1"),
        ("form 1", None, "form 1"),
        (None, "form 2", "form 2"),
        (None, None, None),
    ],
)
def test_two_grants_of_one_request_join_their_evidence(
    first: str | None, second: str | None, both: str | None
) -> None:
    visit = visit_with()
    visit.grant({"analysis"}, evidence=first)
    visit.grant({"marketing"}, evidence=second)
    assert visit.choice is not None
    assert visit.choice.evidence == both
    assert visit.choice.after.granted == {"analysis", "marketing"}


def test_what_remains_of_a_choice_keeps_its_evidence() -> None:
    visit = visit_with()
    page = Presentation(surface="banner", language="en")
    visit.choose({"analysis", "marketing"}, evidence="form 1", presentation=page)
    visit.withdraw({"marketing"})
    assert visit.choice is not None
    assert (visit.choice.evidence, visit.choice.presentation) == ("form 1", page)
    visit.choose({"functional"})
    assert (visit.choice.evidence, visit.choice.presentation) == (None, None)
    visit.withdraw({"functional"})
    visit.withdraw({"analysis"})
    assert visit.choice is not None
    assert visit.choice.presentation is None


def test_evidence_of_a_wrong_type_is_an_error() -> None:
    wrong: Any = "popup"
    with pytest.raises(ValueError, match="surface is 'popup'; write one of banner, settings"):
        Presentation(surface=wrong)
    with pytest.raises(ValueError, match="sent_by is 'popup'; write one of form, script"):
        Presentation(surface="banner", sent_by=wrong)
    wrong = 4711
    with pytest.raises(TypeError, match="evidence is int; give text"):
        visit_with().grant({"analysis"}, evidence=wrong)


@pytest.mark.parametrize("text", ["x", "ä", "\U0001f36a", "\ud800"])
def test_evidence_is_bounded_in_bytes(text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    longest = text * (MAX_EVIDENCE_BYTES // size)
    visit = visit_with()
    visit.grant({"analysis"}, evidence=longest)
    message = r"evidence has 4\d{3} bytes, and a receipt keeps 4096; give a reference"
    with pytest.raises(ValueError, match=message):
        visit.choose({"marketing"}, evidence=longest + text)
    # What was chosen before stays; and the evidence of two grants is kept as one text.
    with pytest.raises(ValueError, match="and a receipt keeps 4096"):
        visit.grant({"marketing"}, evidence="form 2")
    assert visit.consent.granted == {"analysis"}


def test_a_refusal_has_a_receipt_that_its_cookie_does_not_carry() -> None:
    visit = visit_with()
    visit.withdraw()
    choice = visit.choice
    assert choice is not None
    assert choice.receipt
    assert choice.record.receipt is None
    assert choice.receipt not in GATE.issue(set())


def test_a_choice_shows_no_receipt_in_a_log() -> None:
    visit = visit_with()
    visit.grant({"analysis"})
    assert repr(visit.choice) == "<Choice of ['analysis']>"


@pytest.mark.parametrize(
    ("had", "chosen", "widens"),
    [
        (set(), {"analysis"}, True),
        ({"analysis"}, set(), False),
        ({"analysis", "marketing"}, {"analysis"}, False),
        ({"analysis"}, {"marketing"}, True),
        (None, set(), False),
        (None, {"analysis"}, True),
    ],
)
def test_a_choice_widens_if_it_grants_more(
    had: set[str] | None, chosen: set[str], widens: bool
) -> None:
    visit = visit_with(*([] if had is None else [GATE.issue(had)]))
    visit.choose(chosen)
    assert visit.choice is not None
    assert visit.choice.widens is widens


def test_a_choice_that_confirms_a_signal_widens() -> None:
    registry = Registry.parse(SHOP.format(policy='signals.gpc = "confirm"', analysis=""))
    gate = Gate(registry, "a key for the tests, of some length", clock=lambda: NOON)
    visit = visit_with(gate.issue({"analysis"}), gate=gate, headers=[(b"sec-gpc", b"1")])
    visit.choose({"analysis"})
    assert visit.choice is not None
    assert visit.choice.widens


def test_the_remainder_of_a_choice_confirms_no_signal() -> None:
    gate = gate_for(shop('signals = "confirm"'))
    before = gate.issue({"analysis", "marketing", "functional"})
    visit = visit_with(before, gate=gate, headers=[(b"sec-gpc", b"1")])
    visit.choose({"analysis", "functional"})
    assert visit.choice is not None
    terms, new_id = visit.context.pipeline.terms, gate.new_id
    result = remainder(visit.choice, NotKeptError(), terms, new_id)
    assert result is not None
    assert not result.widens
    assert result.after.granted == {"functional"}
    assert remainder(result, NotKeptError(), terms, new_id) is None


def test_after_another_failure_of_the_recorder_nothing_of_a_choice_remains() -> None:
    gate = gate_for()
    visit = visit_with(gate.issue({"analysis"}), gate=gate)
    visit.choose({"marketing"})
    assert visit.choice is not None
    terms = visit.context.pipeline.terms
    assert remainder(visit.choice, RuntimeError(), terms, gate.new_id) is None


# Asking


@pytest.mark.parametrize(
    ("set_cookie", "asks"),
    [
        (None, True),
        ("__Host-cookiegate=forged", True),
        (GATE.issue({"analysis"}), False),
        (GATE.issue(set()), False),
        (GATE.issue({"analysis"}, now=NOON - 91 * DAY), True),
        (GATE.issue(set(), now=NOON - 91 * DAY), True),
    ],
    ids=["no cookie", "forged", "granted", "refused", "granted long ago", "refused long ago"],
)
def test_the_banner_is_due_for_each_status(set_cookie: str | None, asks: bool) -> None:
    visit = visit_with(*([] if set_cookie is None else [set_cookie]))
    assert visit.should_ask is asks


def test_a_new_version_asks_visitors_who_granted_something() -> None:
    older = gate_for(_registry(version=2))
    assert visit_with(older.issue({"analysis"})).should_ask
    assert not visit_with(older.issue(set())).should_ask


def test_a_signal_that_leaves_nothing_to_ask_asks_nothing() -> None:
    gate = gate_for(_registry(survivors=False))
    assert visit_with(gate=gate).should_ask
    assert not visit_with(gate=gate, headers=[(b"dnt", b"1")]).should_ask
    # What survives the signal can still be granted.
    assert visit_with(headers=[(b"dnt", b"1")]).should_ask


def test_a_signal_that_a_choice_would_lift_leaves_something_to_ask() -> None:
    for policy in ("confirm", "default", "ignore"):
        gate = gate_for(_registry(survivors=False, policy=f'signals = "{policy}"'))
        assert visit_with(gate=gate, headers=[(b"dnt", b"1")]).should_ask


def test_a_site_without_optional_entries_asks_nothing() -> None:
    registry = Registry.parse(
        '[site]\nname="s"\nlanguages=["en"]\n[categories.a]\nrequired=true\n[categories.b]\n'
    )
    assert not visit_with(gate=gate_for(registry)).should_ask


@pytest.mark.parametrize(
    ("method", "headers", "asks"),
    [
        # A link from another site sends SameSite=Lax cookies: the visitor has none.
        ("GET", {b"sec-fetch-site": b"cross-site", b"sec-fetch-dest": b"document"}, True),
        ("HEAD", {b"sec-fetch-site": b"cross-site"}, True),
        ("GET", {b"sec-fetch-site": b"same-origin", b"origin": b"https://shop.example"}, True),
        ("POST", {b"sec-fetch-site": b"same-site"}, True),
        ("GET", {b"sec-fetch-site": b"none"}, True),
        # A form posted from a bank and a frame on another site's page do not.
        ("POST", {b"sec-fetch-site": b"cross-site", b"sec-fetch-dest": b"document"}, False),
        ("GET", {b"sec-fetch-site": b"cross-site", b"sec-fetch-dest": b"iframe"}, False),
        ("GET", {b"sec-fetch-site": b"cross-site", b"origin": b"https://bank.example"}, False),
        # Browsers without Sec-Fetch-Site.
        ("POST", {b"host": b"shop.example", b"origin": b"https://SHOP.example"}, True),
        ("POST", {b"host": b"shop.example", b"origin": b"https://bank.example"}, False),
        ("POST", {b"host": b"shop.example", b"origin": b"null"}, False),
        ("POST", {b"origin": b"https://shop.example"}, False),
        ("POST", {b"host": b"shop.example"}, True),
    ],
)
def test_a_cross_site_request_is_not_a_visitor_without_consent(
    method: str, headers: dict[bytes, bytes], asks: bool
) -> None:
    visit = GATE.visit(list(headers.items()), method=method)
    assert visit.should_ask is asks
    assert visit.consent.allowed == {"essential"}


def test_on_a_cross_site_request_an_expired_choice_still_counts() -> None:
    headers = [(b"sec-fetch-site", b"cross-site"), (b"sec-fetch-dest", b"iframe")]
    expired = GATE.issue({"analysis"}, now=NOON - 91 * DAY)
    assert visit_with(expired, headers=headers).should_ask


# Stale copies


def test_the_prefixed_cookie_has_no_stale_copies() -> None:
    visit = visit_with(GATE.issue({"analysis"}))
    visit.withdraw()
    assert len([1 for name, _ in visit.respond([]) if name == b"set-cookie"]) == 1


def test_a_new_choice_deletes_stale_copies_on_parent_domains() -> None:
    gate = gate_for(secure=False)
    visit = gate.visit([cookie_header(gate.issue({"analysis"})), (b"host", b"a.shop.example:80")])
    visit.withdraw()
    cookies = [value for name, value in visit.respond([]) if name == b"set-cookie"]
    assert cookies == [
        b"cookiegate=; Max-Age=0; Path=/; Domain=a.shop.example",
        b"cookiegate=; Max-Age=0; Path=/; Domain=shop.example",
        gate.issue(set()).encode(),
    ]


def test_no_more_than_four_parents_are_swept() -> None:
    gate = gate_for(secure=False)
    host = b"a.b.c.d.e.shop.example"
    visit = gate.visit([cookie_header(gate.issue({"analysis"})), (b"host", host)])
    visit.withdraw()
    cookies = [value for name, value in visit.respond([]) if name == b"set-cookie"]
    assert [value.rpartition(b"=")[2] for value in cookies[:-1]] == [
        b"c.d.e.shop.example",
        b"d.e.shop.example",
        b"e.shop.example",
        b"shop.example",
    ]


def test_with_a_shared_domain_the_hosts_copy_is_stale() -> None:
    gate = gate_for(domain="shop.example")
    visit = gate.visit([cookie_header(gate.issue({"analysis"})), (b"host", b"a.shop.example")])
    visit.withdraw()
    cookies = [value for name, value in visit.respond([]) if name == b"set-cookie"]
    assert cookies == [
        b"cookiegate=; Max-Age=0; Path=/",
        b"cookiegate=; Max-Age=0; Path=/; Domain=a.shop.example",
        gate.issue(set()).encode(),
    ]


@pytest.mark.parametrize("host", [b"x; y.z", b"x.y\r\nSet-Cookie: a", "exämple☃.com", b"a,b.c"])
def test_an_invalid_host_gets_into_no_header(host: Any) -> None:
    gate = gate_for(secure=False)
    visit = gate.visit([cookie_header(gate.issue({"analysis"}))], host=host)
    visit.withdraw()
    assert len([1 for name, _ in visit.respond([]) if name == b"set-cookie"]) == 1


@pytest.mark.parametrize("host", [b"127.0.0.1:8000", b"[::1]:8000", b"localhost", b""])
def test_addresses_and_single_labels_have_no_parents(host: bytes) -> None:
    gate = gate_for(secure=False)
    visit = gate.visit([cookie_header(gate.issue({"analysis"})), (b"host", host)])
    visit.withdraw()
    assert len([1 for name, _ in visit.respond([]) if name == b"set-cookie"]) == 1


def test_a_first_choice_deletes_nothing() -> None:
    visit = gate_for(secure=False).visit([(b"host", b"a.shop.example")])
    visit.withdraw()
    assert len([1 for name, _ in visit.respond([]) if name == b"set-cookie"]) == 1


def _registry(*, version: int = 3, survivors: bool = True, policy: str = "") -> Registry:
    text = SHOP.format(policy=policy, analysis="")
    text = text.replace("version = 3", f"version = {version}")
    if not survivors:
        text = text.replace("survives_signal = true", "")
        text = text.replace('survives_signal = ["dnt"]', "")
    return Registry.parse(text)


def test_headers_may_be_a_generator_with_a_cookie_in_the_middle() -> None:
    headers = [(b"a", b"1"), (b"set-cookie", b"sid=1"), (b"b", b"2")]
    assert gate_for().visit([]).respond(pair for pair in headers) == headers


def test_errors_about_choices_say_what_to_do() -> None:
    visit = gate_for().visit([])
    with pytest.raises(ValueError, match=r"are not a matter of consent; name optional ones only$"):
        visit.withdraw({"essential"})
    visit.respond([])
    text = r"^the response's headers have left; make the choice before the response starts$"
    with pytest.raises(TooLateError, match=text):
        visit.choose(set())


def test_a_choice_supersedes_the_applications_consent_cookie_also_beside_a_line_break() -> None:
    gate = gate_for()
    visit = gate.visit([])
    visit.choose({"analysis"})
    other = gate.issue({"marketing"}).encode()
    headers = [(b"set-cookie", value) for value in (b"sid=1", b"sid=a\nb", other)]
    # The second time, common cookies take the short way.
    gate.visit([]).respond([(b"set-cookie", b"sid=1")])
    result = [value for name, value in visit.respond(headers) if name == b"set-cookie"]
    assert result[0] == b"sid=1"
    assert len(result) == 2
    assert gate.read([cookie_header(result[1].decode())]).granted == {"analysis"}


def test_attributes_must_be_exactly_those_of_the_gate() -> None:
    gate = gate_for()
    own = gate.issue({"analysis"})
    for other in (own.replace("Secure", "XSecure"), own.replace("Path=/", "Path=/\x0b")):
        result = gate.visit([]).respond([(b"set-cookie", other.encode("latin-1"))])
        assert [name for name, _ in result if name == b"set-cookie"] == []


def test_cookiegates_cookies_are_not_judged_and_are_set_before_the_start() -> None:
    visit = gate_for().visit([])
    visit.context.set_cookie("cookiegate-form=x; Path=/")
    result = visit.respond([(b"a", b"b")])
    assert result[:2] == [(b"a", b"b"), (b"set-cookie", b"cookiegate-form=x; Path=/")]
    assert (b"cache-control", b"no-store") in result
    with pytest.raises(TooLateError, match="set the cookie before it starts"):
        visit.context.set_cookie("cookiegate-form=y")


def test_a_response_without_cookies_is_unchanged_each_time() -> None:
    gate = gate_for()
    headers = [(b"content-type", b"text/plain"), (b"vary", b"Accept")]
    for _ in range(3):
        assert gate.visit([]).respond(headers) == headers


@pytest.mark.parametrize(
    ("policy", "before", "after", "is_cleared"),
    [
        ('clear_site_data = "storage"', ["analysis", "marketing"], ["analysis"], True),
        ('clear_site_data = "storage"', ["analysis"], [], True),
        ('clear_site_data = "storage"', ["analysis"], ["analysis", "marketing"], False),
        ('clear_site_data = "storage"', [], ["analysis"], False),
        ("", ["analysis"], [], False),
        ('clear_site_data = "storage"\nmode = "report"', ["analysis"], [], False),
    ],
)
def test_storage_is_cleared_on_demand_and_never_cookies(
    policy: str, before: list[str], after: list[str], is_cleared: bool
) -> None:
    gate = gate_for(shop(policy))
    visit = gate.visit([cookie_header(gate.issue(before, now=NOON))])
    visit.choose(after)
    result = dict(visit.respond([])).get(b"clear-site-data", b"")
    assert (b'"storage"' in result) is is_cleared
    assert b"cookies" not in result
    assert b"*" not in result


@pytest.mark.parametrize("own", [None, b"clear-site-data", b"Clear-Site-Data"])
@pytest.mark.parametrize(
    ("policy", "cleared"),
    [
        ("", b'"prefetchCache", "prerenderCache"'),
        ('clear_site_data = "storage"', b'"prefetchCache", "prerenderCache", "storage"'),
    ],
)
def test_a_choice_clears_pages_that_were_loaded_in_advance(
    policy: str, cleared: bytes, own: bytes | None
) -> None:
    gate = gate_for(shop(policy))
    visit = gate.visit([cookie_header(gate.issue(["analysis"], now=NOON))])
    visit.withdraw()
    headers = [] if own is None else [(own, b'"cache"')]
    result = visit.respond(headers)
    found = [value for name, value in result if name.lower() == b"clear-site-data"]
    assert found == [cleared if own is None else b'"cache", ' + cleared]


def test_only_a_choice_that_changes_something_clears_what_was_loaded_in_advance() -> None:
    gate = gate_for()
    cookie = cookie_header(gate.issue(["analysis"], now=NOON))
    same, asked = gate.visit([cookie]), gate.visit([cookie])
    same.choose(["analysis"])
    assert not asked.should_ask
    for visit in (same, asked):
        assert b"clear-site-data" not in dict(visit.respond([]))
    reporting = gate_for(shop('mode = "report"'))
    visit = reporting.visit([])
    visit.choose(["analysis"])
    assert b"clear-site-data" not in dict(visit.respond([]))


def test_a_sweep_comes_before_the_response_or_too_late() -> None:
    https = (b"sec-fetch-site", b"same-origin")
    visit = gate_for().visit([https, (b"cookie", b"_ga=1; _fbp=2; sid=3; who=4")])
    visit.choose(["marketing"])
    assert visit.context.sweep() == ("_ga",)
    result = [value for name, value in visit.respond([]) if name == b"set-cookie"]
    assert result[:2] == [
        b"_ga=; Max-Age=0; Path=/",
        b"_ga=; Max-Age=0; Path=/; Secure; SameSite=None; Partitioned",
    ]
    with pytest.raises(TooLateError, match="sweep before it starts"):
        visit.context.sweep()


def test_a_visit_of_headers_alone_has_no_address_to_record() -> None:
    visit = visit_with()
    visit.context.recorder = MemoryRecorder()
    visit.choose({"analysis"})
    assert visit.choice is not None
    assert visit.choice.address is None


def recorded(gate: Gate, issued: str, *before: str) -> list[tuple[bytes, bytes]]:
    """Return what leaves if an application sets a consent cookie on a site with a recorder."""
    cookies = [cookie_header(gate.issue(before))] if before else []
    visit = gate.visit(cookies)
    visit.context.recorder = MemoryRecorder()
    return [
        pair
        for pair in visit.respond([(b"set-cookie", issued.encode())])
        if pair[0] == b"set-cookie"
    ]


@pytest.mark.parametrize(
    ("before", "granted", "leaves"),
    [
        ((), ("analysis",), False),
        (("analysis",), ("marketing",), False),
        (("analysis",), ("analysis", "marketing"), False),
        # A renewal without a receipt would be valid for longer than the receipt proves.
        (("analysis",), ("analysis",), False),
        (("analysis", "marketing"), ("analysis",), True),
        (("analysis",), (), True),
        ((), (), True),
    ],
)
def test_on_a_recorded_site_an_issued_cookie_may_only_take_back(
    before: tuple[str, ...], granted: tuple[str, ...], leaves: bool
) -> None:
    seen: list[Verdict] = []
    gate = gate_for(on_verdict=seen.append)
    # Another gate with the same key, inside of this one, issues the same.
    for one in (gate, gate_for()):
        assert bool(recorded(gate, one.issue(granted), *before)) is leaves
    reason = Reason.CONSENT_COOKIE if leaves else Reason.CONSENT_COOKIE_NOT_RECORDED
    assert [one.reason for one in seen] == [reason] * 2


def test_without_a_recorder_an_issued_cookie_may_grant() -> None:
    visit = GATE.visit([])
    issued = GATE.issue({"analysis"}).encode()
    assert (b"set-cookie", issued) in visit.respond([(b"set-cookie", issued)])


def test_a_recorded_site_in_report_mode_only_reports_an_issued_grant() -> None:
    seen: list[Verdict] = []
    gate = gate_for(mode="report", on_verdict=seen.append)
    assert recorded(gate, gate.issue({"analysis"}))
    assert (seen[0].allowed, seen[0].action) == (False, "keep")


@pytest.mark.parametrize("header", [b"", b"__Host-cookiegate", b"__Host-cookiegate=forged; Path=/"])
def test_a_header_that_the_gate_did_not_sign_grants_nothing(header: bytes) -> None:
    assert GATE.pipeline.consent_cookie.granted_in(header) == frozenset()
