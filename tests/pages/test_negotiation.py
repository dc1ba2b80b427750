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
def test_the_browsers_preference_decides(header: bytes, language: str) -> None:
    assert pick_language(KNOWN, header=header) == language


def test_a_switch_comes_first_and_only_with_a_language_there_is() -> None:
    assert pick_language(KNOWN, asked="fi", header=b"de") == "fi"
    assert pick_language(KNOWN, asked="xx", header=b"de") == "de"
    assert pick_language(["pt-BR", "en"], header=b"pt-br") == "pt-BR"


def test_not_more_than_twenty_languages_are_looked_at() -> None:
    assert len(accepted(b",".join([b"en"] * 100))) == 20
