"""Redacted names are short, ASCII, and identify no visitor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.reports import redact_name
from cookiegate.reports.redact import MAX_NAME, escape_route


@pytest.mark.parametrize(
    ("name", "redacted"),
    [
        ("", ""),
        ("_ga", "_ga"),
        ("cart_12345", "cart_12345"),
        ("cart_123456", "cart_*"),
        ("deadbeef", "*"),
        ("_hjSession_0a1B2c3D", "_hjSession_*"),
        ("_ga_123456_654321", "_ga_*_*"),
        ("id-550e8400-e29b-41d4-a716-446655440000", "id-*"),
        ("prefs[theme]", "prefs[theme]"),
        ("kü", r"k\xc3\xbc"),
        ("a\udcff", r"a\xff"),
        ("a\tb", r"a\x09b"),
        (r"a\x41", r"a\x5cx41"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 61 + "..."),
        ("\x01" * 17, r"\x01" * 15 + "..."),
        ("x" * 63 + "ü", "x" * 61 + "..."),
    ],
)
def test_a_name_is_redacted(name: str, redacted: str) -> None:
    assert redact_name(name) == redacted


@given(st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_a_redacted_name_is_short_printable_ascii_and_holds_no_long_number(name: str) -> None:
    redacted = redact_name(name)
    assert len(redacted) <= MAX_NAME
    assert redacted.isascii()
    assert redacted.isprintable()
    run = longest = 0
    for character in redacted.replace("\\x", "\0"):
        run = run + 1 if character in "0123456789" else 0
        longest = max(longest, run)
    assert longest < 10


def test_a_name_of_a_megabyte_is_cut() -> None:
    assert redact_name("x-" * 500_000) == ("x-" * 31)[:61] + "..."


def test_a_route_keeps_its_digits_and_is_short() -> None:
    assert escape_route("/v1/20261124/<int:id>") == "/v1/20261124/<int:id>"
    assert len(escape_route("/ü" * 500)) <= 128
