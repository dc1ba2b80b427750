"""Reads a file's text into the parts of a registry, or into all of its problems."""

import re
import tomllib
from datetime import date
from threading import Lock
from typing import Any, Final

import msgspec

from .errors import Problem, RegistryError
from .parts import Parts
from .schema.tables import File
from .validation.build import build
from .validation.header_lines import header_lines
from .validation.problem_list import ProblemList

__all__ = ["decode", "load_parts"]

# The end of tomllib's messages; only Python 3.14 has the position as attributes too.
_WHERE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_LONG_NUMBER: Final = re.compile(r"[0-9_]{4000,}")
# msgspec (0.22) inspects a type when it first converts to it, and crashes the interpreter if two
# threads do so at once.
_CONVERT_LOCK: Final = Lock()
# A tuple of keys as Python writes it.
_KEYS: Final = re.compile(r"\((?:'(?:[^'\\]|\\.)*'|\"[^\"]*\"|, |,)+\)")
_KEY: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"([^\"]*)\"")
_BRACKETS: Final = re.compile(r"[\[\]{}]")
# What to write instead, by how tomllib's message begins.
_TOML_HINTS: Final = (
    ("Cannot overwrite", "write each key once"),
    ("Cannot declare", "write each table once; each further cookie begins with [[cookies]]"),
    ("Cannot mutate", "write the table in one place"),
    ("Invalid value", 'put text in quotes: key = "text"'),
    ("Expected '='", 'write key = "value"'),
    ("Expected newline", "write one key a line, and put text in quotes"),
    ('Expected "\'"', "close the quotes"),
    ("Expected ']", "close the brackets of the table's header"),
    ("Unterminated", "close the quotes"),
    ("Unclosed", "close the bracket"),
    ("Unescaped", "write two backslashes for a literal one, or put the text in single quotes"),
    ("Illegal character", "close the quotes on the same line, and leave control characters out"),
    ("Escaped character", "write the character itself"),
    ("Invalid hex", "write the character itself"),
    ("Invalid date", "write a date that exists, such as 2026-11-24"),
    ("Invalid initial", "put keys with other characters than a-z, 0-9, '_' and '-' in quotes"),
)
_OTHER_HINT: Final = "write it as TOML 1.0 has it (https://toml.io)"


def decode(data: bytes, source: str) -> str:
    """Return a file's text; raises RegistryError where it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(data[: error.start].count(b"\n") + 1, source) from None


def load_parts(text: str, source: str) -> Parts:
    """Return what the text says; raises RegistryError with all of its problems."""
    # Some editors put a byte order mark in front, which has no meaning here.
    text = text.removeprefix("\ufeff")
    problems = ProblemList()
    file = _read_tables(text, source, problems)
    parts = build(file, problems, lambda: header_lines(text, "cookies"))
    if problems.found:
        raise RegistryError(_with_lines(problems, text, source))
    return parts


def _read_tables(text: str, source: str, problems: ProblemList) -> File:
    raw = _read_toml(text, source)
    try:
        # TOML has its own dates, so a date in quotes is a text like any other.
        with _CONVERT_LOCK:
            return msgspec.convert(raw, File, builtin_types=(date,))
    except msgspec.ValidationError:
        # Imported here: only mistakes need it.
        from .validation.recover import collect_errors

        return collect_errors(raw, problems)


def _read_toml(text: str, source: str) -> dict[str, Any]:
    try:
        text.encode()
        return tomllib.loads(text)
    except UnicodeEncodeError as error:
        raise _not_utf8(_line_at(text, error.start), source) from None
    except tomllib.TOMLDecodeError as error:
        problem = _syntax_problem(str(error), text, source)
    except RecursionError:
        what = "lists or tables are nested too deep to read"
        problem = Problem(source, _deepest_line(text), what, "nest them once at most")
    except ValueError:
        # Python reads no whole number of more than 4,300 digits.
        found = _LONG_NUMBER.search(text)
        line = _line_at(text, found.start() if found else 0)
        problem = Problem(source, line, "a number is too long to read", "write a smaller number")
    raise RegistryError([problem])


def _syntax_problem(message: str, text: str, source: str) -> Problem:
    where = _WHERE.search(message)
    what = message[: where.start()] if where else message
    hint = next((hint for start, hint in _TOML_HINTS if what.startswith(start)), _OTHER_HINT)
    # Keys as their author wrote them.
    what = _KEYS.sub(lambda found: ".".join(map("".join, _KEY.findall(found[0]))), what)
    what = what[:1].lower() + what[1:]
    lines = text.rstrip().split("\n")
    line, column = len(lines), 0
    if where and where[1]:
        what += f", column {where[2]}"
        # tomllib may count a line or a column after the last one.
        line = min(int(where[1]), line)
        column = min(int(where[2]), len(lines[line - 1]))
    what = f"this is not valid TOML ({what})"
    return Problem(source, line, what, hint, column, 1 if column else 0)


def _not_utf8(line: int, source: str) -> RegistryError:
    what, hint = "this is not UTF-8 text", "save the file in the encoding UTF-8"
    return RegistryError([Problem(source, line, what, hint)])


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _deepest_line(text: str) -> int:
    depth = deepest = position = 0
    for match in _BRACKETS.finditer(text):
        depth += 1 if match[0] in "[{" else -1
        if depth > deepest:
            deepest, position = depth, match.start()
    return _line_at(text, position)


def _with_lines(problems: ProblemList, text: str, source: str) -> list[Problem]:
    # Imported here: only mistakes need it.
    from .validation.line_locator import LineLocator

    locator = LineLocator(text)
    found = []
    for one in problems.found:
        what = one.what
        if one.other is not None:
            what += f" on line {locator.line(problems.written(one.other))}"
        line, column, length = locator.span(problems.written(one.path), of_key=one.of_key)
        found.append(Problem(source, line, what, one.hint, column if length else 0, length))
    return sorted(found, key=lambda problem: problem.line)
