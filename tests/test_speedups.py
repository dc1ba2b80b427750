"""The loops in C: their tables, wrong arguments, memory, and their source."""

import gc
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from cookiegate import _native, _speedups, loops
from tests.fuzz.loops import CONSENT, DELETES, KINDS, KNOWN, NOW, OUTCOMES, REFUSED
from tests.test_loops import ODD, Text, table_of

# The types are those of the functions in Python; here they are called wrongly, too.
c: Any = _speedups
SOURCE: Final = Path(__file__).parents[1] / "cookiegate/_speedups.c"


def test_a_table_in_c_starts_anew_when_it_is_full() -> None:
    table = c.new_table()
    for number in range(100_000):
        table[b"%d" % number] = number
        assert table[b"%d" % number] == number
        assert len(table) <= 640


def test_a_table_in_c_leaves_out_what_it_cannot_find() -> None:
    table = c.new_table()
    for name in ("\xe9", "\ud800", "x" * 257, b"x" * 257, Text(b"x")):
        table[name] = 1
        assert name not in table
    assert len(table) == 0


def test_names_of_the_same_text_are_one_name() -> None:
    table = c.new_table()
    table["sid"] = 1
    table[b"sid"] = 2
    assert table["sid"] == 2
    assert len(table) == 1


def wrong_calls() -> list[Callable[[], object]]:
    table, rest = c.new_table(), iter([(b"set-cookie", b"a=1")])
    table[b"set-cookie"] = loops.SET_COOKIE
    right = [rest, [], [], table, table, None, lambda context: None, None]
    calls: list[Callable[[], object]] = [
        lambda: c.sieve(),
        lambda: c.sieve(*right, None),
        lambda: c.sieve(*right),  # what was asked is no tuple
        lambda: c.scan([]),
        lambda: c.scan([], {}),
        lambda: c.is_refused(b"", table),
        lambda: c.is_refused("", table, 1),
        lambda: c.is_refused(b"", {}, 1),
        lambda: c.is_refused(b"", table, "1"),
        lambda: c.is_refused(b"", table, 1 << 80),
        lambda: c.consent_value(b""),
        lambda: c.consent_value("", CONSENT),
        lambda: c.consent_value(b"", ""),
        lambda: c.consent_value(b"", b""),
        lambda: c.new_table({}),
        lambda: c.new_table(x=1),
        lambda: table[1],
        lambda: table.__setitem__(1, 1),
        lambda: table.__setitem__(b"x", None),
        lambda: table.__setitem__(b"x", "1"),
        lambda: table.__delitem__(b"set-cookie"),
        lambda: table.clear(1),
        lambda: type("Other", (c.new_table,), {}),
        lambda: setattr(c.new_table, "x", 1),
    ]
    for at in range(5):
        wrong: list[Any] = [*right[:at], (), *right[at + 1 :]]
        calls += (partial(c.sieve, *wrong), partial(c.sieve_text, *wrong))
    answers: list[Any] = [(), (table,), (table, 1.0), (table, "1", None), ({}, 1.0, None), table, 5]
    for answer in answers:
        cookie = iter([(b"set-cookie", b"a=1")])
        calls.append(partial(c.sieve, cookie, *right[1:5], answer, None, None))
    return calls


def test_wrong_arguments_raise_an_error() -> None:
    for call in wrong_calls():
        with pytest.raises((TypeError, KeyError, OverflowError)):
            call()


def test_tables_and_lists_may_change_while_the_sieve_asks() -> None:
    kinds, deletes, outcomes = (table_of(_speedups, one) for one in (KINDS, DELETES, OUTCOMES))
    headers: list[Any] = [(bytes([65]) * 5, b""), (b"set-cookie", b"sid=1"), (b"x", b"2")]
    kept: list[Any] = []

    def ask(context: Any) -> Any:
        for table in (kinds, deletes):
            table.clear()
        headers.clear()
        kept.clear()
        gc.collect()
        return outcomes, NOW, None

    kinds[b"AAAAA"] = loops.OTHER
    assert c.sieve(iter(headers), kept, [], kinds, deletes, None, ask, None) == 0
    assert kept == [(b"set-cookie", b"sid=1")]


@pytest.mark.parametrize("odd", [b"\xff", b"\0", b"\t"])
def test_names_of_any_bytes_are_found(odd: bytes) -> None:
    table = c.new_table()
    table[odd * 5] = 1
    assert odd * 5 in table
    assert odd * 4 not in table


def respond() -> None:
    """Do everything once, with names that are new."""
    tables = [table_of(_speedups, numbers) for numbers in (KINDS, DELETES, OUTCOMES)]
    for odd in ODD:
        headers = [(b"x", b"1"), (b"cache-control", b"a"), (b"set-cookie", b"_ga=1"), odd]
        c.sieve(iter(headers), [], [], *tables[:2], None, lambda _: (tables[2], NOW, []), None)
        c.sieve(iter(headers), [], [], *tables[:2], (tables[2], NOW, []), None, None)
    c.sieve_text(iter([("x", "\xe9"), ("\ud800", "x")]), [], [], *tables[:2], None, None, None)
    known, refused = table_of(_speedups, KNOWN), table_of(_speedups, REFUSED)
    c.scan([(b"host", b"a"), (b"x", b"b")], known)
    c.scan([(b"host", b"a"), (b"host", b"b")], known)
    c.is_refused(b"sid=1; _ga=2", refused, 10)
    c.consent_value(b"a=1; " + CONSENT + b"=" + bytes(40), CONSENT)
    for call in wrong_calls():
        with pytest.raises((TypeError, KeyError, OverflowError)):
            call()


def test_no_memory_is_lost() -> None:
    def grown(rounds: int) -> int:
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(rounds):
            respond()
        gc.collect()
        return sys.getallocatedblocks() - before

    grown(20)
    # A block lost in each round would show 50 times.
    assert min(grown(50) for _ in range(3)) < 25


def test_no_reference_is_lost() -> None:
    name, value, context = b"x" * 3, b"y" * 300, object()
    pair = (name, value)
    tables = [table_of(_speedups, numbers) for numbers in (KINDS, DELETES, OUTCOMES)]
    tables[0][name] = loops.OTHER
    watched = [None, 0, 1, 2, name, value, context, pair, *tables, c.new_table]
    for rounds in (0, 100):
        before = [sys.getrefcount(one) for one in watched]
        for _ in range(rounds):
            c.sieve(iter([pair, (b"new", value)]), [], [], *tables[:2], None, None, context)
            c.scan([pair, (b"host", value)], tables[0])
            tables[2][name] = 1
            tables[2].clear()
            c.new_table()
        assert (
            max(abs(sys.getrefcount(one) - was) for one, was in zip(watched, before, strict=True))
            < 50
        )


def test_the_source_has_the_functions_in_the_order_of_those_in_python() -> None:
    in_c = re.findall(r"^static PyObject \*(\w+)\(ARGUMENTS\)", SOURCE.read_text(), re.MULTILINE)
    in_python = re.findall(r"^def (\w+)\(", Path(_native.__file__).read_text(), re.MULTILINE)
    assert in_c == [name for name in in_python if name != "new_table"]


def test_the_source_is_short() -> None:
    assert len(SOURCE.read_text().splitlines()) <= 300


def test_the_source_compiles_without_a_warning(tmp_path: Path) -> None:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()
    if shutil.which(compiler[0]) is None:
        compiler = ["cc"]
    flags = ["-std=c11", "-O2", "-Werror", "-Wall", "-Wextra", "-Wshadow"]
    flags += ["-Wconversion", "-Wno-sign-conversion"]
    include = ["-isystem", sysconfig.get_path("include"), "-DPy_LIMITED_API=0x030B0000"]
    subprocess.run([*compiler, *flags, *include, "-c", SOURCE, "-o", tmp_path / "c.o"], check=True)
