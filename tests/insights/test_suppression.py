"""No suppressed count can be computed from what is shown."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.insights.suppression import Published, Sum, Table, open_values, publish

THRESHOLD = 3


def added_up(*tables: Table) -> list[Sum]:
    """The tables count the same: each adds up to one total."""
    return [
        Sum(total=("", "all"), parts=tuple((table.id, row) for row in table.counts))
        for table in tables
    ]


def readings(table: Table, shown: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """All that the counts of a table can be, for somebody who sees it."""
    rows = [
        [value for value in range(low, low + THRESHOLD) if value or not table.is_seen]
        for low in shown.values()
    ]
    for values in product(*rows):
        yield dict(zip(shown, values, strict=True))


def worlds(tables: list[Table], shown: Published) -> Iterator[dict[str, dict[str, int]]]:
    """The same of several tables that count the same."""
    seen = {table.id: rows for table in tables if (rows := shown[table.id]) is not None}
    every = [list(readings(table, seen[table.id])) for table in tables if table.id in seen]
    for world in product(*every):
        if len({sum(one.values()) for one in world}) <= 1:
            yield dict(zip(seen, world, strict=True))


@st.composite
def same_total(draw: st.DrawFn) -> list[Table]:
    """Two tables over the same choices, whose rows often lie at the edge of what is shown."""
    is_seen = draw(st.booleans())
    small = st.integers(int(is_seen), 7)
    first = draw(st.lists(small, min_size=1, max_size=3))
    total = sum(first)
    second: list[int] = []
    for _ in range(draw(st.integers(0, 2))):
        rest = total - sum(second) - int(is_seen)
        if rest >= int(is_seen):
            second.append(draw(st.integers(int(is_seen), rest)))
    second.append(total - sum(second))
    return [
        Table(id=id, counts={f"r{n}": count for n, count in enumerate(counts)}, is_seen=is_seen)
        for id, counts in (("first", first), ("second", second))
    ]


@given(tables=same_total())
def test_no_suppressed_count_can_be_computed_from_what_is_shown(tables: list[Table]) -> None:
    shown = publish(tables, added_up(*tables), THRESHOLD)
    found = list(worlds(tables, shown))
    assert found
    for table in tables:
        for row, count in (shown[table.id] or {}).items():
            if count == 0:
                assert len({world[table.id][row] for world in found}) >= 2


@given(tables=same_total())
def test_what_is_worked_out_is_all_that_can_be(tables: list[Table]) -> None:
    sums = added_up(*tables)
    shown: Published = {
        table.id: {row: count - count % THRESHOLD for row, count in table.counts.items()}
        for table in tables
    }
    found = list(worlds(tables, shown))
    for (id, row), (least, greatest) in open_values(tables, sums, shown, THRESHOLD).items():
        values = {world[id][row] for world in found}
        assert (least, greatest) == (min(values), max(values))


@given(counts=st.dictionaries(st.text(), st.integers(0, 1000)), threshold=st.integers(1, 50))
def test_what_is_shown_is_rounded_down_and_small_counts_are_all_alike(
    counts: dict[str, int], threshold: int
) -> None:
    (rows,) = publish([Table(id="one", counts=counts)], [], threshold).values()
    if rows is not None:
        for row, count in rows.items():
            assert count % threshold == 0
            assert 0 <= counts[row] - count < threshold


def test_a_table_that_would_tell_too_much_is_left_out() -> None:
    # Nine rows at the top of what they are shown as: whoever knows the total knows the tenth.
    full = {f"r{n}": 19 for n in range(9)}
    tables = [
        Table(id="one", counts={"all": 180}),
        Table(id="other", counts={**full, "small": 9}),
    ]
    shown = publish(tables, added_up(*tables), 10)
    assert shown["one"] == {"all": 180}
    assert shown["other"] is None


def test_a_usual_table_is_shown() -> None:
    tables = [
        Table(id="one", counts={"sv": 182}),
        Table(id="other", counts={"banner": 175, "settings": 7, "code": 0}),
    ]
    shown = publish(tables, added_up(*tables), 10)
    assert shown == {
        "one": {"sv": 180},
        "other": {"banner": 170, "code": 0, "settings": 0},
    }


def test_where_small_means_one_and_a_row_is_at_least_one_nothing_is_shown() -> None:
    table = Table(id="one", counts={"sv": 1, "en": 7}, is_seen=True)
    assert publish([table], [], 2) == {"one": None}


def test_a_threshold_of_one_suppresses_nothing() -> None:
    table = Table(id="one", counts={"sv": 1, "en": 0})
    assert publish([table], added_up(table), 1) == {"one": {"sv": 1, "en": 0}}


@pytest.mark.parametrize("order", [1, -1])
def test_a_ring_of_sums_comes_to_an_end(order: int) -> None:
    # x = y + 1 and y = x + 1 hold of nothing.
    tables = [Table(id="one", counts={"a": 10})]
    sums = [
        Sum(total=("", "x"), parts=(("", "y"), ("one", "a"))),
        Sum(total=("", "y"), parts=(("", "x"), ("one", "a"))),
    ]
    assert publish(tables, sums[::order], 10) == {"one": {"a": 10}}
