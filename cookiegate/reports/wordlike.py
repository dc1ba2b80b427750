"""How probable it is that people wrote a run of letters and digits, in bits.

A name that people write consists of words, or of letters in an order that words have. A random
token does not, in whatever alphabet. So the shortest description of the run by words, by letters
that follow two others as they do in words, and by digits, is compared with that of as many random
letters. The words are in `words.txt`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import cache
from math import inf, log2
from pathlib import Path
from typing import Final

__all__ = ["MAX_RUN", "TOKEN_LENGTH", "is_word", "prepare", "surplus_bits"]

#: So many characters or more could be a random token.
TOKEN_LENGTH: Final = 8
#: A longer run of letters and digits is not what people write.
MAX_RUN: Final = 32

_LETTER_BITS: Final = log2(26)
# For each part of a run: whether it is in lower or upper case or begins with a capital, and
# whether another part follows.
_PART_BITS: Final = log2(3) + 1
# How often a letter that is in no word of the list counts as seen.
_FOREIGN: Final = 0.001
# A random token seldom has so many letters of a word, in whatever case.
_LONG_WORD: Final = 6
# A shorter word is often inside a random token.
_KNOWN_WORD: Final = 4
_BEGIN: Final = "^"
# Stands for all letters beyond ASCII.
_OTHER: Final = "~"
_END: Final = "$"


class _Language:
    # The words, and which letters follow which in them (Witten-Bell, two letters before).

    def __init__(self, words: Collection[str]) -> None:
        self.words = frozenset(words)
        self._word_bits = log2(len(self.words))
        texts = [f"{_BEGIN}{word}{_END}" for word in self.words]
        # How often a letter follows none, one or two given ones.
        self._counts = Counter(
            (text[max(0, at - before) : at], text[at])
            for before in range(3)
            for text in texts
            for at in range(max(1, before), len(text))
        )
        self._totals: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        for (context, _), count in self._counts.items():
            self._totals[context] += count
            self._kinds[context] += 1
        # Bounded: no more than three characters of ASCII.
        self._known: dict[tuple[str, str], float] = {}

    def word_bits(self, part: str) -> float:
        """Return the bits of a part in lower case as a word of the list."""
        return self._word_bits if part in self.words else inf

    def letter_bits(self, before: str, letter: str) -> float:
        """Return the bits of a letter, or of the end, after at most two letters."""
        bits = self._known.get((before, letter))
        if bits is None:
            bits = self._known[before, letter] = -log2(self._share(before, letter))
        return bits

    def _share(self, before: str, letter: str) -> float:
        count, total = self._counts[before, letter], self._totals[before]
        if not before:
            return (count or _FOREIGN) / total
        rest = self._share(before[1:], letter)
        if not total:
            return rest
        kinds = self._kinds[before]
        return (count + kinds * rest) / (total + kinds)


@cache
def _language() -> _Language:
    lines = Path(__file__).with_name("words.txt").read_text(encoding="ascii").splitlines()
    return _Language([line for line in lines if not line.startswith("#")])


def prepare() -> None:
    """Read the list of words, which takes a moment."""
    _language()


def is_word(text: str) -> bool:
    """Return whether a text is a word of the list. A short one must be in one case."""
    if len(text) < _LONG_WORD and not _has_one_case(text):
        return False
    return text.lower() in _language().words


def surplus_bits(run: str) -> float:
    """
    Return by how many bits letters are shorter as words than as random letters of one case.

    A part that could be a random token counts for all, whatever words are beside it.

    Args:
        run: At most `MAX_RUN` letters.
    """
    language = _language()
    lower = "".join(one if one.isascii() else _OTHER for one in run.lower())
    shortest = [0.0] + [inf] * len(run)
    starts = [0] * (len(run) + 1)
    for start in range(len(run)):
        spelt, before = 0.0, _BEGIN
        for end in range(start + 1, len(run) + 1):
            if not _has_one_case(run[start:end]):
                break
            spelt += language.letter_bits(before, lower[end - 1])
            before = (before + lower[end - 1])[-2:]
            bits = min(
                spelt + language.letter_bits(before, _END), language.word_bits(lower[start:end])
            )
            if shortest[start] + _PART_BITS + bits < shortest[end]:
                shortest[end] = shortest[start] + _PART_BITS + bits
                starts[end] = start
    surplus = [length * _LETTER_BITS - bits for length, bits in enumerate(shortest)]
    least = surplus[-1]
    end = last = len(run)
    while end and surplus[-1] > -inf:
        start = starts[end]
        is_known = end - start >= _KNOWN_WORD and lower[start:end] in language.words
        if is_known or not start:
            first = end if is_known else 0
            if last - first >= TOKEN_LENGTH:
                least = min(least, surplus[last] - surplus[first])
            last = start
        end = start
    return least


def _has_one_case(text: str) -> bool:
    return text.islower() or text.isupper() or text.istitle()
