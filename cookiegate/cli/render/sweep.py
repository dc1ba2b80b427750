"""`cookiegate explain --sweep`: what would be expired where."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from cookiegate.cli.console import Row, print_rows
from cookiegate.cli.escape import shown
from cookiegate.cli.options import write_json
from cookiegate.consent.model import Consent
from cookiegate.explain import Sweepable, explain_sweep
from cookiegate.gate import Gate
from cookiegate.http.urls import url_path

__all__ = ["print_sweep"]

_RULES = {
    "off": 'nothing is swept: [policy] sweep is "off"',
    "report": 'nothing is expired, only reported: [policy] sweep is "report"',
    "on": "once a choice or a signal speaks against them",
    "always": "also of visitors who have made no choice",
}


def print_sweep(
    gate: Gate,
    consent: Consent,
    *,
    host: str | None,
    path: str,
    name: str | None,
    as_json: bool,
) -> None:
    """Print what a sweep expires of a visitor with this consent."""
    # As it is written in an address, or as it is read there.
    raw = url_path(unquote(path))
    found = explain_sweep(gate, consent, host=host, path=raw, name=name)
    if as_json:
        write_json({"rule": gate.registry.policy.sweep, "swept": [_facts(one) for one in found]})
    else:
        print_rows(_rows(gate, found))


def _facts(one: Sweepable) -> dict[str, object]:
    return {
        "cookie": one.written,
        "category": one.entry.category,
        "reason": one.reason,
        "places": [
            {"domain": domain, "path": path, "partitioned": partitioned}
            for domain, path, partitioned in one.places
        ],
    }


def _rows(gate: Gate, found: list[Sweepable]) -> Iterator[Row]:
    rule = gate.registry.policy.sweep
    if gate.snapshot.changes_responses:
        yield "sweep", _RULES[rule], "bold"
    else:
        yield "sweep", "nothing is expired: the site only reports", "bold"
    if not found:
        yield "", "This visitor allows all of them, or nothing of them is registered.", ""
    for one in found:
        yield "", "", ""
        yield "name", shown(one.written), "bold"
        yield "category", f"{one.entry.category}: {one.reason.text}", ""
        for number, (domain, path, partitioned) in enumerate(one.places):
            where = "this host" if domain is None else domain
            partition = ", in its partition" if partitioned else ""
            yield "" if number else "looked for", f"{where}, path {path}{partition}", ""
