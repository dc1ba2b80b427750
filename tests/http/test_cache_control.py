"""Cache headers of responses that depend on the visitor."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.http import cache_control
from cookiegate.http.cache_control import Header
from cookiegate.http.headers import kind_of

VARY = (b"vary", b"Cookie, DNT, Sec-GPC")


def lines(headers: Sequence[Header]) -> list[int]:
    return [line for line, (name, _) in enumerate(headers) if kind_of(name) == "cache"]


def keep_private(headers: Sequence[Header]) -> list[Header]:
    return cache_control.keep_private(list(headers), lines(headers))


def forbid_storing(headers: Sequence[Header]) -> list[Header]:
    return cache_control.forbid_storing(list(headers), lines(headers))


def private(*headers: Header) -> list[Header]:
    return keep_private(headers)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"public, max-age=60", b"private, max-age=60"),
        (b"s-maxage=9,max-age=60", b"private, max-age=60"),
        (b"PUBLIC", b"private"),
        (b"max-age=60", b"private, max-age=60"),
        (b"", b"private"),
        (b"no-cache", b"private, no-cache"),
        # A qualified private is about one header field, not about the response.
        (b'private="set-cookie, x", max-age=1', b"private, max-age=1"),
        (b'no-cache="a, public", public', b'private, no-cache="a, public"'),
        (b'x="a\\", public', b'private, x="a\\", public'),
        # A cache that understands may store in spite of this no-store.
        (b"must-understand, no-store", b"private, must-understand, no-store"),
    ],
)
def test_private_replaces_public(value: bytes, written: bytes) -> None:
    assert private((b"Cache-Control", value)) == [(b"Cache-Control", written), VARY]


@pytest.mark.parametrize("value", [b"private", b"max-age=1, Private", b"no-store", b"No-Store,x=1"])
def test_private_and_no_store_stay_as_they_are(value: bytes) -> None:
    assert private((b"cache-control", value)) == [(b"cache-control", value), VARY]


def test_without_cache_control_private_is_added() -> None:
    assert private((b"a", b"b")) == [(b"a", b"b"), (b"cache-control", b"private"), VARY]


def test_several_cache_control_lines_become_one() -> None:
    lines = ((b"cache-control", b"public"), (b"a", b"b"), (b"Cache-Control", b"max-age=1"))
    assert private(*lines) == [
        (b"cache-control", b"private, max-age=1"),
        (b"a", b"b"),
        VARY,
    ]


TARGETED = [
    b"CDN-Cache-Control",
    b"surrogate-control",
    b" X-Accel-Expires",
    b"Cloudflare-CDN-Cache-Control",
    b"Vercel-CDN-Cache-Control",
    b"Netlify-CDN-Cache-Control",
    b"Akamai-Cache-Control",
    b"Fastly-Cache-Control",
    b"X-LiteSpeed-Cache-Control",
    b"EXAMPLENET-CACHE-CONTROL",
    b"X-Cache-Control",
    b"X-Surrogate-Control ",
    b"Edge-Control",
    b"Edge-Cache-TTL",
    b"X-Varnish-TTL",
    b"CDN-Max-Age",
    b"Surrogate-MaxAge",
    b"X-Reverse-Proxy-TTL",
    b"X-VC-TTL",
    b"X-Fastly-TTL",
    b"X-Cache-Lifetime",
    b"X-Shared-Max-Age",
]


@pytest.mark.parametrize("name", TARGETED)
@pytest.mark.parametrize("cache_control", [b"public", b"private", b"no-store"])
def test_headers_for_some_shared_caches_are_removed(name: bytes, cache_control: bytes) -> None:
    result = private((name, b"max-age=60"), (b"cache-control", cache_control))
    assert [name for name, _ in result] == [b"cache-control", b"vary"]
    result = forbid_storing([(name, b"max-age=60"), (b"cache-control", cache_control)])
    assert [name for name, _ in result] == [b"cache-control", b"vary"]


@pytest.mark.parametrize(
    "name",
    [
        b"Access-Control-Max-Age",
        b"Access-Control-Allow-Origin",
        b"Expires",
        b"Age",
        b"Cache-Status",
        b"CDN-Cache-Status",
        b"Surrogate-Key",
        b"Cache-Tag",
        b"Edge-Cache-Tag",
        b"X-Accel-Redirect",
        b"X-Accel-Buffering",
        b"X-Token-Expires",
        b"X-DNS-Prefetch-Control",
        b"X-Flow-Control",
        b"X-Message-TTL",
        b"X-RateLimit-Max-Age",
        b"Permissions-Policy",
    ],
)
def test_headers_that_let_no_shared_cache_store_stay(name: bytes) -> None:
    assert private((name, b"60"))[0] == (name, b"60")


@given(
    st.text("abcXYZ019-", max_size=20),
    st.sampled_from(["-Cache-Control", "-CDN-CACHE-CONTROL", "-surrogate-control"]),
    st.sampled_from(["", " ", "\t"]),
)
def test_any_vendors_cache_header_is_removed(vendor: str, kind: str, blank: str) -> None:
    name = f"{blank}{vendor}{kind}{blank}".encode()
    result = private((b"a", b"b"), (name, b"max-age=60"))
    assert [name for name, _ in result] == [b"a", b"cache-control", b"vary"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"Accept", b"Accept, Cookie, DNT, Sec-GPC"),
        (b"cookie", b"cookie, DNT, Sec-GPC"),
        (b"Sec-GPC, dnt , COOKIE", b"Sec-GPC, dnt , COOKIE"),
        (b"", b"Cookie, DNT, Sec-GPC"),
        (b"*", b"*"),
        (b"Accept, *", b"Accept, *"),
    ],
)
def test_vary_is_merged(value: bytes, written: bytes) -> None:
    assert dict(private((b"Vary", value)))[b"Vary"] == written


def test_the_first_vary_line_gets_the_missing_fields() -> None:
    result = private((b"vary", b"Accept"), (b"vary", b"Cookie"))
    assert result[:2] == [(b"vary", b"Accept, DNT, Sec-GPC"), (b"vary", b"Cookie")]


DATE = (b"Last-Modified", b"Tue, 24 Nov 2026 12:00:00 GMT")


@pytest.mark.parametrize("change", [cache_control.keep_private, cache_control.forbid_storing])
@pytest.mark.parametrize(
    ("state", "left"),
    [
        (b"", [(b"ETag", b'"v1"'), DATE]),
        (b"00", [(b"ETag", b'"v1~cg-00"')]),
        (None, []),
    ],
)
def test_validators_depend_on_the_state(
    change: Callable[..., list[Header]], state: bytes | None, left: list[Header]
) -> None:
    headers = [(b"ETag", b'"v1"'), (b"vary", b"*"), DATE, (b"cache-control", b"no-store")]
    others = [(b"vary", b"*"), (b"cache-control", b"no-store")]
    result = change(list(headers), lines(headers), lambda: state)
    assert sorted(result) == sorted([*left, *others])
    # Without a state, as in report mode, they stay.
    assert change(list(headers), lines(headers)) == headers


def test_a_malformed_tag_is_removed() -> None:
    headers = [(b"etag", b'"v1'), (b"a", b"b")]
    result = cache_control.keep_private(headers, [0], lambda: b"00")
    assert result == [(b"a", b"b"), (b"cache-control", b"private"), VARY]


def test_a_response_with_consent_is_not_stored() -> None:
    headers = [(b"cache-control", b"public, max-age=60"), (b"cdn-cache-control", b"max-age=60")]
    assert forbid_storing(headers) == [(b"cache-control", b"no-store"), VARY]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"vary", b"Cache-Control", b"a", b"surrogate-control"]),
            st.text('ab,"\\=* ').map(str.encode)
            | st.sampled_from([b"public", b"private", b'private="x"', b"s-maxage=1", b"no-store"]),
        )
    )
)
def test_repeated_changes_of_cache_headers_change_nothing(
    headers: list[tuple[bytes, bytes]],
) -> None:
    assert keep_private(keep_private(headers)) == keep_private(headers)
    assert forbid_storing(forbid_storing(headers)) == forbid_storing(headers)


def test_thousands_of_header_names_hide_no_cache_header() -> None:
    made_up = [(b"x-%d" % number, b"") for number in range(3000)]
    result = keep_private([*made_up, (b"Cache-Control", b"public"), (b"Vary", b"Accept")])
    assert result[len(made_up) :] == [
        (b"Cache-Control", b"private"),
        (b"Vary", b"Accept, Cookie, DNT, Sec-GPC"),
    ]


def test_long_lines_are_edited_as_short_ones_are() -> None:
    for size in (10, 5000):
        extension = b"x" * size
        headers = [(b"cache-control", b"public, " + extension)]
        assert cache_control.keep_private(headers, [0])[0] == (
            b"cache-control",
            b"private, " + extension,
        )


def test_a_value_that_no_server_writes_is_edited_as_an_empty_one() -> None:
    class Equal:
        # Without a hash.
        def __eq__(self, other: object) -> bool:
            return True

    odd: list[Any] = [Equal(), None, 7]
    for value in odd:
        for name in (b"cache-control", b"vary", b"Etag"):
            headers = [(name, value), (b"ETAG", b'"v1"')]
            edited = cache_control.keep_private(headers, [0, 1], lambda: b"12")
            assert (b"ETAG", b'"v1~cg-12"') in edited
            assert (b"cache-control", b"private") in edited
            assert dict(edited)[b"vary"] == b"Cookie, DNT, Sec-GPC"
