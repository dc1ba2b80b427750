"""Storage keys: the script removes those that are not allowed and keeps the others."""

import html
import json
import re

import pytest

from cookiegate import Registry
from cookiegate.pages.web_storage import refused_storage
from tests.pages.support import JSON, TEXT, Browse

KEYS = """
[[cookies]]
name = ["theme", "a.b[c]-[0-9]+?*"]
category = "analysis"
kind = "local_storage"
[[cookies]]
name = "*_id"
category = "marketing"
kind = "session_storage"
[[cookies]]
name = "basket_id"
category = "essential"
kind = "session_storage"
"""


def test_storage_keys_are_removed_after_a_refusal_or_under_a_signal(browse: Browse) -> None:
    browser = browse(registry=Registry.parse(TEXT.format(site="", policy="") + KEYS))
    assert json.loads(browser.get("/cookies/api").text)["refused"] == []
    assert "data-refused" not in browser.get("/page").text
    refused = [
        {
            "area": "localStorage",
            "refused": r"^(?:thing|theme|a\.b\[c\]\-[0-9]+..*)$",
            "kept": "^(?!)",
        },
        {"area": "sessionStorage", "refused": "^(?:.*_id)$", "kept": "^(?:basket_id)$"},
    ]
    gpc = (b"sec-gpc", b"1")
    assert json.loads(browser.get("/cookies/api", gpc).text)["refused"] == refused
    response = browser.send("PUT", "/cookies/api", b'{"granted": []}', [JSON])
    assert json.loads(response.text)["refused"] == refused
    (said,) = re.findall(r'data-refused="([^"]*)"', browser.get("/page").text)
    assert json.loads(html.unescape(said)) == refused
    assert "data-refused" not in browser.get("/cached").text
    response = browser.send("PUT", "/cookies/api", b'{"granted": ["analysis"]}', [JSON])
    left = json.loads(response.text)["refused"]
    assert left[0]["refused"] == "^(?:thing)$"
    assert left[0]["kept"] == r"^(?:theme|a\.b\[c\]\-[0-9]+..*)$"


@pytest.mark.parametrize(
    ("policy", "count"),
    [
        ('sweep = "off"', 0),
        ('sweep = "report"', 0),
        ('sweep = "always"', 2),
        ("", 0),
        ('mode = "report"\nsweep = "always"', 0),
    ],
)
def test_storage_follows_the_rule_of_the_sweep(browse: Browse, policy: str, count: int) -> None:
    browser = browse(registry=Registry.parse(TEXT.format(site="", policy=policy) + KEYS))
    assert len(refused_storage(browser.gate.visit([]))) == count
