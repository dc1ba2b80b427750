"""Print what `cookiegate explain --sweep` found: which cookies are deleted, and where."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from cookiegate.cli.console import TableRow, print_rows
from cookiegate.cli.options import write_json
from cookiegate.consent.model import Consent
from cookiegate.enforcement.verdict import Reason
from cookiegate.explain import Sweepable, explain_sweep
from cookiegate.gate import Gate
from cookiegate.http.urls import url_path

__all__ = ["print_sweep"]

_RULES = {
    "off": 'nothing is deleted: [policy] sweep is "off"',
    "report": 'nothing is deleted, only reported: [policy] sweep is "report"',
    "on": "deleted after a refusal or under a signal",
    "always": "deleted, also for visitors who have made no choice",
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
    """Print which cookies a sweep deletes for a visitor with this consent."""
    # The path may be percent-encoded or not.
    raw = url_path(unquote(path))
    found = explain_sweep(gate, consent, host=host, path=raw, name=name)
    if as_json:
        write_json({"rule": gate.registry.policy.sweep, "swept": [_to_json(one) for one in found]})
    else:
        print_rows(_rows(gate, found))


def _to_json(one: Sweepable) -> dict[str, object]:
    return {
        "cookie": one.written,
        "category": one.entry.category,
        "reason": one.reason,
        "places": [
            {"domain": domain, "path": path, "partitioned": partitioned}
            for domain, path, partitioned in one.targets
        ],
    }


def _rows(gate: Gate, found: list[Sweepable]) -> Iterator[TableRow]:
    rule = gate.registry.policy.sweep
    if gate.pipeline.changes_responses:
        yield "sweep", _RULES[rule], "bold"
    else:
        yield "sweep", "nothing is deleted: the site only reports", "bold"
    if not found:
        yield "", "This visitor allows them all, or none of them is in the registry.", ""
    for one in found:
        yield "", "", ""
        yield "name", one.written, "bold"
        yield "category", f"{one.entry.category}: {one.reason.text}", ""
        if not one.targets:
            yield "deleted at", f"nowhere: {Reason.NOT_DELETABLE.text}", ""
        for number, (domain, path, partitioned) in enumerate(one.targets):
            where = "this host" if domain is None else domain
            partition = ", in its partition" if partitioned else ""
            yield "" if number else "deleted at", f"{where}, path {path}{partition}", ""
