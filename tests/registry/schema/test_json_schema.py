"""The JSON Schema says what the loader says, as far as a schema can."""

import json
import runpy
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cookiegate.registry.schema.json_schema import main, schema, schema_text
from tests.registry.texts import FULL, TOP

REGISTRY = Path(__file__).parents[3] / "registry"


def document(text: str) -> Any:
    """Return a TOML document as a JSON one, in which dates are texts."""
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def complaints(text: str) -> list[str]:
    validator = Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return sorted(error.json_path for error in validator.iter_errors(document(text)))


def test_the_schema_is_a_schema_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema()["title"] == "Cookiegate registry"


def test_the_shipped_schema_is_the_one_of_these_types() -> None:
    assert main(["--check", str(REGISTRY / "registry.schema.json")]) == 0


def test_a_stale_schema_fails_the_check_and_says_how_to_write_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "stale.json"
    stale.write_text("{}\n", encoding="utf-8")
    assert main(["--check", str(stale)]) == 1
    assert capsys.readouterr().err == (
        f"{stale} is not the schema of this version; run: "
        f"python -m cookiegate.registry.schema > {stale}\n"
    )


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == schema_text()


def test_other_arguments_are_told_the_usage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["schema", "--chekc"])
    assert main() == 2
    assert capsys.readouterr().err.startswith("usage: python -m cookiegate.registry.schema")


@pytest.mark.parametrize("text", [FULL, TOP])
def test_the_schema_accepts_what_loads(text: str) -> None:
    assert complaints(text) == []


@pytest.mark.parametrize("path", sorted(REGISTRY.glob("*.toml")), ids=lambda path: path.name)
def test_the_schema_accepts_the_shipped_files(path: Path) -> None:
    assert complaints(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("x = 1\n", "$.categories.essential"),
        ("[sit]\n", "$"),
        ("[categories.BIG]\n", "$.categories"),
        ("[categories.b]\ntitle = 'x'\n", "$.categories.b.title"),
        ("[categories.b]\ntitle.english = 'x'\n", "$.categories.b.title"),
        ("[categories.b]\ntitle.en = ' '\n", "$.categories.b.title.en"),
        ("[categories.b]\nmode = 'off'\n", "$.categories.b.mode"),
        ("[categories.b]\nsurvives_signal = ['x']\n", "$.categories.b.survives_signal"),
        ("[policy]\nsignals = 'x'\n", "$.policy.signals"),
        ("[ledger]\nkept = '3 years'\n", "$.ledger"),
        ("[ledger]\nkeep = '3 yrs'\n", "$.ledger.keep"),
        ("[ledger]\nkeep = 'session'\n", "$.ledger.keep"),
        ("[ledger]\nkeep = 'never'\n", "$.ledger.keep"),
        ("[services.a]\nsources = ['http://x.org']\n", "$.services.a.sources[0]"),
        ("[services.a]\nlinks = [{ kind = 'policy', url = 'x' }]\n", "$.services.a.links[0].url"),
        ("[services.a]\ndomain = 'x'\ndomains = ['y']\n", "$.services.a"),
        ("[[cookies]]\n", "$.cookies[0]"),
        ("[[cookies]]\nname = []\n", "$.cookies[0].name"),
        ("[[cookies]]\nname = 'a;b'\n", "$.cookies[0].name"),
        ("[[cookies]]\nname = 'a'\nexpires = '30 dayz'\n", "$.cookies[0].expires"),
        ("[[cookies]]\nname = 'a'\ndomain = 'https://x.org'\n", "$.cookies[0].domain"),
        ("[[cookies]]\nname = 'a'\npurpose.en = []\n", "$.cookies[0].purpose.en"),
    ],
)
def test_the_schema_refuses_what_does_not_load(text: str, path: str) -> None:
    assert complaints(TOP + text) == [path]


def test_the_schema_refuses_a_site_that_is_wrong() -> None:
    text = "[site]\nname = ''\nlanguages = []\nversion = 0\nconsent_days = 401\nupdated = 'x'\n"
    assert complaints(text + "[categories]\n") == [
        "$.categories",
        "$.site.consent_days",
        "$.site.languages",
        "$.site.name",
        "$.site.updated",
        "$.site.version",
    ]


def test_every_key_has_a_description_and_no_null() -> None:
    text = schema_text()
    assert '"null"' not in text
    assert ": null" not in text
    for definition in [schema(), *schema()["$defs"].values()]:
        assert definition["additionalProperties"] is False
        for name, key in definition["properties"].items():
            assert key["description"].endswith((".", '"')), name


@pytest.mark.filterwarnings("ignore:.*found in sys.modules.*:RuntimeWarning")
def test_the_module_is_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["schema"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("cookiegate.registry.schema", run_name="__main__")
    assert caught.value.code == 0
    assert capsys.readouterr().out == schema_text()
