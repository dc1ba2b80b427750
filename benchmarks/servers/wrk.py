"""Load a server with wrk, the way many visitors do."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.servers.traffic import lua_script

__all__ = ["CONNECTIONS", "load", "read_output", "require_wrk"]

CONNECTIONS = 8
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_REQUESTS = re.compile(r"^\s+([0-9]+) requests in", re.MULTILINE)
_LATENCY = re.compile(r"^\s+(50|99)%\s+([0-9.]+)(us|ms|s)$", re.MULTILINE)
_MICROSECONDS = {"us": 1.0, "ms": 1000.0, "s": 1e6}


def require_wrk() -> None:
    """
    Raise if there is no wrk.

    Raises:
        RuntimeError: It is missing.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is missing: apt-get install wrk")


def load(
    port: int,
    templates: list[str],
    *,
    seconds: int,
    first: int = 0,
    connections: int = CONNECTIONS,
) -> dict[str, float]:
    """
    Load a server from one thread, and return what `read_output` finds.

    Args:
        port: The server's port.
        templates: The requests, sent in turn.
        seconds: The duration.
        first: The number of the first request. Numbers of earlier loads would repeat their cookies.
        connections: The number of connections.
    """
    with TemporaryDirectory(prefix="cgbench-") as folder:
        script = Path(folder, "requests.lua")
        script.write_text(lua_script(templates), encoding="utf-8")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
        command += ["-s", str(script), f"http://127.0.0.1:{port}/", "--", str(first)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
    return read_output(done.stdout)


def read_output(text: str) -> dict[str, float]:
    """
    Return "rate" in requests per second, "requests", and "50" and "99", latencies in microseconds.

    Raises:
        RuntimeError: It is not wrk's output, or requests failed.
    """
    rate, requests = _RATE.search(text), _REQUESTS.search(text)
    if rate is None or requests is None or "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    found = {"rate": float(rate[1]), "requests": float(requests[1])}
    for percent, value, unit in _LATENCY.findall(text):
        found[percent] = float(value) * _MICROSECONDS[unit]
    return found
