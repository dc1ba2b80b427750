"""Measure real servers on the loopback with one worker, with and without the gate.

The load comes from one thread of wrk with a fixed number of connections. Rounds alternate, so that
a slow moment of the machine affects both.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.figures import Row, at
from benchmarks.rounds import Figure, Spread, Times
from benchmarks.subjects import KEY, registry, request_headers
from cookiegate import Gate

__all__ = ["load", "serve", "servers"]

CONNECTIONS = 8
SECONDS = 2
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_LATENCY = re.compile(r"^\s+(50|99)%\s+([0-9.]+)(us|ms|s)$", re.MULTILINE)
_MICROSECONDS = {"us": 1.0, "ms": 1000.0, "s": 1e6}

COMMANDS = {
    "uvicorn": [
        *("uvicorn", "benchmarks.apps:{app}", "--port", "{port}", "--log-level", "error"),
        *("--no-access-log", "--lifespan", "off"),
    ],
    "granian": [
        *("granian", "benchmarks.apps:{app}", "--interface", "asginl", "--port", "{port}"),
        *("--workers", "1", "--no-log"),
    ],
    "gunicorn": [
        *("gunicorn", "benchmarks.apps:wsgi_{app}", "--bind", "127.0.0.1:{port}"),
        *("--workers", "1", "--threads", "4", "--log-level", "error"),
    ],
}


def servers(rounds: int) -> list[Row]:
    """Compare requests per second and latencies with and without the gate, five Set-Cookie each."""
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is missing: apt-get install wrk")
    found = []
    for name, command in COMMANDS.items():
        times: Times = []
        with ExitStack() as running:
            ports = {app: running.enter_context(serve(command, app)) for app in ("bare", "gated")}
            for port in ports.values():
                load(port, 1)
            for number in range(max(4, rounds // 4)):
                # The order alternates.
                one: dict[str, float] = {}
                for app in ("bare", "gated") if number % 2 else ("gated", "bare"):
                    for key, value in load(ports[app], SECONDS).items():
                        one[f"{app} {key}"] = value
                times.append(one)
        goal = 0.98 if name in ("uvicorn", "granian") else None
        for key, words, wanted in (
            ("rate", "requests/s with the gate / without", goal),
            ("50", "p50 with the gate / without", None),
            ("99", "p99 with the gate / without", None),
        ):
            found.append(
                Row(
                    f"{name}: {words}",
                    Spread.of(times, _ratio(key)),
                    goal=wanted,
                    at_least=True,
                )
            )
        for app, words in (("bare", "without"), ("gated", "with")):
            rate = Spread.of(times, at(f"{app} rate"))
            found.append(Row(f"{name}: requests/s {words} the gate", rate, unit="1/s"))
    return found


def _ratio(key: str) -> Figure:
    return lambda one: one[f"gated {key}"] / one[f"bare {key}"]


@contextmanager
def serve(command: list[str], app: str) -> Iterator[int]:
    """
    Run a server and yield its port.

    Args:
        command: A module and its arguments, with the fields {app} and {port}.
        app: The application's name.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    filled = [part.format(app=app, port=port) for part in command]
    process = subprocess.Popen([sys.executable, "-m", *filled], stdout=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"a server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("a server did not begin to listen within 20 seconds")


def load(port: int, seconds: int, connections: int = CONNECTIONS) -> dict[str, float]:
    """Return requests per second, and latencies in microseconds, for a returning visitor."""
    headers = request_headers(Gate(registry(), KEY))
    # wrk adds the Host header itself, and servers refuse two.
    sent = [f"-H{n.decode()}: {v.decode('latin-1')}" for n, v in headers if n != b"host"]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *sent]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/"], capture_output=True, check=True, text=True
    )
    if "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout)
    rate = _RATE.search(done.stdout)
    if rate is None:
        raise RuntimeError(done.stdout)
    found = {"rate": float(rate[1])}
    for percent, value, unit in _LATENCY.findall(done.stdout):
        found[percent] = float(value) * _MICROSECONDS[unit]
    return found
