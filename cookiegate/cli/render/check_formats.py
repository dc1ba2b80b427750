"""For machines: JSON, SARIF, and what code hosts show beside the lines of a change."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

import cookiegate
from cookiegate.advice import Holders
from cookiegate.cli.check_run import DOCS, RULES, Checked, Finding

from .highlight import mark

__all__ = ["as_github", "as_gitlab", "as_json", "as_sarif"]

_RULE_NUMBERS: Final = {code: number for number, code in enumerate(RULES)}
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
    if holds and checked.registry is not None:
        holders = Holders(checked.registry)
        found["holds"] = [
            {"names": one.names, "category": one.category, "held_by": holders.of(one)}
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
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [result for one in checked for result in _results(one)],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _results(checked: Checked) -> Iterator[dict[str, Any]]:
    lines = checked.text.split("\n")
    uri = _uri(checked.file)
    for finding, fingerprint in _fingerprinted(checked):
        yield _result(finding, uri, lines, fingerprint)


def _result(finding: Finding, uri: str, lines: list[str], fingerprint: str) -> dict[str, Any]:
    region = {"startLine": max(1, finding.line)}
    if 0 < finding.line <= len(lines):
        start, end = mark(lines[finding.line - 1], finding.what)
        region |= {"startColumn": start + 1, "endColumn": end + 1}
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": _RULE_NUMBERS[finding.code],
        "level": _SARIF_LEVELS[finding.kind],
        "message": {"text": f"{finding.what}; {finding.hint}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "partialFingerprints": {"cookiegate/v1": fingerprint},
    }
    if finding.accepted is not None:
        result["suppressions"] = [
            {"kind": "inSource", "status": "accepted", "justification": finding.accepted}
        ]
    return result


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def as_github(checked: Sequence[Checked]) -> Iterator[str]:
    """Workflow commands of GitHub Actions; what is accepted is left out."""
    for one in checked:
        for finding in one.findings:
            if finding.counts:
                properties = f"file={_property(one.file)},line={max(1, finding.line)}"
                message = _data(f"{finding.what}; {finding.hint}")
                level = _GITHUB_LEVELS[finding.kind]
                yield f"::{level} {properties},title={finding.code}::{message}"


def as_gitlab(checked: Sequence[Checked]) -> list[dict[str, Any]]:
    """GitLab's Code Quality report; what is accepted is left out."""
    return [
        {
            "description": f"{finding.what}; {finding.hint}",
            "check_name": finding.code,
            "fingerprint": fingerprint,
            "severity": _GITLAB_LEVELS[finding.kind],
            "location": {"path": one.file, "lines": {"begin": max(1, finding.line)}},
        }
        for one in checked
        for finding, fingerprint in _fingerprinted(one)
        if finding.counts
    ]


def _fingerprinted(checked: Checked) -> Iterator[tuple[Finding, str]]:
    seen: Counter[str] = Counter()
    for finding in checked.findings:
        # Without the line: an entry that moves is the same. Entries of one name are told apart.
        text = "\n".join((checked.file, finding.code, finding.what))
        seen[text] += 1
        if seen[text] > 1:
            text += f"\n{seen[text]}"
        yield finding, hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
