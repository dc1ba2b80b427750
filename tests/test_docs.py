"""The documentation names files, headings and tests that exist."""

import re
from pathlib import Path

import pytest

import cookiegate
from cookiegate.middleware.options import OPTIONS
from docs import api

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
}
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)


def anchors(page: Path) -> set[str]:
    """Return what a link can name within a page: headings as code hosts write them, and ids."""
    text = prose(page)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', text))


@each_page
def test_each_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", prose(page)):
        path, _, anchor = target.partition("#")
        file = page if not path else page.parent / path
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_each_test_that_a_page_names_exists(page: Path) -> None:
    assert set(re.findall(r"`(test_\w+)`", prose(page))) <= TESTS


@each_page
def test_each_file_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`((?:\w+/)+\w+\.(?:py|toml|md|jsonl|csv|html|js))`", prose(page))
    folders = (ROOT, ROOT / "cookiegate")
    assert [name for name in named if not any((at / name).exists() for at in folders)] == []


@each_page
def test_each_attribute_that_a_page_names_exists(page: Path) -> None:
    form = rf"`({'|'.join(cookiegate.__all__)})\.([a-z_]+)"
    found = re.findall(form, page.read_text(encoding="utf-8"))
    missing = [f"{of}.{name}" for of, name in found if not hasattr(getattr(cookiegate, of), name)]
    assert missing == []


def test_the_api_reference_is_up_to_date() -> None:
    message = "run: python -m docs.api"
    assert api.PAGE.read_text(encoding="utf-8") == api.render(), message


def test_the_page_on_frameworks_lists_every_option() -> None:
    page = (ROOT / "docs/frameworks.md").read_text(encoding="utf-8")
    section = page.partition("\n## Options\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == list(OPTIONS)


def test_the_readme_links_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in DOCS if f"(docs/{page.name})" not in readme] == []
