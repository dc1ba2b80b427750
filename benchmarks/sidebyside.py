"""Measure the goals, and compare all subjects on the same responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import wsgisubjects
from benchmarks.figures import Row, added, at, row, slope
from benchmarks.peers import (
    FlaskRequests,
    InLoop,
    after_request,
    as_base_http,
    flask_site,
    well_known,
)
from benchmarks.rounds import Spread, Subject, measure
from benchmarks.subjects import (
    KEY,
    Forward,
    Handwritten,
    Loads,
    MinimalFilter,
    Pair,
    Reads,
    Requests,
    gated,
    registry,
    request_headers,
    site,
    visitor_headers,
)
from cookiegate import Gate
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate

__all__ = ["VISITORS", "by_visitor", "first_sight", "goals", "peers", "scale_of_others", "wsgi"]

COUNTS = (0, 1, 5, 20)
VISITORS = ("returning", "first sight", "no cookie", "forged cookie")


def goals(rounds: int) -> list[Row]:
    """Measure what the goals are about: one cookie, further cookies, page loads, reports."""
    gate = Gate(registry(), KEY)
    # Without `on_verdict` the gate makes no report, so both are measured.
    silent = Gate(registry("report"), KEY)
    reporting = Gate(registry("report"), KEY, on_verdict=lambda verdict: None)
    # A script's request; page loads are measured below.
    headers = [*request_headers(gate), (b"sec-fetch-dest", b"empty")]
    subjects: dict[str, Subject] = {}
    for count in (0, 1, 5, 20):
        subjects[f"gate {count}"] = Requests(gated(site, gate), headers, count)
        subjects[f"forward {count}"] = Requests(Forward(site), headers, count)
        subjects[f"minimal {count}"] = Requests(MinimalFilter(site, gate), headers, count)
    for count in (5, 20):
        subjects[f"silent {count}"] = Requests(gated(site, silent), headers, count)
        subjects[f"reporting {count}"] = Requests(gated(site, reporting), headers, count)
    subjects["handwritten 20"] = Requests(Handwritten(site, gate), headers, 20)
    page = [*headers[:-1], (b"sec-fetch-dest", b"document"), (b"sec-fetch-site", b"none")]
    subjects["forwarded page 0"] = Requests(Forward(site), page, 0)
    subjects["page 0"] = Requests(gated(site, gate), page, 0)
    unswept = Gate(registry(sweep="off"), KEY)
    subjects["unswept other 0"] = Requests(gated(site, unswept), headers, 0)
    for count in (0, 5):
        subjects[f"unswept {count}"] = Requests(gated(site, unswept), page, count)
    subjects["page 5"] = Requests(gated(site, gate), page, 5)
    times = measure(subjects, rounds=rounds, number=500)
    first = Spread.of(
        times,
        lambda one: (one["gate 1"] - one["gate 0"] - (one["minimal 1"] - one["minimal 0"])) / 1000,
    )
    return [
        row(
            "a response without Set-Cookie / a forwarding wrapper",
            times,
            at("gate 0"),
            at("forward 0"),
            1.4,
        ),
        row(
            "the same, for a page load",
            times,
            at("page 0"),
            at("forwarded page 0"),
            1.4,
        ),
        row(
            "each further Set-Cookie / that of the minimal filter",
            times,
            slope("gate"),
            slope("minimal"),
            1.15,
        ),
        row(
            "the same, with lifetime = report, without on_verdict",
            times,
            slope("silent"),
            slope("minimal"),
            1.25,
        ),
        row(
            "the same, with lifetime = report and on_verdict",
            times,
            slope("reporting"),
            slope("minimal"),
            1.25,
        ),
        Row(
            "the fixed part of the first Set-Cookie, minus that of the minimal filter",
            first,
            "µs",
            1.5,
        ),
        row(
            "20 Set-Cookie: added by http.cookies + itsdangerous / by the gate",
            times,
            added("gate 20", "forward 20"),
            added("handwritten 20", "forward 20"),
            30,
            at_least=True,
        ),
        row(
            "any other request, no Set-Cookie / without the sweep",
            times,
            at("gate 0"),
            at("unswept other 0"),
            1.02,
        ),
        row(
            "a page load with nothing to sweep, no Set-Cookie / without the sweep",
            times,
            at("page 0"),
            at("unswept 0"),
            1.02,
        ),
        row(
            "a page load with nothing to sweep, five Set-Cookie / without the sweep",
            times,
            at("page 5"),
            at("unswept 5"),
            1.02,
        ),
    ]


def first_sight(rounds: int) -> list[Row]:
    """Compare the first use of a consent cookie with that of an itsdangerous token."""
    subjects: dict[str, Subject] = {"gate": Reads(Gate(registry(), KEY)), "loads": Loads()}
    times = measure(subjects, rounds=rounds, number=2000)
    return [
        row(
            "the first request of a visitor / itsdangerous' loads",
            times,
            at("gate"),
            at("loads"),
            0.35,
        )
    ]


def by_visitor(rounds: int) -> list[Row]:
    """Measure what each subject adds to a bare ASGI application, by visitor and cookies."""
    return _side_by_side("ASGI", _asgi, Requests, rounds)


def wsgi(rounds: int) -> list[Row]:
    """Measure the same for the WSGI middleware."""
    return _side_by_side("WSGI", _wsgi, FlaskRequests, rounds)


def _side_by_side(
    kind: str,
    apps_of: Callable[[Gate], dict[str, Any]],
    requests: Callable[[Any, list[Pair], int], Subject],
    rounds: int,
) -> list[Row]:
    found = []
    for visitor in VISITORS:
        gate = Gate(registry(), KEY)
        headers = visitor_headers(gate, visitor)
        apps = apps_of(gate)
        subjects = {
            f"{name} {count}": requests(app, headers, count)
            for count in COUNTS
            for name, app in apps.items()
        }
        times = measure(subjects, rounds=rounds, number=300)
        found += [
            _added(
                f"{kind}, {visitor}, {count} Set-Cookie: {name}", times, f"{name} {count}", count
            )
            for count in COUNTS
            for name in apps
            if name != "bare"
        ]
    return found


def peers(rounds: int) -> list[Row]:
    """Compare hand-written middleware of frameworks with the gate, five Set-Cookie each."""
    gate = Gate(registry(), KEY)
    headers = request_headers(gate)
    plain = flask_site()
    subjects: dict[str, Subject] = {
        "loop bare": InLoop(site, headers, 5),
        "loop gate": InLoop(gated(site, gate), headers, 5),
        "loop base": InLoop(as_base_http(site, gate), headers, 5),
        "flask bare": FlaskRequests(plain.wsgi_app, headers, 5),
        "flask gate": FlaskRequests(WsgiGate(plain.wsgi_app, gate), headers, 5),
        "flask after": FlaskRequests(after_request(flask_site(), gate).wsgi_app, headers, 5),
    }
    times = measure(subjects, rounds=rounds, number=60)
    return [
        row(
            "Starlette's BaseHTTPMiddleware by hand: added / by the gate",
            times,
            added("loop base", "loop bare"),
            added("loop gate", "loop bare"),
        ),
        row(
            "Flask's after_request by hand: added / by the gate",
            times,
            added("flask after", "flask bare"),
            added("flask gate", "flask bare"),
        ),
    ]


def scale_of_others(rounds: int) -> list[Row]:
    """Compare what well-known middleware adds to a response with what the gate adds."""
    gate = Gate(registry(), KEY)
    headers: list[Pair] = [*request_headers(gate), (b"accept-encoding", b"gzip")]
    headers.append((b"origin", b"https://example.com"))
    subjects: dict[str, Subject] = {
        "bare": InLoop(site, headers, 1),
        "gate": InLoop(gated(site, gate), headers, 1),
    }
    for name, app in well_known(site).items():
        subjects[name] = InLoop(app, headers, 1)
    times = measure(subjects, rounds=rounds, number=60)
    return [
        row(f"{name}: added / by the gate", times, added(name, "bare"), added("gate", "bare"))
        for name in well_known(site)
    ]


def _asgi(gate: Gate) -> dict[str, Any]:
    return {
        "bare": site,
        "forward": Forward(site),
        "minimal": MinimalFilter(site, gate),
        "gate": gated(site, gate),
        "by hand": Handwritten(site, gate),
    }


def _wsgi(gate: Gate) -> dict[str, Any]:
    return {
        "bare": wsgisubjects.site,
        "forward": wsgisubjects.forward(wsgisubjects.site),
        "minimal": wsgisubjects.minimal_filter(wsgisubjects.site, gate),
        "gate": WsgiGate(wsgisubjects.site, gate),
        "by hand": wsgisubjects.handwritten(wsgisubjects.site, gate),
    }


def _added(what: str, times: Any, name: str, count: int) -> Row:
    spread = Spread.of(times, lambda one: (one[name] - one[f"bare {count}"]) / 1000)
    return Row(what, spread, unit="µs added")
