"""A guard against a tenfold slowdown: ratios within one run, with margins beyond any noise.

What the gate really costs is measured by `make bench`.
"""

from benchmarks.figures import added, at
from benchmarks.rounds import Figure, Spread, Subject, measure
from benchmarks.subjects import (
    KEY,
    Forward,
    Handwritten,
    Loads,
    Reads,
    Requests,
    gated,
    registry,
    request_headers,
    site,
)
from cookiegate import Gate

ROUNDS, NUMBER = 7, 200


def ratio(subjects: dict[str, Subject], over: Figure, under: Figure) -> float:
    times = measure(subjects, rounds=ROUNDS, number=NUMBER)
    return Spread.of(times, lambda one: over(one) / under(one)).middle


def test_a_response_without_cookies_costs_no_more_than_a_few_wrappers() -> None:
    gate = Gate(registry(), KEY)
    headers = [*request_headers(gate), (b"sec-fetch-dest", b"empty")]
    subjects: dict[str, Subject] = {
        "gate": Requests(gated(site, gate), headers, 0),
        "forward": Requests(Forward(site), headers, 0),
    }
    # 1.8 as this is written.
    assert ratio(subjects, at("gate"), at("forward")) < 10


def test_twenty_cookies_cost_a_fraction_of_what_they_do_by_hand() -> None:
    gate = Gate(registry(), KEY)
    headers = request_headers(gate)
    subjects: dict[str, Subject] = {
        "gate": Requests(gated(site, gate), headers, 20),
        "hand": Requests(Handwritten(site, gate), headers, 20),
        "forward": Requests(Forward(site), headers, 20),
    }
    # 15 as this is written.
    assert ratio(subjects, added("hand", "forward"), added("gate", "forward")) > 2


def test_a_visitor_is_known_at_first_sight_for_less_than_a_token_costs() -> None:
    subjects: dict[str, Subject] = {"gate": Reads(Gate(registry(), KEY)), "loads": Loads()}
    # 0.5 as this is written.
    assert ratio(subjects, at("gate"), at("loads")) < 4
