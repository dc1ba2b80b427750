"""Deletions of cookies not allowed: they work in every spelling, and can do nothing else.

Each header would delete a cookie that the browser stores, and has SECRET wherever possible.
"""

from dataclasses import dataclass

import pytest

from cookiegate.http.set_cookie import read_names
from tests.browser.judges import Judge
from tests.browser.passing import leaving
from tests.conformance import registry_with

SECRET = b"SECRET"
EPOCH = b"Expires=Thu, 01 Jan 1970 00:00:00 GMT"
BYSTANDER = b"_gb=1; Path=/"

CHROMIUM, FIREFOX = frozenset({"chromium"}), frozenset({"firefox"})
BOTH = CHROMIUM | FIREFOX


@dataclass(frozen=True, slots=True)
class Case:
    """A header, the stored cookie, and the browsers that would delete it without the gate."""

    header: bytes
    seed: bytes = b"_ga=old"
    deletes_in: frozenset[str] = BOTH


def by_max_age(text: bytes, deletes_in: frozenset[str] = BOTH) -> Case:
    return Case(b"_ga=SECRET; " + text, deletes_in=deletes_in)


def by_date(text: bytes, deletes_in: frozenset[str] = BOTH) -> Case:
    return Case(b"_ga=SECRET; Expires=" + text, deletes_in=deletes_in)


def around(attributes: bytes, seed: bytes = b"", deletes_in: frozenset[str] = BOTH) -> Case:
    return Case(b"_ga=SECRET; " + attributes + b"; Max-Age=0", b"_ga=old" + seed, deletes_in)


DELETIONS = [
    # Max-Age.
    by_max_age(b"Max-Age=0"),
    by_max_age(b"Max-Age=-1"),
    by_max_age(b"Max-Age=-0"),
    by_max_age(b"Max-Age=00"),
    by_max_age(b"Max-Age=+0", CHROMIUM),
    by_max_age(b"Max-Age=-99999999999999999999999999"),
    by_max_age(b"Max-Age=  0  "),
    by_max_age(b"\tMax-Age\t=\t0\t"),
    by_max_age(b"MAX-AGE=0"),
    by_max_age(b"max-age=0;"),
    by_max_age(b"Max-Age=60; Max-Age=0"),
    by_max_age(b"Max-Age=SECRET; Max-Age=0"),
    by_max_age(b"Max-Age=0; Max-Age=" + b"6" * 1025),
    by_max_age(b"Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT"),
    by_max_age(b"Expires=SECRET; Max-Age=0"),
    by_max_age(b"Max-Age=-", FIREFOX),
    by_max_age(b"Max-Age=- 60", FIREFOX),
    by_max_age(b"Max-Age=-1.5", FIREFOX),
    by_max_age(b"Max-Age=-SECRET", FIREFOX),
    # Expires.
    by_date(b"Thu, 01 Jan 1970 00:00:00 GMT"),
    by_date(b"Thu, 01-Jan-1970 00:00:01 GMT"),
    by_date(b"Sunday, 06-Nov-94 08:49:37 GMT"),
    by_date(b"Sun Nov  6 08:49:37 1994"),
    by_date(b'"Thu, 01 Jan 1970 00:00:00 GMT"'),
    by_date(b"thu, 01 jan 1970 00:00:00 gmt"),
    by_date(b"\t01 January 1970 0:0:0 "),
    by_date(b"Thu, 01 Jan 1970 12:00:00 AM"),
    by_date(b"Thu, 01 Jan 1970 00:00:00 GMT+0100"),
    by_date(b"1970 Jan 01 00:00:00"),
    by_date(b"00:00:00 Jan 1 70"),
    by_date(b"Thu, 01 SECRET Jan 1970 00:00:00 SECRET"),
    by_date(b"Wed, 31 Dec 1969 23:59:59 GMT"),
    by_date(b"Mon, 01 Jan 0001 00:00:00 GMT"),
    by_date(b"Mon, 01 Jan 1601 00:00:00 GMT"),
    by_date(b"Fri, 31 Dec 1600 00:00:00 GMT"),
    by_date(b"Mon, 01 Jan 197 00:00:00 GMT", CHROMIUM),
    by_date(b"Mon, 01 Jan 1 00:00:00 GMT", CHROMIUM),
    by_date(b"Thu, 01 Jan 1970 000:00:0000 GMT"),
    by_date(b"1234567 Thu, 01 Jan 1970 00:00:00 GMT"),
    by_date(b"x; " + EPOCH),
    by_date(b"Fri, 01 Jan 2100 00:00:00 GMT; " + EPOCH),
    by_max_age(b"Max-Age=SECRET; " + EPOCH),
    by_max_age(b"Max-Age; EXPIRES" + EPOCH.removeprefix(b"Expires")),
    # The value and the name.
    Case(b"_ga=; Max-Age=0"),
    Case(b'_ga="SECRET"; Max-Age=0'),
    Case(b"  _ga\t=\tSECRET SECRET  ; Max-Age=0"),
    Case(b"_ga=x=SECRET; Max-Age=0"),
    Case(b"_ga=\xffSECRET,%3BSECRET; Max-Age=0"),
    Case(b'_ga="SECRET; Max-Age=0; SECRET"'),
    Case(b"_ga=" + b"SECRET" * 600 + b";Max-Age=0"),
    Case("küche=SECRET; Max-Age=0".encode(), "küche=old".encode()),
    # Attributes that select the cookie.
    around(b"Path=/", b"; Path=/"),
    around(b"Path=/set/deep/down", b"; Path=/set/deep/down"),
    around(b"Path=/a b/%C3%A9\xc3\xa9/", b"; Path=/a b/%C3%A9\xc3\xa9/"),
    around(b"Domain=cg.test", b"; Domain=cg.test"),
    around(b"Domain= .CG.test ", b"; Domain=cg.test"),
    around(b"Domain=www.cg.test; Path=/", b"; Domain=www.cg.test; Path=/"),
    # Fullwidth letters and an ideographic full stop: a name in Unicode, as IDNA folds it.
    around("Domain=\uff43g\u3002test".encode(), b"; Domain=cg.test", CHROMIUM),
    around(b"Secure; HttpOnly; SameSite=Strict", b"; Secure; HttpOnly; SameSite=Strict"),
    around(b"Secure; SameSite=None; Partitioned", b"; Secure; SameSite=None; Partitioned"),
    Case(b"__Host-a=SECRET; Path=/; Secure; Max-Age=0", b"__Host-a=old; Path=/; Secure"),
    Case(
        b"__secure-a=SECRET; Domain=cg.test; Secure; " + EPOCH,
        b"__secure-a=old; Domain=cg.test; Secure",
    ),
    Case(
        b"__Host-Http-a=SECRET; Path=/; Secure; HttpOnly; Max-Age=0",
        b"__Host-Http-a=old; Path=/; Secure; HttpOnly",
    ),
    # Duplicates, and attributes that browsers ignore.
    around(b"SECRET"),
    around(b"=SECRET; ;;SECRET=; x=SECRET=x"),
    around(b"Comment=SECRET; Version=SECRET; Priority=SECRET"),
    around(b"Path=/SECRET; Path=/set"),
    around(b"Path=/SECRET; Path"),
    around(b"Path=/SECRET; Path=SECRET"),
    around(b'Path="/SECRET"'),
    around(b"Path=/set; Path=/" + b"SECRET" * 200),
    around(b"Domain=SECRET.test; Domain="),
    around(b"Domain=SECRET; Domain=cg.test", b"; Domain=cg.test"),
    around(b"SameSite=SECRET"),
    around(b"SameSite=None; SameSite=SECRET"),
    around(b"Secure=SECRET; HttpOnly=SECRET; Partitioned=SECRET", b"; Secure; Partitioned"),
    around(b"Secure SECRET; Max-Age=SECRET; " + EPOCH + b" SECRET"),
]

# No browser deletes the cookie: some set it, some refuse the header, some select another cookie.
NO_DELETIONS = [
    by_max_age(b"Max-Age=0; Max-Age=60"),
    by_max_age(b"Max-Age=60; " + EPOCH),
    by_max_age(b"Max-Age=0.0"),
    by_max_age(b'Max-Age="0"'),
    by_max_age(b"Max-Age=0s"),
    by_max_age(b"Max-Age=0,"),
    by_max_age(b"Max-Age="),
    by_max_age(b"Max_Age=0; MaxAge=0"),
    by_max_age(b"Max-Age=" + b"0" * 1025),
    by_max_age(b'"; Max-Age="0; x'),
    by_date(b"0"),
    by_date(b"-1"),
    by_date(b"1970-01-01T00:00:00Z"),
    by_date(b"Fri, 01 Jan 2100 00:00:00 GMT"),
    Case(b'_ga="SECRET; Max-Age=0"'),
    Case(b"_GA=SECRET; Max-Age=0"),
    Case(b'"_ga"=SECRET; Max-Age=0'),
    Case(b"SECRET; Max-Age=0"),
    Case(b"=_ga=SECRET; Max-Age=0"),
    around(b"Path=/other"),
    around(b"Path=/set/"),
    around(b"Path=/set; Path=/other"),
    around(b"Domain=cg.test"),
    around(b"Domain=evil.test"),
    around(b"Secure; Partitioned"),
    around(b"SameSite=None"),
    around(b"Path=/", b"; Path=/set/deep"),
]

# Firefox reads dates in its own way, the gate like Chromium and the RFC: it strips these headers,
# and the old cookie stays.
ONLY_FIREFOX_READS = [
    by_date(b"Thu, 01 Jan 1970 00:00 GMT", FIREFOX),
    by_date(b"Thu, 01 Jan 1970", FIREFOX),
    by_date(b"1/1/1970 00:00:00", FIREFOX),
    by_date(b"01-01-1970 00:00:00", FIREFOX),
    by_date(b"Thu, 31 Feb 1970 00:00:00 GMT", FIREFOX),
    by_date(b"Thu, 01 Jan 1970 24:00:00 GMT", FIREFOX),
]


def each(cases: list[Case]) -> pytest.MarkDecorator:
    ids = [case.header[:60].decode("latin-1") for case in cases]
    return pytest.mark.parametrize("case", cases, ids=ids)


registered = pytest.mark.parametrize("is_registered", [True, False], ids=["refused", "unknown"])


def through_gate(case: Case, is_registered: bool) -> list[bytes]:
    names = (
        set(read_names(case.header)) | {case.seed.partition(b"=")[0]} if is_registered else set()
    )
    return leaving(registry_with(names, "optional"), case.header)


def held(judge: Judge, *responses: list[bytes]) -> set[tuple[str, str]]:
    return {(cookie.name, cookie.value) for cookie in judge.ask(*responses).jar}


@registered
@each(DELETIONS)
def test_a_browser_that_held_the_cookie_loses_it(
    judge: Judge, case: Case, is_registered: bool
) -> None:
    before = [case.seed, BYSTANDER]
    bystander = held(judge, [BYSTANDER])
    assert len(held(judge, before)) == 2
    deletes = held(judge, before, [case.header]) == bystander
    assert deletes == (judge.name in case.deletes_in)
    after = held(judge, before, through_gate(case, is_registered))
    assert after == bystander or not deletes


@registered
@each(DELETIONS + NO_DELETIONS + ONLY_FIREFOX_READS)
def test_no_byte_of_the_value_survives(case: Case, is_registered: bool) -> None:
    assert all(SECRET not in value for value in through_gate(case, is_registered))


@registered
@each(DELETIONS + NO_DELETIONS + ONLY_FIREFOX_READS)
def test_a_rewritten_deletion_can_only_delete(
    judge: Judge, case: Case, is_registered: bool
) -> None:
    before = [case.seed, BYSTANDER]
    left = through_gate(case, is_registered)
    assert held(judge, left) == set()
    assert held(judge, before, left) <= held(judge, before)


@each(NO_DELETIONS)
def test_a_header_that_deletes_in_no_browser_is_no_deletion(judge: Judge, case: Case) -> None:
    names = [name for name, _ in held(judge, [case.seed], [case.header])]
    assert case.seed.partition(b"=")[0].decode() in names


@each(ONLY_FIREFOX_READS)
def test_a_date_that_only_firefox_reads_is_stripped(judge: Judge, case: Case) -> None:
    assert (not held(judge, [case.seed], [case.header])) == (judge.name in case.deletes_in)
    assert through_gate(case, is_registered=True) == []
