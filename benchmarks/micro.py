"""Run microbenchmarks with pyperf: single calls of the gate, each in separate processes.

python -m benchmarks.micro --fast -o micro.json
"""

from __future__ import annotations

from importlib import import_module

from benchmarks.subjects import KEY, registry, request_headers
from cookiegate import Gate
from cookiegate.asgi import AsgiContext
from cookiegate.http.request import read_request

__all__ = ["main"]

# The clock of the gate: 2026-11-25.
NOW = 1_795_600_000.0


def main() -> None:
    """Run the benchmarks with the options of the command line, which are pyperf's."""
    runner = import_module("pyperf").Runner(
        processes=4, values=3, program_args=("-m", "benchmarks.micro")
    )
    gate = Gate(registry(), KEY, clock=lambda: NOW)
    headers = request_headers(gate)
    consent = gate.read(headers, now=NOW)
    plain = [(b"content-type", b"text/html"), (b"x-frame-options", b"DENY")]
    five = [
        *plain,
        *((b"set-cookie", b"%s=1; Path=/" % n) for n in (b"_ga", b"_fbp", b"sid", b"language")),
        (b"set-cookie", b"csrftoken=1; Path=/"),
    ]
    pipeline = gate.pipeline
    facts = read_request(headers)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    runner.bench_func("make a visit", gate.visit, headers)
    context = AsgiContext(gate, pipeline, scope)
    runner.bench_func("see whether a page is opened", context.may_open_page)
    runner.bench_func("read the request's headers", read_request, headers)
    runner.bench_func(
        "find a known consent in them",
        pipeline.consent_cookie.read,
        facts.cookies,
        facts.signals,
        NOW,
    )
    runner.bench_func("look for cookies to sweep", pipeline.sweeper.is_wanted, context)
    runner.bench_func("judge one cookie in full", gate.judge, b"_ga=1; Path=/", consent)
    runner.bench_func("filter without cookies", gate.filter, plain, consent)
    runner.bench_func("filter five cookies", gate.filter, five, consent)
    runner.bench_func("issue a consent", gate.issue, ["analysis"])


if __name__ == "__main__":
    main()
