"""Login at an OpenID provider with Authlib, by redirect and by a posted form."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from authlib.integrations.flask_client import OAuth as FlaskOAuth
from authlib.integrations.starlette_client import OAuth as StarletteOAuth
from flask import Flask, session, url_for
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from cookiegate.flask import CookieGate
from cookiegate.starlette import install
from tests.flows.provider import CLIENT_ID, CLIENT_SECRET, serve_provider
from tests.flows.sites import TRACKER, names, starter_gate
from tests.registries import KEY


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with serve_provider() as address:
        yield address


def registered(oauth: Any, provider: str) -> Any:
    return oauth.register(
        "shop",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        server_metadata_url=f"{provider}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid"},
    )


def flask_site(provider: str, mode: dict[str, str], is_gated: bool) -> Any:
    app = Flask("shop")
    app.config["SECRET_KEY"] = KEY
    client = registered(FlaskOAuth(app), provider)

    @app.get("/tracked")
    def tracked() -> Any:
        response = app.make_response("")
        response.set_cookie(TRACKER, "1")
        return response

    @app.get("/login")
    def login() -> Any:
        return client.authorize_redirect(url_for("callback", _external=True), **mode)

    @app.route("/callback", methods=["GET", "POST"])
    def callback() -> str:
        session["user"] = client.authorize_access_token()["userinfo"]["sub"]
        return ""

    @app.get("/me")
    def me() -> str:
        return str(session.get("user", "anonymous"))

    if is_gated:
        CookieGate(app, starter_gate())
    return app.test_client()


def starlette_site(provider: str, mode: dict[str, str], is_gated: bool) -> Any:
    client = registered(StarletteOAuth(), provider)

    async def tracked(request: Request) -> Response:
        response = PlainTextResponse("")
        response.set_cookie(TRACKER, "1")
        return response

    async def login(request: Request) -> Any:
        return await client.authorize_redirect(request, str(request.url_for("callback")), **mode)

    async def callback(request: Request) -> Response:
        token = await client.authorize_access_token(request)
        request.session["user"] = token["userinfo"]["sub"]
        return PlainTextResponse("")

    async def me(request: Request) -> Response:
        return PlainTextResponse(request.session.get("user", "anonymous"))

    app = Starlette(
        routes=[
            Route("/tracked", tracked),
            Route("/login", login),
            Route("/callback", callback, methods=["GET", "POST"]),
            Route("/me", me),
        ]
    )
    if is_gated:
        install(app, starter_gate())
    app.add_middleware(SessionMiddleware, secret_key=KEY)
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("is_gated", [False, True], ids=["without", "with"])
@pytest.mark.parametrize("mode", ["query", "form_post"])
@pytest.mark.parametrize("make_site", [flask_site, starlette_site])
def test_people_log_in_at_a_provider(
    provider: str, make_site: Any, mode: str, is_gated: bool
) -> None:
    client = make_site(provider, {"response_mode": mode}, is_gated)
    assert (TRACKER in names(client.get("/tracked"))) is not is_gated
    assert client.get("/me").text == "anonymous"
    away = client.get("/login").headers["location"]
    assert away.startswith(f"{provider}/authorize?")
    answer = requests.get(away, allow_redirects=False, timeout=30)
    if mode == "query":
        back = client.get(answer.headers["location"])
    else:
        # The provider's page posts the form: a request of another site.
        headers = {"Origin": provider, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
        back = client.post(answer.json()["action"], data=answer.json()["fields"], headers=headers)
    assert back.status_code == 200
    assert client.get("/me").text == "ann"
