"""What browsers would store from one Set-Cookie value."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.http.set_cookie import (
    Lifespan,
    breaks_framing,
    longest_life,
    read_lifespan,
    read_names,
    read_set_cookie,
)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (b"_ga=1", (b"_ga",)),
        (b" \t_ga \t= 1", (b"_ga",)),
        (b"_GA=1", (b"_GA",)),
        (b'"_ga"=1', (b'"_ga"',)),
        (b"%5Fga=1", (b"%5Fga",)),
        (b"a=b=c", (b"a",)),
        (b"a=1, _ga=2", (b"a",)),
        (b"\xa0_ga=1", (b"\xa0_ga",)),
        (b"\x85a=1", (b"\x85a",)),
        (b"\x0ba=1", (b"\x0ba",)),
        (b"Path=/", (b"Path",)),
        (b"a b=1; Path=/", (b"a b",)),
        # Nameless in Chromium, named in Firefox.
        (b"_ga", (b"", b"_ga")),
        (b" _ga ; Path=/", (b"", b"_ga")),
        # Nameless in the RFC; servers read the name _ga.
        (b"=_ga=1", (b"", b"_ga")),
        (b"= _ga =1", (b"", b"_ga")),
        (b"=v", (b"",)),
        (b"==v", (b"",)),
        (b"=; Path=/", (b"",)),
        (b"", (b"",)),
        (b";a=b", (b"",)),
    ],
)
def test_a_header_has_every_name_that_some_browser_stores(
    value: bytes, names: tuple[bytes, ...]
) -> None:
    assert read_names(value) == names


@pytest.mark.parametrize("value", [b"a=b\rc", b"a\n=b", b"a=b; x\x00y", b"a=b\r\n c"])
def test_cr_lf_and_nul_break_the_framing(value: bytes) -> None:
    assert breaks_framing(value)


def test_a_tab_does_not_break_the_framing() -> None:
    assert not breaks_framing(b"a=b\tc; x\ty")


def test_attributes_are_trimmed_lowered_and_the_last_one_counts() -> None:
    cookie = read_set_cookie(b"a=b; PATH = /x ;Path=/;; Secure ; Domain=.CG.test; =q; HttpOnly=0")
    path, secure = cookie.last(b"path"), cookie.last(b"secure")
    assert path is not None
    assert path.value == b"/"
    assert secure is not None
    assert secure.value == b""
    assert cookie.last(b"httponly") is not None
    assert cookie.last(b"samesite") is None
    assert cookie.domain == "cg.test"


def test_an_empty_domain_means_this_host() -> None:
    assert read_set_cookie(b"a=b; Domain=cg.test; Domain=").domain is None
    assert read_set_cookie(b"a=b").domain is None


def test_an_attribute_value_over_1024_bytes_is_ignored() -> None:
    assert read_set_cookie(b"a=b; Max-Age=" + b"0" * 1025).last(b"max-age") is None
    assert read_set_cookie(b"a=b; Max-Age=" + b"0" * 1024).last(b"max-age") is not None


def test_attributes_have_their_positions() -> None:
    value = b"a=b; Max-Age=60; Path=/"
    cookie = read_set_cookie(value)
    attribute = cookie.last(b"max-age")
    assert attribute is not None
    text = value[cookie.offset :]
    assert text[attribute.start : attribute.end] == b"; Max-Age=60"


@pytest.mark.parametrize(
    ("attributes", "lifespan"),
    [
        (b"", Lifespan(None, None)),
        (b"; Max-Age=60", Lifespan(60, None)),
        (b"; max-age= 00060 ", Lifespan(60, None)),
        (b"; Max-Age=+60", Lifespan(60, None)),
        (b"; Max-Age=0", Lifespan(0, None)),
        (b"; Max-Age=-5", Lifespan(-inf, None)),
        # Firefox deletes; Chromium ignores them.
        (b"; Max-Age=-", Lifespan(-inf, None)),
        (b"; Max-Age=- 60", Lifespan(-inf, None)),
        (b"; Max-Age=" + b"9" * 500, Lifespan(inf, None)),
        (b"; Max-Age=60; Max-Age=x", Lifespan(None, None)),
        (b"; Max-Age=x; Max-Age=60", Lifespan(60, None)),
        (b"; Max-Age=", Lifespan(None, None)),
        (b"; Max-Age=60s", Lifespan(None, None)),
        (b"; Max-Age=60.5", Lifespan(None, None)),
        (b'; Max-Age="60"', Lifespan(None, None)),
        (b"; Max-Age=\xd9\xa1", Lifespan(None, None)),
        (b"; MaxAge=0", Lifespan(None, None)),
        (b"; Expires=Thu, 01 Jan 1970 00:00:09 GMT", Lifespan(None, 9)),
        (b"; Expires=Thu, 01 Jan 1970 00:00:09 GMT; Expires=x", Lifespan(None, None)),
        (b"; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:09 GMT", Lifespan(60, 9)),
    ],
)
def test_lifetimes_are_read_as_browsers_read_them(attributes: bytes, lifespan: Lifespan) -> None:
    assert read_lifespan(read_set_cookie(b"a=b" + attributes)) == lifespan


@pytest.mark.parametrize(
    ("lifespan", "moment"),
    [
        (Lifespan(None, None), inf),
        (Lifespan(1, None), inf),
        (Lifespan(1, 9), inf),
        (Lifespan(0, None), -inf),
        (Lifespan(-inf, 9), -inf),
        (Lifespan(None, 9), 9),
    ],
)
def test_a_deletion_has_a_time_from_which_it_deletes(lifespan: Lifespan, moment: float) -> None:
    assert lifespan.deletes_from == moment


def test_max_age_beats_expires_in_how_long_a_cookie_lives() -> None:
    assert Lifespan(60, 9).seconds(now=5) == 60
    assert Lifespan(None, 9).seconds(now=5) == 4
    assert Lifespan(None, None).seconds(now=5) is None


LATE = b"Expires=Thu, 01 Jan 1970 00:10:00 GMT"


@pytest.mark.parametrize(
    ("attributes", "life"),
    [
        (b"", None),
        (b"Max-Age=60", 60),
        (b"Max-Age=0", 0),
        (LATE, 560),
        (b"Max-Age=60; " + LATE, 60),
        # Expires counts in Chromium, the valid Max-Age in the RFC.
        (b"Max-Age=9999; Max-Age=x", 9999),
        (b"Max-Age=60; Max-Age=x; " + LATE, 560),
        (LATE + b"; Expires=x", 560),
        # Firefox deletes; in Chromium, Expires counts.
        (b"Max-Age=-; " + LATE, 560),
        # 60 seconds in Chromium, not a number in the RFC.
        (b"Max-Age=+60; " + LATE, 560),
        (b"Max-Age=+9999; " + LATE, 9999),
        (b"Max-Age=x", None),
    ],
)
def test_the_longest_lifetime_of_all_browsers_counts(attributes: bytes, life: float | None) -> None:
    assert longest_life(read_set_cookie(b"a=b; " + attributes), now=40) == life


@given(st.binary(max_size=200))
def test_no_bytes_are_unreadable(value: bytes) -> None:
    cookie = read_set_cookie(value)
    assert cookie.names
    read_lifespan(cookie)
    longest_life(cookie, now=0)


@given(st.binary(max_size=200))
def test_no_name_holds_a_separator(value: bytes) -> None:
    for name in read_names(value):
        assert b";" not in name
        assert b"=" not in name
        assert name == name.strip(b" \t")


def test_other_blanks_belong_to_a_name_after_the_first_equals_sign() -> None:
    assert read_names(b"=\x0b_ga=1") == (b"", b"\x0b_ga")
    assert read_names(b"=\t_ga =1") == (b"", b"_ga")


_FAR, _NEAR, _MID = (
    f"; Expires=Fri, 01 Jan 1971 00:{minutes}:00 GMT".encode() for minutes in (59, 10, 30)
)


@pytest.mark.parametrize(
    ("attributes", "life"),
    [
        (_FAR + _NEAR, 31_536_600),
        (_NEAR + _FAR + _MID, 31_537_800),
        (_FAR + _NEAR + b"; Expires=x", 31_536_600),
        (b"; Max-Age=1000; Max-Age=10", 10),
        (b"; Max-Age=1000; Max-Age=10; Max-Age=x", 10),
    ],
)
def test_of_several_lifetimes_only_the_last_counts(attributes: bytes, life: float) -> None:
    assert longest_life(read_set_cookie(b"a=b" + attributes), now=0) == life


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_attributes_of_any_length_have_their_positions(size: int) -> None:
    value = b"a=b;" + b"x" * size + b";Secure;Path=/=/;" + b"y" * size
    cookie = read_set_cookie(value)
    written = [
        value[cookie.offset + one.start : cookie.offset + one.end] for one in cookie.attributes
    ]
    assert b"".join(written) == value[3:]
    assert cookie.last(b"path") is not None
    assert [one.value for one in cookie.attributes if one.name == b"path"] == [b"/=/"]
    assert cookie.last(b"secure") is not None
    assert read_set_cookie(b"a=b; Secure\x0b").last(b"secure") is None
    (path,) = read_set_cookie(b"a=b; Path=/\x0b").attributes
    assert path.value == b"/\x0b"
