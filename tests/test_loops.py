"""The hot loops: what each implementation does, and that both do the same."""

import runpy
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cookiegate
from cookiegate import Gate, _native, loops
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.http import headers, request
from tests.adapters import ADAPTERS, asgi_headers, nothing
from tests.fuzz.loops import (
    CONSENT,
    DELETES,
    KINDS,
    KNOWN,
    NOW,
    OUTCOMES,
    REFUSED,
    Chance,
    check_cookie_header,
    check_request,
    check_response,
)
from tests.implementations import IMPLEMENTATIONS, using
from tests.registries import NOON, cookie_header, gate_for, shop

each = pytest.mark.parametrize("name", IMPLEMENTATIONS)


def table_of(implementation: ModuleType, numbers: dict[bytes, Any], kind: type = bytes) -> Any:
    table = implementation.new_table()
    for name, number in numbers.items():
        table[name if kind is bytes else name.decode()] = number
    return table


def sieve(name: str, headers: list[Any], kind: type = bytes, asked: Any = None) -> Any:
    """Return the result, what was kept, the lines, and what was asked with."""
    one = IMPLEMENTATIONS[name]
    tables = [table_of(one, numbers, kind) for numbers in (KINDS, DELETES, OUTCOMES)]
    kept: list[Any] = []
    lines: list[int] = []
    calls: list[Any] = []

    def ask(context: Any) -> Any:
        calls.append(context)
        return tables[2], NOW, "more"

    function = one.sieve if kind is bytes else one.sieve_text
    result = function(iter(headers), kept, lines, *tables[:2], asked, ask, "request")
    return result, kept, lines, calls


@each
@pytest.mark.parametrize("kind", [bytes, str])
def test_the_sieve_keeps_what_may_leave(name: str, kind: type) -> None:
    headers: list[Any] = [
        (b"content-type", b"text/html"),
        (b"cache-control", b"no-cache"),
        (b"set-cookie", b"sid=1; Path=/"),
        (b"set-cookie", b"_ga=1; Path=/"),
        (b"cache-control", b"private"),
    ]
    if kind is str:
        headers = [(one.decode(), value.decode()) for one, value in headers]
    result, kept, lines, calls = sieve(name, headers, kind)
    assert result == loops.DEPENDS
    assert kept == [headers[at] for at in (0, 1, 2, 4)]
    assert lines == [1, 3]
    assert calls == ["request"]


@each
@pytest.mark.parametrize("kind", [bytes, str])
@pytest.mark.parametrize(
    ("value", "found"),
    [(b"sid=1", 0), (b"lang=1", loops.DEPENDS), (b"_ga=1", loops.DEPENDS)],
)
def test_the_sieve_says_whether_the_response_depends_on_the_consent(
    name: str, kind: type, value: bytes, found: int
) -> None:
    pair: Any = (b"set-cookie", value)
    if kind is str:
        pair = tuple(part.decode() for part in pair)
    assert sieve(name, [pair], kind)[0] == found


@each
@pytest.mark.parametrize("kind", [bytes, str])
def test_the_sieve_says_that_there_is_a_policy(name: str, kind: type) -> None:
    pair: Any = (b"content-security-policy", b"default-src 'self'")
    if kind is str:
        pair = tuple(part.decode() for part in pair)
    assert sieve(name, [pair], kind)[:2] == (loops.HAS_POLICY, [pair])


class Text(bytes):
    """Could read differently the second time."""


class Word(str):
    """The same for text."""


def other_kind(part: Any) -> Any:
    if isinstance(part, Text):
        return Word(part.decode())
    return part.decode() if isinstance(part, bytes) else part.encode()


ODD = [
    None,
    [b"x", b"y"],
    (b"x",),
    (b"x", b"y", b"z"),
    (b"x", "y"),
    ("x", b"y"),
    (b"x", Text(b"y")),
    (b"new", b"y"),
    (b"x", b"a\nb"),
    (b"x", b"a\rb"),
    (b"set-cookie", b"sid"),
    (b"set-cookie", b"sid=\0"),
    (b"set-cookie", b"new=1"),
    (b"set-cookie", b"who=1"),
    (b"set-cookie", b"_ga=1; Max-Age=0"),
    (b"set-cookie", b"_ga=1; Path=/new"),
]


@each
@pytest.mark.parametrize("kind", [bytes, str])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_the_sieve_hands_back_what_needs_a_closer_look(name: str, kind: type, odd: Any) -> None:
    usual: Any = (b"set-cookie", b"lang=1")
    if kind is str:
        usual = ("set-cookie", "lang=1")
        if type(odd) is tuple:
            odd = tuple(map(other_kind, odd))
    result, kept, _, calls = sieve(name, [usual, odd, usual], kind)
    assert result[0] is odd
    assert result[1] == loops.DEPENDS
    assert result[2][1:] == (NOW, "more")
    assert kept == [usual]
    assert calls == ["request"]


@each
def test_the_sieve_hands_back_cookies_of_text_beyond_ascii(name: str) -> None:
    pair = ("set-cookie", "sid=\xe9")
    assert sieve(name, [pair], str)[0][0] is pair


@each
def test_the_sieve_asks_once_a_response(name: str) -> None:
    pair = (b"set-cookie", b"lang=1")
    outcomes = table_of(IMPLEMENTATIONS[name], OUTCOMES)
    assert sieve(name, [pair, pair], asked=(outcomes, NOW, None))[3] == []
    assert sieve(name, [(b"x", b"y")])[3] == []


@each
def test_the_sieve_goes_on_after_a_header_that_it_handed_back(name: str) -> None:
    one = IMPLEMENTATIONS[name]
    tables = [table_of(one, numbers) for numbers in (KINDS, DELETES)]
    rest = iter([(b"new", b""), (b"x", b"1"), (b"x", b"2")])
    kept: list[Any] = []
    arguments = (rest, kept, [], *tables, None, None, None)
    assert one.sieve(*arguments) == ((b"new", b""), 0, None)
    assert one.sieve(*arguments) == 0
    assert kept == [(b"x", b"1"), (b"x", b"2")]


@each
def test_what_the_caller_raises_leaves_the_sieve(name: str) -> None:
    one = IMPLEMENTATIONS[name]
    tables = [table_of(one, numbers) for numbers in (KINDS, DELETES)]

    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        one.sieve(iter([(b"set-cookie", b"a=")]), [], [], *tables, None, fail, None)
    with pytest.raises(ZeroDivisionError):
        one.sieve((fail() for _ in "x"), [], [], *tables, None, None, None)


@each
def test_a_request_is_scanned_by_name(name: str) -> None:
    one = IMPLEMENTATIONS[name]
    known = table_of(one, KNOWN)
    headers: list[Any] = [(b"host", b"shop.example"), (b"x", b"1"), (b"cookie", b"a=1")]
    scanned = one.scan(headers, known)
    assert (scanned[b"host"], scanned[b"cookie"]) == (b"shop.example", b"a=1")
    assert one.scan(iter(headers), known) is None
    assert one.scan([*headers, None], known) is None


@each
@pytest.mark.parametrize("more", [(b"host", b"else.example"), (b"Cookie", b"b=1"), (b"new", b"")])
def test_nothing_is_scanned_if_something_would_be_missing(name: str, more: Any) -> None:
    one = IMPLEMENTATIONS[name]
    headers: list[Any] = [(b"host", b"shop.example"), more]
    assert one.scan(headers, table_of(one, KNOWN)) is None


@each
@pytest.mark.parametrize(
    ("header", "limit", "refused"),
    [
        (b"sid=1; _ga=2", 10, True),
        (b"sid=1; _ga=2", 0, []),
        (b"sid=1; new=2", 10, [b" new"]),
        (b"new;other=1; sid=2;new=3;=", 10, [b"new", b"other", b"new"]),
        (b"new=1; _ga=2", 10, True),
        (b"sid; sid=3", 10, []),
        (b"", 10, []),
        (b"sid=1; sid=2; _ga=3", -1, True),
    ],
)
def test_a_cookie_header_is_searched_for_what_is_refused(
    name: str, header: bytes, limit: int, refused: bool | list[bytes]
) -> None:
    one = IMPLEMENTATIONS[name]
    assert one.is_refused(header, table_of(one, REFUSED), limit) == refused


@each
@pytest.mark.parametrize(
    ("header", "value"),
    [
        (b"a=1; __Host-consent=abc; b=2", b"abc"),
        (b"__Host-consent=abc", b"abc"),
        (b"__Host-consent=", b""),
        (b"a=1", False),
        (b"", False),
        (b"__Host-consen", False),
        (b"__Host-consent", True),
        (b"a=__Host-consent=1", True),
        (b"a=1;__Host-consent=1", True),
        (b";__Host-consent=1", True),
        (b"__Host-consent=1; __Host-consent=2", True),
        (b"__Host-consent=__Host-consent", True),
        (b"__Host-consent2=1", True),
    ],
)
def test_the_consent_is_found_where_browsers_write_it(
    name: str, header: bytes, value: bytes | bool
) -> None:
    assert IMPLEMENTATIONS[name].consent_value(header, CONSENT) == value


@each
def test_blanks_around_the_consent_do_not_count(name: str) -> None:
    found = IMPLEMENTATIONS[name].consent_value(CONSENT + b"= \tabc \t; x=1", CONSENT)
    assert found is True or found == b"abc"


@each
@pytest.mark.parametrize("kind", [bytes, str])
def test_a_table_maps_names_to_numbers(name: str, kind: Callable[..., Any]) -> None:
    table = IMPLEMENTATIONS[name].new_table()
    names: list[Any] = [b"x" * size for size in range(257)]
    if kind is str:
        names = [one.decode() for one in names]
    for number, one in enumerate(names):
        table[one] = number
    table[names[3]] = -0.5
    assert len(table) == 257
    assert [table[one] for one in names] == [0, 1, 2, -0.5, *range(4, 257)]
    assert all(one in table for one in names)
    assert names[0] + names[1] * 300 not in table
    with pytest.raises(KeyError):
        table[names[0] + names[1] * 300]
    table.clear()
    assert len(table) == 0
    assert names[3] not in table


parts = st.one_of(
    st.none(), st.integers(), st.binary(max_size=8), st.text(max_size=8), st.just(Text(b"x"))
)
usual = st.integers().map(lambda seed: Chance(seed).header(is_text=bool(seed % 2)))
any_headers = st.lists(
    usual | usual | st.tuples(parts, parts) | st.lists(parts, max_size=3).map(tuple) | parts,
    max_size=8,
)


@given(any_headers, st.booleans(), st.booleans())
def test_both_decide_alike_on_any_headers(headers: list[Any], is_text: bool, asked: bool) -> None:
    check_response(headers, is_text=is_text, asked=asked)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(KNOWN)) | parts, parts) | parts, max_size=6),
    st.integers(),
)
def test_both_read_any_request_alike(headers: list[Any], seed: int) -> None:
    check_request(headers)
    check_request(Chance(seed).request())


@given(st.integers(), st.binary(max_size=20), st.integers(-2, 5))
def test_both_read_any_cookie_header_alike(seed: int, header: bytes, limit: int) -> None:
    for one in (Chance(seed).cookies(), header, CONSENT + b"=" + header):
        check_cookie_header(one, limit)


def gates_of(implementation: ModuleType) -> list[Gate]:
    with using(implementation):
        return [
            gate_for(),
            gate_for(shop('unknown = "allow"')),
            gate_for(shop(analysis='mode = "report"')),
        ]


GATES = {name: gates_of(one) for name, one in IMPLEMENTATIONS.items()}
values = st.integers().map(lambda seed: Chance(seed).value())
responses = st.lists(
    st.tuples(
        st.sampled_from([b"set-cookie", b"Set-Cookie", b"vary", b"cache-control", b"x", b"new"]),
        st.one_of(
            values,
            st.sampled_from([b"sid=1; Path=/", b"_ga=1; Path=/", b"_ga=; Max-Age=0", b"lang=\xe9"]),
            st.binary(max_size=12),
        ),
    ),
    max_size=8,
)


@given(responses, st.integers(0, 2), st.frozensets(st.sampled_from(["analysis", "comfort"])))
def test_what_leaves_the_gate_is_the_same_with_both(
    response: list[tuple[bytes, bytes]], gate: int, granted: frozenset[str]
) -> None:
    leaving = []
    for name, one in IMPLEMENTATIONS.items():
        with using(one):
            chosen = GATES[name][gate]
            request = [cookie_header(chosen.issue(granted, now=NOON))]
            for adapter in ADAPTERS.values():
                try:
                    sent: Any = adapter(chosen, request, response, nothing)
                except Exception as error:
                    sent = type(error)
                leaving.append(sent)
    half = len(leaving) // len(IMPLEMENTATIONS)
    assert leaving[:half] == leaving[-half:]


TAG = gate_for().visit([]).respond([(b"etag", b'"v1"'), (b"set-cookie", b"_ga=1")])[0][1]
spelled = st.sampled_from(
    [b"if-none-match", b"accept", b"sec-fetch-dest", b"cookie", b"host", b"x", b"x-not-seen"]
).flatmap(lambda name: st.sampled_from([name, name, name.title(), b" " + name]))
REFUSAL = cookie_header(gate_for().issue([], now=NOON))[1] + b"; _ga=1"
sent = st.sampled_from([TAG, b'"v1"', b"text/html", b"document", b"empty", REFUSAL, b"sid=2"])


@given(st.lists(st.tuples(spelled, sent), max_size=5))
@example([(b"If-None-Match", TAG)])
@example([(b"accept", b"text/html"), (b"Sec-Fetch-Dest", b"empty"), (b"cookie", REFUSAL)])
@example([(b"Sec-Fetch-Dest", b"document"), (b"cookie", REFUSAL)])
def test_both_answer_any_request_alike(headers: list[tuple[bytes, bytes]]) -> None:
    answers = []
    for name, one in IMPLEMENTATIONS.items():
        with using(one):
            seen: list[Any] = []

            async def app(scope: Any, receive: Any, send: Any, seen: list[Any] = seen) -> None:
                seen.append(scope["headers"])
                await send({"type": "http.response.start", "status": 200, "headers": []})

            answers.append((asgi_headers(CookieGateMiddleware(app, GATES[name][0]), headers), seen))
    assert answers == answers[:1] * len(IMPLEMENTATIONS)


@each
def test_names_that_clients_make_up_are_not_all_remembered(name: str) -> None:
    with using(IMPLEMENTATIONS[name]):
        for number in range(3000):
            made_up = b"x-%d" % number
            assert headers.kind_of(made_up) == "other"
            some = [(made_up, b"")]
            scanned = request.scan_request(some)
            assert scanned is not None
            assert request.read_scanned(scanned, "GET") == request.read_request(some)
        assert len(headers.KINDS) <= 1024
        assert len(request._KNOWN) <= 1024


@each
def test_a_request_with_a_header_twice_is_read_in_full(name: str) -> None:
    some = [(b"host", b"shop.example"), (b"host", b"else.example")]
    with using(IMPLEMENTATIONS[name]):
        assert request.scan_request(some) is None


@pytest.mark.parametrize(
    ("text", "is_pure"), [("1", True), ("no", True), ("", "c" not in IMPLEMENTATIONS)]
)
def test_a_variable_of_the_environment_chooses_python(
    monkeypatch: pytest.MonkeyPatch, text: str, is_pure: bool
) -> None:
    monkeypatch.setenv("COOKIEGATE_PURE", text)
    chosen = runpy.run_path(loops.__file__, run_name="cookiegate.loops_again")
    assert (chosen["sieve"] is _native.sieve) is is_pure
    assert chosen["SPEEDUPS"] == ("pure" if is_pure else "c")


def test_without_the_extension_python_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEGATE_PURE", raising=False)
    monkeypatch.setitem(sys.modules, "cookiegate._speedups", None)
    chosen = runpy.run_path(loops.__file__, run_name="cookiegate.loops_again")
    assert chosen["SPEEDUPS"] == "pure"


def test_the_package_says_which_loops_it_uses() -> None:
    assert cookiegate.__speedups__ == loops.SPEEDUPS
