"""The sweep: only cookies set earlier that are not allowed now are deleted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Gate, Registry, Verdict
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.enforcement.sweep import Room
from tests.adapters import ADAPTERS, Adapter, asgi_headers, nothing
from tests.enforcement.test_sweep_targets import PLACED
from tests.registries import DAY, KEY, NOON, SHOP, gate_for, shop

Pair = tuple[bytes, bytes]

OPENS_PAGE = [(b"sec-fetch-dest", b"document"), (b"sec-fetch-site", b"same-origin")]
GONE = b"=; Max-Age=0; Path=/"
WIDEST = GONE + b"; Domain=else.example"
PARTITIONED = GONE + b"; Secure; SameSite=None; Partitioned"

each_adapter = pytest.mark.parametrize(
    "adapter", [ADAPTERS[name] for name in ("visit", "asgi", "wsgi")], ids=["visit", "asgi", "wsgi"]
)


def consent(granted: list[str] | None = None, *, gate: Gate | None = None, ago: int = 0) -> bytes:
    """Return the Cookie pair of a choice that was made so many days ago."""
    issued = (gate or gate_for()).issue(granted or [], now=NOON - ago * DAY)
    return issued.partition(";")[0].encode()


def request(*cookies: bytes, fetch: list[Pair] = OPENS_PAGE, host: bytes = b"else.example") -> Any:
    return [(b"host", host), *fetch, (b"cookie", b"; ".join(cookies))]


def swept(result: list[Pair]) -> list[bytes]:
    return [value for name, value in result if name == b"set-cookie"]


def names(result: list[Pair]) -> set[bytes]:
    return {value.partition(b"=")[0] for value in swept(result)}


@each_adapter
def test_a_refused_cookie_that_is_still_sent_is_deleted_and_the_response_not_stored(
    adapter: Adapter,
) -> None:
    result = adapter(gate_for(), request(b"_ga=1", b"sid=2", consent([])), [(b"a", b"b")], nothing)
    assert result == [
        (b"a", b"b"),
        (b"set-cookie", b"_ga" + GONE),
        (b"set-cookie", b"_ga" + WIDEST),
        (b"set-cookie", b"_ga" + PARTITIONED),
        (b"cache-control", b"no-store"),
        (b"vary", b"Cookie, DNT, Sec-GPC"),
    ]


@each_adapter
@pytest.mark.parametrize("policy", ["", 'sweep = "always"'])
def test_blanks_around_a_request_header_do_not_count(adapter: Adapter, policy: str) -> None:
    fetch = [(b"sec-fetch-dest", b" document"), (b"sec-fetch-site", b"same-origin\t")]
    headers = request(b"_ga=1", consent([]), fetch=fetch)
    # Once with a response without cookies, once with one that is stripped for everybody.
    for response in ([(b"a", b"b")], [(b"set-cookie", b"who=1")]):
        assert b"_ga" in names(adapter(gate_for(shop(policy)), headers, response, nothing))


@each_adapter
@pytest.mark.parametrize(
    ("status", "headers", "policy", "is_swept"),
    [
        ("refused", [], "", True),
        ("granted", [], "", False),
        ("expired", [], "", True),
        ("outdated", [], "", True),
        ("ahead", [], "", False),
        ("ahead", [(b"dnt", b"1")], "", True),
        ("missing", [], "", False),
        ("missing", [], 'sweep = "always"', True),
        ("missing", [(b"dnt", b"1")], "", True),
        ("missing", [(b"dnt", b"1")], 'signals = "ignore"', False),
        ("granted", [(b"sec-gpc", b"1")], "", True),
        ("invalid", [], "", False),
        ("invalid", [], 'sweep = "always"', True),
        ("refused", [], 'sweep = "off"', False),
        ("refused", [], 'sweep = "report"', False),
        ("refused", [], 'mode = "report"', False),
    ],
)
def test_a_sweep_needs_a_choice_or_a_signal(
    adapter: Adapter, status: str, headers: list[Pair], policy: str, is_swept: bool
) -> None:
    gate = gate_for(shop(policy))
    older = Gate(Registry.parse(SHOP.format(policy="", analysis="").replace("= 3", "= 2")), KEY)
    newer = Gate(Registry.parse(SHOP.format(policy="", analysis="").replace("= 3", "= 4")), KEY)
    cookie = {
        "refused": [consent([])],
        "granted": [consent(["analysis"])],
        "expired": [consent(["analysis"], ago=91)],
        "outdated": [consent(["analysis"], gate=older)],
        "ahead": [consent(["analysis"], gate=newer)],
        "missing": [],
        "invalid": [b"__Host-cookiegate=not-ours"],
    }[status]
    result = adapter(gate, [*request(b"_ga=1", *cookie), *headers], [], nothing)
    assert (names(result) == {b"_ga"}) is is_swept
    assert bool(result) is is_swept


@each_adapter
@pytest.mark.parametrize(
    ("fetch", "with_consent", "without_consent"),
    [
        (OPENS_PAGE, True, True),
        ([(b"sec-fetch-dest", b"document"), (b"sec-fetch-site", b"none")], True, True),
        ([(b"sec-fetch-dest", b"document"), (b"sec-fetch-site", b"same-site")], True, False),
        ([(b"sec-fetch-dest", b"document"), (b"sec-fetch-site", b"cross-site")], True, False),
        ([(b"accept", b"text/html,*/*")], True, False),
        ([(b"accept", b"*/*")], False, False),
        ([(b"sec-fetch-dest", b"iframe"), (b"sec-fetch-site", b"same-origin")], False, False),
        ([(b"sec-fetch-dest", b"empty"), (b"accept", b"text/html")], False, False),
        ([], False, False),
    ],
)
def test_only_a_page_load_is_swept_unless_another_site_made_it_without_the_consent_cookie(
    adapter: Adapter, fetch: list[Pair], with_consent: bool, without_consent: bool
) -> None:
    gate = gate_for()
    result = adapter(gate, request(b"_ga=1", consent([]), fetch=fetch), [], nothing)
    assert bool(swept(result)) is with_consent
    result = adapter(gate, [*request(b"_ga=1", fetch=fetch), (b"dnt", b"1")], [], nothing)
    assert bool(swept(result)) is without_consent


def test_a_form_that_a_payment_provider_posts_back_loses_nothing() -> None:
    fetch = [(b"sec-fetch-dest", b"document"), (b"sec-fetch-site", b"cross-site")]
    sent = [*request(b"_ga=1", b"sid=1", fetch=fetch), (b"origin", b"https://pay.example")]
    gate = gate_for(shop('request_cookies = "hide"\nsweep = "always"'))
    visit = gate.visit(sent, method="POST")
    assert visit.context.pipeline.visible_cookies(visit.context) is None
    assert not visit.should_ask
    result = visit.respond([(b"set-cookie", b"sid=2"), (b"set-cookie", b"_ga=2")])
    assert swept(result) == [b"sid=2"]


@each_adapter
def test_unknown_required_and_shared_names_stay_and_are_reported(adapter: Adapter) -> None:
    verdicts: list[Verdict] = []
    gate = gate_for(on_verdict=verdicts.append)
    cookies = (b"sid=1", b"who=1", b"SID=1", b"=x", b"y", b"_fbp=1", consent([]))
    assert names(adapter(gate, request(*cookies), [], nothing)) == {b"_fbp"}
    assert [(v.name, v.action, v.allowed, v.category, v.reason.value) for v in verdicts] == [
        ("_fbp", "sweep", False, "marketing", "not_granted"),
        ("who", "keep", False, None, "unknown"),
        ("SID", "keep", False, "marketing", "not_granted"),
    ]
    assert [[note.value for note in verdict.notes] for verdict in verdicts] == [
        ["still_sent"],
        ["still_sent"],
        ["still_sent", "ambiguous"],
    ]
    assert verdicts[0].header == b"_fbp" + GONE
    assert (verdicts[0].entry, verdicts[1].entry) == ("_fbp", None)


def test_a_shared_name_that_a_signal_blocks_is_reported_with_the_signal() -> None:
    verdicts: list[Verdict] = []
    sent = request(b"SID=1", consent(["marketing", "analysis"]))
    gate_for(on_verdict=verdicts.append).visit([*sent, (b"sec-gpc", b"1")]).respond([])
    assert [(v.name, v.category, v.reason.value) for v in verdicts] == [("SID", "marketing", "gpc")]


def test_a_cookie_that_a_signal_blocks_is_swept_with_the_signal_as_the_reason() -> None:
    verdicts: list[Verdict] = []
    sent = request(b"_ga=1", consent(["marketing", "analysis"]))
    gate_for(on_verdict=verdicts.append).visit([*sent, (b"sec-gpc", b"1")]).respond([])
    assert [(v.name, v.action, v.category, v.reason.value) for v in verdicts] == [
        ("_ga", "sweep", "analysis", "gpc")
    ]


@pytest.mark.parametrize(
    ("policy", "analysis", "note"),
    [
        ('sweep = "report"', "", "report_mode"),
        ('mode = "report"', "", "report_mode"),
        ("", 'mode = "report"', "report_mode"),
    ],
)
def test_in_report_mode_a_sweep_is_only_reported(policy: str, analysis: str, note: str) -> None:
    verdicts: list[Verdict] = []
    gate = gate_for(shop(policy, analysis), on_verdict=verdicts.append)
    assert gate.visit(request(b"_ga=1", consent([]))).respond([]) == []
    assert [(v.action, [n.value for n in v.notes]) for v in verdicts] == [
        ("keep", ["still_sent", note])
    ]


def test_a_category_that_is_enforced_in_a_reporting_site_is_swept() -> None:
    gate = gate_for(shop('mode = "report"', 'mode = "enforce"'))
    result = gate.visit(request(b"_ga=1", b"_fbp=1", consent([]))).respond([])
    assert names(result) == {b"_ga"}


def test_a_cookie_that_the_response_sets_is_not_deleted() -> None:
    gate = gate_for(hook=lambda verdict: "essential" if verdict.name == "_gat_x" else None)
    sent = request(b"_gat_x=1", b"_ga=1", consent([]))
    result = gate.visit(sent).respond([(b"set-cookie", b"_gat_x=2")])
    assert swept(result)[0] == b"_gat_x=2"
    assert names(result) == {b"_gat_x", b"_ga"}
    assert b"_gat_x" + GONE not in swept(result)


def test_what_the_response_sets_now_is_not_deleted_also_if_it_was_not_allowed_before() -> None:
    # The hook allows what is set, and not what the browser sends.
    gate = gate_for(hook=lambda verdict: None if verdict.notes else "essential")
    sent = request(b"_ga=1", b"_fbp=1", consent([]))
    result = gate.visit(sent).respond([(b"set-cookie", b"_ga=2"), (b"x", b"_fbp=2")])
    assert swept(result) == [b"_ga=2"] + [b"_fbp" + one for one in (GONE, WIDEST, PARTITIONED)]


def test_a_cookie_stays_if_the_hook_allows_it_or_fails() -> None:
    words: dict[str, Any] = {"_ga": "essential", "_fbp": "marketing", "theme": False}
    errors: list[Exception] = []

    def hook(verdict: Verdict) -> Any:
        return words[verdict.name]

    gate = gate_for(hook=hook, on_error=errors.append)
    sent = request(b"_ga=1", b"_fbp=1", b"theme=1", b"lang=1", consent([]))
    assert names(gate.visit(sent).respond([])) == {b"_fbp", b"theme"}
    assert [type(error) for error in errors] == [KeyError]


def test_a_request_that_cannot_be_read_is_not_swept_but_reported() -> None:
    errors: list[Exception] = []
    gate = gate_for(on_error=errors.append)
    broken: Any = [*request(b"_ga=1"), (b"cookie", 7)]
    assert gate.visit(broken).respond([(b"a", b"b")]) == [(b"a", b"b")]
    assert {type(error) for error in errors} == {TypeError}


def test_after_three_tries_a_cookie_stays_and_is_reported() -> None:
    verdicts: list[Verdict] = []
    gate = gate_for(on_verdict=verdicts.append)
    sent = request(b"_ga=GA1.2.3456789.1795500000", consent([]))
    lines = [swept(gate.visit(sent).respond([])) for _ in range(4)]
    assert [bool(one) for one in lines] == [True, True, True, False]
    assert verdicts[-1].action == "keep"
    assert [note.value for note in verdicts[-1].notes] == ["still_sent", "swept_in_vain"]
    # Another visitor's cookie is tried, and so is one that was set again.
    anew = request(b"_ga=GA1.2.9999999.1795500000", consent([]))
    assert swept(gate.visit(anew).respond([]))


def test_a_cookie_stays_once_each_of_its_targets_was_tried() -> None:
    gate = gate_for()
    sent = request(b"_ga=GA1.2.3456789.1795500000", consent([]))
    # There is room for one deletion alone.
    full = [(b"x", b"y" * 3499)]
    lines = [swept(gate.visit(sent).respond(full)) for _ in range(4)]
    assert lines == [[b"_ga" + one] for one in (GONE, WIDEST, PARTITIONED)] + [[]]


@pytest.mark.parametrize(("length", "tries"), [(1, 5), (15, 5), (16, 3), (40, 3)])
def test_a_short_value_is_counted_by_all_cookies_of_the_visitor(length: int, tries: int) -> None:
    gate = gate_for()
    is_swept = []
    for number in range(5):
        sent = request(b"_ga=" + b"1" * length, b"sid=%d" % number, consent([]))
        is_swept.append(bool(swept(gate.visit(sent).respond([]))))
    assert is_swept == [True] * tries + [False] * (5 - tries)


@pytest.mark.slow
def test_tries_are_forgotten_before_they_fill_the_memory() -> None:
    gate = gate_for()
    first = request(b"_ga=GA1.2.1234567.1795500000", consent([]))
    for _ in range(3):
        assert swept(gate.visit(first).respond([]))
    assert not swept(gate.visit(first).respond([]))
    for number in range(5000):
        gate.visit(request(b"_ga=%020d" % number, consent([]))).respond([])
    assert swept(gate.visit(first).respond([]))


def test_a_response_carries_sixteen_deletions_at_most_and_sixty_four_headers() -> None:
    cookies = [b"_gat_%d=1" % number for number in range(40)]
    gate = gate_for()
    seen: set[bytes] = set()
    for turn in range(3):
        result = gate.visit(request(*cookies, consent([]))).respond([])
        assert len(swept(result)) == 16
        seen |= names(result)
        # Those that were never tried go first.
        assert len(seen) == min(40, 16 * (turn + 1))
    # Cache headers, and the choice's own cookies, are counted as well.
    for count, room in ((40, 16), (50, 11), (60, 1), (61, 0), (70, 0)):
        full = [(b"x", b"y")] * count
        result = gate_for().visit(request(*cookies, consent([]))).respond(full)
        assert len(swept(result)) == room
        assert len(result) <= max(64, count)


def test_a_requested_sweep_leaves_slots_for_other_cookies() -> None:
    cookies = [b"_gat_%d=1" % number for number in range(50)]
    visit = gate_for().visit(request(*cookies))
    visit.choose(["marketing"])
    # The visitor asked for it, so it has as many as there is room for.
    assert len(visit.context.sweep()) == 40
    result = visit.respond([(b"x", b"y")] * 55)
    assert len(result) <= 64
    assert [line for line in swept(result) if line.startswith(b"__Host-cookiegate=")]
    assert len(swept(result)) > 1


def test_a_requested_sweep_is_made_once() -> None:
    verdicts: list[Verdict] = []
    visit = gate_for(on_verdict=verdicts.append).visit(request(b"_ga=1", consent([])))
    assert visit.context.sweep() == ("_ga",)
    assert swept(visit.respond([])) == [b"_ga" + one for one in (GONE, WIDEST, PARTITIONED)]
    assert [verdict.action for verdict in verdicts] == ["sweep"]
    visit = gate_for().visit(request(b"sid=1", consent([])))
    assert visit.context.sweep() == ()
    assert swept(visit.respond([])) == []


def test_unknown_request_cookies_are_reported_by_policy() -> None:
    verdicts: list[Verdict] = []
    gate = gate_for(shop('unknown = "allow"'), on_verdict=verdicts.append)
    gate.visit(request(b"who=1", consent([]))).respond([])
    assert [(v.name, v.allowed, v.action, v.reason.value) for v in verdicts] == [
        ("who", True, "keep", "unknown_allowed")
    ]


ANY = PLACED.partition("[[cookies]]")[0] + '[[cookies]]\nname = ["a*", "a(exact)", "aé"]\n'
ANY += 'category = "more"\n'


def any_gate(**options: Any) -> Gate:
    """Return a gate whose registry has a pattern that matches whatever a visitor makes up."""
    return Gate(Registry.parse(ANY), KEY, clock=lambda: float(NOON), **options)


def refusal(gate: Gate) -> bytes:
    return gate.issue([]).partition(";")[0].encode()


@each_adapter
@pytest.mark.parametrize(
    ("name", "is_deleted"),
    [
        (b"a", True),
        (b"a!#$%&'*+-.^_`|~9Z", True),
        (b"a" * 1024, True),
        (b"a(exact)", True),  # the registry's author wrote it
        (b"a" * 1025, False),
        (b"a" * 4000, False),
        ("aé".encode(), False),  # Django encodes cookies as ASCII under ASGI
        (b"a\xe9", False),
        (b"a\xff", False),
        (b"a b", False),
        (b"a\tb", False),
        (b'a"b"', False),
        (b"a,b", False),
        (b"a[b]", False),
        (b"a/b", False),
        (b"a\x01", False),
        (b"a\x7f", False),
    ],
)
def test_only_a_name_that_every_adapter_can_write_is_deleted_and_others_are_reported(
    adapter: Adapter, name: bytes, is_deleted: bool
) -> None:
    verdicts: list[Verdict] = []
    gate = any_gate(on_verdict=verdicts.append)
    result = adapter(gate, request(name + b"=1", refusal(gate)), [(b"x", b"y")], nothing)
    assert (names(result) == {name}) is is_deleted
    (verdict,) = verdicts
    assert verdict.name.encode("utf-8", "surrogateescape") == name
    if not is_deleted:
        assert result == [(b"x", b"y")]
        assert (verdict.action, verdict.allowed) == ("keep", False)
        assert [note.value for note in verdict.notes] == ["still_sent", "not_deletable"]


def test_without_a_callback_a_name_that_cannot_be_deleted_costs_no_sweep() -> None:
    gate = any_gate()
    visit = gate.visit(request("aé=1".encode(), refusal(gate)))
    assert not visit.context.needs_sweep()
    headers = [(b"x", b"y")]
    assert visit.respond(headers) == headers


def test_the_consent_cookie_is_never_swept_whatever_the_registry_matches() -> None:
    text = ANY.replace('"a*"', '"a*", "__Host-*", "__host-*"')
    gate = Gate(Registry.parse(text), KEY, clock=lambda: float(NOON))
    sent = (refusal(gate), b"__Host-cookiegate-form=1", b"__host-cookiegate=1", b"__Host-a=1")
    visit = gate.visit(request(*sent))
    assert visit.context.sweep() == ("__host-cookiegate", "__Host-a")
    assert names(visit.respond([])) == {b"__host-cookiegate", b"__Host-a"}


def test_over_plain_http_nothing_is_sent_that_a_browser_drops_there() -> None:
    # Browsers send Sec-Fetch-Site over https (and on the loopback) alone.
    plain = [(b"accept", b"text/html")]
    result = gate_for().visit(request(b"_fbp=1", consent([]), fetch=plain)).respond([])
    assert swept(result) == [b"_fbp" + GONE, b"_fbp" + GONE + b"; Domain=else.example"]
    result = gate_for().visit(request(b"_fbp=1", consent([]))).respond([])
    assert b"_fbp" + PARTITIONED in swept(result)


def weight(headers: list[Pair]) -> int:
    """Return the size of a response's headers as HTTP/1.1 writes them, with a status line."""
    status = b"HTTP/1.1 503 Service Unavailable"
    lines = [status, *(name + b": " + value for name, value in headers), b""]
    return sum(len(line) + 2 for line in lines)


@given(
    st.lists(st.integers(0, 1500), max_size=5),
    st.lists(st.integers(3, 1024), min_size=1, max_size=30),
    st.booleans(),
    st.sampled_from([b"shop.example", b"a" * 60 + b".b.c.d.e.shop.example", b"x"]),
)
def test_no_deletion_makes_a_response_too_heavy_for_one_page_of_a_proxys_memory(
    sizes: list[int], lengths: list[int], is_chosen: bool, host: bytes
) -> None:
    headers = [(b"x", b"y" * size) for size in sizes]
    gate = any_gate(domain="shop.example")
    cookies = [b"a%d%s=1" % (n, b"a" * (length - 3)) for n, length in enumerate(lengths)]
    sent = request(*cookies, *([refusal(gate)] * 2), host=host)
    visit = gate.visit(sent, path=b"/in/deep/er")
    if is_chosen:
        visit.choose(["more"] if len(headers) % 2 else [])
        visit.context.sweep()
    result = visit.respond(headers)
    without = [pair for pair in result if b"Max-Age=0" not in pair[1]]
    added = len(result) != len(without)
    assert not added or weight(result) <= 4096 - 150  # the server's own headers


@pytest.mark.parametrize("bytes_there", [0, 2500, 3000, 3300])
def test_several_responses_delete_what_one_has_no_room_for(bytes_there: int) -> None:
    verdicts: list[Verdict] = []
    gate = any_gate(on_verdict=verdicts.append)
    cookies = [b"a" * 100 * n for n in range(1, 10)] if bytes_there < 3000 else [b"aa", b"ab"]
    seen: set[bytes] = set()
    for _ in range(40):
        sent = request(*(name + b"=a value of some length" for name in cookies), refusal(gate))
        headers = [(b"x", b"y" * bytes_there)]
        seen |= set(swept(gate.visit(sent, path=b"/in").respond(headers)))
    assert {line.partition(b"=")[0] for line in seen} == set(cookies)
    # Each target was tried before the gate gave up.
    for name in cookies:
        assert {name + GONE, name + PARTITIONED, name + GONE + b"in"} <= seen
    assert verdicts[-1].notes[-1].value == "swept_in_vain"
    if bytes_there < 3000:
        assert any("no_room" in [str(note) for note in one.notes] for one in verdicts)


def test_a_long_name_that_does_not_fit_keeps_no_other_from_being_deleted() -> None:
    gate = any_gate()
    long = b"a" * 1000
    sent = request(long + b"=1", b"ab=1", refusal(gate))
    for _ in range(2):
        assert names(gate.visit(sent).respond([(b"x", b"y" * 2700)])) == {b"ab"}
    assert long in names(gate.visit(sent).respond([]))


def test_a_planned_sweep_says_what_fits_what_comes_later_and_what_stays() -> None:
    gate = any_gate()
    cookies = [b"a%d%s=1" % (n, b"a" * 600) for n in range(5)]
    odd = ("aé=1".encode(), b"a\xff=1", b"a" * 2000 + b"=1")
    visit = gate.visit(request(*cookies, *odd))
    visit.choose([])
    assert visit.context.sweep() == tuple(f"a{n}{'a' * 600}" for n in range(3))
    planned = visit.context.planned_sweep
    assert planned is not None
    assert planned.later == tuple(f"a{n}{'a' * 600}" for n in (3, 4))
    assert planned.remaining == ("aé", "a\ufffd", "a" * 2000)
    assert names(visit.respond([(b"x", b"y" * 900)])) == {
        *(name.encode() for name in planned.names),
        b"__Host-cookiegate",
    }


def test_headers_that_have_no_length_leave_no_room_for_a_sweep() -> None:
    odd: Any = [(b"x", 7)]
    result: Any = gate_for().visit(request(b"_ga=1", consent([]))).respond(odd)
    assert result == odd


def test_a_response_carries_two_kilobytes_of_deletions_at_most() -> None:
    cookies = [b"_gat_%s=1" % (b"%d" % number * 200) for number in range(1, 10)]
    result = gate_for().visit(request(*cookies, consent([]))).respond([])
    lines = swept(result)
    assert len(lines) == 8
    assert sum(len(line) + 14 for line in lines) <= 2048


SET_COOKIE = len(b"set-cookie: \r\n")


@pytest.mark.parametrize(
    ("headers", "most", "reserved", "size"),
    [
        ([], 16, 0, 2048),
        ([(b"x", b"y" * 1000)], 16, 0, 2048),
        ([(b"x", b"y" * 2000), (b"z", b"")], 16, 0, 3584 - 2005 - 5),
        ([(b"x", b"y" * 2000)], 16, 300, 3584 - 2005 - 300),
    ],
)
def test_the_room_of_a_response_ends_at_the_last_byte(
    headers: list[Pair], most: int, reserved: int, size: int
) -> None:
    room = Room(headers, most=most, reserved=reserved)
    assert not room.take(b"a" * (size - SET_COOKIE + 1))
    assert room.take(b"a" * (size - SET_COOKIE - 100))
    assert room.has(b"a" * (100 - SET_COOKIE))
    assert not room.has(b"a" * (101 - SET_COOKIE))
    assert room.take(b"a" * (100 - SET_COOKIE))
    assert room.bytes == 0


@pytest.mark.parametrize(("count", "most", "slots"), [(0, 16, 16), (0, 2, 2), (58, 16, 3)])
def test_the_room_of_a_response_ends_at_the_last_line(count: int, most: int, slots: int) -> None:
    room = Room([(b"a", b"b")] * count, most=most)
    assert [room.take(b"c") for _ in range(slots + 1)] == [True] * slots + [False]


def test_nothing_is_reserved_unless_it_is_said() -> None:
    assert Room([(b"x", b"y" * 2000)]).bytes == 3584 - 2005


def test_headers_that_have_no_length_leave_no_room() -> None:
    odd: Any
    for odd in ([(b"x", 7)], ["x"]):
        assert not Room(odd).has(b"")


def test_only_the_cookies_that_are_judged_cause_a_sweep() -> None:
    gate = gate_for()
    for count, is_wanted in ((200, True), (300, False)):
        pairs = [*([b"who=1"] * count), b"_ga=1"]
        assert gate.visit(request(consent([]), *pairs)).context.needs_sweep() is is_wanted
    kept = [b"who=a=b", b"sid=_ga=1", b"X_ga=1", b"\x0b_ga=1"]
    for pair in (*kept, b" _ga", b"_ga=a=b"):
        visit = gate.visit(request(consent([]), pair))
        assert visit.context.needs_sweep() is (pair not in kept)


def test_a_name_that_is_sent_twice_is_deleted_once() -> None:
    sent = request(b"_ga=1", b"_ga=2", b"_fbp=1", consent([]))
    lines = swept(gate_for().visit(sent).respond([]))
    assert sorted(lines) == [
        name + one for name in (b"_fbp", b"_ga") for one in (GONE, WIDEST, PARTITIONED)
    ]


def test_a_site_without_optional_categories_never_sweeps() -> None:
    text = PLACED.replace('category = "more"', 'category = "must"')
    gate = Gate(Registry.parse(text), KEY)
    assert not gate.pipeline.sweeps
    broken: Any = [(b"cookie", 7)]
    assert gate.visit(broken).respond([]) == []


def test_nothing_is_swept_or_reported_for_who_allows_all_also_without_a_required_category() -> None:
    verdicts: list[Verdict] = []
    registry = Registry.parse(ANY.replace("required = true", ""))
    gate = Gate(registry, KEY, clock=lambda: float(NOON), on_verdict=verdicts.append)
    allowed = gate.issue(["more"]).partition(";")[0].encode()
    visit = gate.visit(request(b"a=1", b"who=1", allowed))
    assert visit.consent.allowed == {"more"}
    assert not visit.context.needs_sweep()
    assert swept(visit.respond([])) == []
    assert verdicts == []


COOKIE = st.tuples(
    st.sampled_from([b"sid", b"cart", b"who", b"_ga", b"_gat_1", b"SID", b"NID", b"lang", b"\xff"]),
    st.binary(max_size=12).filter(lambda value: b";" not in value),
)


@given(
    st.lists(COOKIE, max_size=30),
    st.sets(st.sampled_from(["analysis", "marketing", "functional", "comfort"])),
    st.sampled_from([b"/", b"/a/b/c", b"/\xff"]),
    st.sampled_from([b"shop.example", b"www.google.com", b"x"]),
)
def test_no_sweep_deletes_a_required_unknown_or_allowed_cookie(
    cookies: list[tuple[bytes, bytes]], granted: set[str], path: bytes, host: bytes
) -> None:
    gate = gate_for()
    pairs = [b"=".join(pair) for pair in cookies]
    sent = request(*pairs, consent(sorted(granted)), host=host)
    visit = gate.visit(sent, path=path)
    result = visit.respond([])
    allowed = visit.consent.allowed
    assert len(swept(result)) <= 16
    for name in names(result):
        entries = gate.registry.find(name)
        assert entries
        assert all(entry.category not in allowed for entry in entries)
        assert name in dict(cookies)
    for line in swept(result):
        assert line.partition(b"=")[2].startswith(b"; Max-Age=0; Path=/")
        assert not set(b"\r\n\0") & set(line)


def test_a_name_with_few_targets_leaves_slots_for_the_others() -> None:
    text = PLACED.replace('"__Host-a",', '"__Host-a", "b",')
    gate = Gate(Registry.parse(text), KEY, clock=lambda: float(NOON))
    refused = gate.issue([]).partition(";")[0].encode()
    sent = request(b"__Host-a=1", b"b=1", refused, host=b"shop.example")
    lines = swept(gate.visit(sent, path=b"/in/deep").respond([]))
    assert [line.partition(b"=")[0] for line in lines[:4]] == [b"__Host-a", b"b"] * 2
    assert b"b=; Max-Age=0; Path=/in; Domain=shop.example" in lines
    assert len(lines) == 2 + 9


def test_a_failing_sweep_is_reported_and_the_response_delivered() -> None:
    errors: list[Exception] = []
    gate = gate_for(on_error=errors.append)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})

    sent = request(b"_ga=1", consent([]))
    # No server sends such a path.
    assert asgi_headers(AsgiGate(app, gate), sent, raw_path=7) == [(b"a", b"b")]
    assert [type(error) for error in errors] == [AttributeError]


def test_the_domain_whose_hosts_share_consent_is_swept_too() -> None:
    gate = any_gate(domain="shop.example")
    sent = request(b"a=1", refusal(gate), host=b"www.shop.example")
    lines = swept(gate.visit(sent).respond([]))
    assert b"a" + GONE + b"; Domain=shop.example" in lines


def test_the_path_is_that_of_the_browser() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    sent = request(b"_ga=1", consent([]))
    for scope in (
        {"path": "/a b", "root_path": ""},
        {"path": "/x", "raw_path": b"/a%20b?q=/c"},
        {"path": "/a b", "root_path": "/a b"},
    ):
        result = asgi_headers(AsgiGate(app, gate_for()), sent, **scope)
        assert swept(result)[-1] == b"_ga=; Max-Age=0; Path=/a%20b"
    for path, root, wanted in (("/b", "/a", b"/a/b"), ("/ab", "/a", b"/a/ab"), ("/b", "/", b"/b")):
        result = asgi_headers(AsgiGate(app, gate_for()), sent, path=path, root_path=root)
        assert swept(result)[-1] == b"_ga=; Max-Age=0; Path=" + wanted


@pytest.mark.parametrize("form", [tuple, iter, lambda pairs: [list(pair) for pair in pairs]])
def test_a_page_load_is_swept_in_whatever_form_a_server_gives_the_headers(form: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    headers = request(b"_ga=1", consent([]))
    result = asgi_headers(AsgiGate(app, gate_for()), [], headers=form(headers))
    assert names(result) == {b"_ga"}
