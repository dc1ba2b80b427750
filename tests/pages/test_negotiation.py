"""The language that a visitor reads."""

import pytest

from cookiegate.pages.negotiation import accepted, pick_language

KNOWN = ("sv", "en", "fi", "nb", "de")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (b"", "sv"),
        (b"de-AT,de;q=0.9,en;q=0.8", "de"),
        (b"no", "nb"),
        (b"nn-NO,en;q=0.5", "nb"),
        (b"xx,*;q=0.1", "sv"),
        (b"en;q=0, fi;q=0.2", "fi"),
        (b"EN-us", "en"),
        (b"fi;q=0.1, de;q=0.9", "de"),
        (b"\xff;q=;;,", "sv"),
        (b"de;q=nonsense, en", "en"),
        (b"de;level=1", "de"),
        (b"x" * 100_000, "sv"),
    ],
)
def test_accept_language_decides(header: bytes, language: str) -> None:
    assert pick_language(KNOWN, header=header) == language


def test_a_language_switch_comes_before_accept_language_if_the_registry_has_it() -> None:
    assert pick_language(KNOWN, asked="fi", header=b"de") == "fi"
    assert pick_language(KNOWN, asked="xx", header=b"de") == "de"
    assert pick_language(["pt-BR", "en"], header=b"pt-br") == "pt-BR"


def test_only_twenty_language_ranges_are_read() -> None:
    assert len(accepted(b",".join([b"en"] * 100))) == 20
