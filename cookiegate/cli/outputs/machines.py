"""For machines: JSON, SARIF, and what code hosts show beside the lines of a change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import cookiegate
from cookiegate.advice import holder_of
from cookiegate.cli.findings import DOCS, RULES, Checked, Finding

__all__ = ["as_github", "as_gitlab", "as_json", "as_sarif"]

_SARIF_LEVELS: Final = {"problem": "error", "demand": "error", "advice": "warning"}
_GITHUB_LEVELS: Final = {"problem": "error", "demand": "error", "advice": "warning"}
_GITLAB_LEVELS: Final = {"problem": "critical", "demand": "major", "advice": "minor"}


def as_json(checked: Sequence[Checked], *, holds: bool) -> dict[str, Any]:
    """One object for each file; accepted advice is among the findings, with its reason."""
    return {"files": [_file(one, holds=holds) for one in checked]}


def _file(checked: Checked, *, holds: bool) -> dict[str, Any]:
    entries = () if checked.registry is None else checked.registry.entries
    found: dict[str, Any] = {
        "file": checked.file,
        "entries": len(entries),
        "findings": [finding._asdict() for finding in checked.findings],
    }
    if holds:
        found["holds"] = [
            {"names": one.names, "category": one.category, "held_by": holder_of(one)}
            for one in entries
        ]
    return found


def as_sarif(checked: Sequence[Checked]) -> dict[str, Any]:
    """SARIF 2.1.0 (OASIS): accepted advice is a suppressed result."""
    driver = {
        "name": "cookiegate",
        "version": cookiegate.__version__,
        "rules": [
            {
                "id": code,
                "shortDescription": {"text": text},
                "help": {"text": f"See {DOCS}#{code} in Cookiegate's documentation."},
            }
            for code, text in RULES.items()
        ],
    }
    results = [_result(one, finding) for one in checked for finding in one.findings]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _result(checked: Checked, finding: Finding) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _SARIF_LEVELS[finding.kind],
        "message": {"text": f"{finding.what}; {finding.hint}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": checked.file},
                    "region": {"startLine": max(1, finding.line)},
                }
            }
        ],
    }
    if finding.accepted is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.accepted}]
    return result


def as_github(checked: Sequence[Checked]) -> Iterator[str]:
    """Workflow commands of GitHub Actions; what is accepted is left out."""
    for one, finding in _counting(checked):
        properties = f"file={_property(one.file)},line={max(1, finding.line)}"
        message = _data(f"{finding.what}; {finding.hint}")
        yield f"::{_GITHUB_LEVELS[finding.kind]} {properties},title={finding.code}::{message}"


def as_gitlab(checked: Sequence[Checked]) -> list[dict[str, Any]]:
    """GitLab's Code Quality report; what is accepted is left out."""
    return [
        {
            "description": f"{finding.what}; {finding.hint}",
            "check_name": finding.code,
            "fingerprint": _fingerprint(one, finding),
            "severity": _GITLAB_LEVELS[finding.kind],
            "location": {"path": one.file, "lines": {"begin": max(1, finding.line)}},
        }
        for one, finding in _counting(checked)
    ]


def _counting(checked: Sequence[Checked]) -> Iterator[tuple[Checked, Finding]]:
    for one in checked:
        for finding in one.findings:
            if finding.counts:
                yield one, finding


def _fingerprint(checked: Checked, finding: Finding) -> str:
    # Without the line: an entry that moves is the same.
    text = "\n".join((checked.file, finding.code, finding.what))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
