"""Measure the goals, and compare all subjects on the same responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import wsgisubjects
from benchmarks.figures import Row, added, at, row, slope
from benchmarks.peers import (
    InLoop,
    after_request,
    as_base_http,
    flask_site,
    well_known,
)
from benchmarks.rounds import Spread, Subject, measure
from benchmarks.subjects import (
    KEY,
    Destination,
    Forward,
    Handwritten,
    Kind,
    Loads,
    MinimalFilter,
    Reads,
    Requests,
    Visitor,
    gated,
    registry,
    site,
)
from benchmarks.wsgisubjects import WsgiRequests
from cookiegate import Gate
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate

__all__ = ["VISITORS", "by_visitor", "first_sight", "goals", "peers", "scale_of_others", "wsgi"]

COUNTS = (0, 1, 5, 20)
VISITORS: tuple[Kind, ...] = ("returning", "first sight", "no cookie", "forged cookie")


def goals(rounds: int) -> list[Row]:
    """Measure what the goals are about: one cookie, further cookies, page loads, reports."""
    gate = Gate(registry(), KEY)
    # Lifetimes and a listener each take the fast path away from some cookies.
    silent = Gate(registry("report"), KEY)
    listening = Gate(registry(), KEY, on_verdict=lambda verdict: None)
    reporting = Gate(registry("report"), KEY, on_verdict=lambda verdict: None)
    script, page = Visitor(destination="empty"), Visitor(destination="document")
    subjects: dict[str, Subject] = {}
    for count in (0, 1, 5, 20):
        subjects[f"gate {count}"] = Requests(gated(site, gate), script, count)
        subjects[f"forward {count}"] = Requests(Forward(site), script, count)
        subjects[f"minimal {count}"] = Requests(MinimalFilter(site, gate), script, count)
    for count in (5, 20):
        subjects[f"silent {count}"] = Requests(gated(site, silent), script, count)
        subjects[f"listening {count}"] = Requests(gated(site, listening), script, count)
        subjects[f"reporting {count}"] = Requests(gated(site, reporting), script, count)
    subjects["handwritten 20"] = Requests(Handwritten(site, gate), script, 20)
    subjects["forwarded page 0"] = Requests(Forward(site), page, 0)
    subjects["page 0"] = Requests(gated(site, gate), page, 0)
    unswept = Gate(registry(sweep="off"), KEY)
    subjects["unswept other 0"] = Requests(gated(site, unswept), script, 0)
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
            "no Set-Cookie / a forwarding wrapper",
            times,
            at("gate 0"),
            at("forward 0"),
        ),
        row(
            "a page load, no Set-Cookie / a forwarding wrapper",
            times,
            at("page 0"),
            at("forwarded page 0"),
        ),
        row(
            "each further Set-Cookie / that of the minimal filter",
            times,
            slope("gate"),
            slope("minimal"),
        ),
        row(
            "with lifetime = report, each further Set-Cookie / that of the minimal filter",
            times,
            slope("silent"),
            slope("minimal"),
            1.25,
        ),
        row(
            "with a listener, each further Set-Cookie / that of the minimal filter",
            times,
            slope("listening"),
            slope("minimal"),
        ),
        row(
            "with a listener and lifetimes, each further Set-Cookie / that of the minimal filter",
            times,
            slope("reporting"),
            slope("minimal"),
        ),
        Row(
            "the first Set-Cookie, minus that of the minimal filter",
            first,
            "µs",
        ),
        row(
            "20 Set-Cookie: added by hand / by the gate",
            times,
            added("gate 20", "forward 20"),
            added("handwritten 20", "forward 20"),
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
            "first sight of a consent / itsdangerous' loads",
            times,
            at("gate"),
            at("loads"),
        )
    ]


def by_visitor(rounds: int) -> list[Row]:
    """Measure what each subject adds to a bare ASGI application, by visitor and cookies."""
    return _side_by_side("ASGI", _asgi, Requests, rounds)


def wsgi(rounds: int) -> list[Row]:
    """Measure the same for the WSGI middleware."""
    return _side_by_side("WSGI", _wsgi, WsgiRequests, rounds)


def _side_by_side(
    protocol: str,
    apps_of: Callable[[Gate], dict[str, Any]],
    requests: Callable[[Any, Visitor, int], Subject],
    rounds: int,
) -> list[Row]:
    found = []
    for kind in VISITORS:
        visitor = Visitor(kind=kind)
        apps = apps_of(Gate(registry(), KEY))
        subjects = {
            f"{name} {count}": requests(app, visitor, count)
            for count in COUNTS
            for name, app in apps.items()
        }
        times = measure(subjects, rounds=rounds, number=100)
        found += [
            _added(
                f"{protocol}, {kind}, {count} Set-Cookie: {name}", times, f"{name} {count}", count
            )
            for count in COUNTS
            for name in apps
            if name != "bare"
        ]
    return found


def peers(rounds: int) -> list[Row]:
    """Compare hand-written middleware of frameworks with the gate, five Set-Cookie each."""
    gate = Gate(registry(), KEY)
    visitor = Visitor()
    plain = flask_site()
    subjects: dict[str, Subject] = {
        "loop bare": InLoop(site, visitor, 5),
        "loop gate": InLoop(gated(site, gate), visitor, 5),
        "loop base": InLoop(as_base_http(site, gate), visitor, 5),
        "flask bare": WsgiRequests(plain.wsgi_app, visitor, 5),
        "flask gate": WsgiRequests(WsgiGate(plain.wsgi_app, gate), visitor, 5),
        "flask after": WsgiRequests(after_request(flask_site(), gate).wsgi_app, visitor, 5),
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
    accepts = (("accept-encoding", "gzip"), ("origin", "https://example.com"))
    found = []
    wanted: dict[str, Destination] = {"script's request": "empty", "page load": "document"}
    for words, destination in wanted.items():
        visitor = Visitor(destination=destination, others=accepts)
        for count in (0, 1):
            apps = {"bare": site, "gate": gated(site, gate), **well_known(site)}
            subjects = {name: Requests(app, visitor, count) for name, app in apps.items()}
            times = measure(subjects, rounds=rounds, number=300)
            found += [
                row(
                    f"{words}, {count} Set-Cookie: added by the gate / by {name}",
                    times,
                    added("gate", "bare"),
                    added(name, "bare"),
                )
                for name in well_known(site)
            ]
    return found


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
