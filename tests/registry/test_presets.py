"""The starter's presets hold what real packages were seen to set (`python -m tests.packages`)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cookiegate import Gate, Registry
from cookiegate.pages.translations import shipped_languages
from cookiegate.registry.lifetimes import parse_lifetime
from cookiegate.registry.presets import (
    enable,
    load_packages,
    load_presets,
    load_texts,
    translate,
)
from cookiegate.reports.required_texts import required_texts
from tests.packages.trials import loaded
from tests.registries import KEY
from tests.registry.written import registry_for

ROOT = Path(__file__).parents[2]
PACKAGES = load_packages()
PRESETS = load_presets()


class Seen(NamedTuple):
    """A cookie that a package was seen to set."""

    package: str
    pattern: str
    header: bytes


def example(pattern: str) -> str:
    """Return a name that a pattern of the starter matches."""
    return pattern.replace("[0-9]+", "7").replace("*", "x1")


def all_seen() -> Iterator[Seen]:
    for package, facts in PACKAGES.items():
        for pattern, cookie in facts.cookies.items():
            lifetime = parse_lifetime(cookie.expires).seconds
            age = "" if lifetime is None else f"; Max-Age={lifetime}"
            header = f"{example(pattern)}=1{age}; {cookie.attributes}"
            yield Seen(package, pattern, header.encode())


SEEN = list(all_seen())


def test_at_least_forty_packages_were_tried() -> None:
    assert len(PACKAGES) >= 40


def test_every_package_that_is_recorded_can_be_tried_again() -> None:
    assert set(PACKAGES) == set(loaded())


def test_the_recorded_facts_are_whole() -> None:
    assert list(PACKAGES) == sorted(PACKAGES)
    for package, facts in PACKAGES.items():
        assert facts.version, package
        assert facts.modules, package
        assert facts.cookies, package
    text = (ROOT / "registry" / "packages.json").read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize("package", PACKAGES)
def test_init_for_a_package_writes_a_registry_with_exactly_its_cookies(package: str) -> None:
    registry = Registry.parse(registry_for(f"{package}\n"))
    names = {name for entry in registry.entries for name in entry.names}
    expected = {
        name
        for pattern in PACKAGES[package].cookies
        for entry in PRESETS.find(example(pattern))
        for name in entry.names
    }
    base = PACKAGES.get(PACKAGES[package].framework)
    allowed = set(expected)
    if base is not None:
        allowed |= {
            name for cookie in base.cookies for name in PRESETS.find(example(cookie))[0].names
        }
    if PACKAGES[package].framework in ("starlette", "fastapi"):
        # No source says that there is no session.
        allowed |= set(PRESETS.find("session")[0].names)
    assert expected <= names <= allowed


@pytest.mark.parametrize("seen", SEEN, ids=lambda one: f"{one.package}-{one.pattern}")
def test_what_a_package_sets_passes_the_gate_without_consent(seen: Seen) -> None:
    registry = Registry.parse(registry_for(f"{seen.package}\n"))
    gate = Gate(registry, KEY, mode="enforce")
    (entry,) = registry.find(example(seen.pattern))
    verdict = gate.judge(seen.header, gate.read([]), host="shop.example")
    assert verdict.allowed is (entry.category == "essential")
    if verdict.allowed:
        assert verdict.header == seen.header


@pytest.mark.parametrize("seen", SEEN, ids=lambda one: f"{one.package}-{one.pattern}")
def test_a_registry_declares_the_longest_lifetime_of_the_packages_in_use(seen: Seen) -> None:
    (entry,) = Registry.parse(registry_for(f"{seen.package}\n")).find(example(seen.pattern))
    assert entry.expires is not None
    recorded = parse_lifetime(PACKAGES[seen.package].cookies[seen.pattern].expires)
    assert (entry.expires.seconds or 0) >= (recorded.seconds or 0)


def test_every_preset_was_seen_or_is_a_companion_of_one_that_was() -> None:
    text = (ROOT / "registry" / "starter.toml").read_text("utf-8")
    known = {name for facts in PACKAGES.values() for name in facts.cookies}
    sections = re.split(r"\n+(?=# ---- )", text)
    presets = [section for section in sections if section.startswith("# ---- Presets: ")]
    assert len(presets) == 5
    for section in presets:
        for paragraph in section.split("\n\n")[1:]:
            (name,) = re.findall(r"^#name = (.*)$", paragraph, re.MULTILINE)
            assert known & set(re.findall(r'"([^"]+)"', name)), paragraph


def test_the_presets_hold_what_the_starter_comments_out() -> None:
    assert enable('# words\n#name = "a"\nb = 1\n') == '# words\nname = "a"\nb = 1\n'
    assert PRESETS.find("fastapiusersauth")
    assert not Registry.load("cookiegate:starter").find("fastapiusersauth")


KINDS = ("csrf", "login", "session", "flash")


def test_the_starter_speaks_these_languages() -> None:
    assert {"de", "fi", "nb", "sv"} <= set(load_texts())


def test_the_starter_has_texts_in_each_language_of_the_pages() -> None:
    assert sorted(["en", *load_texts()]) == shipped_languages()


@pytest.mark.parametrize("language", load_texts())
def test_a_language_of_the_starter_has_each_of_its_texts_and_no_other(language: str) -> None:
    starter = (ROOT / "registry" / "starter.toml").read_text("utf-8")
    english = set(re.findall(r'(?m)^#?\S+\.en = "(.*)"$', starter))
    kinds = {
        text["en"]
        for kind in KINDS
        for text in (required_texts(kind).purpose, required_texts(kind).necessary)
    }
    texts = load_texts()[language]
    assert set(texts) == english | kinds
    for source, text in texts.items():
        assert text.endswith(".") is source.endswith(".")
        # A word may be the same in two languages.
        assert text != source or " " not in source


def test_every_text_of_a_preset_is_in_every_language() -> None:
    languages = {"en", *load_texts()}
    for entry in PRESETS.entries:
        assert set(entry.purpose) == languages
        for texts in (entry.when, entry.necessary):
            assert set(texts) in (set(), languages)


def test_a_language_without_texts_gets_the_english_ones_switched_off() -> None:
    text = 'title.en = "Essential"\n#purpose.en = "Keeps you logged in."\n'
    assert translate(text, ["de-AT", "is", "en-GB"]) == (
        'title.de-AT = "Notwendig"\n#title.is = "Essential"\ntitle.en-GB = "Essential"\n'
        '#purpose.de-AT = "Sorgt dafür, dass Sie angemeldet bleiben."\n'
        '#purpose.is = "Keeps you logged in."\n'
        '#purpose.en-GB = "Keeps you logged in."\n'
    )
