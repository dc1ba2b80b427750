"""How the benchmark compares servers that it measures in turn."""

from benchmarks.figures import at
from benchmarks.rounds import Spread
from benchmarks.servers.rates import alternate
from benchmarks.servers.sites import BARE, GATE


def test_neighbours_are_compared_whatever_the_machine_does_meanwhile() -> None:
    turns = [(BARE, 6), (GATE, 6), (BARE, 30), (GATE, 30)]

    def measure(turn: tuple[str, int], number: int) -> float:
        # From round to round, the machine is as fast as before or half as fast.
        speed = 100.0 if (number - 1) // len(turns) % 2 else 50.0
        name, count = turn
        return speed * (1.0 if name == BARE else 0.9 if count == 6 else 0.8)

    times = alternate(turns, measure, 8)
    assert len(times) == 8
    for count, ratio in ((6, 0.9), (30, 0.8)):
        spread = Spread.of(times, at(f"{GATE} {count} ratio"))
        assert (spread.low, spread.middle, spread.high) == (ratio, ratio, ratio)


def test_each_measurement_has_a_number_of_its_own_and_the_order_changes() -> None:
    numbers: list[int] = []
    names: list[str] = []

    def measure(turn: tuple[str, int], number: int) -> float:
        numbers.append(number)
        names.append(turn[0])
        return 1.0

    alternate([(BARE, 6), (GATE, 6)], measure, 9)
    assert len(set(numbers)) == len(numbers) == 20
    rounds = {tuple(names[start : start + 2]) for start in range(0, 20, 2)}
    assert rounds == {(BARE, GATE), (GATE, BARE)}
