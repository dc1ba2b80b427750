"""The limit on choices: one client's do not cost the others theirs, and memory is bounded."""

import sys
import threading
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.pages.rate_limit import TOTAL, Limiter
from tests.registries import NOON

CLIENT = "192.0.2.1"
OTHER = "198.51.100.1"


def taken(limiter: Limiter, address: str | None, now: float = NOON, *, tries: int = 1000) -> int:
    """Return how many choices a client can make at a time."""
    return next(n for n in range(tries + 1) if n == tries or limiter.wait(address, now))


def test_a_client_gets_its_burst_and_then_its_rate() -> None:
    limiter = Limiter(2, 5)
    assert taken(limiter, CLIENT) == 5
    assert limiter.wait(CLIENT, NOON) == 1
    assert taken(limiter, CLIENT, NOON + 1) == 2
    assert taken(limiter, CLIENT, NOON + 3600) == 5
    assert Limiter(0.01, 1).wait(CLIENT, NOON) == 0


def test_the_wait_is_that_for_the_next_token_in_whole_seconds() -> None:
    limiter = Limiter(0.1, 1)
    assert [limiter.wait(CLIENT, NOON + passed) for passed in (0, 0, 0.5, 9, 10)] == [
        *(0, 10, 10, 1, 0),
    ]


def test_a_client_beyond_its_limit_takes_nothing_from_the_others() -> None:
    limiter = Limiter(1, 3)
    taken(limiter, CLIENT)
    for _ in range(1000):
        assert limiter.wait(CLIENT, NOON)
    for number in range(TOTAL - 1):
        assert taken(limiter, f"198.51.100.{number}") == 3


def test_all_clients_together_have_a_limit() -> None:
    limiter = Limiter(1, 3)
    made = sum(taken(limiter, f"198.51.100.{number}") for number in range(100))
    assert made == 3 * TOTAL
    assert limiter.wait(CLIENT, NOON) == 1
    assert sum(taken(limiter, f"203.0.113.{number}", NOON + 1) for number in range(100)) == TOTAL


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:DB8:1:2:0::1"),
        ("fe80::1%eth0", "fe80::2"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
        (None, "/run/site.sock"),
        (None, ""),
        ("x" * 10_000, "192.0.2.1, 198.51.100.1"),
        ("unknown", "192.0.2.1:4711"),
    ],
)
def test_these_are_one_client(first: str | None, second: str | None) -> None:
    limiter = Limiter(1, 3)
    assert taken(limiter, first) == 3
    assert limiter.wait(second, NOON)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("192.0.2.1", "192.0.2.2"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("192.0.2.1", None),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        # The same bytes, of another length.
        ("0.0.0.0", "::"),
    ],
)
def test_these_are_two_clients(first: str | None, second: str | None) -> None:
    limiter = Limiter(1, 3)
    assert (taken(limiter, first), taken(limiter, second)) == (3, 3)


def test_a_clock_that_was_set_back_changes_nothing() -> None:
    limiter = Limiter(1, 3)
    assert taken(limiter, CLIENT) == 3
    assert limiter.wait(CLIENT, NOON - 86_400)
    assert taken(limiter, CLIENT, NOON - 86_400 + 1) == 1


def test_the_client_that_was_seen_longest_ago_is_forgotten() -> None:
    limiter = Limiter(0.001, 1, clients=2)
    for address in (CLIENT, OTHER, CLIENT, "203.0.113.1"):
        limiter.wait(address, NOON)
    assert limiter.wait(CLIENT, NOON)
    assert not limiter.wait(OTHER, NOON)


def test_memory_is_bounded_in_bytes() -> None:
    limiter = Limiter(1, 1)
    tracemalloc.start()
    try:
        for number in range(12_000):
            limiter.wait(f"2001:db8:{number % 7:x}:{number:x}::1", NOON)
            limiter.wait("x" * 10_000 + str(number), NOON)
        assert tracemalloc.get_traced_memory()[0] < 5_000_000
    finally:
        tracemalloc.stop()


def test_threads_do_not_exceed_the_limit() -> None:
    limiter, made = Limiter(0.001, 100), []
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [
            threading.Thread(target=lambda: made.append(taken(limiter, CLIENT))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert sum(made) == 100


@given(
    times=st.lists(st.floats(min_value=0, max_value=1000), min_size=1, max_size=200),
    rate=st.floats(min_value=0.1, max_value=10),
    burst=st.integers(min_value=1, max_value=20),
)
def test_no_client_gets_more_than_its_burst_and_its_rate(
    times: list[float], rate: float, burst: int
) -> None:
    limiter = Limiter(rate, burst)
    made = [now for now in sorted(times) if not limiter.wait(CLIENT, now)]
    assert len(made) <= burst + rate * (made[-1] - made[0]) + 1e-6
