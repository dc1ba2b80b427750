"""A deletion can only delete, and clamping changes only the lifetime."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.http.rewrite import clamp, rewrite_as_deletion
from cookiegate.http.set_cookie import longest_life, read_lifespan, read_names, read_set_cookie

GONE = b"; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"_ga=; Max-Age=0", b"_ga=" + GONE),
        (b"_ga=SECRET; Max-Age=0", b"_ga=" + GONE),
        (
            b"_ga=x; Path=/a; Path=/b; Domain=.cg.test; secure; HTTPONLY; samesite=lax; Max-Age=0",
            b"_ga=" + GONE + b"; Path=/b; Domain=.cg.test; Secure; HttpOnly; SameSite=Lax",
        ),
        (
            b"_ga=x; Secure=0; Partitioned=0; SameSite=NONE; Max-Age=-1",
            b"_ga=" + GONE + b"; Secure; SameSite=None; Partitioned",
        ),
        (
            "_ga=x; Domain=bücher.example; Max-Age=0".encode(),
            b"_ga=" + GONE + "; Domain=bücher.example".encode(),
        ),
        # Attributes that browsers ignore are removed.
        (b"_ga=x; Path=SECRET; SameSite=SECRET; Max-Age=0", b"_ga=" + GONE),
        (b"_ga=x; Domain=; Foo=SECRET; SECRET; Max-Age=0", b"_ga=" + GONE),
        (b"_ga=x; Domain=SE CRET; Path=/\x01SECRET; Max-Age=0", b"_ga=" + GONE),
    ],
)
def test_a_deletion_keeps_only_what_identifies_the_cookie(value: bytes, written: bytes) -> None:
    cookie = read_set_cookie(value)
    assert rewrite_as_deletion(cookie, cookie.names[0]) == written


@given(st.binary(max_size=100))
def test_every_rewritten_deletion_deletes(attributes: bytes) -> None:
    cookie = read_set_cookie(b"_ga=SECRET; Path=/; " + attributes)
    written = read_set_cookie(rewrite_as_deletion(cookie, b"_ga"))
    assert written.names == (b"_ga",)
    assert read_lifespan(written).deletes_from <= 0


@pytest.mark.parametrize(
    ("value", "seconds", "written"),
    [
        (b"a=b; Max-Age=99; Path=/", 60, b"a=b; Max-Age=60; Path=/"),
        (b"a=b;MAX-AGE = 99 ;Path=/", 60, b"a=b;MAX-AGE =60;Path=/"),
        (b"a=b; Max-Age=1; Max-Age=99", 60, b"a=b; Max-Age=1; Max-Age=60"),
        (
            b"a=b; Expires=Fri, 01 Jan 2027 00:00:00 GMT; Path=/",
            60,
            b"a=b; Expires=Fri, 01 Jan 2027 00:00:00 GMT; Path=/; Max-Age=60",
        ),
        (
            b"a=b; Max-Age=x; Expires=Fri, 01 Jan 2027 00:00:00 GMT;",
            60,
            b"a=b; Max-Age=x; Expires=Fri, 01 Jan 2027 00:00:00 GMT;; Max-Age=60",
        ),
        (b"a=b; Max-Age=99; Path=/; Expires=Fri, 01 Jan 2027 00:00:00 GMT", None, b"a=b; Path=/"),
    ],
)
def test_clamping_changes_the_lifetime_and_no_other_byte(
    value: bytes, seconds: int | None, written: bytes
) -> None:
    cookie = read_set_cookie(value)
    assert clamp(value, cookie, read_lifespan(cookie), seconds) == written


@given(st.binary(max_size=60), st.integers(min_value=1, max_value=10**8))
def test_a_clamped_cookie_lives_as_long_as_declared(attributes: bytes, seconds: int) -> None:
    value = b"a=b; " + attributes + b"; Max-Age=999999999"
    cookie = read_set_cookie(value)
    written = clamp(value, cookie, read_lifespan(cookie), seconds)
    lifespan = read_lifespan(read_set_cookie(written))
    assert read_names(written) == (b"a",)
    assert lifespan.max_age == seconds
    assert longest_life(read_set_cookie(written), now=0) == seconds


@pytest.mark.parametrize("seconds", [2, 60])
def test_a_shorter_life_is_never_made_longer(seconds: int) -> None:
    value = b"a=b; Max-Age=1"
    cookie = read_set_cookie(value)
    assert clamp(value, cookie, read_lifespan(cookie), seconds) == value
