"""A guard against a tenfold slowdown: ratios of the bytecode instructions that are executed.

They are the same on every machine, however busy it is. The real cost of the gate, including what
happens in C, is measured by `make bench`.
"""

import sys
from types import FrameType

from benchmarks.figures import added, at
from benchmarks.rounds import Figure, Subject
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

NUMBER = 50


class Instructions:
    """A counter of the bytecode instructions that this thread executes."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame: FrameType, event: str, arg: object) -> "Instructions":
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        self.count += event == "opcode"
        return self

    def of(self, subject: Subject) -> int:
        """Return the instructions of a number of calls, once the subject is warm."""
        for one in subject.prepare(NUMBER):
            subject.run(one)
        prepared, run = subject.prepare(NUMBER), subject.run
        self.count = 0
        # Coverage has a tracer, too.
        before = sys.gettrace()
        # Python 3.12 looks for this only when tracing begins.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(self)
        try:
            for one in prepared:
                run(one)
        finally:
            sys.settrace(before)
        return self.count


def ratio(subjects: dict[str, Subject], over: Figure, under: Figure) -> float:
    counts = {name: float(Instructions().of(subject)) for name, subject in subjects.items()}
    return over(counts) / under(counts)


def test_instructions_are_counted_and_do_not_vary() -> None:
    few, many, again = (
        Instructions().of(Requests(site, request_headers(Gate(registry(), KEY)), cookies))
        for cookies in (0, 20, 20)
    )
    assert 0 < few < many == again


def test_a_response_without_cookies_costs_no_more_than_a_few_wrappers() -> None:
    gate = Gate(registry(), KEY)
    headers = [*request_headers(gate), (b"sec-fetch-dest", b"empty")]
    subjects: dict[str, Subject] = {
        "gate": Requests(gated(site, gate), headers, 0),
        "forward": Requests(Forward(site), headers, 0),
    }
    # 2.7 as this is written.
    assert ratio(subjects, at("gate"), at("forward")) < 10


def test_twenty_cookies_cost_a_fraction_of_a_manual_check() -> None:
    gate = Gate(registry(), KEY)
    headers = request_headers(gate)
    subjects: dict[str, Subject] = {
        "gate": Requests(gated(site, gate), headers, 20),
        "hand": Requests(Handwritten(site, gate), headers, 20),
        "forward": Requests(Forward(site), headers, 20),
    }
    # 6.9 as this is written.
    assert ratio(subjects, added("hand", "forward"), added("gate", "forward")) > 2


def test_a_new_visitor_costs_less_than_a_token() -> None:
    subjects: dict[str, Subject] = {"gate": Reads(Gate(registry(), KEY)), "loads": Loads()}
    # 0.7 as this is written.
    assert ratio(subjects, at("gate"), at("loads")) < 4
