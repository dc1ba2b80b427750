"""Scripts that run only if their category is allowed, and Google's consent mode."""

import json
import re
from typing import Any

import pytest
from flask import Flask, render_template_string
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cookiegate import Gate, Registry, Visit
from cookiegate.flask import CookieGate
from cookiegate.starlette import consent_mode_script, gated_script, google_tag, install
from cookiegate.tags import consent_mode_script as mode_of
from cookiegate.tags import consent_signals
from cookiegate.tags import gated_script as script_of
from cookiegate.tags import google_tag as tag_of
from tests.registries import KEY, gate_for, shop

MODE = """[site]
name = "S"
languages = ["en"]
[policy]
{policy}
[categories.must]
required = true
consent_mode = ["security_storage"]
[categories.analysis]
consent_mode = ["analytics_storage", "shared"]
[categories.marketing]
consent_mode = ["ad_storage", "ad_user_data", "ad_personalization", "shared"]
"""


def visit(*granted: str, gate: Gate | None = None, **headers: str) -> Visit:
    gate = gate or gate_for()
    found = gate.visit([(name.encode(), value.encode()) for name, value in headers.items()])
    if granted:
        found.choose(granted)
    return found


def moded(policy: str = "") -> Gate:
    return Gate(Registry.parse(MODE.format(policy=policy)), KEY)


def test_a_script_is_held_until_its_category_is_allowed() -> None:
    held = script_of(visit(), "analysis", src="/a.js?a=1&b=2", nonce="n", async_=True)
    assert held == (
        '<script type="text/plain" data-cookiegate="analysis" src="/a.js?a=1&amp;b=2" nonce="n"'
        " async></script>"
    )
    live = script_of(visit("analysis"), "analysis", src="/a.js", data_id="7", defer=False)
    assert live == '<script src="/a.js" data-id="7"></script>'
    assert script_of(visit(), "essential", src="/a.js") == '<script src="/a.js"></script>'


def test_a_script_may_be_left_out_instead() -> None:
    assert script_of(visit(), "analysis", src="/a.js", held=False) == ""
    assert script_of(visit("analysis"), "analysis", src="/a.js", held=False) != ""


def test_a_held_module_stays_a_module() -> None:
    held = script_of(visit(), "analysis", src="/a.js", type="module")
    assert 'type="text/plain"' in held
    assert 'data-type="module"' in held
    assert script_of(visit("analysis"), "analysis", src="/a.js", type="module") == (
        '<script src="/a.js" type="module"></script>'
    )


def test_the_text_of_a_script_cannot_end_it() -> None:
    text = 'x = "</script><!--<script>";'
    assert script_of(visit("analysis"), "analysis", text=text) == (
        '<script>x = "<\\/script><\\!--<script>";</script>'
    )


def test_a_cacheable_script_is_the_same_for_every_visitor() -> None:
    seen = visit()
    held = script_of(seen, "analysis", src="/a.js", cacheable=True)
    assert held == script_of(visit("analysis"), "analysis", src="/a.js", cacheable=True)
    assert "text/plain" in held
    assert seen.respond([]) == []


def test_a_site_that_only_reports_runs_its_scripts() -> None:
    assert "text/plain" not in script_of(
        visit(gate=gate_for(mode="report")), "analysis", src="/a.js"
    )
    one = gate_for(shop("", 'mode = "report"'))
    assert "text/plain" not in script_of(visit(gate=one), "analysis", src="/a.js")
    assert "text/plain" in script_of(visit(gate=one), "marketing", src="/a.js")


@pytest.mark.parametrize("cacheable", [False, True])
def test_an_unknown_category_is_an_error(cacheable: bool) -> None:
    with pytest.raises(ValueError, match="analysis"):
        script_of(visit(), "analytics", src="/a.js", cacheable=cacheable)


@pytest.mark.parametrize("given", [{}, {"src": "/a.js", "text": "x"}])
def test_a_script_has_an_address_or_a_text(given: Any) -> None:
    with pytest.raises(ValueError, match="src, or its text"):
        script_of(visit(), "analysis", **given)


def test_a_name_of_several_categories_is_granted_when_all_are() -> None:
    assert consent_signals(visit(gate=moded())) == {
        "security_storage": True,
        "analytics_storage": False,
        "shared": False,
        "ad_storage": False,
        "ad_user_data": False,
        "ad_personalization": False,
    }
    half = consent_signals(visit("analysis", gate=moded()))
    assert (half["analytics_storage"], half["shared"]) == (True, False)
    assert all(consent_signals(visit("analysis", "marketing", gate=moded())).values())
    assert all(consent_signals(visit(gate=moded('mode = "report"'))).values())


def test_consent_mode_sets_the_state_and_loads_nothing() -> None:
    text = mode_of(visit("analysis", gate=moded()), nonce="n")
    assert text.startswith('<script nonce="n">')
    assert "src" not in text
    (state,) = re.findall(r'gtag\("consent","default",(\{[^}]*\})\)', text)
    assert json.loads(state)["analytics_storage"] == "granted"
    assert json.loads(state)["ad_storage"] == "denied"
    (needs,) = re.findall(r"var needs=(\{[^}]*\})", text)
    assert json.loads(needs)["shared"] == ["analysis", "marketing"]


def test_consent_mode_follows_no_choice_about_what_is_only_reported() -> None:
    text = mode_of(visit(gate=moded('mode = "report"')))
    (needs,) = re.findall(r"var needs=(\{[^}]*\})", text)
    assert set(map(tuple, json.loads(needs).values())) == {()}


def test_without_a_visit_nothing_runs_and_all_of_googles_names_are_denied() -> None:
    text = mode_of(None, nonce="n")
    (state,) = re.findall(r'gtag\("consent","default",(\{[^}]*\})\)', text)
    assert len(json.loads(state)) == 7
    assert set(json.loads(state).values()) == {"denied"}
    assert script_of(None, "analysis", src="/a.js") == ""
    assert tag_of(None, "G-1", category="analysis") == ""
    with pytest.raises(ValueError, match="src, or its text"):
        script_of(None, "analysis")


def test_no_google_tag_is_loaded_before_its_category_is_allowed() -> None:
    denied = tag_of(visit(gate=moded()), "G-1</script>", category="analysis", nonce="n")
    assert re.findall(r'<script[^>]*src="https:[^>]*>', denied) == [
        '<script type="text/plain" data-cookiegate="analysis" src="https://www.googletagmanager.com'
        '/gtag/js?id=G-1&lt;/script&gt;" nonce="n" async>'
    ]
    assert denied.count("</script>") == 3
    granted = tag_of(visit("analysis", gate=moded()), "G-1", category="analysis")
    assert '<script src="https://www.googletagmanager.com/gtag/js?id=G-1" async>' in granted
    assert granted.index('"consent","default"') < granted.index('"config"')


def test_with_a_reason_in_the_registry_the_tag_is_loaded_at_once_with_everything_denied() -> None:
    gate = moded('advanced_consent_mode = "Counsel said so."')
    text = tag_of(visit(gate=gate), "G-1", category="analysis", nonce="n")
    assert "text/plain" not in text
    assert ' async src="https://www.googletagmanager.com/gtag/js?id=G-1" nonce="n">' in text
    assert '"analytics_storage":"denied"' in text
    with pytest.raises(ValueError, match="analysis"):
        tag_of(visit(gate=gate), "G-1", category="analytics")


TEMPLATE = (
    "{{ gated_script(%s'analysis', src='/a.js') }}{{ consent_mode_script(%s) }}"
    "{{ google_tag(%s'G-1', category='analysis') }}"
)


def test_flask_templates_have_the_tags() -> None:
    app = Flask(__name__)
    CookieGate(app, moded())

    @app.get("/")
    def page() -> str:
        return render_template_string(TEMPLATE.replace("%s", ""))

    text = app.test_client().get("/").text
    assert text.startswith('<script type="text/plain" data-cookiegate="analysis" src="/a.js">')
    assert text.count('"consent","default"') == 2


def test_starlette_has_the_tags() -> None:
    def page(request: Request) -> HTMLResponse:
        return HTMLResponse(
            gated_script(request, "analysis", src="/a.js")
            + consent_mode_script(request)
            + google_tag(request, "G-1", category="analysis")
        )

    app = Starlette(routes=[Route("/", page)])
    install(app, moded())
    text = TestClient(app).get("/").text
    assert text.startswith('<script type="text/plain" data-cookiegate="analysis" src="/a.js">')
    assert text.count('"consent","default"') == 2
