"""Names and patterns: what matches, what wins, what ties, and what a look-up costs."""

import sys
from collections.abc import Iterable, Sequence
from itertools import product
from types import FrameType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookiegate.registry.errors import InvalidValueError
from cookiegate.registry.patterns import Index, Pattern, Wild, parse_pattern, tied

# Few letters, so that names and patterns often meet.
Tokens = tuple[str | Wild, ...]

WRITTEN = st.lists(
    st.sampled_from(["a", "b", "1", "[", "é", "*", "?", "[0-9]", "[0-9]+", "\\*", "\\[", "\\\\"]),
    min_size=1,
    max_size=7,
).map("".join)
NAMES = st.text(alphabet="ab1[é*\\]", max_size=9)


def matches(tokens: Tokens, name: str) -> bool:
    """Match the obvious, slow way: try everything."""
    if not tokens:
        return not name
    first, *rest = tokens
    tail = tuple(rest)
    if first is Wild.RUN:
        return any(matches(tail, name[at:]) for at in range(len(name) + 1))
    if first is Wild.DIGITS:
        count = 0
        while count < len(name) and name[count] in "0123456789":
            count += 1
            if matches(tail, name[count:]):
                return True
        return False
    if not name:
        return False
    fits = (
        first is Wild.ONE or (first is Wild.DIGIT and name[0] in "0123456789") or first == name[0]
    )
    return fits and matches(tail, name[1:])


def reference(patterns: list[Pattern], name: str) -> tuple[int, ...]:
    """Find the numbers of the best patterns for a name by trying each."""
    if not name:
        return ()
    exact = [number for number, one in enumerate(patterns) if one.exact == name]
    if exact:
        return tuple(exact)
    wild = [
        number
        for number, one in enumerate(patterns)
        if one.exact is None and matches(one.tokens, name)
    ]
    best = max((patterns[number].rank for number in wild), default=None)
    return tuple(number for number in wild if patterns[number].rank == best)


def overlap(a: Tokens, b: Tokens, seen: frozenset[tuple[Tokens, Tokens]] = frozenset()) -> bool:
    """Say whether one name matches both, by trying every way to begin it."""
    if (a, b) in seen or not (a or b):
        return (a, b) not in seen
    seen |= {(a, b)}
    for one, other in ((a, b), (b, a)):
        if one and one[0] is Wild.RUN:
            return overlap(one[1:], other, seen) or (bool(other) and overlap(one, other[1:], seen))
    if not a or not b:
        return False
    digits = {*"0123456789", Wild.DIGIT, Wild.DIGITS}
    heads = {a[0], b[0]}
    if len(heads) == 1 or Wild.ONE in heads or (heads <= digits and heads - set("0123456789")):
        if all(isinstance(head, str) for head in heads) and len(heads) > 1:
            return False
        return any(overlap(x, y, seen) for x in tails(a) for y in tails(b))
    return False


def tails(tokens: Tokens) -> list[Tokens]:
    return [tokens[1:], tokens] if tokens[0] is Wild.DIGITS else [tokens[1:]]


def numbers_of(patterns: Iterable[Pattern]) -> Index:
    """Index patterns, each as the only one of its entry."""
    exact: dict[str, list[int]] = {}
    wild = []
    for number, pattern in enumerate(patterns):
        if pattern.exact is None:
            wild.append((pattern, number))
        else:
            exact.setdefault(pattern.exact, []).append(number)
    shared = {name: tuple(numbers) for name, numbers in exact.items() if len(numbers) > 1}
    return Index({name: numbers[0] for name, numbers in exact.items()}, shared, wild)


class Texts:
    """An index of names and patterns that finds them as they are written."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.index = numbers_of(map(parse_pattern, texts))

    def find(self, name: bytes | str) -> tuple[str, ...]:
        return tuple(self.texts[number] for number in self.index.find(name))


def index_of(*texts: str) -> Texts:
    return Texts(texts)


@given(st.lists(WRITTEN, max_size=6), NAMES)
@example(["*a*b", "a*?b", "a[0-9]+b"], "a1b")
def test_the_index_equals_trying_every_pattern(texts: list[str], name: str) -> None:
    patterns = [parse_pattern(text) for text in texts]
    index = numbers_of(patterns)
    assert index.find(name) == reference(patterns, name)
    assert index.find(name.encode()) == reference(patterns, name)


@pytest.mark.parametrize(
    ("written", "hits", "misses"),
    [
        ("_ga", ["_ga"], ["_GA", "_gat", "x_ga", "_g"]),
        ("_ga_*", ["_ga_", "_ga_X1"], ["_ga", "x_ga_"]),
        ("id?", ["id1", "idé", "id;"], ["id", "id12"]),
        ("lpv_[0-9]+", ["lpv_1", "lpv_123456"], ["lpv_", "lpv_1a", "lpv_٣", "lpv_[0-9]+"]),
        ("v[0-9]", ["v7"], ["v", "v77", "v[0-9]"]),
        ("prefs[theme]", ["prefs[theme]"], ["prefst"]),
        (r"a\[0-9]", ["a[0-9]"], ["a1"]),
        (r"a\*b", ["a*b"], ["ab", "axb"]),
        (r"a\\*", ["a\\", "a\\x"], ["a"]),
        ("[0-9", ["[0-9"], ["1"]),
        ("[0-9]+[0-9]+", ["12", "123"], ["1", "a"]),
        ("a+b", ["a+b"], ["aab"]),
        ("*", ["x", "anything"], [""]),
    ],
)
def test_tokens_and_what_they_match(written: str, hits: list[str], misses: list[str]) -> None:
    index = index_of(written)
    assert [name for name in hits if not index.find(name)] == []
    assert [name for name in misses if index.find(name)] == []


@pytest.mark.parametrize(
    ("text", "exact"),
    [("_ga", "_ga"), (r"a\*b", "a*b"), ("prefs[theme]", "prefs[theme]"), ("a*", None)],
)
def test_a_name_without_wild_tokens_is_exact(text: str, exact: str | None) -> None:
    assert parse_pattern(text).exact == exact


def test_a_pattern_has_a_prefix_a_suffix_and_a_rank() -> None:
    pattern = parse_pattern("_ga_*x?_id")
    assert (pattern.prefix, pattern.suffix, pattern.rank) == ("_ga_", "_id", (4, 3, 8))
    exact = parse_pattern("_ga")
    assert (exact.prefix, exact.suffix, exact.rank) == ("_ga", "_ga", (3, 3, 3))


def test_runs_side_by_side_are_one() -> None:
    assert parse_pattern("a**b").tokens == parse_pattern("a*b").tokens


def test_a_trailing_backslash_is_an_error() -> None:
    with pytest.raises(InvalidValueError, match="ends in a single backslash"):
        parse_pattern("a\\")


@pytest.mark.parametrize(
    ("texts", "name", "best"),
    [
        (["_ga*", "_ga"], "_ga", ("_ga",)),
        (["_g*", "_ga*"], "_gat", ("_ga*",)),
        (["_ga*", "_ga*_id"], "_ga_x_id", ("_ga*_id",)),
        (["_ga*b*", "_ga*"], "_gaxb", ("_ga*b*",)),
        (["*b", "a*"], "ab", ("a*",)),
        (["a*", r"a\*"], "a*", (r"a\*",)),
    ],
)
def test_exact_beats_prefix_beats_suffix_beats_literals(
    texts: list[str], name: str, best: tuple[str, ...]
) -> None:
    assert index_of(*texts).find(name) == best
    assert index_of(*reversed(texts)).find(name) == best


def test_all_that_share_the_best_name_are_found_in_order() -> None:
    index = numbers_of(map(parse_pattern, ["b*", "a", "b*", "a"]))
    assert index.find("bx") == (0, 2)
    assert index.find("a") == (1, 3)
    pattern = parse_pattern("b*")
    assert Index({}, {}, [(pattern, 2), (pattern, 0)]).find("bx") == (0, 2)


def test_undecodable_bytes_are_one_character_each() -> None:
    assert index_of("a?b").find(b"a\xffb") == ("a?b",)
    assert index_of("a?b").find(b"a\xff\xfeb") == ()
    assert index_of("a?b").find("aéb".encode()) == ("a?b",)


def test_names_no_browser_stores_are_not_found() -> None:
    index = index_of("a*")
    assert index.find("a" * 4096) == ("a*",)
    assert index.find("a" * 4097) == ()
    assert index.find("a" + "é" * 2048) == ()
    assert index.find(b"a" + b"\xff" * 4095) == ("a*",)
    assert index.find("a\ud800") == ("a*",)


def steps(index: Texts, name: str) -> int:
    """Return how many function calls a look-up makes, the first one left out."""
    index.find(name)
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        index.find(name)
    finally:
        sys.setprofile(None)
    return count


def test_a_look_up_takes_time_in_proportion_to_the_length_of_the_name() -> None:
    index = index_of("*a*a*a*a*b?")
    assert steps(index, "a" * 3000) < 4 * steps(index, "a" * 1000)


def test_a_look_up_does_not_depend_on_the_number_of_patterns() -> None:
    texts = [f"name{number}_*" for number in range(1000)] + [
        f"*_{number}" for number in range(1000)
    ]
    few, many = index_of(*texts[::100]), index_of(*texts)
    for name in ("name700_x", "other", "x_900", "1" * 100):
        assert steps(many, name) <= steps(few, name) + 10


# All of them have one prefix and one suffix.
CROWD = [f"*{a}*{b}*{c}*{d}*" for a, b, c in product("ab1", repeat=3) for d in "xyz"]


@given(st.lists(WRITTEN, max_size=6), NAMES)
def test_an_index_of_many_similar_patterns_equals_trying_every_pattern(
    texts: list[str], rest: str
) -> None:
    patterns = [parse_pattern(text) for text in (*texts, *CROWD)]
    index = numbers_of(patterns)
    name = f"ab1ab1ab1{rest}"
    assert index.find(name) == reference(patterns, name)


def test_ten_thousand_patterns_that_begin_alike_cost_little_on_the_longest_name() -> None:
    texts = [f"x*{'*'.join(f'{number:04}')}*" for number in range(10_000)]
    index = index_of(*texts)
    assert len(index.find("x" + "0123456789" * 409)) == 10_000
    assert index.find("x" + "01230" * 20) == index.find("x" + "01230" * 30) != ()


def test_a_name_with_another_prefix_is_not_found() -> None:
    assert index_of("abc*").find("zzz" * 1000) == ()


@given(WRITTEN, WRITTEN)
@example("*?", "?*")
@example("[0-9][0-9]+", "[0-9]+[0-9]")
@example("a?", "a[0-9]")
@example("a*", "a*")
def test_two_patterns_overlap_exactly_when_some_name_matches_both(one: str, other: str) -> None:
    a, b = parse_pattern(one), parse_pattern(other)
    assert a.overlaps(b) == b.overlaps(a)
    assert a.overlaps(b) == overlap(a.tokens, b.tokens)


def ties(*texts: str, entries: list[int] | None = None) -> list[tuple[str, str]]:
    numbers = entries or list(range(len(texts)))
    rows = zip(map(parse_pattern, texts), numbers, texts, strict=True)
    return tied(rows)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a*b?", "a?b*"], [("a*b?", "a?b*")]),
        (["*?", "?*"], [("*?", "?*")]),
        (["a*", "b*"], []),
        (["a*", "aa*"], []),
        (["x?_ab_*", "x?_cd_*"], []),
        (["a[0-9]", "a?"], [("a[0-9]", "a?")]),
        (["a[0-9]b*", "a?1*"], []),
        (["x[0-9]a*", "x?b*"], []),
        (["a*", "a*"], []),
        (["*a*", "*b*", "*c*"], [("*a*", "*b*"), ("*a*", "*c*")]),
    ],
)
def test_overlapping_patterns_of_equal_rank_tie(
    texts: list[str], expected: list[tuple[str, str]]
) -> None:
    assert ties(*texts) == expected


def test_patterns_of_one_entry_never_tie() -> None:
    assert ties("a*b?", "a?b*", entries=[0, 0]) == []


def test_a_pattern_shared_by_entries_ties_with_one_of_them() -> None:
    assert ties("a*b?", "a*b?", "a?b*", entries=[0, 1, 0]) == [("a*b?", "a?b*")]


@given(st.lists(WRITTEN, max_size=5, unique=True))
def test_a_tie_is_reported_whenever_a_look_up_would_find_two(texts: list[str]) -> None:
    patterns = [parse_pattern(text) for text in texts]
    rows = [(one, number, number) for number, one in enumerate(patterns) if one.exact is None]
    if not tied(rows):
        for size in range(1, 4):
            for letters in product("ab1[é", repeat=size):
                found = reference(patterns, "".join(letters))
                assert len({patterns[number].tokens for number in found}) <= 1


def test_many_ties_are_each_reported_once() -> None:
    texts = [f"*{a}{b}*" for a in "abcdefgh" for b in "abcdefgh"]
    assert ties(*texts) == [(texts[0], text) for text in texts[1:]]


def test_long_patterns_with_many_wild_signs_are_compared_at_once() -> None:
    # Every pair ties, but only at the very end, or not at all.
    tied_late = [f"x*a{'?' * number}{'c?' * 480}{'?' * (40 - number)}*y" for number in range(40)]
    assert len(ties(*tied_late)) == 39
    apart = [f"x?{'*?' * 7}{'[0-9]' * 900}{number:02}*-y" for number in range(40)]
    assert len(ties(*apart)) == 39
    never = [f"x?{'[0-9]+a' * 7}{'?' * 900}{number:02}[0-9]-y" for number in range(40)]
    assert ties(*never) == []


@pytest.mark.parametrize("sign", ["*", "[0-9]+"])
def test_hundreds_of_wild_signs_cost_little_on_the_longest_name(sign: str) -> None:
    signs = f"1{sign}" * 300
    index = index_of(f"{signs}x", f"*{signs}")
    assert index.find("1" * 4096) == (f"*{signs}",)
    assert index.find("1" * 4095 + "x") == index_of(f"{signs}x").find("1" * 4095 + "x")
    assert len(ties(f"{signs}x", f"1{signs}x")) <= 1


def test_ten_thousand_patterns_are_compared_at_once() -> None:
    texts = [f"p{number:05}_?_*" for number in range(5000)]
    texts += [f"p_[0-9]_{number:05}_*" for number in range(5000)]
    assert ties(*texts) == []
