"""registry/billogram.toml holds what the published policy says; facts from tests/data."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from cookiegate.registry import Entry, Registry

ROOT = Path(__file__).parents[2]
LANGUAGES = ("sv", "en", "fi", "nb", "de")
VISITORS = ("no_consent", "analysis", "all", "all_dnt", "all_gpc", "expired", "forged")

Texts = Mapping[str, tuple[str, ...]]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the published table."""

    row: int
    level: str
    name: str
    owner: str
    domains: tuple[str, ...]
    printed: str
    expires: str
    entries: tuple[tuple[str, ...], ...]
    matches: tuple[str, ...]
    near_misses: tuple[str, ...]
    links: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows, in the order of the policy."""

    rows: tuple[Row, ...]


ROWS = msgspec.toml.decode((ROOT / "tests/data/billogram_rows.toml").read_bytes(), type=Table).rows
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.row}-{row.name}")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load(ROOT / "registry/billogram.toml")


def of_row(registry: Registry, row: Row) -> list[Entry]:
    """Return the entries of a row."""
    return [entry for entry in registry.entries if entry.names in row.entries]


def texts(registry: Registry) -> Iterator[tuple[str, Texts]]:
    """Yield every text that a visitor may see, with its table and key."""
    for category in registry.categories.values():
        yield f"{category.id} title", one_each(category.title)
        yield f"{category.id} description", one_each(category.description)
        yield f"{category.id} without", one_each(category.without)
    for service in registry.services.values():
        if service.purpose:
            yield f"{service.id} purpose", service.purpose
    for entry in registry.entries:
        yield f"{entry.names[0]} purpose", entry.purpose
        for key, optional in (
            ("label", entry.label),
            ("when", entry.when),
            ("necessary", entry.necessary),
        ):
            if optional:
                yield f"{entry.names[0]} {key}", one_each(optional)


def one_each(text: Mapping[str, str]) -> Texts:
    return {language: (sentence,) for language, sentence in text.items()}


def test_the_table_has_the_45_rows_of_the_policy_in_order() -> None:
    assert [row.row for row in ROWS] == list(range(1, 46))


def test_the_rows_are_exactly_45_entries_in_the_same_order(registry: Registry) -> None:
    expected = [names for row in ROWS[:-1] for names in row.entries]
    expected.append(ROWS[-1].entries[0])  # the last row repeats _fbp beside the new _fbc
    assert [entry.names for entry in registry.entries] == expected
    assert len(set(expected)) == 45


@each_row
def test_a_row_is_found_with_its_level_and_lifetime(registry: Registry, row: Row) -> None:
    found = of_row(registry, row)
    assert len(found) == len(row.entries)
    for entry in found:
        assert entry.category == row.level
        assert str(entry.expires) == row.expires
        assert entry.kind == "cookie"


@each_row
def test_a_row_is_found_with_its_owner(registry: Registry, row: Row) -> None:
    for entry in of_row(registry, row):
        assert set(entry.domains) == set(row.domains)
        if not row.domains:  # a company's name
            assert entry.service is not None
            assert registry.services[entry.service].provider == row.owner


@each_row
def test_the_links_of_a_row_belong_to_the_service(registry: Registry, row: Row) -> None:
    for entry in of_row(registry, row):
        service = registry.services[entry.service] if entry.service else None
        given = {f"{link.kind} {link.url}" for link in service.links} if service else set()
        assert given >= set(row.links)


@each_row
def test_names_of_cookies_find_the_row(registry: Registry, row: Row) -> None:
    entries = of_row(registry, row)
    for name in row.matches:
        for spelling in (name, name.encode()):
            (found,) = registry.find(spelling)
            assert found in entries


@each_row
def test_near_misses_do_not_find_the_row(registry: Registry, row: Row) -> None:
    for entry in of_row(registry, row):
        for name in row.near_misses:
            if name not in entry.names:
                assert entry not in registry.find(name)


@each_row
def test_near_misses_outside_the_table_find_nothing(registry: Registry, row: Row) -> None:
    known = {name for other in ROWS for name in other.matches}
    for name in set(row.near_misses) - known:
        assert registry.find(name) == ()


def test_no_link_is_invented(registry: Registry) -> None:
    named = {link.split(" ")[1] for row in ROWS for link in row.links}
    given = {link.url for service in registry.services.values() for link in service.links}
    assert given == named


def test_every_service_of_the_policy_is_registered(registry: Registry) -> None:
    assert {service.id: service.provider for service in registry.services.values()} == {
        "pubnub": "PubNub",
        "stripe": "Stripe",
        "google_analytics": "Google",
        "hotjar": "Hotjar",
        "activecampaign": "ActiveCampaign",
        "google": "Google",
        "linkedin": "LinkedIn",
        "adsymptotic": "Adsymptotic",
        "inzynk": "InZynk",
        "pardot": "Pardot",
        "meta": "Meta (Facebook)",
    }


def test_linkedin_and_adsymptotic_offer_an_opt_out(registry: Registry) -> None:
    with_opt_out = {
        service.id
        for service in registry.services.values()
        if any(link.kind == "opt_out" for link in service.links)
    }
    assert with_opt_out == {"linkedin", "adsymptotic"}


def test_an_entry_has_as_many_purposes_as_rows(registry: Registry) -> None:
    for entry in registry.entries:
        rows = sum(entry.names in row.entries for row in ROWS)
        assert {len(entry.purpose[language]) for language in LANGUAGES} == {rows}


def test_fbp_has_two_purposes_and_fbc_the_second(registry: Registry) -> None:
    (fbp,) = registry.find("_fbp")
    (fbc,) = registry.find("_fbc")
    for language in LANGUAGES:
        first, second = fbp.purpose[language]
        assert fbc.purpose[language] == (second,) != (first,)


def test_the_site_is_asked_again_after_90_days_in_five_languages(registry: Registry) -> None:
    assert registry.site.name == "Billogram"
    assert registry.site.id == "billogram"
    assert registry.site.languages == LANGUAGES
    assert (registry.site.consent_days, registry.site.refusal_days) == (90, 90)


def test_the_policy_is_enforced_and_signals_override_choices(registry: Registry) -> None:
    assert (registry.policy.mode, registry.policy.unknown) == ("enforce", "strip")
    assert registry.policy.signals == {"dnt": "override", "gpc": "override"}


def test_each_country_has_its_authorities_for_data_and_for_cookies(registry: Registry) -> None:
    english = {
        (authority.country, duty): text_of(authority.name, "en")
        for authority in reversed(registry.authorities)
        for duty in authority.oversees
    }
    assert english == {
        ("SE", "data"): "Swedish Authority for Privacy Protection (IMY)",
        ("SE", "cookies"): "Swedish Post and Telecom Authority (PTS)",
        ("FI", "data"): "Office of the Data Protection Ombudsman",
        ("FI", "cookies"): "Finnish Transport and Communications Agency Traficom",
        ("NO", "data"): "Norwegian Data Protection Authority (Datatilsynet)",
        ("NO", "cookies"): "Norwegian Communications Authority (Nkom)",
        ("DE", "data"): "Data protection authority of your federal state",
        ("DE", "cookies"): "Data protection authority of your federal state",
    }
    assert "BfDI" in text_of(registry.authorities[-1].name, "en")


def test_each_authority_has_a_name_and_a_page_in_every_language(registry: Registry) -> None:
    for authority in registry.authorities:
        for language in LANGUAGES:
            assert text_of(authority.name, language)
            assert text_of(authority.url or "", language).startswith("https://")


def text_of(text: str | Mapping[str, str], language: str) -> str:
    return text if isinstance(text, str) else text[language]


def test_only_the_essential_category_is_required(registry: Registry) -> None:
    assert list(registry.categories) == ["essential", "functional", "analysis", "marketing"]
    assert registry.required == {"essential"}


def test_functional_is_empty_and_survives_do_not_track_alone(registry: Registry) -> None:
    assert registry.categories["functional"].survives == {"dnt"}
    assert registry.offered == ("analysis", "marketing")
    assert not any(registry.categories[offered].survives for offered in registry.offered)


def test_every_text_is_in_all_five_languages(registry: Registry) -> None:
    for where, text in texts(registry):
        assert set(text) == set(LANGUAGES), where
        assert all(part.strip() == part != "" for parts in text.values() for part in parts), where


def test_no_text_is_left_untranslated(registry: Registry) -> None:
    for where, text in texts(registry):
        assert len(set(text.values())) == len(LANGUAGES), where


def test_sentences_end_with_a_full_stop(registry: Registry) -> None:
    for where, text in texts(registry):
        if where.rsplit(" ", 1)[1] in {"description", "without", "purpose", "necessary"}:
            assert all(part.endswith(".") for parts in text.values() for part in parts), where


def test_an_essential_entry_says_what_fails_without_it(registry: Registry) -> None:
    for entry in registry.entries:
        assert bool(entry.necessary) == (entry.category == "essential")


def test_stripes_cookies_are_set_only_for_card_payments(registry: Registry) -> None:
    assert {entry.service for entry in registry.entries if entry.when} == {"stripe"}
    assert all(entry.when for entry in registry.entries if entry.service == "stripe")


def test_every_entry_says_who_sets_it(registry: Registry) -> None:
    assert {entry.set_by for entry in registry.entries} == {"server", "script", "third_party"}


def test_only_the_nameless_cookie_is_unconfirmed_and_it_has_a_label(registry: Registry) -> None:
    (unconfirmed,) = [entry for entry in registry.entries if entry.unconfirmed]
    assert unconfirmed.names == ROWS[2].entries[0]
    assert unconfirmed.label["en"] == ROWS[2].name


def test_a_published_name_that_differs_from_the_cookies_is_the_label(registry: Registry) -> None:
    for row in ROWS[:-1]:
        for entry in of_row(registry, row):
            if row.name not in entry.names:
                assert row.name in entry.label["en"]


def test_the_demo_samples_each_entry_once_with_its_level(registry: Registry) -> None:
    with (ROOT / "tests/data/demo_expected.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == ["sample", "category", *VISITORS]
    assert [registry.find(line["sample"]) for line in lines] == [(e,) for e in registry.entries]
    for line in lines:
        (level,) = {row.level for row in ROWS if line["sample"] in row.matches}
        assert line["category"] == level


def test_the_demo_expects_what_the_levels_say() -> None:
    with (ROOT / "tests/data/demo_expected.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    kept = {"analysis": {"analysis"}, "all": {"analysis", "marketing"}}
    for line in lines:
        for visitor in VISITORS:
            allowed = {"essential"} | kept.get(visitor, set())
            assert line[visitor] == ("kept" if line["category"] in allowed else "stripped")
