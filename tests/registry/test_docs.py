"""docs/registry.md says what the types and the loader say."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cookiegate import Gate
from cookiegate.registry import Registry, RegistryError
from cookiegate.registry.lifetimes import UNITS, parse_lifetime
from cookiegate.registry.patterns import Wild, parse_pattern
from cookiegate.registry.schema.json_schema import schema
from cookiegate.registry.validation.problem_list import HEADINGS
from docs.key_tables import PAGE, main, tables_in

ROOT = Path(__file__).parents[2]
TEXT = PAGE.read_text(encoding="utf-8")
SCHEMA = schema()


class Table(NamedTuple):
    """A table of the page, and the heading above it."""

    heading: str
    columns: list[str]
    rows: list[list[str]]


class Block(NamedTuple):
    """A fenced block: its language, its text, and the file it is broken in, if it is."""

    language: str
    text: str
    broken: str | None


def read_tables() -> Iterator[Table]:
    heading = ""
    lines = iter(re.sub(r"^```.*?^```$", "", TEXT, flags=re.DOTALL | re.MULTILINE).splitlines())
    for line in lines:
        if line.startswith("#"):
            heading = line.strip("#` ")
        elif line.startswith("|"):
            assert re.fullmatch(r"\|(-+\|)+", next(lines))
            table = Table(heading, cells(line), [])
            for row in lines:
                if not row.startswith("|"):
                    break
                table.rows.append(cells(row))
                assert len(table.rows[-1]) == len(table.columns), row
            yield table


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def code(cell: str) -> list[str]:
    """Return the texts in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def read_blocks() -> list[Block]:
    form = re.compile(
        r"(?:<!-- broken: (\S+) -->\n)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE
    )
    return [Block(found[2], found[3], found[1]) for found in form.finditer(TEXT)]


TABLES = list(read_tables())
BLOCKS = read_blocks()
TOML = [block.text for block in BLOCKS if block.language == "toml" and block.broken is None]
SMALLEST = TOML[0]
# The only one with a controller.
(EVERY_KEY,) = (text for text in TOML if "[controller]" in text)


def table(*columns: str) -> list[list[str]]:
    """Return the rows of the only table with these columns."""
    (found,) = (one for one in TABLES if one.columns == list(columns))
    return found.rows


def keys_of(kind: dict[str, Any], value: Any) -> set[tuple[str, str]]:
    """Return the keys a document uses, each with the name of the type it belongs to."""
    match kind:
        case {"anyOf": [*choices]}:
            return set().union(*(keys_of(choice, value) for choice in choices))
        case {"$ref": str(ref)} if isinstance(value, dict):
            name = ref.rpartition("/")[2]
            inner = SCHEMA["$defs"][name]["properties"]
            below = (keys_of(inner[key], item) for key, item in value.items())
            return {(name, key) for key in value}.union(*below)
        case {"items": dict(inner)} if isinstance(value, list):
            return set().union(*(keys_of(inner, item) for item in value))
        case {"additionalProperties": dict(inner)} if isinstance(value, dict):
            return set().union(*(keys_of(inner, item) for item in value.values()))
    return set()


def loaded(*entries: str) -> Registry:
    """Return the smallest file with an entry of each name."""
    rows = (f"[[cookies]]\nname = '{name}'\ncategory = 'essential'\n" for name in entries)
    return Registry.parse(SMALLEST + "".join(rows))


def test_the_tables_of_keys_are_those_of_the_schema() -> None:
    assert main(["--check"]) == 0
    assert sorted(tables_in(TEXT)) == sorted(SCHEMA["$defs"])
    for definition in SCHEMA["$defs"].values():
        for key in definition["properties"].values():
            assert key["description"].endswith(".")


def test_a_stale_table_of_keys_fails_the_check_and_can_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "registry.md"
    stale.write_text(TEXT.replace("`version`", "`revision`"), encoding="utf-8")
    assert main(["--check"], stale) == 1
    assert "registry.md is stale" in capsys.readouterr().err
    assert main([], stale) == 0
    assert stale.read_text(encoding="utf-8") == TEXT


def test_inherited_defaults_are_inherited() -> None:
    registry = Registry.parse(
        SMALLEST.replace('["en"]', '["en"]\nconsent_days = 33')
        + "[services.a]\ncategory = 'essential'\ndomain = 'a.example'\npurpose.en = 'Helps.'\n"
        "[[cookies]]\nname = 'a'\nservice = 'a'\n[policy]\nfloor.secure = true\n"
    )
    assert registry.site.id == "my-shop"
    assert registry.site.refusal_days == 33
    assert registry.categories["essential"].mode is None
    (entry,) = registry.entries
    assert (entry.category, entry.domains) == ("essential", ("a.example",))
    assert entry.purpose == {"en": ("Helps.",)}
    assert registry.policy.floor.secure
    assert entry.floor == registry.categories["essential"].floor == registry.policy.floor


def test_the_list_of_tables_is_complete() -> None:
    rows = table("table", "how many", "holds")
    assert [code(row[0]) for row in rows] == [[heading] for heading in HEADINGS.values()]
    required = {code(row[0])[0] for row in rows if "required" in row[1]}
    assert required == {HEADINGS[key] for key in SCHEMA["required"]}


@pytest.mark.parametrize("text", TOML)
def test_each_block_of_toml_loads_unless_marked_as_broken(text: str) -> None:
    Registry.parse(text if "[site]" in text else SMALLEST + text)


@pytest.mark.parametrize("number", range(len(SMALLEST.splitlines())))
def test_the_smallest_file_needs_each_of_its_lines(number: int) -> None:
    lines = SMALLEST.splitlines()
    with pytest.raises(RegistryError):
        Registry.parse("\n".join(lines[:number] + lines[number + 1 :]))


def test_the_file_with_every_key_has_every_key() -> None:
    used: set[tuple[str, str]] = set()
    document = tomllib.loads(EVERY_KEY)
    for name, value in document.items():
        used |= keys_of(SCHEMA["properties"][name], value)
    assert set(document) == set(SCHEMA["properties"])
    assert used == {(of, key) for of, one in SCHEMA["$defs"].items() for key in one["properties"]}


def test_the_id_cookie_of_the_shop_is_the_basket() -> None:
    gate = Gate(Registry.parse(EVERY_KEY), secret_key="0123456789abcdef", clock=lambda: 0)
    consent = gate.read([])
    basket = gate.judge(b"id=1; Path=/", consent, host="www.books.example")
    assert (basket.allowed, basket.category) == (True, "essential")
    counter = gate.judge(b"id=1; Path=/", consent, host="counter.example")
    assert (counter.allowed, counter.category) == (False, "analysis")


@pytest.mark.parametrize("row", table("pattern", "matches", "does not match"))
def test_each_row_of_the_patterns_is_true(row: list[str]) -> None:
    (pattern,), matching, others = map(code, row)
    registry = loaded(pattern)
    assert matching
    assert [name for name in matching if not registry.find(name)] == []
    assert others
    assert [name for name in others if registry.find(name)] == []


def test_the_patterns_show_every_wild_sign_and_the_backslash() -> None:
    patterns = [code(row[0])[0] for row in table("pattern", "matches", "does not match")]
    tokens = {token for pattern in patterns for token in parse_pattern(pattern).tokens}
    assert set(Wild) <= tokens
    assert any("\\" in pattern for pattern in patterns)
    section = TEXT.partition("## Name patterns")[2].partition("\n|")[0]
    assert {wild.value for wild in Wild} | {"\\"} <= set(code(section))


@pytest.mark.parametrize("row", table("cookie", "matching names", "applies", "because"))
def test_each_row_of_the_precedence_is_true(row: list[str]) -> None:
    (cookie,), matching, (best,) = map(code, row[:3])
    for name in matching:
        assert loaded(name).find(cookie), name
    for names in (matching, matching[::-1]):
        (entry,) = loaded(*names).find(cookie)
        assert entry.names == (best,)


def test_the_tie_on_the_page_is_an_error() -> None:
    found = re.search(r"`(\S+)` and `(\S+)` both match `(\S+)`", TEXT)
    assert found is not None
    one, other, name = found.groups()
    assert loaded(one).find(name)
    assert loaded(other).find(name)
    with pytest.raises(RegistryError, match="ties with"):
        loaded(one, other)


def test_each_unit_counts_as_the_page_says() -> None:
    rows = table("unit", "one counts as")
    assert [code(unit) for unit, _ in rows] == [[unit] for unit in UNITS]
    for unit, counts in rows:
        count, word = counts.replace(",", "").split()
        seconds = {"seconds": 1, "hours": UNITS["hours"], "days": UNITS["days"]}[word]
        assert int(count) * seconds == UNITS[code(unit)[0]], unit


def test_each_lifetime_on_the_page_is_valid() -> None:
    section = TEXT.partition("## Lifetimes")[2].partition("\n## ")[0]
    written = [text.strip('"') for text in code(section) if text.startswith('"')]
    assert len(written) >= 5
    for text in written:
        assert str(parse_lifetime(text)) == text


def test_each_word_for_a_signal_is_explained() -> None:
    rules = SCHEMA["$defs"]["Signals"]["properties"]["dnt"]["enum"]
    rows = table("word", "the signal holds")
    assert sorted(code(row[0])[0].strip('"') for row in rows) == sorted(rules)


def test_the_broken_file_gives_the_error_that_is_shown() -> None:
    ((at, broken),) = ((n, block) for n, block in enumerate(BLOCKS) if block.broken)
    with pytest.raises(RegistryError) as caught:
        Registry.parse(broken.text, source=str(broken.broken))
    assert BLOCKS[at + 1] == Block("", f"{caught.value}\n", None)
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    count = words[len(caught.value.problems) - 1]
    assert f"This file is broken in {count} places" in TEXT


@pytest.mark.parametrize(
    ("written", "law"),
    [
        ("default = true", "recital 32"),
        ("enabled = true", "recital 32"),
        ("preselected = true", "Planet49"),
        ("legitimate_interest = true", "art. 5(3)"),
    ],
)
def test_a_default_that_allows_cookies_is_an_error_with_the_reason(written: str, law: str) -> None:
    with pytest.raises(RegistryError, match=re.escape(law)):
        Registry.parse(f"{SMALLEST}{written}\n")


def test_each_shipped_file_is_named_and_loads() -> None:
    named = set(re.findall(r"cookiegate:(\w+)", TEXT))
    assert named == {path.stem for path in (ROOT / "registry").glob("*.toml")}
    for name in named:
        Registry.load(f"cookiegate:{name}")


def test_each_link_has_a_target() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, anchor = target.partition("#")
        page = (PAGE.parent / path) if path else PAGE
        assert page.is_file(), target
        if anchor:
            text = page.read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            made = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
            assert anchor in made or f'<a id="{anchor}">' in text, target
