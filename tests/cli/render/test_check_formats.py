"""The output of `--format sarif` is valid SARIF 2.1.0."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.advice.texts import GOOD
from tests.cli.runs import call

ROOT = Path(__file__).parents[3]

# From the OASIS standard: sections 3.13, 3.14, 3.19, 3.27, 3.28.6, 3.30, 3.35, 3.49.
MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
COUNT = {"type": "integer", "minimum": 1}
REGION = {
    "type": "object",
    "required": ["startLine"],
    "properties": {"startLine": COUNT, "startColumn": COUNT, "endColumn": COUNT},
    "additionalProperties": False,
}
PLACE = {
    "type": "object",
    "required": ["artifactLocation"],
    "properties": {
        "artifactLocation": {
            "type": "object",
            "properties": {"uri": {"type": "string", "pattern": "^[A-Za-z0-9:/._~%-]+$"}},
            "additionalProperties": False,
        },
        "region": REGION,
    },
    "additionalProperties": False,
}
SUPPRESSION = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"enum": ["inSource", "external"]},
        "status": {"enum": ["accepted", "underReview", "rejected"]},
        "justification": {"type": "string"},
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": MESSAGE,
        "locations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"physicalLocation": PLACE},
                "additionalProperties": False,
            },
        },
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "suppressions": {"type": "array", "items": SUPPRESSION, "uniqueItems": True},
    },
    "additionalProperties": False,
}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "shortDescription": MESSAGE, "help": MESSAGE},
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "version": {"type": "string"},
        "rules": {"type": "array", "items": RULE, "uniqueItems": True},
    },
    "additionalProperties": False,
}
RUN = {
    "type": "object",
    "required": ["tool"],
    "properties": {
        "tool": {
            "type": "object",
            "required": ["driver"],
            "properties": {"driver": DRIVER},
            "additionalProperties": False,
        },
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
    "additionalProperties": False,
}
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize("text", [None, GOOD, "[site]\nname = x\n", "", "[site]\nname = 1\n"])
def test_sarif_follows_the_standard(text: str | None, tmp_path: Path) -> None:
    file = ROOT / "registry" / "billogram.toml"
    if text is not None:
        file = tmp_path / "a b.toml"
        file.write_text(text)
    log = json.loads(call("check", str(file), "--format", "sarif").stdout)
    assert list(Draft202012Validator(LOG).iter_errors(log)) == []
    results = log["runs"][0]["results"]
    assert bool(results) == (text != GOOD)
    for result in results:
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region.get("endColumn", 2) >= region.get("startColumn", 1)
