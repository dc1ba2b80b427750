"""Microbenchmarks by pyperf: single calls of the gate, each in processes of its own.

python -m benchmarks.micro --fast -o micro.json
"""

from __future__ import annotations

from importlib import import_module

from cookiegate import Gate

from .subjects import KEY, registry, request_headers

__all__ = ["main"]


def main() -> None:
    """Run what the command line asks for; see pyperf's own options."""
    runner = import_module("pyperf").Runner(processes=4, values=3)
    gate = Gate(registry(), KEY)
    headers = request_headers(gate)
    consent = gate.read(headers)
    plain = [(b"content-type", b"text/html"), (b"x-frame-options", b"DENY")]
    five = [
        *plain,
        *((b"set-cookie", b"%s=1; Path=/" % n) for n in (b"_ga", b"_fbp", b"sid", b"language")),
        (b"set-cookie", b"csrftoken=1; Path=/"),
    ]
    runner.bench_func("read a known consent", gate.read, headers)
    runner.bench_func("judge one cookie in full", gate.judge, b"_ga=1; Path=/", consent)
    runner.bench_func("filter without cookies", gate.filter, plain, consent)
    runner.bench_func("filter five cookies", gate.filter, five, consent)
    runner.bench_func("issue a consent", gate.issue, ["analysis"])


if __name__ == "__main__":
    main()
