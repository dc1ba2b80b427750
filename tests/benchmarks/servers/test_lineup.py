"""Real servers run with and without the gate, and answer the same."""

import pytest

from benchmarks.servers.client import Client
from benchmarks.servers.lineup import Comparison, run, run_all
from benchmarks.servers.sites import BARE, GATE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "site"),
    [
        ("uvicorn h11", "Starlette page"),
        ("granian ASGI", "bare"),
        ("gunicorn", "Django page"),
        ("granian WSGI", "Flask page"),
    ],
)
def test_each_server_answers_with_the_gate_as_without(server: str, site: str) -> None:
    comparison = Comparison(server, site)
    # This checks the answers.
    with run_all(comparison) as servers:
        assert list(servers) == [BARE, GATE]
        assert len({one.port for one in servers.values()}) == len(servers)
        assert all(one.seconds() > 0 for one in servers.values())
        ports = {name: one.port for name, one in servers.items()}
    # All have ended.
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError), Client(port, comparison.requests(6)):
            pass


@pytest.mark.slow
def test_a_server_that_cannot_start_is_an_error() -> None:
    with (
        pytest.raises(RuntimeError, match="a server ended with"),
        run(Comparison("uvicorn h11", "none"), BARE),
    ):
        pass
