"""What a header is to the gate, by its name and value."""

from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.http.headers import (
    as_bytes,
    begins_cookie,
    is_set_cookie,
    kind_of,
    kind_of_text,
    stable_part,
)


class Subclass(bytes):
    """Bytes that say they are something else."""

    def __eq__(self, other: object) -> bool:
        return other == b"x-a"

    def __hash__(self) -> int:
        return hash(b"x-a")

    def __bytes__(self) -> bytes:
        return b"x-a"

    def lower(self) -> bytes:
        return b"x-a"


class Object:
    """What servers read as bytes, although it is none."""

    def __init__(self, *reads: bytes) -> None:
        self.reads = list(reads)

    def __bytes__(self) -> bytes:
        return self.reads.pop(0)


class Broken:
    """What cannot be read as bytes now, and may be later."""

    def __bytes__(self) -> bytes:
        raise RuntimeError("not yet")


class Number:
    def __index__(self) -> int:
        return 10**12

    def __bytes__(self) -> bytes:
        return b"set-cookie"


@pytest.mark.parametrize(
    "name", [b"set-cookie", b"Set-Cookie", b" SET-COOKIE\t", b"set-cookie\xa0"]
)
def test_a_set_cookie_is_found_however_it_is_written(name: bytes) -> None:
    assert kind_of(name) == "set-cookie"
    assert kind_of_text(name.decode("latin-1")) == "set-cookie"
    assert is_set_cookie(name)


@pytest.mark.parametrize(
    "name",
    [
        b"X-A: 1\r\nSet-Cookie",
        b"X-A\r",
        b"X\nA",
        b"X\0A",
        b"Set\0-Cookie",
        b"\r\nSet-Cookie",
        b"Set-Cookie\r\n",
        b"Set-Cookie: _ga=1; x",
        b"set-cookie :",
        b"Content-Type\r\n\r\n",
    ],
)
def test_a_name_that_ends_a_line_or_begins_a_cookie_is_broken(name: bytes) -> None:
    assert kind_of(name) == "broken"
    assert kind_of_text(name.decode("latin-1")) == "broken"


@given(st.binary(max_size=6), st.sampled_from([b"\r", b"\n", b"\0"]), st.binary(max_size=6))
def test_every_name_with_a_line_end_is_broken(before: bytes, end: bytes, after: bytes) -> None:
    assert kind_of(before + end + after) == "broken"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (b"Vary", "cache"),
        (b"Content-Security-Policy", "policy"),
        (b"x:set-cookie:", "other"),
        (b"X-Set-Cookie", "other"),
        (b"", "other"),
    ],
)
def test_other_names_have_their_kind(name: bytes, kind: str) -> None:
    assert kind_of(name) == kind
    assert kind_of_text(name.decode()) == kind
    assert not is_set_cookie(name)


def test_a_name_that_is_not_plain_bytes_has_no_kind() -> None:
    for name in (Subclass(b"Set-Cookie"), bytearray(b"Set-Cookie"), "Set-Cookie", None):
        odd: Any = name
        with pytest.raises(TypeError):
            kind_of(odd)
        assert not is_set_cookie(odd)


def test_a_name_beyond_latin1_is_read_as_a_server_that_leaves_the_rest_out_writes_it() -> None:
    assert kind_of_text("Set-Cookie\u2603") == "set-cookie"
    assert kind_of_text("X-\u2603") == "other"


@pytest.mark.parametrize(
    ("value", "begins"),
    [
        (b"1\r\nSet-Cookie: a=b", True),
        (b"1\n\t set-COOKIE\t:", True),
        (b"\rSet-Cookie:a", True),
        (b"1\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=b", True),
        (b"default-src 'self';\r\n img-src *", False),
        (b"\nX-Set-Cookie: a=b", False),
        (b"\nSet-Cookie", False),
        (b"Set-Cookie: a=b", False),
        (b"", False),
    ],
)
def test_a_value_with_a_line_that_sets_a_cookie_is_found(value: bytes, begins: bool) -> None:
    assert begins_cookie(value) is begins


@pytest.mark.parametrize(
    "part",
    [
        b"set-cookie",
        Subclass(b"set-cookie"),
        bytearray(b"set-cookie"),
        memoryview(b"set-cookie"),
        array("B", b"set-cookie"),
        list(b"set-cookie"),
        tuple(b"set-cookie"),
        "set-cookie",
    ],
    ids=lambda part: type(part).__name__,
)
def test_whatever_a_server_reads_as_bytes_is_copied_as_plain_bytes(part: object) -> None:
    result = as_bytes(part)
    assert type(result) is bytes
    assert [*result] == [*b"set-cookie"]


def test_what_can_be_read_once_is_copied_as_plain_bytes() -> None:
    once = iter(b"set-cookie"), Object(b"set-cookie", b"x-a"), Object(Subclass(b"set-cookie"))
    for part in once:
        result = as_bytes(part)
        assert type(result) is bytes
        assert [*result] == [*b"set-cookie"]


@pytest.mark.parametrize("part", [None, 7, True, 2.5, "\u2603", object(), 1j])
def test_what_no_server_writes_is_left_to_the_server(part: Any) -> None:
    assert stable_part(part) is part


@pytest.mark.parametrize("part", [Broken(), Number(), [300], ["a"], {}, [None]])
def test_what_may_become_bytes_later_is_dropped(part: Any) -> None:
    assert stable_part(part) in (b"\n", b"")


def test_a_huge_number_is_not_written_out() -> None:
    with pytest.raises(TypeError):
        as_bytes(10**12)
