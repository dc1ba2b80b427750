"""The language that a visitor reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.pages.negotiation import accepted, best_match, pick_language

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


@pytest.mark.parametrize(
    ("known", "wanted", "found"),
    [
        (("en", "pt-BR"), "pt", "pt-BR"),
        (("en", "pt-BR", "pt-PT"), "pt-AO", "pt-PT"),
        (("sv", "en"), "en-GB", "en"),
        (("sv", "en-GB"), "en-US", "en-GB"),
        (("en", "zh-Hans", "zh-Hant"), "zh-TW", "zh-Hant"),
        (("en", "zh-Hans", "zh-Hant"), "zh-CN", "zh-Hans"),
        (("en", "zh-Hant", "zh"), "zh", "zh"),
        (("en", "zh"), "zh-Hant", ""),
        (("en", "zh-Hans"), "zh-HK", ""),
        (("en", "sr-Latn"), "sr", ""),
        (("en", "nb", "nn"), "nn-NO", "nn"),
        (("en", "nb"), "no", "nb"),
        (("en", "de"), "de_CH", "de"),
        (("en", "de"), "", ""),
        (("en", "ar"), "ar-EG", "ar"),
    ],
)
def test_a_region_finds_its_language_and_another_region_in_the_same_script(
    known: tuple[str, ...], wanted: str, found: str
) -> None:
    assert best_match(known, [wanted]) == found


@given(st.lists(st.text(st.sampled_from("aZé0-_*"), max_size=12), max_size=5))
def test_whatever_is_wanted_a_known_language_or_none_is_found(wanted: list[str]) -> None:
    assert best_match(KNOWN, wanted) in (*KNOWN, "")


def test_only_twenty_language_ranges_are_read() -> None:
    assert len(accepted(b",".join([b"en"] * 100))) == 20


def test_a_tag_of_too_many_parts_is_no_language() -> None:
    assert best_match(["en", "sv"], ["sv" + "-a" * 31, "en"]) == "sv"
    # Its shorter forms would take a gigabyte.
    assert best_match(["en", "sv"], ["sv" + "-a" * 32_000, "en"]) == "en"
