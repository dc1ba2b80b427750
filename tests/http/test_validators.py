"""Entity tags with a suffix for the visitor's state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.http.validators import Header, add_suffix, is_ours, restore

NOW = b"0123456789ab"
BEFORE = b"ba9876543210"
NONE_MATCH = b"if-none-match"
TAGS = st.from_regex(rb'(W/)?"[!#-~\x80-\xff]{0,12}"', fullmatch=True)


def sent(tag: bytes, state: bytes = NOW) -> bytes:
    added = add_suffix(tag, state)
    assert added is not None
    return added


def condition(value: bytes, name: bytes = NONE_MATCH, *, is_read: bool = True) -> bytes | None:
    headers, _ = restore([(name, value)], NOW, is_read=is_read)
    return dict(headers).get(name)


@pytest.mark.parametrize(
    ("tag", "added"),
    [
        (b'"v1"', b'"v1~cg-0123456789ab"'),
        (b'W/"v1"', b'W/"v1~cg-0123456789ab"'),
        (b' w/"v1" ', b'w/"v1~cg-0123456789ab"'),
        (b'""', b'"~cg-0123456789ab"'),
        (b'"a, b"', b'"a, b~cg-0123456789ab"'),
        (b'"\xc3\xa9"', b'"\xc3\xa9~cg-0123456789ab"'),
        # Without quotes, as some applications write it.
        (b"v1", b"v1~cg-0123456789ab"),
        (b"W/v1", b"W/v1~cg-0123456789ab"),
        # Once only.
        (b'"v1~cg-0123456789ab"', b'"v1~cg-0123456789ab"'),
    ],
)
def test_the_suffix_is_inside_the_tag_and_a_weak_tag_stays_weak(tag: bytes, added: bytes) -> None:
    assert add_suffix(tag, NOW) == added


@pytest.mark.parametrize(
    "tag", [b"", b'"', b'"v1', b'v1"', b'"a" "b"', b'"a", "b"', b"a b", b"a,b"]
)
def test_a_malformed_tag_gets_no_suffix(tag: bytes) -> None:
    assert add_suffix(tag, NOW) is None


@given(TAGS)
def test_a_tag_of_the_same_state_comes_back_as_it_was(tag: bytes) -> None:
    assert is_ours(sent(tag))
    for name in (NONE_MATCH, b"If-Match", b" IF-RANGE"):
        assert restore([(name, sent(tag))], NOW, is_read=True) == ([(name, tag)], True)


@given(TAGS)
def test_a_tag_of_another_state_matches_nothing(tag: bytes) -> None:
    before = sent(tag, BEFORE)
    assert restore([(NONE_MATCH, before)], NOW, is_read=True) == ([], False)
    for name in (b"if-match", b"if-range"):
        assert restore([(name, before)], NOW, is_read=True) == ([(name, before)], False)


@given(TAGS)
def test_a_request_that_changes_data_is_about_the_data_alone(tag: bytes) -> None:
    for name in (NONE_MATCH, b"if-match", b"if-range"):
        assert condition(sent(tag, BEFORE), name, is_read=False) == tag


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"a~cg-0123456789ab", "b~cg-ba9876543210", W/"c~cg-0123456789ab"', b'"a", W/"c"'),
        (b'"a~cg-ba9876543210","b"', b'"b"'),
        (b'"a~cg-ba9876543210" , W/"b~cg-ba9876543210"', None),
        (b'"a, b~cg-0123456789ab"', b'"a, b"'),
        (b"a~cg-0123456789ab, b~cg-ba9876543210", b"a"),
        # Something else stands after the suffix: a proxy compressed the page. No version matches.
        (b'"a~cg-0123456789ab-gzip"', b'"a~cg-0123456789ab-gzip"'),
        # An application's tag that looks like ours is in the part before ours.
        (b'"a~cg-00~cg-0123456789ab"', b'"a~cg-00"'),
    ],
)
def test_each_tag_of_a_list_counts_for_itself(before: bytes, after: bytes | None) -> None:
    assert condition(before) == after


@pytest.mark.parametrize("value", [b"*", b'"v1"', b'W/"v1", v2', b'"', b"", b',, "a" b'])
def test_conditions_without_a_suffix_stay_byte_for_byte(value: bytes) -> None:
    headers = [(NONE_MATCH, value), (b"if-modified-since", b"x"), (b"a", b"~cg-0")]
    assert restore(headers, NOW, is_read=True) == (headers, False)


def test_a_date_is_dropped_with_the_last_tag_and_else_stays() -> None:
    date = (b"If-Modified-Since", b"Tue, 24 Nov 2026 12:00:00 GMT")
    before = sent(b'"a"', BEFORE)
    assert restore([(NONE_MATCH, before), date], NOW, is_read=True) == ([], False)
    both = [(NONE_MATCH, before), date, (NONE_MATCH, b'"b"')]
    assert restore(both, NOW, is_read=True) == (both[1:], False)
    fitting = [date, (NONE_MATCH, sent(b'"a"'))]
    assert restore(fitting, NOW, is_read=True) == ([date, (NONE_MATCH, b'"a"')], True)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([NONE_MATCH, b"If-Match", b"if-range", b"if-modified-since", b"x"]),
            st.lists(
                st.sampled_from([b"~cg-", b'"', b"W/", b",", b" ", b"a", NOW, BEFORE, b"*"]),
                max_size=12,
            ).map(b"".join),
        )
    ),
    st.booleans(),
)
def test_no_bytes_raise_an_error_and_a_tag_of_another_state_is_never_restored(
    headers: list[Header], is_read: bool
) -> None:
    restored, fits = restore(headers, NOW, is_read=is_read)
    assert len(restored) <= len(headers)
    if is_read and not any(b"~cg-" + NOW in value for _, value in headers):
        assert not fits
