"""Whatever a file holds: a registry, or every problem of it with file and line."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scale import large_text
from cookiegate.registry import Registry, RegistryError

from .texts import FULL, TOP, parse, problems


def only_problem(text: str) -> str:
    with pytest.raises(RegistryError) as caught:
        Registry.parse(text, source="shop.toml")
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[site]\nname = Shop\n",
            "shop.toml:2: this is not valid TOML (invalid value, column 8); "
            'put text in quotes: key = "text"',
        ),
        (
            "[site]\nname = 'a'\nname = 'b'\n[x]\n",
            "shop.toml:3: this is not valid TOML (cannot overwrite a value, column 11); "
            "write each key once",
        ),
        (
            "[site]\n\n[site]\n",
            "shop.toml:3: this is not valid TOML (cannot declare site twice, column 6); "
            "write each table once; each further cookie begins with [[cookies]]",
        ),
        (
            "[a.'(b)'.\"c'd\"]\n[a.'(b)'.\"c'd\"]\n",
            "shop.toml:2: this is not valid TOML (cannot declare a.(b).c'd twice, column 15); "
            "write each table once; each further cookie begins with [[cookies]]",
        ),
        (
            "[site]\nname = 'a",
            'shop.toml:2: this is not valid TOML (expected "\'"); close the quotes',
        ),
        (
            "[site]\nname\n",
            "shop.toml:2: this is not valid TOML (expected '=' after a key in a key/value pair, "
            'column 5); write key = "value"',
        ),
        (
            'a = "\\ud800"\n',
            "shop.toml:1: this is not valid TOML (escaped character is not a Unicode scalar value, "
            "column 12); write the character itself",
        ),
        (
            "a = 1\rb = 2\n",
            "shop.toml:1: this is not valid TOML (expected newline or end of document after a "
            "statement, column 6); write one key a line, and put text in quotes",
        ),
        (
            '[site]\nname = "a\\\n\n',
            "shop.toml:2: this is not valid TOML (unescaped '\\' in a string, column 1); "
            "write two backslashes for a literal one, or put the text in single quotes",
        ),
        (
            '[site]\nname = """\nx\n\n\n',
            "shop.toml:3: this is not valid TOML (unterminated string); close the quotes",
        ),
        (
            "\n\nversion = " + "9" * 5000,
            "shop.toml:3: a number is too long to read; write a smaller number",
        ),
        (
            "\na = 1\nb = " + "[" * 5000,
            "shop.toml:3: lists or tables are nested too deep to read; nest them once at most",
        ),
        (
            "x = '''\n\ud800'''\n",
            "shop.toml:2: this is not UTF-8 text; save the file in the encoding UTF-8",
        ),
    ],
)
def test_invalid_toml_is_one_problem_with_its_line(text: str, problem: str) -> None:
    assert only_problem(text) == problem


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("x1 = 1\n", "x1"),
        ("[[cookies]]\nname = 'a=b'\ncategory = 'essential'\n", "a=b"),
        ("[[cookies]]\nname = ['ab', '*']\ncategory = 'essential'\n", "*"),
        ("[categories.b]\ntitle.fr = 'x'\n", "fr"),
        ('[categories."b c"]\n', "b c"),
        ("[policy]\nmode = 3 # wrong\n", "3"),
        ("[controller]\nname = ''\n", ""),
        ("[x]\ny = z\n", "z"),
    ],
)
def test_a_problem_says_which_columns_it_is_about(text: str, marked: str) -> None:
    text = TOP + text
    with pytest.raises(RegistryError) as caught:
        Registry.parse(text)
    (problem,) = caught.value.problems
    start = problem.column - 1 if problem.length else 0
    assert text.split("\n")[problem.line - 1][start : start + problem.length] == marked


def test_the_line_of_the_deepest_list_is_reported() -> None:
    text = "a = [\n[],\n" + "{ x = [" * 3000 + "\n" + "] }" * 3000 + "]\n"
    assert only_problem(text).startswith("shop.toml:3: lists or tables are nested too deep")


def test_an_unknown_message_of_tomllib_is_a_problem_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(text: str) -> None:
        raise tomllib.TOMLDecodeError("Something new")

    monkeypatch.setattr(tomllib, "loads", refuse)
    assert only_problem("a\nb\n\n") == (
        "shop.toml:2: this is not valid TOML (something new); "
        "write it as TOML 1.0 has it (https://toml.io)"
    )


def test_a_value_error_without_a_long_number_points_at_the_first_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(text: str) -> None:
        raise ValueError

    monkeypatch.setattr(tomllib, "loads", refuse)
    assert only_problem("\n\na = 1").startswith("shop.toml:1: a number is too long")


def test_an_empty_file_lacks_two_things() -> None:
    assert problems("", top="") == [
        '1: the file has no [site] table; write [site] with name = "..." and languages = ["en"]',
        "1: the file has no categories; "
        "add at least one, such as [categories.essential] with required = true",
    ]


def test_a_byte_order_mark_windows_line_ends_and_tabs_are_read() -> None:
    text = "\ufeff" + FULL.replace("\n", "\r\n").replace("    {", "\t{")
    registry = Registry.parse(text)
    assert registry.entries == Registry.parse(FULL).entries
    assert problems("x = 1\r\n[cookie]\r\n", top="\ufeff" + TOP.replace("\n", "\r\n"))[0] == (
        "1: unknown key 'x' in [categories.essential]; use one of required, title, description, "
        "without, mode, consent_mode, accepted, survives_signal, floor"
    )


def test_problems_are_in_the_order_of_the_file() -> None:
    found = problems('[[cookies]]\nname = ""\nx1 = 1\n[policy]\nmode = 1\n[site2]\n')
    assert [one.split(":")[0] for one in found] == ["1", "2", "3", "5", "6"]


def test_every_problem_of_a_file_is_reported_at_once() -> None:
    text = """\
[site]
name = "Shop"
langauges = ["en"]
consent_days = 900

[policy]
mode = "enforced"

[categories.essential]
required = true
title.en = "Essential"

[categories.marketing]
default_on = true

[services.counter]
category = "markting"
links = [{ kind = "polcy", url = "counter.example" }]

[[cookies]]
name = "_c"
service = "countr"
expires = "30 dayz"

[[cookies]]
name = ["_d", "*x", "a=b"]
category = "essential"
domain = "https://Shop.example/"
"""
    with pytest.raises(RegistryError) as caught:
        Registry.parse(text, source="shop.toml")
    assert str(caught.value).split("\n") == [
        "shop.toml:3: unknown key 'langauges' in [site]; write 'languages'",
        "shop.toml:4: 'consent_days' is 900; "
        "write a whole number from 1 to 400, such as consent_days = 90",
        "shop.toml:7: 'enforced' is not a valid 'mode'; write \"enforce\"",
        "shop.toml:14: unknown key 'default_on' in [categories.marketing]; leave it out: nothing "
        "is ever on by default, because silence, a ticked box or doing nothing is not consent "
        "(GDPR recital 32; CJEU C-673/17, Planet49)",
        "shop.toml:17: unknown category 'markting'; "
        "write 'marketing', or add [categories.markting]",
        "shop.toml:18: 'polcy' is not a valid 'links.kind'; write \"policy\"",
        "shop.toml:18: 'counter.example' is not a valid web address; write \"https://counter.example\"",
        "shop.toml:22: unknown service 'countr'; write 'counter', or add [services.countr]",
        "shop.toml:23: unknown unit 'dayz' in lifetime '30 dayz'; write \"30 days\"",
        "shop.toml:26: pattern '*x' is too broad for the required category 'essential'; "
        "begin it with at least 3 literal characters",
        "shop.toml:26: name 'a=b' contains '=', which a name cannot contain; "
        "write only the part before the '='",
        "shop.toml:28: 'https://Shop.example/' is not a valid domain; write \"shop.example\"",
    ]


def fine_or_problems(text: str) -> None:
    error = None
    try:
        Registry.parse(text, source="x")
    except RegistryError as caught:
        error = caught
    if error is not None:
        last = text.count("\n") + 1
        assert error.problems
        assert all(1 <= problem.line <= last for problem in error.problems), str(error)
        assert all(problem.what and problem.hint for problem in error.problems)
        assert len(str(error).split("\n")) == len(error.problems)


@given(st.text() | st.text(alphabet='[]{}="\n#.a1\\ud8', max_size=80))
def test_any_text_is_a_registry_or_a_registry_error(text: str) -> None:
    fine_or_problems(text)
    fine_or_problems(TOP + text)


JUNK = st.sampled_from(
    [
        *("", "x", "=", "[", "]", "{}", "[]", "\n", "#", "\x00", "\ud800", "é", "*", "\\", "_"),
        *("1", "-1", "1.5", "nan", "true", "2026-11-24", "07:32:00", "1979-05-27T07:32:00Z"),
        *("'", '"', '""', '" "', '"opt_out"', "legitimate_interest", "[[cookies]]\n"),
        *("9" * 5000, "[" * 2000),
    ]
)


@given(st.integers(0, len(FULL)), st.integers(0, 12), JUNK)
def test_any_single_change_of_a_file_loads_or_is_reported(at: int, gone: int, junk: str) -> None:
    fine_or_problems(FULL[:at] + junk + FULL[at + gone :])


VALUE_LINES = [n for n, line in enumerate(FULL.split("\n")) if " = " in line]


@given(st.sampled_from(VALUE_LINES), JUNK)
def test_any_other_value_of_a_key_loads_or_is_reported(number: int, junk: str) -> None:
    lines = FULL.split("\n")
    lines[number] = lines[number].split(" = ")[0] + " = " + junk
    fine_or_problems("\n".join(lines))


@given(st.sampled_from(range(FULL.count("\n"))))
def test_any_line_may_be_missing(number: int) -> None:
    lines = FULL.split("\n")
    fine_or_problems("\n".join(lines[:number] + lines[number + 1 :]))


def test_reading_works_near_the_end_of_the_stack() -> None:
    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        else:
            fine_or_problems(FULL)

    deeper(sys.getrecursionlimit() // 2)


def test_the_texts_of_the_tests_load() -> None:
    assert problems(FULL, top="") == []
    assert parse().entries == ()


AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-4)
from cookiegate import Registry
all_there = threading.Barrier(8)

def parse():
    all_there.wait()
    Registry.parse('[site]\\nname = "S"\\nlanguages = ["en"]\\n[categories.essential]\\n')

threads = [threading.Thread(target=parse) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.slow
def test_threads_may_read_the_first_registry_of_a_process_at_once() -> None:
    # It is the first time that counts, and not each: without turns one in four processes crashed.
    codes = [
        subprocess.run([sys.executable, "-c", AT_ONCE], check=False).returncode for _ in "x" * 12
    ]
    assert codes == [0] * 12


class Instructions:
    """A counter of the bytecode instructions that this thread executes."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame: FrameType, event: str, arg: object) -> "Instructions":
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        self.count += event == "opcode"
        return self


def instructions(read: Callable[[str], object], text: str) -> int:
    """Return how many bytecode instructions reading a text takes, once all modules are imported."""
    read(text)
    counter = Instructions()
    # Coverage has a tracer, too.
    before = sys.gettrace()
    # Python 3.12 looks for this only when tracing begins.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(counter)
    try:
        read(text)
    finally:
        sys.settrace(before)
    return counter.count


def test_checking_entries_takes_a_fraction_of_reading_their_toml() -> None:
    text = large_text(100)
    # 1.2 as this is written.
    assert instructions(Registry.parse, text) < 1.4 * instructions(tomllib.loads, text)


def test_checking_takes_time_in_proportion_to_the_entries() -> None:
    def shared(number: int) -> str:
        entry = '[[cookies]]\nname = ["SID", "abc*"]\ncategory = "essential"\ndomain = "x{}.org"\n'
        return TOP + "".join(map(entry.format, range(number)))

    for text in (large_text, shared):
        assert instructions(Registry.parse, text(200)) < 2.2 * instructions(
            Registry.parse, text(100)
        )
