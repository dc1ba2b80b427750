"""What is counted: requests of several visitors to several subjects, under ASGI and WSGI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from benchmarks import wsgisubjects
from benchmarks.rounds import Subject
from benchmarks.subjects import (
    KEY,
    Forward,
    Handwritten,
    MinimalFilter,
    Requests,
    Visitor,
    gated,
    registry,
    site,
)
from benchmarks.wsgisubjects import WsgiRequests
from cookiegate import Gate
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate

__all__ = ["CASES", "COUNTS", "KINDS", "REFERENCES", "SCALE", "WATCHED", "Case", "name_of"]

COUNTS = (0, 1, 5, 20)
Case = Callable[[], Subject]
App = Callable[[], Any]

SCRIPT = partial(Visitor, destination="empty")
PAGE = partial(Visitor, destination="document")
#: Subjects without the gate. They say how many instructions an interpreter takes for what any
#: middleware does.
REFERENCES = ("bare", "forward", "minimal")


def name_of(protocol: str, request: str, cookies: int, subject: str = "gate") -> str:
    """Return the name of a case, which the committed figures have."""
    return f"{protocol}, {request}, {cookies} Set-Cookie: {subject}"


def _kind(name: str) -> tuple[str, str]:
    where, _, subject = name.partition(": ")
    return where.partition(", ")[2].rpartition(", ")[0], subject


class _Requests(Protocol):
    def __call__(
        self, app: Any, visitor: Visitor, cookies: int, *, new_names: bool = False
    ) -> Subject: ...


def _cases() -> dict[str, Case]:
    made: dict[str, Case] = {}
    protocols: tuple[tuple[str, _Requests, Mapping[str, App], Callable[..., Any]], ...] = (
        ("ASGI", Requests, _asgi(), _asgi_gate),
        ("WSGI", WsgiRequests, _wsgi(), _wsgi_gate),
    )
    for protocol, requests, others, gate in protocols:

        def case(
            app: App,
            visitor: Callable[[], Visitor],
            cookies: int,
            *,
            new_names: bool = False,
            # The loop's variable changes.
            requests: _Requests = requests,
        ) -> Subject:
            return requests(app(), visitor(), cookies, new_names=new_names)

        listening = partial(gate, on_verdict=_ignore)
        reporting = partial(gate, on_verdict=_ignore, mode="report")
        for count in COUNTS:
            for subject, app in others.items():
                if subject in REFERENCES or count == 20:
                    name = name_of(protocol, "script's request", count, subject)
                    made[name] = partial(case, app, SCRIPT, count)
            for request, app, visitor in (
                ("script's request", gate, SCRIPT),
                ("page load", gate, PAGE),
                ("first sight", gate, partial(PAGE, kind="first sight")),
                ("no cookie sent", gate, partial(PAGE, kind="no cookie")),
                ("script's request, a listener", listening, SCRIPT),
                ("script's request, report mode and a listener", reporting, SCRIPT),
            ):
                made[name_of(protocol, request, count)] = partial(case, app, visitor, count)
        for count in (0, 5):
            for request, visitor in (
                ("script's request, 30 cookies sent", partial(SCRIPT, cookies=30)),
                ("page load, 30 cookies sent", partial(PAGE, cookies=30)),
            ):
                made[name_of(protocol, request, count)] = partial(case, gate, visitor, count)
        made[name_of(protocol, "script's request, new names", 5)] = partial(
            case, gate, SCRIPT, 5, new_names=True
        )
    return made


def _ignore(verdict: object) -> None:
    pass


def _asgi_gate(**options: Any) -> Any:
    return gated(site, Gate(registry(), KEY, **options))


def _wsgi_gate(**options: Any) -> Any:
    return WsgiGate(wsgisubjects.site, Gate(registry(), KEY, **options))


def _asgi() -> dict[str, App]:
    return {
        "bare": lambda: site,
        "forward": lambda: Forward(site),
        "minimal": lambda: MinimalFilter(site, Gate(registry(), KEY)),
        "by hand": lambda: Handwritten(site, Gate(registry(), KEY)),
    }


def _wsgi() -> dict[str, App]:
    bare = wsgisubjects.site
    return {
        "bare": lambda: bare,
        "forward": lambda: wsgisubjects.forward(bare),
        "minimal": lambda: wsgisubjects.minimal_filter(bare, Gate(registry(), KEY)),
        "by hand": lambda: wsgisubjects.handwritten(bare, Gate(registry(), KEY)),
    }


#: All cases by name.
CASES: Mapping[str, Case] = _cases()
#: The requests and subjects of the cases, in order.
KINDS = tuple(dict.fromkeys(_kind(name) for name in CASES))
#: Cases without the gate, which compare one interpreter with another.
SCALE = tuple(
    name_of(protocol, "script's request", count, subject)
    for protocol in ("ASGI", "WSGI")
    for count in (0, 5)
    for subject in REFERENCES
)
#: Cases that the tests compare with the committed figures: the goals, and one of each other kind.
WATCHED = (
    *(name_of("ASGI", "script's request", count) for count in COUNTS),
    *(name_of("ASGI", "page load", count) for count in (0, 5)),
    name_of("ASGI", "page load, 30 cookies sent", 0),
    name_of("ASGI", "first sight", 0),
    name_of("ASGI", "no cookie sent", 0),
    name_of("ASGI", "script's request, a listener", 5),
    name_of("ASGI", "script's request, report mode and a listener", 5),
    name_of("ASGI", "script's request, new names", 5),
    *(name_of("WSGI", "script's request", count) for count in COUNTS),
    name_of("WSGI", "page load", 5),
    name_of("WSGI", "first sight", 0),
    name_of("WSGI", "script's request, a listener", 5),
)
