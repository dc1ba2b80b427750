"""From a file's text to the parts of a registry, or to everything that is wrong with it."""

import re
import tomllib
from datetime import date
from threading import Lock
from typing import Any, Final

import msgspec

from .errors import Problem, RegistryError
from .schema.tables import File
from .validation.build import Parts, build
from .validation.line_locator import LineLocator, header_lines
from .validation.problem_list import ProblemList
from .validation.recover import collect_errors

__all__ = ["decode", "load_parts"]

# tomllib (up to Python 3.13) says where only in its message.
_WHERE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_LONG_NUMBER: Final = re.compile(r"[0-9_]{4000,}")
# msgspec (0.22) looks at a type when it first meets it, and crashes the interpreter where two
# threads do so at once.
_CONVERT_LOCK: Final = Lock()
# A tuple of keys as Python writes it.
_KEYS: Final = re.compile(r"\((?:'(?:[^'\\]|\\.)*'|\"[^\"]*\"|, |,)+\)")
_KEY: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"([^\"]*)\"")
_BRACKETS: Final = re.compile(r"[\[\]{}\n]")
# What authors most often do, by what tomllib says then.
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
        line = data.count(b"\n", 0, error.start) + 1
        raise RegistryError([_not_utf8(source, line)]) from None


def load_parts(text: str, source: str) -> Parts:
    """Return what the text says; raises RegistryError with all of its problems."""
    # Some editors put a byte order mark in front, which has no meaning here.
    text = text.removeprefix("\ufeff")
    raw = _read_toml(text, source)
    problems = ProblemList()
    try:
        # TOML has its own dates, so a date in quotes is a text like any other.
        with _CONVERT_LOCK:
            file = msgspec.convert(raw, File, builtin_types=(date,))
    except msgspec.ValidationError:
        file = collect_errors(raw, problems)
    parts = build(file, problems, lambda: header_lines(text, "cookies"))
    if problems.found:
        raise RegistryError(_with_lines(problems, text, source))
    return parts


def _read_toml(text: str, source: str) -> dict[str, Any]:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1
            raise RegistryError([_not_utf8(source, line)]) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RegistryError([_broken(str(error), text, source)]) from None
    except RecursionError:
        line, what = _deepest_line(text), "lists or tables are nested too deep to read"
        raise RegistryError([Problem(source, line, what, "nest them once at most")]) from None
    except ValueError:
        # Python reads no whole number of more than 4,300 digits.
        found = _LONG_NUMBER.search(text)
        line = text.count("\n", 0, found.start() if found else 0) + 1
        what = "a number is too long to read"
        raise RegistryError([Problem(source, line, what, "write a smaller number")]) from None


def _broken(message: str, text: str, source: str) -> Problem:
    where = _WHERE.search(message)
    what = message[: where.start()] if where else message
    line = _last_line(text)
    if where and where[1]:
        # An error that is noticed at the very end of a text stands on its last line.
        line = min(int(where[1]), line)
    hint = next((hint for start, hint in _TOML_HINTS if what.startswith(start)), _OTHER_HINT)
    # As its author wrote them.
    what = _KEYS.sub(lambda found: ".".join(map("".join, _KEY.findall(found[0]))), what)
    column = f", column {where[2]}" if where and where[2] else ""
    return Problem(source, line, f"this is not valid TOML ({_lower_first(what)}{column})", hint)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _last_line(text: str) -> int:
    return text.rstrip().count("\n") + 1


def _not_utf8(source: str, line: int) -> Problem:
    return Problem(source, line, "this is not UTF-8 text", "save the file in the encoding UTF-8")


def _deepest_line(text: str) -> int:
    line = deepest_line = 1
    depth = deepest = 0
    for match in _BRACKETS.finditer(text):
        if match[0] == "\n":
            line += 1
        elif match[0] in "[{":
            depth += 1
            if depth > deepest:
                deepest, deepest_line = depth, line
        else:
            depth -= 1
    return deepest_line


def _with_lines(problems: ProblemList, text: str, source: str) -> list[Problem]:
    locator = LineLocator(text)
    found = []
    for one in problems.found:
        what = one.what
        if one.other is not None:
            what += f" on line {locator.line(problems.written(one.other))}"
        line = locator.line(problems.written(one.path))
        found.append(Problem(source, line, what, one.hint))
    return sorted(found, key=lambda problem: problem.line)
