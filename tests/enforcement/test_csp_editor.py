"""Content-Security-Policy: sources of services that are not allowed are removed and reported."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Gate, Registry, Verdict
from cookiegate.asgi import CookieGateMiddleware as AsgiMiddleware
from cookiegate.http.csp import admits, edit, listed_sources
from cookiegate.wsgi import CookieGateMiddleware as WsgiMiddleware
from tests.adapters import ADAPTERS, Adapter, asgi_headers, nothing, wsgi_headers
from tests.registries import KEY, NOON

Pair = tuple[bytes, bytes]
CSP = b"content-security-policy"
ONLY = b"content-security-policy-report-only"
PRIVATE = (b"cache-control", b"private")
VARY = (b"vary", b"Cookie, DNT, Sec-GPC")

TEXT = """[site]
name = "S"
id = "s"
languages = ["en"]
[policy]
{policy}
[categories.must]
required = true
[categories.analysis]
{analysis}
[categories.marketing]
[services.pay]
category = "must"
sources = ["https://pay.example", "https://both.example"]
[services.count]
category = "analysis"
sources = ["https://count.example", "https://tags.example"]
[services.ads]
category = "marketing"
sources = ["https://ads.example", "https://Tags.example", "*.ads.example", "https://both.example"]
[services.none]
sources = ["https://other.example"]
[[cookies]]
name = "sid"
category = "must"
"""


ADDED = "added_csp = \"script-src 'self' https://ads.example\""


def gate(policy: str = "", analysis: str = "", **options: Any) -> Gate:
    registry = Registry.parse(TEXT.format(policy=policy, analysis=analysis))
    return Gate(registry, KEY, clock=lambda: float(NOON), **options)


def consent(*granted: str) -> list[Pair]:
    return [(b"cookie", gate().issue(granted).partition(";")[0].encode())]


each_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS.keys())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"script-src 'self' https://x.example", b"script-src 'self'"),
        (b"script-src https://x.example", b"script-src 'none'"),
        (b"  SCRIPT-SRC\thttps://X.example  'self' ;img-src *", b"  SCRIPT-SRC 'self';img-src *"),
        (b"default-src https://x.example; ; base-uri", b"default-src 'none'; ; base-uri"),
        (
            b"img-src https://x.example a, font-src https://x.example,script-src b",
            b"img-src a, font-src 'none',script-src b",
        ),
        # Other directives, sources and spellings stay.
        (b"form-action https://x.example", b"form-action https://x.example"),
        (b"frame-ancestors https://x.example", b"frame-ancestors https://x.example"),
        (b"report-uri https://x.example", b"report-uri https://x.example"),
        (b"img-src  x.example  https://x.example/", b"img-src  x.example  https://x.example/"),
        (b"img-src https://x.example:443", b"img-src https://x.example:443"),
        (b"img-src *", b"img-src *"),
        (b"script-src 'none'", b"script-src 'none'"),
        (b"", b""),
        (b",;, ;", b",;, ;"),
        (b"script-src\xa0https://x.example", b"script-src\xa0https://x.example"),
    ],
)
def test_whole_sources_are_removed_and_everything_else_stays(before: bytes, after: bytes) -> None:
    assert edit(before, {b"https://x.example"}) == after


@pytest.mark.parametrize(
    ("policies", "source", "is_admitted"),
    [
        ([], "https://x.example", True),
        (["script-src 'self'"], "https://x.example", True),
        (["default-src 'self'"], "https://x.example", False),
        (["default-src 'none'"], "https://x.example", False),
        (["default-src"], "https://x.example", False),
        (["default-src 'self'; img-src *"], "https://x.example", True),
        (["default-src 'self'; img-src *"], "https://x.example:8443", True),
        (["default-src 'self'; img-src https://*"], "https://x.example:8443", False),
        (["default-src 'self'; img-src https:"], "https://x.example", True),
        (["default-src 'self'; img-src http:"], "https://x.example", True),
        (["default-src 'self'; img-src data: blob:"], "https://x.example", False),
        (["default-src 'self'; connect-src wss:"], "https://x.example", True),
        (["default-src 'self'; connect-src ws:"], "wss://x.example", True),
        (["default-src 'self'; connect-src wss://x.example"], "wss://x.example", True),
        (["default-src 'self' x.example"], "https://x.example", True),
        (["default-src 'self' X.EXAMPLE/path"], "https://x.example", True),
        (["default-src 'self' http://x.example"], "https://x.example", True),
        (["default-src 'self' https://x.example"], "x.example", True),
        (["default-src 'self' ftp://x.example"], "https://x.example", False),
        (["default-src 'self' *.example"], "https://x.example", True),
        (["default-src 'self' *.x.example"], "https://x.example", False),
        (["default-src 'self' *.x.example"], "https://*.x.example", True),
        (["default-src 'self' x.example"], "*.x.example", False),
        (["default-src 'self' *.example"], "*.x.example", True),
        (["default-src 'self' *.y.example"], "https://x.example", False),
        (["default-src 'self' x.example:443"], "https://x.example", True),
        (["default-src 'self' x.example:80"], "https://x.example", True),
        (["default-src 'self' x.example:8443"], "https://x.example", False),
        (["default-src 'self' x.example"], "https://x.example:8443", False),
        (["default-src 'self' x.example:*"], "https://x.example:8443", True),
        (["default-src 'self' x.example:80"], "https://x.example:8443", False),
        (["default-src 'nonce-x.example' 'sha256-x'"], "https://x.example", False),
        (["default-src 'nonce-a' 'strict-dynamic'"], "https://x.example", True),
        (["default-src 'self'; img-src 'strict-dynamic'"], "https://x.example", False),
        (["default-src 'self'; script-src *; script-src-elem 'self'"], "https://x.example", False),
        (["default-src 'self'; child-src *"], "https://x.example", True),
        (["default-src 'self'; child-src *; frame-src 'none'"], "https://x.example", False),
        (["default-src 'self'; default-src *"], "https://x.example", False),
        # Every policy must admit it; one is enough to block it.
        (["default-src *", "default-src 'self'"], "https://x.example", False),
        (["default-src *, default-src 'self'"], "https://x.example", False),
        (["default-src https: , default-src 'self'"], "https://x.example", False),
        (["default-src https://x.example, img-src *"], "https://x.example", True),
        (["img-src 'none'", "default-src 'none'; img-src *"], "https://x.example", False),
        (["img-src 'none'", "default-src *; img-src *"], "https://x.example", True),
        (["default-src 'self'"], "no source", True),
    ],
)
def test_a_policy_admits_what_browsers_would_load(
    policies: list[str], source: str, is_admitted: bool
) -> None:
    assert admits([one.encode() for one in policies], source.encode()) is is_admitted


TOKENS = st.sampled_from(
    [b"'self'", b"*", b"https://x.example", b"HTTPS://X.example", b"https:", b"'nonce-ab'", b"y.z"]
)
DIRECTIVES = st.builds(
    lambda name, tokens, blank: name + b"".join(blank + token for token in tokens),
    st.sampled_from([b"script-src", b"Default-Src", b" img-src", b"report-uri", b"", b"sandbox"]),
    st.lists(TOKENS, max_size=5),
    st.sampled_from([b" ", b"  ", b"\t"]),
)
POLICIES = st.lists(st.lists(DIRECTIVES, max_size=4).map(b";".join), max_size=3).map(b",".join)


@given(POLICIES)
def test_editing_removes_refused_sources_and_adds_nothing(value: bytes) -> None:
    edited = edit(value, {b"https://x.example"})
    assert b"https://x.example" not in listed_sources(edited)
    assert listed_sources(edited) <= listed_sources(value) | {b"'none'"}
    assert edited.count(b";") == value.count(b";")
    assert edited.count(b",") == value.count(b",")
    assert edit(edited, {b"https://x.example"}) == edited
    if b"https://x.example" not in listed_sources(value):
        assert edited == value
    # A source that was not admitted before is not admitted now.
    for source in (b"https://x.example", b"https://y.z", b"wss://q.example"):
        assert not admits([edited], source) or admits([value], source)


@given(st.binary(max_size=60))
def test_no_bytes_in_a_policy_raise_an_error(value: bytes) -> None:
    assert edit(value, {b"q"}).count(b";") == value.count(b";")
    admits([value], b"https://x.example")


SENT = (
    b"default-src 'self'; script-src https://pay.example https://count.example https://ads.example"
)


@each_adapter
@pytest.mark.parametrize(
    ("granted", "result"),
    [
        ((), b"https://pay.example"),
        (("analysis",), b"https://pay.example https://count.example"),
        (("marketing",), b"https://pay.example https://ads.example"),
        (("analysis", "marketing"), SENT.partition(b"script-src ")[2]),
    ],
)
def test_each_visitor_gets_the_sources_of_allowed_services(
    adapter: Adapter, granted: tuple[str, ...], result: bytes
) -> None:
    headers = [(b"Content-Security-Policy", SENT), (b"a", b"b"), (ONLY, SENT)]
    edited = b"default-src 'self'; script-src " + result
    site = gate()
    for _ in range(2):  # the second time from the memo
        assert adapter(site, consent(*granted), headers, nothing) == [
            (b"Content-Security-Policy", edited),
            (b"a", b"b"),
            (ONLY, edited),
            PRIVATE,
            VARY,
        ]


@each_adapter
@pytest.mark.parametrize(
    ("policy", "analysis", "edited"),
    [
        ('csp = "off"', "", b"img-src https://count.example"),
        ('mode = "report"', "", b"img-src https://count.example"),
        ("", 'mode = "report"', b"img-src https://count.example"),
        ('mode = "report"', 'mode = "enforce"', b"img-src 'none'"),
    ],
)
def test_in_report_mode_no_policy_changes(
    adapter: Adapter, policy: str, analysis: str, edited: bytes
) -> None:
    headers = [(CSP, b"img-src https://count.example")]
    result = adapter(gate(policy, analysis), [], headers, nothing)
    assert result[0] == (CSP, edited)
    assert (len(result) == 3) is (edited == b"img-src 'none'")


@each_adapter
@pytest.mark.parametrize(
    ("policy", "headers"),
    [
        ("", [(CSP, b"img-src https://count.example")]),
        (ADDED, [(b"content-type", b"text/html")]),
    ],
)
def test_a_policy_that_depends_on_the_visitor_is_in_the_tag(
    adapter: Adapter, policy: str, headers: list[Pair]
) -> None:
    # A 304 keeps the policy that the browser has.
    validators = [(b"etag", b'"v1"'), (b"last-modified", b"Tue, 24 Nov 2026 12:00:00 GMT")]
    tags = set()
    for granted in ((), ("analysis",), ("marketing",)):
        left = dict(adapter(gate(policy), consent(*granted), [*headers, *validators], nothing))
        assert b"last-modified" not in left
        tags.add(left[b"etag"])
    assert len(tags) == 3


def test_a_source_of_several_categories_needs_all_of_them_and_a_required_one_stays() -> None:
    headers = [(CSP, b"img-src https://tags.example https://both.example *.ads.example")]
    for granted, result in (
        (("analysis",), b"img-src https://both.example"),
        (("marketing",), b"img-src https://both.example *.ads.example"),
        (("analysis", "marketing"), headers[0][1]),
    ):
        site = gate()
        assert site.filter(headers, site.read(consent(*granted)))[0] == (CSP, result)


def test_a_policy_that_no_consent_changes_does_not_depend_on_the_visitor() -> None:
    headers = [(CSP, b"script-src https://pay.example https://other.example *")]
    site = gate()
    assert site.filter(headers, site.read([])) == headers


def test_each_nonce_stays_where_it_was() -> None:
    site = gate()
    for nonce in (b"abc", b"def"):
        policy = b"script-src 'nonce-%s' https://ads.example 'NONCE-%s2'; style-src 'nonce-%s3'"
        sent = policy % (nonce, nonce, nonce)
        result = site.filter([(CSP, sent)], site.read([]))
        assert result[0] == (CSP, sent.replace(b" https://ads.example", b""))


def test_a_policy_is_edited_once_for_visitors_who_allow_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edited: list[bytes] = []

    def counting(value: bytes, refused: Any) -> bytes:
        edited.append(value)
        return edit(value, refused)

    monkeypatch.setattr("cookiegate.enforcement.csp_editor.edit", counting)
    site = gate()
    for nonce in (b"a", b"b"):
        for granted in ((), ("analysis",)):
            headers = [(CSP, b"img-src https://ads.example 'nonce-%s'" % nonce)]
            site.filter(headers, site.read(consent(*granted)))
    assert edited == [b"img-src https://ads.example 'nonce-'"] * 2
    longest = b"img-src https://ads.example ".ljust(4096, b"x")
    for policy, count in ((longest, 1), (longest + b"x", 2)):
        edited.clear()
        for _ in range(2):
            site.filter([(CSP, policy)], site.read([]))
        assert len(edited) == count
    # Many long ones displace the first.
    for number in range(300):
        site.filter([(CSP, longest[:4000] + b"%d" % number)], site.read([]))
    edited.clear()
    site.filter([(CSP, longest)], site.read([]))
    assert edited == [longest]


def test_a_source_stays_for_who_allows_its_category_also_without_a_required_one() -> None:
    text = TEXT.partition("[[cookies]]")[0].replace("required = true", "")
    site = Gate(Registry.parse(text.format(policy="", analysis="")), KEY, clock=lambda: float(NOON))
    headers = [(CSP, b"img-src https://count.example https://ads.example")]
    for granted, result in (("analysis", b"https://count.example"), ("must", b"'none'")):
        cookie = [(b"cookie", site.issue({granted}).partition(";")[0].encode())]
        assert site.filter(headers, site.read(cookie))[0] == (CSP, b"img-src " + result)


def test_thousands_of_policies_are_edited_alike() -> None:
    verdicts: list[Verdict] = []
    site = gate(on_verdict=verdicts.append)
    ends = [b"a%d" % number for number in range(1500)]
    for end in [*ends, b"x" * 5000]:
        result = site.filter([(CSP, b"img-src https://ads.example " + end)], site.read([]))
        assert result[0] == (CSP, b"img-src " + end)


def test_a_service_that_a_policy_admits_is_reported_once() -> None:
    verdicts: list[Verdict] = []
    site = gate(on_verdict=verdicts.append)
    for nonce in (b"a", b"b"):
        headers = [(CSP, b"default-src 'self'; img-src https: 'nonce-%s'" % nonce), (ONLY, b"x")]
        site.filter(headers, site.read(consent("analysis")))
    assert [(v.name, v.category, v.reason.value, v.action, v.allowed) for v in verdicts] == [
        ("ads", "marketing", "not_granted", "keep", False),
    ]
    assert [note.value for note in verdicts[0].notes] == ["csp_admits"]


def test_blocked_and_allowed_services_are_not_reported() -> None:
    verdicts: list[Verdict] = []
    site = gate(on_verdict=verdicts.append)
    site.filter([(CSP, b"default-src 'self' https://ads.example *.ads.example")], site.read([]))
    assert verdicts == []
    site.filter([(ONLY, b"default-src 'self'")], site.read([]))
    assert {verdict.name for verdict in verdicts} == {"ads", "count"}
    verdicts.clear()
    site.filter([(CSP, b"img-src *")], site.read(consent("analysis", "marketing")))
    assert verdicts == []


def test_a_service_is_reported_with_the_signal_that_blocks_its_category() -> None:
    verdicts: list[Verdict] = []
    site = gate(on_verdict=verdicts.append)
    request = [*consent("analysis", "marketing"), (b"sec-gpc", b"1")]
    site.filter([(CSP, b"img-src *")], site.read(request))
    assert {(v.name, v.category, v.reason.value) for v in verdicts} == {
        ("ads", "marketing", "gpc"),
        ("count", "analysis", "gpc"),
    }


def test_a_service_is_not_reported_to_who_allows_exactly_its_category() -> None:
    verdicts: list[Verdict] = []
    text = TEXT.partition("[[cookies]]")[0].replace("required = true", "")
    registry = Registry.parse(text.format(policy="", analysis=""))
    site = Gate(registry, KEY, clock=lambda: float(NOON), on_verdict=verdicts.append)
    cookie = site.issue({"analysis"}).partition(";")[0].encode()
    site.filter([(CSP, b"img-src https:")], site.read([(b"cookie", cookie)]))
    assert {(v.name, v.category) for v in verdicts} == {("pay", "must"), ("ads", "marketing")}


def test_a_service_that_the_source_of_an_allowed_one_covers_is_reported() -> None:
    verdicts: list[Verdict] = []
    text = TEXT.partition("[[cookies]]")[0].replace("required = true", "")
    text = text.replace("https://tags.example", "https://*.cdn.example")
    text = text.replace("https://Tags.example", "https://ads.cdn.example")
    registry = Registry.parse(text.format(policy="", analysis=""))
    site = Gate(registry, KEY, clock=lambda: float(NOON), on_verdict=verdicts.append)
    cookie = site.issue({"analysis"}).partition(";")[0].encode()
    headers = [(CSP, b"default-src 'self' https://*.cdn.example")]
    assert site.filter(headers, site.read([(b"cookie", cookie)]))[0] == headers[0]
    assert [(v.name, v.category) for v in verdicts] == [("ads", "marketing")]


@each_adapter
def test_a_page_without_a_policy_gets_the_added_policy(adapter: Adapter) -> None:
    site = gate(ADDED)
    page = (b"content-type", b"text/html; charset=utf-8")
    assert adapter(site, [], [page], nothing) == [page, (CSP, b"script-src 'self'"), PRIVATE, VARY]
    own = (CSP, b"img-src 'self'")
    assert adapter(site, [], [page, own], nothing) == [page, own]
    other = (b"content-type", b"application/json")
    assert adapter(site, [], [other], nothing) == [other]
    reporting = gate('mode = "report"\nadded_csp = "script-src \'self\'"')
    assert adapter(reporting, [], [page], nothing) == [page]


def test_a_service_that_the_added_policy_blocks_is_not_reported() -> None:
    verdicts: list[Verdict] = []
    site = gate(
        "added_csp = \"default-src 'self' https://ads.example\"", on_verdict=verdicts.append
    )
    page = (b"content-type", b"text/html")
    assert site.filter([page], site.read([]))[1] == (CSP, b"default-src 'self'")
    assert verdicts == []


@each_adapter
@pytest.mark.parametrize(
    "content_type",
    [
        b"text/html",
        b"Text/HTML;charset=utf-8",
        b" text/html ; charset=utf-8",
        b"application/xhtml+xml",
        b"APPLICATION/XHTML+XML; charset=utf-8",
        b"text/plain, text/html",
    ],
)
@pytest.mark.parametrize("name", [b"content-type", b"Content-Type"])
def test_every_kind_of_page_gets_the_added_policy(
    adapter: Adapter, name: bytes, content_type: bytes
) -> None:
    site = gate(ADDED)
    page = (name, content_type)
    assert adapter(site, [], [page], nothing) == [page, (CSP, b"script-src 'self'"), PRIVATE, VARY]


@each_adapter
@pytest.mark.parametrize(
    "content_type",
    [b"text/htmlx", b"x/text/html", b"text/plain; a=text/html", b"image/svg+xml", b"text/xml"],
)
def test_what_is_no_page_gets_no_policy(adapter: Adapter, content_type: bytes) -> None:
    site = gate(ADDED)
    file = [(b"content-type", content_type), (b"x-content-type", b"text/html")]
    assert adapter(site, [], file, nothing) == file


@pytest.mark.parametrize("status", [200, 203, 300, 400, 404, 500])
@pytest.mark.parametrize(
    "headers", [[], [(b"Content-Type", b"")], [(b"content-type", b"unknown/unknown")]]
)
def test_a_page_without_a_type_gets_the_added_policy(status: int, headers: list[Pair]) -> None:
    # Browsers look into the body, and may find a page.
    for respond in (respond_by_asgi, respond_by_wsgi):
        assert (CSP, b"script-src 'self'") in respond(status, headers)


@pytest.mark.parametrize("status", [204, 205, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("headers", [[], [(b"content-type", b"text/html")]])
def test_what_browsers_do_not_show_gets_no_policy(status: int, headers: list[Pair]) -> None:
    for respond in (respond_by_asgi, respond_by_wsgi):
        assert respond(status, headers) == headers


def respond_by_asgi(status: int, headers: list[Pair]) -> list[Pair]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})

    return asgi_headers(AsgiMiddleware(app, gate(ADDED)), [])


def respond_by_wsgi(status: int, headers: list[Pair]) -> list[Pair]:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response(f"{status} x", [(n.decode(), v.decode()) for n, v in headers])
        return []

    return wsgi_headers(WsgiMiddleware(app, gate(ADDED)), [])


def test_a_status_that_is_no_number_is_not_a_page() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("Fine", [])
        return []

    assert wsgi_headers(WsgiMiddleware(app, gate(ADDED)), []) == []


@each_adapter
@pytest.mark.parametrize("name", [ONLY, b"Content-Security-Policy-Report-Only"])
def test_a_page_whose_policy_only_reports_gets_the_added_policy(
    adapter: Adapter, name: bytes
) -> None:
    site = gate(ADDED)
    page = (b"content-type", b"text/html")
    only = (name, b"img-src https://count.example")
    assert adapter(site, [], [page, only], nothing) == [
        page,
        (name, b"img-src 'none'"),
        (CSP, b"script-src 'self'"),
        PRIVATE,
        VARY,
    ]
    own = (b"CONTENT-SECURITY-POLICY", b"img-src 'self'")
    only = (name, b"img-src 'self'")
    assert adapter(site, [], [page, only, own], nothing) == [page, only, own]


def test_with_csp_off_a_policy_is_added_unchanged_and_no_policy_is_edited() -> None:
    verdicts: list[Verdict] = []
    added = "script-src https://ads.example"
    site = gate(f'csp = "off"\nadded_csp = "{added}"', on_verdict=verdicts.append)
    page = (b"content-type", b"text/html")
    assert site.filter([page], site.read([])) == [page, (CSP, added.encode())]
    own = (CSP, b"img-src https://ads.example")
    assert site.filter([page, own], site.read([])) == [page, own]
    assert verdicts == []


def test_without_sources_there_is_nothing_to_edit() -> None:
    without = Registry.parse(re.sub("sources = .*", "", TEXT.format(policy="", analysis="")))
    for registry, edits in ((without, False), (gate().registry, True)):
        assert Gate(registry, KEY).pipeline.edits_policies is edits


def test_a_failure_leaves_the_policy_unchanged_and_is_reported() -> None:
    def fails() -> float:
        raise LookupError("no clock")

    errors: list[Exception] = []
    registry = Registry.parse(TEXT.format(policy="", analysis=""))
    site = Gate(registry, KEY, clock=fails, on_error=errors.append)
    headers = [(CSP, b"img-src https://ads.example"), (b"a", b"b")]
    assert site.visit([]).respond(headers) == headers
    assert {type(error) for error in errors} == {LookupError}


def test_a_policy_that_no_server_can_write_stays() -> None:
    odd: Any = [(CSP, "img-src https://ads.example \u20ac"), (b"a", b"b")]
    assert gate().visit([]).respond(odd) == odd


def test_text_is_read_like_bytes() -> None:
    odd: Any = [("Content-Security-Policy", "img-src https://ads.example")]
    assert gate().visit([]).respond(odd)[0] == (b"Content-Security-Policy", b"img-src 'none'")


@pytest.mark.parametrize(
    "odd",
    [
        (None, b"1"),
        (7, b"1"),
        ("x-\u2603", b"1"),
        (b"content-security-policy", None),
        (b"content-type", 7),
        (bytearray(b"x"), b"1"),
    ],
)
def test_a_header_that_is_not_of_bytes_leaves_no_policy_unedited(odd: Any) -> None:
    errors: list[Exception] = []
    editing = gate(on_error=errors.append)
    policy = (b"content-security-policy", b"script-src 'self' https://ads.example")
    for headers in ([odd, policy], [policy, odd]):
        result = editing.visit([]).respond(headers)
        assert (policy[0], b"script-src 'self'") in result
    assert errors == []
