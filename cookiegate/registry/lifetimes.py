"""How long a cookie lives, as a policy page says it: "30 days", "session", "never"."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

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

# What policies say, and what is written here for it.
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


@dataclass(frozen=True, slots=True)
class Lifetime:
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


# A registry uses a handful of lifetimes in a great many entries.
@lru_cache(maxsize=1024)
def parse_lifetime(text: str) -> Lifetime:
    """Parse ``session``, ``never`` or ``<count> <unit>``."""
    if text in ("session", "never"):
        return Lifetime(None, text)
    words = text.split(" ")
    if len(words) == 2 and _is_number(words[0]):
        return _counted(text, *words, none='count from 1, or write "session"', more='write "never"')
    raise InvalidValueError(f"lifetime {quoted(text)} cannot be read", _guess(text))


def parse_keep(text: str) -> Lifetime:
    """Parse how long receipts are kept: ``<count> <unit>``."""
    words = text.split(" ")
    if len(words) == 2 and _is_number(words[0]):
        return _counted(text, *words, none="count from 1", more=_KEEP_HINT)
    hint = _guess_count(text) or _KEEP_HINT
    raise InvalidValueError(f"receipts cannot be kept for {quoted(text)}", hint)


def _counted(text: str, digits: str, word: str, *, none: str, more: str) -> Lifetime:
    """Read a count and a unit; the hints are for a count of 0, and for one too large."""
    unit = _WORDS.get(word)
    if unit is None:
        near = nearest(word, _WORDS)
        meant = _SHORT.get(word.lower()) or (near and _WORDS[near])
        hint = f'write "{Lifetime(int(digits[:9]), meant)}"' if meant else _UNIT_HINT
        raise InvalidValueError(f"unknown unit {quoted(word)} in lifetime {quoted(text)}", hint)
    # Nine digits hold every sensible count; int() is not tried on more.
    count = int(digits) if len(digits) <= 9 else _LONGEST
    if count == 0:
        raise InvalidValueError(f"lifetime {quoted(text)} is not a valid duration", none)
    if count * UNITS[unit] > _LONGEST:
        raise InvalidValueError(f"lifetime {quoted(text)} is over {_LONGEST_YEARS} years", more)
    return Lifetime(count, unit)


def _guess(text: str) -> str:
    folded = _folded(text)
    if folded in ("session", "never"):
        return f'write "{folded}"'
    if folded in _SYNONYMS:
        return f'write "{_SYNONYMS[folded]}"'
    if counted := _guess_count(text):
        return counted
    # Of several words none is the one, and who meant it got its beginning right: neither
    # "one year" nor "ever" is nearly "never".
    meant = None if " " in folded else nearest(folded, ("session", "never"))
    return f'write "{meant}"' if meant and meant[0] == folded[0] else _HINT


def _guess_count(text: str) -> str | None:
    folded = _folded(text)
    count = "".join(character for character in folded if character in "0123456789")
    word = "".join(character for character in folded if character.isalpha())
    unit = _SHORT.get(word) or _WORDS.get(word)
    if unit and _is_number(count) and len(count) <= 9 and "." not in folded:
        return f'write "{Lifetime(int(count), unit)}"'
    first, _, rest = folded.partition(" ")
    if first in _NUMBERS and (unit := _WORDS.get(rest)):
        return f'write "{Lifetime(_NUMBERS[first], unit)}"'
    return None


def _folded(text: str) -> str:
    return " ".join(text[:60].lower().split())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
