"""Flask: sessions, flash, Flask-Login, Flask-WTF."""

from importlib import import_module
from typing import Any

import pytest
from flask import Flask, flash, get_flashed_messages, request, session
from flask.testing import FlaskClient

from cookiegate.flask import CookieGate
from tests.flows.sites import TRACKER, names, starter_gate
from tests.registries import KEY

# Imported by name: they have no types.
flask_login: Any = import_module("flask_login")
csrf: Any = import_module("flask_wtf.csrf")


class User:
    """A user, as Flask-Login needs one."""

    id = "ann"
    is_active = is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.id


def application() -> Flask:
    app = Flask("shop")
    app.config["SECRET_KEY"] = KEY
    csrf.CSRFProtect(app)
    manager = flask_login.LoginManager(app)
    manager.user_loader(lambda id: User())

    @app.get("/tracked")
    def tracked() -> Any:
        response = app.make_response("")
        response.set_cookie(TRACKER, "1")
        return response

    @app.get("/count")
    def count() -> str:
        session["seen"] = session.get("seen", 0) + 1
        return str(session["seen"])

    @app.get("/say")
    def say() -> str:
        flash("hello")
        return ""

    @app.get("/heard")
    def heard() -> str:
        return ",".join(map(str, get_flashed_messages()))

    @app.get("/token")
    def token() -> str:
        return str(csrf.generate_csrf())

    @app.post("/form")
    def form() -> str:
        return "posted"

    @app.post("/login")
    def login() -> str:
        flask_login.login_user(User(), remember="remember" in request.form)
        return ""

    @app.post("/logout")
    def logout() -> str:
        flask_login.logout_user()
        return ""

    @app.get("/me")
    def me() -> str:
        return str(getattr(flask_login.current_user, "id", "anonymous"))

    @app.get("/big")
    def big() -> str:
        session["big"] = "x" * 3000
        return ""

    return app


@pytest.fixture(params=["without", "with"])
def client(request: pytest.FixtureRequest) -> FlaskClient:
    """Return a browser of the site, without the gate and with it."""
    app = application()
    if request.param == "with":
        CookieGate(app, starter_gate())
    client = app.test_client()
    assert (TRACKER in names(client.get("/tracked"))) is (request.param == "without")
    return client


def post(client: FlaskClient, path: str, **fields: str) -> Any:
    fields["csrf_token"] = client.get("/token").text
    return client.post(path, data=fields)


def test_sessions_last(client: FlaskClient) -> None:
    assert [client.get("/count").text for _ in range(3)] == ["1", "2", "3"]


def test_a_flashed_message_arrives_once(client: FlaskClient) -> None:
    client.get("/say")
    assert [client.get("/heard").text for _ in range(2)] == ["hello", ""]


def test_a_form_is_taken_with_its_token_and_refused_without(client: FlaskClient) -> None:
    assert post(client, "/form").text == "posted"
    assert client.post("/form").status_code == 400


def test_people_log_in_and_out(client: FlaskClient) -> None:
    post(client, "/login")
    assert client.get("/me").text == "ann"
    post(client, "/logout")
    assert client.get("/me").text == "anonymous"


def test_remember_me_outlasts_the_session(client: FlaskClient) -> None:
    post(client, "/login", remember="on")
    client.delete_cookie("session")
    assert client.get("/me").text == "ann"
    post(client, "/logout")
    client.delete_cookie("session")
    assert client.get("/me").text == "anonymous"


def test_a_big_session_is_unchanged(client: FlaskClient) -> None:
    (name,) = names(client.get("/big"))
    assert name == "session"
    assert client.get("/count").text == "1"
