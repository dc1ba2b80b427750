"""The lines and columns of every key and value of a TOML document."""

import tomllib
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.registry.errors import Path
from cookiegate.registry.validation.line_locator import LineLocator

DOCUMENT = '''\
# A comment with [brackets], "quotes" and a = sign.
title = "a # no comment"
"quoted key" = 1
'literal' = 2

[a.b]            # names a in passing
x.y.z = 1
"\\u00e9" = 2

[a]
list = [
    1, # one
    [2,
     3],
    { k = "]", l = [ "," ] },
]
text = """
[not.a.table]
key = 1 \\"""
"""
lit = \'\'\'
'quoted'\'\'\'\'
after = { inner.deep = 1, other = 2 }
when = 1979-05-27T07:32:00.5
float = 1.5e3

[[rows]]
name = "first"
[[rows.inner]]
v = 1
[rows.table]
v = 2
[[rows]]
name = "second"
[[rows.inner]]
[[rows.inner]]
v = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("quoted key",), 3),
        (("literal",), 4),
        (("a", "b"), 6),
        (("a", "b", "x", "y", "z"), 7),
        (("a", "b", "é"), 8),
        (("a",), 10),
        (("a", "list"), 11),
        (("a", "list", 0), 12),
        (("a", "list", 1), 13),
        (("a", "list", 1, 1), 14),
        (("a", "list", 2, "k"), 15),
        (("a", "list", 2, "l", 0), 15),
        (("a", "text"), 17),
        (("a", "lit"), 21),
        (("a", "after"), 23),
        (("a", "after", "inner", "deep"), 23),
        (("a", "when"), 24),
        (("a", "float"), 25),
        (("rows",), 27),
        (("rows", 0, "name"), 28),
        (("rows", 0, "inner", 0), 29),
        (("rows", 0, "inner", 0, "v"), 30),
        (("rows", 0, "table"), 31),
        (("rows", 1), 33),
        (("rows", 1, "inner", 1), 36),
        (("rows", 1, "inner", 1, "v"), 37),
        # What is missing is where it should be.
        (("rows", 1, "missing"), 33),
        (("a", "b", "x", "missing", 3), 7),
        (("missing",), 1),
    ],
)
def test_each_path_has_its_line(path: Path, line: int) -> None:
    tomllib.loads(DOCUMENT)
    assert LineLocator(DOCUMENT).line(path) == line


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("title",), "a # no comment", "title"),
        (("quoted key",), "1", "quoted key"),
        (("a", "b"), "b", "b"),
        (("a", "b", "x", "y", "z"), "1", "z"),
        (("a", "b", "x"), "x", "x"),
        (("a", "list"), "[", "list"),
        (("a", "list", 1, 0), "2", "2"),
        (("a", "list", 2), '{ k = "]", l = [ "," ] }', "{"),
        (("a", "list", 2, "l"), '[ "," ]', "l"),
        (("a", "list", 2, "l", 0), ",", ","),
        (("a", "text"), "", "text"),
        (("a", "lit"), "", "lit"),
        (("a", "after"), "{ inner.deep = 1, other = 2 }", "after"),
        (("a", "when"), "1979-05-27T07:32:00.5", "when"),
        (("a", "float"), "1.5e3", "float"),
        (("rows", 1), "rows", "rows"),
        (("rows", 1, "missing"), "rows", "rows"),
        (("missing",), "", ""),
    ],
)
def test_each_path_has_the_columns_of_its_value_and_of_its_key(
    path: Path, value: str, key: str
) -> None:
    locator = LineLocator(DOCUMENT)
    lines = DOCUMENT.split("\n")
    for expected, of_key in ((value, False), (key, True)):
        line, column, length = locator.span(path, of_key=of_key)
        assert lines[line - 1][column - 1 : column - 1 + length] == expected


def test_windows_line_ends_and_tabs_change_nothing() -> None:
    text = "[a]\r\n\tb = 1\r\n\r\n\tc = '''\r\n'''\r\n\td = 2\r\n"
    locator = LineLocator(text)
    assert [locator.line(("a", key)) for key in "bcd"] == [2, 4, 6]


@pytest.mark.parametrize(
    "text",
    [
        *("", "=", ".", "a", "a =", "a.", "a = 'x", '"', '"""', "\\", "\x00"),
        *("[", "[[", "[[a", "[a]]", "]", "{}", "[a] b = 1"),
        *("a = {", "a = { b", "a = { b }", "a = [1,", "a = }", "a = [}", "a = {,}"),
        *("a = [=", "a = [=]", "a = [1 = 2]"),
    ],
)
def test_invalid_toml_raises_nothing(text: str) -> None:
    assert LineLocator(text).line(("a", "b", 0)) == 1


@given(st.text(alphabet="ab=[]{}\"'\\#.,\n 1", max_size=60) | st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    assert 1 <= LineLocator(text).line(("a", "b", 0)) <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (r'"\t\u0041\U0001F600\\\""', '\tA😀\\"'),
        (r"'\t'", r"\t"),
        (r'"\U99999999"', ""),
    ],
)
def test_quoted_keys_are_read_with_their_escapes(written: str, key: str) -> None:
    assert LineLocator(f"\n\n{written} = 1").line((key,)) == 3


@dataclass
class Writer:
    """Writes a random document and remembers on which line each path went."""

    lines: list[str] = field(default_factory=list)
    expected: dict[Path, int] = field(default_factory=dict)

    def write(self, text: str) -> None:
        self.lines.extend(text.split("\n"))

    @property
    def here(self) -> int:
        return len(self.lines) + 1


KEYS = st.sampled_from(["a", "b-c", "d e", "é", 'q"', "1", "x.y", "t\tu"])
SCALARS = st.sampled_from(
    [
        *("1", "-2.5e3", "true", "inf", "2026-11-24", "1979-05-27T07:32:00Z"),
        *('"x # [y] = {"', "'lit\"'", '"\\\\"', '""', "''''''"),
        '"""\nmany\n[lines] = 1 \\"""\n"""',
        "'''\n# no comment\n''''",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def in_quotes(key: str) -> str:
    if key.isascii() and key.replace("-", "").isalnum():
        return key
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def render(value: object, path: Path, line: int, broken: bool, expected: dict[Path, int]) -> str:
    """Return a value's text, noting the lines of what is inside of it."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        text = "{ "
        for number, (key, item) in enumerate(value.items()):
            text += ", " if number else ""
            here = line + text.count("\n")
            expected[(*path, key)] = here
            text += f"{in_quotes(key)} = "
            text += render(item, (*path, key), here, False, expected)
        return text + " }"
    assert isinstance(value, list)
    text = "["
    for number, item in enumerate(value):
        text += "\n  # [ comment\n  " if broken else " "
        here = line + text.count("\n")
        expected[(*path, number)] = here
        text += render(item, (*path, number), here, broken, expected) + ","
    return text + "\n]" if broken else text + "]"


@st.composite
def documents(draw: st.DrawFn) -> Writer:
    writer = Writer()
    tables = draw(
        st.lists(st.tuples(KEYS, st.booleans()), max_size=4, unique_by=lambda row: row[0])
    )
    for name, is_array in [("", False), *tables]:
        for number in range(draw(st.integers(1, 3)) if is_array else 1):
            base: Path = (name, number) if is_array else (name,) if name else ()
            writer.write(draw(st.sampled_from(["", "# [comment]", " \t"])))
            if name:
                writer.expected.setdefault((name,), writer.here)
                writer.expected[base] = writer.here
                writer.write(f"[[ {in_quotes(name)} ]]" if is_array else f"[{in_quotes(name)}] # x")
            pairs = draw(st.dictionaries(KEYS, VALUES, max_size=4))
            for key, value in pairs.items():
                # At the top level keys must not be the names of tables below.
                key = key if base else f"top {key}"
                dotted = draw(st.booleans())
                path = (*base, key, "deep") if dotted else (*base, key)
                line = writer.here
                writer.expected[(*base, key)] = writer.expected[path] = line
                written = f"{in_quotes(key)} . deep" if dotted else in_quotes(key)
                broken = draw(st.booleans())
                writer.write(f"{written} = {render(value, path, line, broken, writer.expected)}")
    return writer


def paths_of(value: object, path: Path = ()) -> list[Path]:
    if isinstance(value, dict):
        return [path, *(p for key, item in value.items() for p in paths_of(item, (*path, key)))]
    if isinstance(value, list):
        return [path, *(p for n, item in enumerate(value) for p in paths_of(item, (*path, n)))]
    return [path]


@given(documents(), st.sampled_from(["\n", "\r\n"]))
def test_every_path_of_a_document_is_found_on_its_line(writer: Writer, end: str) -> None:
    text = end.join("\n".join(writer.lines).split("\n"))
    locator = LineLocator(text)
    for path in paths_of(tomllib.loads(text)):
        if path:
            assert locator.line(path) == writer.expected[path], path
