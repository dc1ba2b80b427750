"""Removal records name receipts by spans of their numbers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cookiegate.ledger.audit.removals import Span, merge_spans

numbers = st.sets(st.integers(min_value=0, max_value=40), max_size=20)


@given(st.dictionaries(st.sampled_from("abc"), numbers, max_size=3))
def test_spans_contain_exactly_the_given_positions(given: dict[str, set[int]]) -> None:
    places = sorted((writer, number) for writer, some in given.items() for number in some)
    spans = merge_spans(places)
    held = [(one.writer, n) for one in spans for n in range(one.first, one.last + 1)]
    assert held == places
    for one, other in pairwise(spans):
        assert not (one.writer == other.writer and one.last + 1 == other.first)
    assert all(isinstance(one, Span) for one in spans)
