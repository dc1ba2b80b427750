"""Text from outside cannot control a terminal."""

import pytest

from cookiegate.cli.escape import escape_control


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"_ga=1", "_ga=1"),
        ("küche".encode(), "küche"),
        (b"a\xff", "a\\xff"),
        (b"\x1b[31m", "\\x1b[31m"),
        (b"a\\b", "a\\\\b"),
        ("\u202e".encode(), "\\u202e"),
    ],
)
def test_control_characters_and_invalid_bytes_are_escaped(raw: bytes, text: str) -> None:
    assert escape_control(raw.decode("utf-8", "surrogateescape")) == text


def test_a_lone_surrogate_is_escaped() -> None:
    assert escape_control("\ud800") == "\\ud800"
