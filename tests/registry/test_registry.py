"""The registry as the other packages see it."""

import hashlib
import importlib.util
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cookiegate.registry import (
    Authority,
    Controller,
    Ledger,
    Lifetime,
    Link,
    MinimumAttributes,
    Policy,
    Registry,
    RegistryError,
    Service,
    Site,
)

from .texts import FULL, TOP, parse

ROOT = Path(__file__).parents[2]


@pytest.fixture
def registry() -> Registry:
    return Registry.parse(FULL, source="shop.toml")


def test_the_least_file_has_a_name_languages_and_a_category() -> None:
    registry = parse()
    assert registry.site == Site(
        name="Shop",
        id="shop",
        languages=("en", "sv"),
        version=1,
        updated=None,
        consent_days=90,
        refusal_days=90,
    )
    assert registry.policy == Policy(
        mode="enforce",
        unknown="strip",
        lifetime="off",
        signals={"dnt": "override", "gpc": "override"},
        floor=MinimumAttributes(),
        same_site_none="off",
        sweep="on",
        request_cookies="keep",
        clear_site_data="off",
        csp="edit",
        added_csp="",
        advanced_consent_mode="",
    )
    assert registry.ledger == Ledger(keep=None)
    assert registry.controller is None
    assert (registry.authorities, registry.entries) == ((), ())
    assert dict(registry.services) == {}
    assert registry.required == {"essential"}
    assert registry.optional == registry.offered == ()
    assert registry.source == "<registry>"


def test_every_key_arrives(registry: Registry) -> None:
    assert registry.source == "shop.toml"
    assert registry.site.version == 3
    assert registry.site.updated == date(2026, 11, 24)
    assert (registry.site.consent_days, registry.site.refusal_days) == (90, 180)
    assert registry.controller == Controller(
        name="Shop AB",
        email="privacy@shop.example",
        address="Street 1, Stockholm",
        dpo="dpo@shop.example",
        privacy_policy={"en": "https://shop.example/privacy"},
    )
    assert registry.authorities == (
        Authority(name="IMY", url="https://www.imy.se", country="SE", oversees=("data", "cookies")),
    )
    assert registry.policy == Policy(
        mode="report",
        unknown="allow",
        lifetime="clamp",
        signals={"dnt": "ignore", "gpc": "confirm"},
        floor=MinimumAttributes(secure=True, same_site="lax"),
        same_site_none="mend",
        sweep="report",
        request_cookies="hide",
        clear_site_data="storage",
        csp="off",
        added_csp="script-src 'self'",
        advanced_consent_mode="Our counsel said so.",
    )
    assert registry.ledger == Ledger(keep=Lifetime(3, "years"))
    assert registry.services["counter"] == Service(
        id="counter",
        name="The Counter",
        provider="Counter Inc.",
        category="analysis",
        domains=("counter.example", "counter.example.org"),
        links=(
            Link(kind="policy", url="https://counter.example/privacy"),
            Link(kind="opt_out", url="https://counter.example/out"),
        ),
        sources=("https://cdn.counter.example", "*.counter.example"),
        purpose={"en": ("Counts visits.",)},
    )


def test_its_digest_is_that_of_its_text() -> None:
    text = '[site]\nname = "A"\nlanguages = ["en"]\n[categories.a]\nrequired = true\n'
    digest = Registry.parse(text).digest
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    assert digest != Registry.parse(text + "# changed\n").digest


def test_refusal_days_are_the_consent_days_unless_given() -> None:
    site = Registry.parse(TOP.replace("[cat", "consent_days = 30\n[cat", 1)).site
    assert (site.consent_days, site.refusal_days) == (30, 30)


def test_one_word_for_signals_means_both() -> None:
    assert parse('[policy]\nsignals = "default"\n').policy.signals == {
        "dnt": "default",
        "gpc": "default",
    }


def test_categories_keep_the_order_of_the_file(registry: Registry) -> None:
    assert list(registry.categories) == ["essential", "analysis", "functional"]
    assert registry.required == frozenset({"essential"})
    assert registry.optional == ("analysis", "functional")
    assert registry.offered == ("analysis", "functional")
    assert parse("[categories.b]\n[categories.a]\n").optional == ("b", "a")
    assert parse("[categories.b]\n").offered == ()


def test_categories_hold_their_texts_signals_and_mode(registry: Registry) -> None:
    essential, analysis, functional = registry.categories.values()
    assert essential.title == {"en": "Essential", "sv": "Nödvändiga"}
    assert essential.description == {"en": "The shop needs them."}
    assert analysis.without == {"en": "Nothing changes for you."}
    assert (essential.survives, essential.mode) == (frozenset(), None)
    assert (analysis.survives, analysis.mode) == (frozenset({"dnt"}), "enforce")
    assert functional.survives == {"dnt", "gpc"}


def test_a_floor_is_the_entrys_over_the_categorys_over_the_policys(registry: Registry) -> None:
    essential, analysis, functional = registry.categories.values()
    assert essential.floor == MinimumAttributes(secure=True, http_only=True, same_site="lax")
    assert analysis.floor == MinimumAttributes(secure=True, same_site="none", partitioned=True)
    assert functional.floor == registry.policy.floor
    session, counter, _ = registry.entries
    assert session.floor == MinimumAttributes(secure=True, same_site="strict")
    assert counter.floor == analysis.floor


def test_a_partitioned_floor_without_secure_is_refused() -> None:
    text = "[categories.b]\nfloor.partitioned = true\nfloor.secure = false\n"
    with pytest.raises(RegistryError) as caught:
        parse(text)
    assert str(caught.value) == (
        "<registry>:8: floor.partitioned = true requires Secure; "
        "leave secure out: browsers store no Partitioned cookie without it"
    )


def test_entries_hold_what_they_say_and_what_their_service_says(registry: Registry) -> None:
    session, counter, own = registry.entries
    assert session.names == ("session",)
    assert (session.category, session.service, session.domains) == ("essential", None, ())
    assert session.expires == Lifetime(None, "session")
    assert (session.set_by, session.kind) == ("server", "cookie")
    assert session.label == {"en": "Session"}
    assert session.purpose == {"en": ("Keeps you logged in.",)}
    assert session.when == {"en": "once you log in"}
    assert session.necessary == {"en": "Without it you cannot log in."}
    assert not session.unconfirmed

    assert counter.names == ("_c", "_c_*")
    assert (counter.category, counter.service) == ("analysis", "counter")
    assert counter.domains == ("counter.example", "counter.example.org")
    assert counter.purpose == {"en": ("Counts visits.",)}
    assert counter.unconfirmed

    assert (own.category, own.domains, own.kind) == (
        "functional",
        ("shop.example",),
        "local_storage",
    )
    assert own.purpose == {
        "en": ("Counts visits.", "Remembers the last one."),
        "sv": ("Räknar besök.",),
    }


def test_an_empty_list_of_domains_means_this_site_whatever_the_service_says() -> None:
    text = '[services.s]\ndomain = "x.example"\ncategory = "essential"\n[[cookies]]\n'
    text += 'name = "a"\nservice = "s"\ndomains = []\n[[cookies]]\nname = "b"\nservice = "s"\n'
    assert [entry.domains for entry in parse(text).entries] == [(), ("x.example",)]


def test_entries_know_their_line(registry: Registry) -> None:
    lines = FULL.split("\n")
    assert [lines[entry.line - 1] for entry in registry.entries] == ["[[cookies]]"] * 3


def test_a_line_is_0_where_entries_are_written_in_a_rare_way() -> None:
    text = '[[ "cookies" ]]\nname = "a"\ncategory = "essential"\n'
    assert [entry.line for entry in parse(text).entries] == [0]


def test_names_are_found_by_text_and_by_bytes(registry: Registry) -> None:
    session, counter, _ = registry.entries
    assert registry.find("session") == registry.find(b"session") == (session,)
    assert registry.find("_c") == registry.find("_c_1") == (counter,)
    assert registry.find("Session") == registry.find("session ") == registry.find("") == ()


def test_each_kind_is_found_on_its_own(registry: Registry) -> None:
    assert registry.find("_c_id7") == (registry.entries[1],)
    assert registry.find("_c_id7", kind="local_storage") == (registry.entries[2],)
    assert registry.find("_c_id7", kind="pixel") == ()


def test_a_name_shared_by_domains_finds_all_its_entries() -> None:
    text = '[[cookies]]\nname = "SID"\ncategory = "essential"\n'
    registry = parse(text + text + 'domain = "google.com"\n')
    assert registry.find("SID") == registry.entries
    pattern = text.replace("SID", "SID_*")
    registry = parse(pattern + pattern + 'domain = "google.com"\n')
    assert registry.find("SID_x") == registry.entries


def test_an_unknown_category_is_a_value_error_that_suggests_one(registry: Registry) -> None:
    assert registry.category("analysis") is registry.categories["analysis"]
    with pytest.raises(ValueError, match=r"^unknown category 'analysys'; write 'analysis'$"):
        registry.category("analysys")


def test_ids_are_checked_together(registry: Registry) -> None:
    assert registry.check_ids(["analysis", "analysis"]) == frozenset({"analysis"})
    assert registry.check_ids(()) == frozenset()
    with pytest.raises(ValueError, match="unknown category 'x'; write one of 'essential'"):
        registry.check_ids({"analysis", "x"})
    with pytest.raises(ValueError, match="pass a set"):
        registry.check_ids("analysis")


def test_a_registry_is_never_changed(registry: Registry) -> None:
    # Any: what type checkers refuse is refused at run time too.
    changed: Any = registry
    with pytest.raises(AttributeError, match="immutable"):
        changed.entries = ()
    with pytest.raises(AttributeError, match="immutable"):
        del changed.site
    with pytest.raises(AttributeError):
        changed.entries[0].category = "analysis"
    with pytest.raises(TypeError):
        changed.categories["x"] = registry.categories["analysis"]


def test_values_can_stand_in_sets(registry: Registry) -> None:
    again = Registry.parse(FULL)
    assert {*registry.entries, *again.entries} == set(registry.entries)
    assert {*registry.categories.values(), *registry.services.values()}
    assert len({registry.policy, again.policy, registry.controller}) == 2
    assert len({registry.ledger, again.ledger}) == 1


def test_a_registry_has_a_short_repr(registry: Registry) -> None:
    assert repr(registry) == "<Registry 'shop', version 3, 3 entries>"


def test_a_file_is_loaded_by_text_or_path(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(FULL, encoding="utf-8")
    assert Registry.load(path).entries == Registry.load(str(path)).entries
    assert Registry.load(path).source == str(path)


def test_problems_of_a_file_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_bytes(TOP.encode() + b"\xff")
    with pytest.raises(RegistryError) as caught:
        Registry.load(path)
    assert str(caught.value) == (
        f"{path}:6: this is not UTF-8 text; save the file in the encoding UTF-8"
    )


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="to create it: cookiegate init"):
        Registry.load(tmp_path / "missing.toml")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the folder of shipped files, which only an installed Cookiegate has."""
    (tmp_path / "__init__.py").touch()
    (tmp_path / "starter.toml").write_text(FULL, encoding="utf-8")
    name = "cookiegate._registry_data"
    spec = importlib.util.spec_from_file_location(
        name, tmp_path / "__init__.py", submodule_search_locations=[str(tmp_path)]
    )
    assert spec is not None
    monkeypatch.setitem(sys.modules, name, importlib.util.module_from_spec(spec))
    return tmp_path


def test_a_shipped_file_is_loaded_by_its_name(shipped: Path) -> None:
    registry = Registry.load("cookiegate:starter")
    assert registry.source == "cookiegate:starter"
    assert len(registry.entries) == 3


def test_an_unknown_shipped_file_is_a_problem_with_a_suggestion(shipped: Path) -> None:
    with pytest.raises(RegistryError) as caught:
        Registry.load("cookiegate:startr")
    assert str(caught.value) == (
        "cookiegate:startr: Cookiegate ships no registry 'startr'; write 'starter'"
    )


def test_the_import_brings_no_heavy_module() -> None:
    program = (
        "import sys, types\n"
        # The package around it imports more; that is not measured here.
        "package = types.ModuleType('cookiegate'); package.__path__ = ['cookiegate']\n"
        "sys.modules['cookiegate'] = package\n"
        # What an editable install's finder has brought along is not ours.
        "before = set(sys.modules)\n"
        "import cookiegate.registry\n"
        "heavy = {'asyncio', 'cookiegate.registry.schema.json_schema', 'importlib.resources',"
        " 'jsonschema', 'logging', 'urllib.parse'}\n"
        "print(*sorted(heavy & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
