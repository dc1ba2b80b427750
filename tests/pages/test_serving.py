"""The API, static files, mounts, and both adapters."""

import asyncio
import json
import re
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware as AsgiGate
from cookiegate.pages import PageRequest, Pages
from cookiegate.pages.openapi import description
from cookiegate.wsgi import CookieGateMiddleware as WsgiGate
from tests.pages.support import (
    JSON,
    Browse,
    Browser,
    names,
    registry,
)
from tests.registries import KEY


def test_the_api_returns_the_state_and_takes_a_choice(browse: Browse) -> None:
    browser = browse()
    schema = {
        "$ref": "#/components/schemas/StateAnswer",
        "components": description()["components"],
    }
    for body, status in ((b"", "missing"), (b'{"granted": ["analysis"]}', "given")):
        method = "PUT" if body else "GET"
        response = browser.send(method, "/cookies/api?lang=sv", body, [JSON])
        state = json.loads(response.text)
        Draft202012Validator(schema).validate(state)
        assert (response.status, state["status"], state["language"]) == (200, status, "sv")
        assert response.one(b"cache-control") == "no-store"
    assert state["granted"] == ["analysis"]
    assert state["until"].startswith("2027-02-22")


def test_the_description_is_a_valid_openapi_document() -> None:
    document = description()
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_the_description_is_served(browse: Browse) -> None:
    response = browse().get("/cookies/openapi.json")
    assert json.loads(response.text) == description()


def test_static_files_are_cached_for_ever_under_names_with_a_hash(browse: Browse) -> None:
    browser = browse()
    page = browser.get("/cookies").text
    (style,) = re.findall(r'href="(/cookies/static/[^"]+\.css)"', page)
    response = browser.get(style)
    assert (response.status, response.one(b"content-type")) == (200, "text/css; charset=utf-8")
    assert "immutable" in response.one(b"cache-control")
    assert browser.get("/cookies/static/none.css").status == 404
    assert browser.get(style, method="HEAD").body == b""


def test_the_script_for_embeds_has_the_texts_of_the_pages_language(browse: Browse) -> None:
    browser = browse()
    page = browser.get("/page", (b"accept-language", b"sv")).text
    (name,) = re.findall(r'data-embeds="(embeds\.js\?lang=sv&amp;v=\w+)"', page)
    path = "/cookies/static/" + name.replace("&amp;", "&")
    response = browser.get(path, (b"accept-language", b"en"))
    assert response.status == 200
    assert response.one(b"content-type") == "text/javascript; charset=utf-8"
    assert "immutable" in response.one(b"cache-control")
    assert "TEXTS" not in response.text
    assert '"once":"Visa en gång"' in response.text
    assert '"analysis":"Analys"' in response.text
    (style,) = re.findall(r'"style":"([^"]+)"', response.text)
    assert browser.get(f"/cookies/static/{style}").status == 200
    # An older page names an earlier version; it gets this one, and asks again the next time.
    older = browser.get(path[:-1])
    assert (older.body, older.one(b"cache-control")) == (response.body, "no-store")


def test_the_module_and_its_types_have_names_that_a_site_can_import(browse: Browse) -> None:
    for name, kind in (
        ("cookiegate.mjs", "text/javascript"),
        ("cookiegate.d.ts", "text/plain"),
        ("cookiegate.d.mts", "text/plain"),
    ):
        response = browse().get(f"/cookies/static/{name}")
        assert (response.status, response.one(b"content-type")) == (200, f"{kind}; charset=utf-8")
        assert response.one(b"cache-control") == "public, max-age=3600"


def test_every_path_begins_with_the_mount(browse: Browse) -> None:
    browser = browse(root="/mounted")
    page = browser.get("/cookies").text
    paths = re.findall(r'(?:href|action)="(/[^"]*)"', page)
    assert all(path.startswith("/mounted") for path in paths)
    page = browser.post("/cookies", {"answer": "none"}).text
    assert page.count('action="/mounted/cookies"') == 1
    assert 'value="/mounted/page' in browser.get("/page").text or browser.jar


def test_other_paths_go_to_the_application(browse: Browse) -> None:
    browser = browse(path="/privacy")
    for path in ("/cookies", "/privacyx", "/privacy/other"):
        assert browser.get(path).status == 200
    assert len(browser.seen) == 3
    assert browser.get("/privacy/").status == 200
    assert len(browser.seen) == 3


@pytest.mark.parametrize("path", ["cookies", "/", "/cookies/", "//x", "/a?b", "/a#b"])
def test_an_invalid_path_is_an_error(path: str) -> None:
    with pytest.raises(ValueError, match="give one such as '/cookies'"):
        Browser("asgi", path=path)


def test_a_custom_template_replaces_the_packaged_one(browse: Browse, tmp_path: Path) -> None:
    (tmp_path / "message.html").write_text("own: {{ detail }}")
    browser = browse(templates=tmp_path)
    assert browser.post("/cookies", {}).text.startswith("own: ")
    assert browser.get("/cookies").status == 200


def test_a_site_with_nothing_to_choose_says_so() -> None:
    text = '[site]\nname = "S"\nlanguages = ["en"]\n[categories.essential]\nrequired = true\n'
    browser = Browser("asgi", registry=Registry.parse(text))
    assert "There is nothing to choose" in browser.get("/cookies").text
    policy = browser.get("/cookies/policy").text
    assert "there is nothing to decide" in policy
    assert "Who is responsible" not in policy
    assert ": your choice</h2>" not in browser.get("/page").text


def test_other_scopes_go_to_the_application() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    browser = Browser("asgi")
    nothing: Any = None
    asyncio.run(browser.pages.asgi(app)({"type": "lifespan"}, nothing, nothing))
    without: Any = {"type": "http", "path": "/cookies", "method": "GET", "headers": []}
    asyncio.run(browser.pages.asgi(app)(without, nothing, nothing))
    assert seen == ["lifespan", "http"]


def test_a_client_that_disconnects_while_sending_changes_nothing() -> None:
    browser = Browser("asgi")
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    app: Any = None
    middleware = AsgiGate(app, browser.gate, pages=browser.pages)
    scope: Any = {"type": "http", "path": "/cookies", "method": "POST", "headers": browser.sent}
    asyncio.run(middleware(scope, receive, send))
    assert sent[0]["status"] == 413


def test_an_invalid_content_length_changes_nothing() -> None:
    browser = Browser("wsgi")
    started: list[Any] = []
    app: Any = None
    middleware = WsgiGate(app, browser.gate, pages=browser.pages)
    environ: Any = {"REQUEST_METHOD": "POST", "PATH_INFO": "/cookies", "CONTENT_LENGTH": "x"}
    environ["HTTP_SEC_FETCH_SITE"] = "same-origin"

    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        started.append(status)

    b"".join(middleware(environ, start))
    # Python 3.13 has the phrase of RFC 9110.
    assert started == [f"413 {HTTPStatus(413).phrase}"]


# The whole body grants two categories, and so do its first bytes one.
FORM = (b"answer=these&category=analysis&category=marketing", b"application/x-www-form-urlencoded")
PUT = (b'{"granted": ["analysis"]}', b"application/json")


@pytest.mark.parametrize("adapter", ["asgi", "wsgi"])
@pytest.mark.parametrize(
    ("method", "path", "body", "type"),
    [("POST", "/cookies", *FORM), ("PUT", "/cookies/api", *PUT)],
    ids=["form", "json"],
)
def test_a_body_that_is_cut_short_grants_nothing(
    adapter: str, method: str, path: str, body: bytes, type: bytes
) -> None:
    browser = Browser("wsgi")
    for arrived in (body[:31], b"", body):
        request = PageRequest(
            method=method,
            path=path,
            headers=(
                (b"sec-fetch-site", b"same-origin"),
                (b"content-type", type),
                (b"content-length", str(len(body)).encode()),
            ),
            body=arrived,
        )
        status, cookies = serve(browser, request, adapter)
        is_whole = arrived == body
        assert (status < 400) is is_whole
        assert bool(cookies) is is_whole


def serve(browser: Browser, request: PageRequest, adapter: str) -> tuple[int, list[Any]]:
    app: Any = None
    started: list[Any] = []
    if adapter == "asgi":
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": request.body}

        async def send(message: Any) -> None:
            messages.append(message)

        scope = {"type": "http", "path": request.path, "method": request.method}
        middleware = AsgiGate(app, browser.gate, pages=browser.pages)
        asyncio.run(middleware({**scope, "headers": request.headers}, receive, send))
        status, headers = messages[0]["status"], messages[0]["headers"]
        return status, [value for name, value in headers if name == b"set-cookie"]
    environ: Any = {"REQUEST_METHOD": request.method, "PATH_INFO": request.path}
    environ["wsgi.input"] = BytesIO(request.body or b"")
    for name, value in request.headers:
        key = name.decode().upper().replace("-", "_")
        environ[key if key.startswith("CONTENT") else f"HTTP_{key}"] = value.decode()

    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        started.append((int(status[:3]), headers))

    b"".join(WsgiGate(app, browser.gate, pages=browser.pages)(environ, start))
    ((status, headers),) = started
    return status, [value for name, value in headers if name.lower() == "set-cookie"]


def test_the_repr_of_a_request_has_no_query_and_no_headers() -> None:
    request = PageRequest(method="GET", path="/x", query="secret", headers=((b"cookie", b"s"),))
    assert repr(request) == "<PageRequest GET /x>"


def test_pages_belong_to_a_gate() -> None:
    browser = Browser("asgi")
    assert isinstance(browser.pages, Pages)
    assert browser.pages.gate is browser.gate


def test_a_path_makes_pages_of_the_middlewares_gate() -> None:
    browser = Browser("asgi")
    app: Any = None
    asgi: Any = AsgiGate(app, browser.gate, pages="/cookies")
    wsgi: Any = WsgiGate(app, browser.gate, pages="/cookies")
    for middleware in (asgi, wsgi):
        assert isinstance(middleware.app.pages, Pages)
        assert middleware.app.pages.gate is browser.gate


def test_a_non_ascii_path_is_returned_to(browse: Browse) -> None:
    browser = browse()
    page = browser.get("/käse kuchen").text
    found = re.search(r'name="back" value="([^"]+)"', page)
    assert found is not None
    response = browser.post("/cookies", {"answer": "none", "back": found[1]})
    assert response.one(b"location") == "/k%C3%A4se%20kuchen"


def test_pages_of_several_gates_list_the_cookies_of_each() -> None:
    text = '[site]\nname = "Other"\nlanguages = ["en"]\n[categories.must]\nrequired = true\n'
    one = Browser("asgi")
    other = Gate(Registry.parse(text), KEY)
    request = PageRequest(method="GET", path="/cookies/policy")
    for gate in (one.gate, other, one.gate):
        page = one.pages.respond(request, gate.visit([])).body.decode()
        assert gate.cookie_name in names(page)
        assert ("what Other and others store" in page) is (gate is other)


@pytest.mark.parametrize(("rule", "status"), [("override", 200), ("confirm", 200), ("ignore", 404)])
def test_the_site_says_whether_it_acts_on_gpc(browse: Browse, rule: str, status: int) -> None:
    policy = f'signals = {{ gpc = "{rule}" }}'
    browser = browse(registry=registry("updated = 2026-11-24", policy))
    response = browser.get("/.well-known/gpc.json")
    if status == 200:
        assert response.one(b"content-type") == "application/json"
        assert json.loads(response.text) == {"gpc": True, "lastUpdate": "2026-11-24"}
        assert browser.get("/.well-known/gpc.json", method="DELETE").status == 405
    else:
        assert b"content-type" not in dict(response.headers) or "gpc" not in response.text


def test_a_site_in_report_mode_does_not_claim_to_act_on_gpc(browse: Browse) -> None:
    assert "gpc" not in browse(mode="report").get("/.well-known/gpc.json").text


def test_without_a_date_the_gpc_resource_has_none(browse: Browse) -> None:
    assert json.loads(browse().get("/.well-known/gpc.json").text) == {"gpc": True}
