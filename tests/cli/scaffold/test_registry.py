"""The first registry is made of the parts of the starter that fit the project."""

from pathlib import Path
from typing import Any

import pytest

from cookiegate import Registry
from cookiegate.cli.scaffold.registry import first_registry

STARTER = (Path(__file__).parents[3] / "registry" / "starter.toml").read_text("utf-8")


def make(**options: Any) -> str:
    defaults: dict[str, Any] = {
        "name": "Shop",
        "languages": ["en"],
        "frameworks": [],
        "uses": (),
        "consent_days": None,
        "refusal_days": None,
    }
    return first_registry(STARTER, **{**defaults, **options})


def test_sections_without_entries_are_left_out() -> None:
    text = make()
    assert "# ---- Sessions and logins" not in text
    assert "# ---- Load balancers" not in text
    assert "registry/starter.toml has the entries of the common ones" in text
    assert "# ---- Sessions and logins" in make(frameworks=["django"])


def test_comments_stay_aligned() -> None:
    lines = make(name="A shop with a name").splitlines()
    site = lines[lines.index("[site]") + 1 : lines.index("[site]") + 6]
    assert {line.index("# ") for line in site} == {32}


@pytest.mark.parametrize(
    ("frameworks", "uses", "expires"),
    [
        (["flask"], {"sessions"}, "session"),
        (["flask"], {"permanent"}, "31 days"),
        (["starlette"], {"sessions"}, "2 weeks"),
    ],
)
def test_a_session_lives_as_long_as_in_the_framework(
    frameworks: list[str], uses: set[str], expires: str
) -> None:
    (entry,) = Registry.parse(make(frameworks=frameworks, uses=uses)).entries
    assert str(entry.expires) == expires
