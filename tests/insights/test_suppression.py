"""No reader can compute a suppressed count from the published ones."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.insights.suppression import Published, Sum, Table, possible_values, publish

THRESHOLD = 3


def added_up(*tables: Table) -> list[Sum]:
    """Return sums that say that all tables have the same total."""
    return [
        Sum(total=("", "all"), parts=tuple((table.id, row) for row in table.counts))
        for table in tables
    ]


def possible_counts(table: Table, published: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Yield all counts that are possible for a reader of the table."""
    rows = [
        [value for value in range(low, low + THRESHOLD) if value >= table.least(row)]
        for row, low in published.items()
    ]
    for values in product(*rows):
        yield dict(zip(published, values, strict=True))


def possible_tables(
    tables: list[Table], published: Published
) -> Iterator[dict[str, dict[str, int]]]:
    """Yield all counts of several tables with the same total."""
    seen = {table.id: rows for table in tables if (rows := published[table.id]) is not None}
    every = [list(possible_counts(table, seen[table.id])) for table in tables if table.id in seen]
    for possible in product(*every):
        if len({sum(one.values()) for one in possible}) <= 1:
            yield dict(zip(seen, possible, strict=True))


@st.composite
def same_total(draw: st.DrawFn) -> list[Table]:
    """Draw two tables with the same total, whose counts are often close to the threshold."""
    least = draw(st.integers(0, 1))
    small = st.integers(least, 7)
    first = draw(st.lists(small, min_size=1, max_size=3))
    total = sum(first)
    second: list[int] = []
    for _ in range(draw(st.integers(0, 2))):
        rest = total - sum(second) - least
        if rest >= least:
            second.append(draw(st.integers(least, rest)))
    second.append(total - sum(second))
    tables = []
    for id, values in (("first", first), ("second", second)):
        counts = {f"r{number}": value for number, value in enumerate(values)}
        tables.append(Table(id=id, counts=counts, nonzero=counts if least else ()))
    return tables


@given(tables=same_total())
def test_no_suppressed_count_can_be_computed_from_what_is_shown(tables: list[Table]) -> None:
    published = publish(tables, added_up(*tables), THRESHOLD)
    found = list(possible_tables(tables, published))
    assert found
    for table in tables:
        for row, count in (published[table.id] or {}).items():
            if count == 0:
                assert len({possible[table.id][row] for possible in found}) >= 2


@given(tables=same_total())
def test_the_possible_values_are_exact(tables: list[Table]) -> None:
    sums = added_up(*tables)
    published: Published = {
        table.id: {row: count - count % THRESHOLD for row, count in table.counts.items()}
        for table in tables
    }
    found = list(possible_tables(tables, published))
    for (id, row), (least, greatest) in possible_values(tables, sums, published, THRESHOLD).items():
        values = {possible[id][row] for possible in found}
        assert (least, greatest) == (min(values), max(values))


@given(counts=st.dictionaries(st.text(), st.integers(0, 1000)), threshold=st.integers(1, 50))
def test_published_counts_are_rounded_down(counts: dict[str, int], threshold: int) -> None:
    (rows,) = publish([Table(id="one", counts=counts)], [], threshold).values()
    if rows is not None:
        for row, count in rows.items():
            assert count % threshold == 0
            assert 0 <= counts[row] - count < threshold


def test_a_revealing_table_is_withheld() -> None:
    # Nine rows are as large as possible, so the total reveals the tenth.
    full = {f"r{n}": 19 for n in range(9)}
    tables = [
        Table(id="one", counts={"all": 180}),
        Table(id="other", counts={**full, "small": 9}),
    ]
    published = publish(tables, added_up(*tables), 10)
    assert published["one"] == {"all": 180}
    assert published["other"] is None


def test_a_usual_table_is_published() -> None:
    tables = [
        Table(id="one", counts={"sv": 182}),
        Table(id="other", counts={"banner": 175, "settings": 7, "code": 0}),
    ]
    published = publish(tables, added_up(*tables), 10)
    assert published == {
        "one": {"sv": 180},
        "other": {"banner": 170, "code": 0, "settings": 0},
    }


def test_listed_rows_are_withheld_at_a_threshold_of_two() -> None:
    table = Table(id="one", counts={"sv": 1, "en": 7}, nonzero=("sv", "en"))
    assert publish([table], [], 2) == {"one": None}


def test_a_threshold_of_one_suppresses_nothing() -> None:
    table = Table(id="one", counts={"sv": 1, "en": 0})
    assert publish([table], added_up(table), 1) == {"one": {"sv": 1, "en": 0}}


@pytest.mark.parametrize("order", [1, -1])
def test_sums_in_a_cycle_come_to_an_end(order: int) -> None:
    # x = y + 1 and y = x + 1 have no solution.
    tables = [Table(id="one", counts={"a": 10})]
    sums = [
        Sum(total=("", "x"), parts=(("", "y"), ("one", "a"))),
        Sum(total=("", "y"), parts=(("", "x"), ("one", "a"))),
    ]
    assert publish(tables, sums[::order], 10) == {"one": {"a": 10}}
