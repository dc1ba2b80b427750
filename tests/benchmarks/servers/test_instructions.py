"""What the benchmark reads from callgrind."""

import pytest

from benchmarks.servers.instructions import read_count

OUTPUT = "\n".join(
    [
        "PID 13751: python -m gunicorn",
        "sending command status internal to pid 13751",
        "",
        "  Totals:        Ir ",
        "   Th 1  14,167,727 ",
        "   Th 2     102,000 ",
        "",
    ]
)


def test_the_instructions_of_all_threads_are_added_up() -> None:
    assert read_count(OUTPUT) == 14_269_727


def test_an_output_without_counts_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="Instrumentation is off"):
        read_count("PID 13751: Instrumentation is off\n")
