"""Counts that tests share."""

import pytest

from cookiegate.reports import Counts
from tests.registries import gate_for


@pytest.fixture
def counts() -> Counts:
    counts = Counts()
    gate = gate_for(on_verdict=counts)
    for _ in range(2):
        gate.visit([]).respond([(b"set-cookie", b"sid=1"), (b"set-cookie", b"_ga=1")])
    gate.visit([]).respond([(b"set-cookie", b"who=1")])
    return counts
