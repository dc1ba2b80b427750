"""Lifetimes of cookies as a policy page prints them: "30 days", "session", "never"."""

from functools import lru_cache
from typing import Final

import msgspec

from .errors import InvalidValueError, nearest, quoted

__all__ = ["UNITS", "Lifetime", "parse_keep", "parse_lifetime"]

_DAY: Final = 86_400

# A month and a year count at their longest, so that a truthful cookie is never reported.
UNITS: Final[dict[str, int]] = {
    "minutes": 60,
    "hours": 3_600,
    "days": _DAY,
    "weeks": 7 * _DAY,
    "months": 31 * _DAY,
    "years": 366 * _DAY,
}

# Other words of policies for a lifetime.
_SYNONYMS: Final = {
    "browser session": "session",
    "session cookie": "session",
    "end of session": "session",
    "until browser closed": "session",
    "forever": "never",
    "lives forever": "never",
    "permanent": "never",
    "persistent": "never",
    "unlimited": "never",
    "no expiry": "never",
    "none": "never",
}

_WORDS: Final = {unit: unit for unit in UNITS} | {unit[:-1]: unit for unit in UNITS}
_SHORT: Final = {
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
    "m": "months",
    "mo": "months",
    "y": "years",
    "yr": "years",
    "yrs": "years",
}
_NUMBERS: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "six": 6, "twelve": 12}
_LONGEST_YEARS: Final = 1_000
_LONGEST: Final = _LONGEST_YEARS * UNITS["years"]
_UNIT_HINT: Final = f"use one of {', '.join(UNITS)}"
_HINT: Final = 'write "session", "never", or a count and a unit such as "30 days"'
_KEEP_HINT: Final = (
    'write a count and a unit such as "3 years", or leave keep out: '
    "receipts then stay until they are pruned by hand"
)


class Lifetime(msgspec.Struct, frozen=True, gc=False):
    """A declared lifetime in the unit it was written in; the count is None without a count.

    The unit is ``session``, ``minutes``, ``hours``, ``days``, ``weeks``, ``months``, ``years`` or
    ``never``.
    """

    count: int | None
    unit: str

    @property
    def seconds(self) -> int | None:
        """The longest reading in seconds; None for ``session`` and ``never``."""
        return None if self.count is None else self.count * UNITS[self.unit]

    def __str__(self) -> str:
        if self.count is None:
            return self.unit
        return f"{self.count} {self.unit[:-1] if self.count == 1 else self.unit}"


# A registry has few lifetimes in many entries.
@lru_cache(maxsize=1024)
def parse_lifetime(text: str) -> Lifetime:
    """Parse ``session``, ``never`` or ``<count> <unit>``.

    Raises:
        InvalidValueError: The text is not a valid lifetime.
    """
    if text in ("session", "never"):
        return Lifetime(None, text)
    if lifetime := _counted(
        text, if_zero='count from 1, or write "session"', if_long='write "never"'
    ):
        return lifetime
    raise InvalidValueError(f"lifetime {quoted(text)} cannot be read", _guess(text))


def parse_keep(text: str) -> Lifetime:
    """Parse how long receipts are kept: ``<count> <unit>``.

    Raises:
        InvalidValueError: The text is not a valid count and unit.
    """
    if lifetime := _counted(text, if_zero="count from 1", if_long=_KEEP_HINT):
        return lifetime
    hint = _guess_count(text) or _KEEP_HINT
    raise InvalidValueError(f"receipts cannot be kept for {quoted(text)}", hint)


def _counted(text: str, *, if_zero: str, if_long: str) -> Lifetime | None:
    """Parse a count and a unit, None if the text is not two words of which one is a number."""
    digits, _, word = text.partition(" ")
    if not _is_number(digits) or not word or " " in word:
        return None
    unit = _WORDS.get(word)
    if unit is None:
        near = nearest(word, _WORDS)
        guess = _SHORT.get(word.lower()) or (near and _WORDS[near])
        hint = f'write "{Lifetime(int(digits[:9]), guess)}"' if guess else _UNIT_HINT
        raise InvalidValueError(f"unknown unit {quoted(word)} in lifetime {quoted(text)}", hint)
    # Nine digits are enough for every sensible count; int() is slow for many more.
    count = int(digits) if len(digits) <= 9 else _LONGEST
    if count == 0:
        raise InvalidValueError(f"lifetime {quoted(text)} is not a valid duration", if_zero)
    if count * UNITS[unit] > _LONGEST:
        what = f"lifetime {quoted(text)} is over {_LONGEST_YEARS} years"
        raise InvalidValueError(what, if_long)
    return Lifetime(count, unit)


def _guess(text: str) -> str:
    words = _normalized(text)
    word = _SYNONYMS.get(words, words)
    if word in ("session", "never"):
        return f'write "{word}"'
    if counted := _guess_count(text):
        return counted
    # One word with the right first letter: neither "one year" nor "ever" is a misspelt "never".
    near = None if " " in words else nearest(words, ("session", "never"))
    return f'write "{near}"' if near and near[0] == words[0] else _HINT


def _guess_count(text: str) -> str | None:
    words = _normalized(text)
    count = "".join(character for character in words if character in "0123456789")
    word = "".join(character for character in words if character.isalpha())
    unit = _SHORT.get(word) or _WORDS.get(word)
    if unit and _is_number(count) and len(count) <= 9 and "." not in words:
        return f'write "{Lifetime(int(count), unit)}"'
    first, _, rest = words.partition(" ")
    if first in _NUMBERS and (unit := _WORDS.get(rest)):
        return f'write "{Lifetime(_NUMBERS[first], unit)}"'
    return None


def _normalized(text: str) -> str:
    return " ".join(text[:60].lower().split())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
