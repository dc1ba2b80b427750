"""Return findings for machines: JSON, SARIF, and the formats of GitHub and GitLab."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

import cookiegate
from cookiegate.advice import Coverage
from cookiegate.cli.check_run import DOCS, RULES, CheckedFile, CheckFinding

__all__ = ["as_github", "as_gitlab", "as_json", "as_sarif"]

_JSON_KEYS: Final = ("kind", "code", "line", "what", "hint", "accepted")
_RULE_NUMBERS: Final = {code: number for number, code in enumerate(RULES)}
# SARIF and GitHub use the same words.
_LEVELS: Final = {"problem": "error", "demand": "error", "advice": "warning"}
_GITLAB_LEVELS: Final = {"problem": "critical", "demand": "major", "advice": "minor"}


def as_json(checked: Sequence[CheckedFile], *, holds: bool) -> dict[str, Any]:
    """Return one object per file. Accepted advice is included with its reason."""
    return {"files": [_file(one, holds=holds) for one in checked]}


def _file(checked: CheckedFile, *, holds: bool) -> dict[str, Any]:
    entries = () if checked.registry is None else checked.registry.entries
    found: dict[str, Any] = {
        "file": checked.file,
        "entries": len(entries),
        "findings": [
            {name: getattr(finding, name) for name in _JSON_KEYS} for finding in checked.findings
        ],
    }
    if holds and checked.registry is not None:
        coverage = Coverage(checked.registry)
        found["holds"] = [
            {"names": one.names, "category": one.category, "held_by": coverage.mechanisms(one)}
            for one in entries
        ]
    return found


def as_sarif(checked: Sequence[CheckedFile]) -> dict[str, Any]:
    """Return SARIF 2.1.0 (OASIS). Accepted advice is a suppressed result."""
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


def _results(checked: CheckedFile) -> Iterator[dict[str, Any]]:
    uri = _uri(checked.file)
    for finding, fingerprint in _fingerprinted(checked):
        yield _result(finding, uri, fingerprint)


def _result(finding: CheckFinding, uri: str, fingerprint: str) -> dict[str, Any]:
    region = {"startLine": max(1, finding.line)}
    if finding.length:
        region |= {"startColumn": finding.column, "endColumn": finding.column + finding.length}
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": _RULE_NUMBERS[finding.code],
        "level": _LEVELS[finding.kind],
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


def as_github(checked: Sequence[CheckedFile]) -> Iterator[str]:
    """Yield workflow commands of GitHub Actions, without accepted advice."""
    for one in checked:
        for finding in one.findings:
            if finding.counts:
                properties = f"file={_escape_property(one.file)},line={max(1, finding.line)}"
                message = _escape_data(f"{finding.what}; {finding.hint}")
                level = _LEVELS[finding.kind]
                yield f"::{level} {properties},title={finding.code}::{message}"


def as_gitlab(checked: Sequence[CheckedFile]) -> list[dict[str, Any]]:
    """Return GitLab's Code Quality report, without accepted advice."""
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


def _fingerprinted(checked: CheckedFile) -> Iterator[tuple[CheckFinding, str]]:
    seen: Counter[str] = Counter()
    for finding in checked.findings:
        # Without the line number, so that a moved entry keeps its fingerprint.
        text = "\n".join((checked.file, finding.code, finding.what))
        seen[text] += 1
        if seen[text] > 1:
            text += f"\n{seen[text]}"
        yield finding, hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
