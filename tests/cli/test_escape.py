"""Text from elsewhere cannot garble a terminal."""

import pytest

from cookiegate.cli.escape import shown, shown_bytes


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
def test_what_could_garble_a_terminal_is_escaped(raw: bytes, text: str) -> None:
    assert shown_bytes(raw) == text


def test_a_lone_surrogate_is_escaped() -> None:
    assert shown("\ud800") == "\\ud800"
