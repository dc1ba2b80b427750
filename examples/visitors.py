"""Seven visitors of an example shop, and the cookies that each of them receives over HTTP."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass

import samples
import storefront
from cookiegate import Gate, Reason

PAGES = ("/", "/goods/notebook", "/checkout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A visitor of the shop, and the headers that their browser sends."""

    id: str
    title: tuple[str, str]  # a narrow heading of two lines
    about: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to one cookie that the shop sets."""

    arrived: bool
    reason: Reason
    as_judged: bool  # the gate's verdict agrees with the response


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """What one visitor received: an outcome for each cookie, and unexpected names."""

    outcomes: Mapping[str, Outcome]
    surplus: tuple[str, ...]


def visitors(gate: Gate, now: float) -> list[Visitor]:
    """Return the seven visitors, each with their consent cookie."""

    def consent(gate: Gate, *granted: str, days_ago: int = 0) -> dict[str, str]:
        issued = gate.issue(granted, now=now - days_ago * samples.DAY)
        return {"Cookie": issued.partition(";")[0]}

    days = storefront.REGISTRY.site.consent_days
    everything = storefront.REGISTRY.offered
    stranger = Gate(storefront.REGISTRY, secret_key="not the key of this shop", secure=False)
    return [
        Visitor(
            id="no_consent",
            title=("no", "consent"),
            about="comes for the first time: no consent cookie",
            headers={},
        ),
        Visitor(
            id="analysis",
            title=("analysis", "only"),
            about="has allowed analysis and nothing else",
            headers=consent(gate, "analysis"),
        ),
        Visitor(
            id="all",
            title=("", "all"),
            about="has allowed everything",
            headers=consent(gate, *everything),
        ),
        Visitor(
            id="all_dnt",
            title=("all,", "DNT"),
            about="has allowed everything; the browser sends Do Not Track",
            headers={**consent(gate, *everything), "DNT": "1"},
        ),
        Visitor(
            id="all_gpc",
            title=("all,", "GPC"),
            about="has allowed everything; the browser sends Global Privacy Control",
            headers={**consent(gate, *everything), "Sec-GPC": "1"},
        ),
        Visitor(
            id="expired",
            title=("", "expired"),
            about=f"allowed everything {days + 1} days ago; a choice holds for {days}",
            headers=consent(gate, *everything, days_ago=days + 1),
        ),
        Visitor(
            id="forged",
            title=("", "forged"),
            about="shows a consent to everything, signed with another key",
            headers=consent(stranger, *everything),
        ),
    ]


def fetch(address: tuple[str, int], path: str, headers: Mapping[str, str]) -> list[str]:
    """Open one page as this visitor. Return the Set-Cookie values that arrived."""
    connection = http.client.HTTPConnection(*address, timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise RuntimeError(f"GET {path} answered {response.status}")
    return response.headers.get_all("Set-Cookie") or []


def tour(address: tuple[str, int], gate: Gate, visitor: Visitor) -> Haul:
    """Open the pages as this visitor. Compare the expected cookies with those that arrived."""
    consent = gate.read([(k.lower().encode(), v.encode()) for k, v in visitor.headers.items()])
    outcomes: dict[str, Outcome] = {}
    surplus: list[str] = []
    for path in PAGES:
        arrived = fetch(address, path, visitor.headers)
        for header in samples.headers_for(path):
            verdict = gate.judge(header.encode(), consent, host=address[0])
            here = header in arrived
            outcomes[header.partition("=")[0]] = Outcome(
                arrived=here,
                reason=verdict.reason,
                as_judged=here == (verdict.action == "keep"),
            )
        surplus += [
            header.partition("=")[0]
            for header in arrived
            if header not in samples.headers_for(path)
        ]
    return Haul(outcomes=outcomes, surplus=tuple(surplus))


def tours(address: tuple[str, int], gate: Gate) -> list[tuple[Visitor, Haul]]:
    """Send all seven visitors through the shop."""
    return [(one, tour(address, gate, one)) for one in visitors(gate, time.time())]
