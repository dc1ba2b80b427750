"""How long a cookie lives, as a policy page says it: "30 days", "session", "never"."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .problems import Fault, nearest, quoted

__all__ = ["UNITS", "Lifetime", "parse_lifetime"]

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
    """Read ``session``, ``never`` or ``<count> <unit>``; a Fault says what to write instead."""
    if text in ("session", "never"):
        return Lifetime(None, text)
    words = text.split(" ")
    if len(words) == 2 and _is_number(words[0]):
        return _counted(text, words[0], words[1])
    raise Fault(f"lifetime {quoted(text)} cannot be read", _guess(text))


def _counted(text: str, digits: str, word: str) -> Lifetime:
    unit = _WORDS.get(word)
    if unit is None:
        near = nearest(word, _WORDS)
        meant = _SHORT.get(word.lower()) or (near and _WORDS[near])
        hint = f'write "{Lifetime(int(digits[:9]), meant)}"' if meant else _UNIT_HINT
        raise Fault(f"unknown unit {quoted(word)} in lifetime {quoted(text)}", hint)
    # Nine digits hold every sensible count; int() is not tried on more.
    count = int(digits) if len(digits) <= 9 else _LONGEST
    if count == 0:
        raise Fault(f"lifetime {quoted(text)} is no time", 'count from 1, or write "session"')
    if count * UNITS[unit] > _LONGEST:
        raise Fault(f"lifetime {quoted(text)} is over {_LONGEST_YEARS} years", 'write "never"')
    return Lifetime(count, unit)


def _guess(text: str) -> str:
    folded = " ".join(text[:60].lower().split())
    if folded in ("session", "never"):
        return f'write "{folded}"'
    if folded in _SYNONYMS:
        return f'write "{_SYNONYMS[folded]}"'
    count = "".join(character for character in folded if character in "0123456789")
    word = "".join(character for character in folded if character.isalpha())
    unit = _SHORT.get(word) or _WORDS.get(word)
    if unit and _is_number(count) and len(count) <= 9 and "." not in folded:
        return f'write "{Lifetime(int(count), unit)}"'
    first, _, rest = folded.partition(" ")
    if first in _NUMBERS and (unit := _WORDS.get(rest)):
        return f'write "{Lifetime(_NUMBERS[first], unit)}"'
    # Of several words none is the one, and who meant it got its beginning right: neither
    # "one year" nor "ever" is nearly "never".
    meant = None if rest else nearest(folded, ("session", "never"))
    return f'write "{meant}"' if meant and meant[0] == folded[0] else _HINT


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
