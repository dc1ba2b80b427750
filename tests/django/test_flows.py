"""Nothing essential breaks: Django's flows have the same outcome with and without the gate.

The registry is the shipped starter, enforced, and no visitor has consented to anything.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_settings

from tests.django import site

MESSAGES = "django.contrib.messages.storage"


@pytest.fixture(scope="module", autouse=True)
def database() -> Iterator[None]:
    call_command("migrate", verbosity=0)
    User.objects.create_superuser("ann", "ann@example.com", "secret")
    yield
    connection.close()


@pytest.fixture(params=["without", "with"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Return a browser of the site, without the gate and with it."""
    is_gated = request.param == "with"
    stack = site.MIDDLEWARE if is_gated else site.MIDDLEWARE[1:]
    with override_settings(MIDDLEWARE=stack):
        client = Client(enforce_csrf_checks=True)
        # So that no flow passes because the gate is missing.
        assert ("_ga" in client.get("/users/7").cookies) is not is_gated
        client.cookies.clear()
        yield client


def post(client: Client, path: str, data: dict[str, Any], page: str = "/form") -> Any:
    client.get(page)
    token = client.cookies["csrftoken"].value
    return client.post(path, {**data, "csrfmiddlewaretoken": token})


def test_sessions_last(client: Client) -> None:
    assert [client.get("/count").content for _ in range(3)] == [b"1", b"2", b"3"]


@pytest.mark.parametrize("engine", ["signed_cookies", "db"])
def test_sessions_last_in_any_store(client: Client, engine: str) -> None:
    with override_settings(SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}"):
        assert [client.get("/count").content for _ in range(2)] == [b"1", b"2"]


@pytest.mark.parametrize(
    "storage", ["cookie.CookieStorage", "session.SessionStorage", "fallback.FallbackStorage"]
)
def test_a_message_arrives_once(client: Client, storage: str) -> None:
    with override_settings(MESSAGE_STORAGE=f"{MESSAGES}.{storage}"):
        assert client.get("/say", follow=True).content == b"hello"
        assert client.get("/heard").content == b""


def test_a_form_is_taken_with_its_token_and_refused_without(client: Client) -> None:
    assert post(client, "/form", {}).content == b"posted"
    assert client.post("/form", {}).status_code == 403


def test_a_chosen_language_is_remembered(client: Client) -> None:
    assert client.get("/language").content == b"en"
    post(client, "/i18n/setlang/", {"language": "sv", "next": "/language"})
    assert client.get("/language").content == b"sv"


def test_a_signed_cookie_comes_back(client: Client) -> None:
    assert [client.get("/signed").content for _ in range(2)] == [b"none", b"me"]


def test_people_log_in_and_out(client: Client) -> None:
    assert client.get("/me").content == b"AnonymousUser"
    login = {"username": "ann", "password": "secret"}
    answer = post(client, "/admin/login/", login, page="/admin/login/")
    assert answer.status_code == 302
    assert client.get("/me").content == b"ann"
    post(client, "/admin/logout/", {}, page="/admin/")
    assert client.get("/me").content == b"AnonymousUser"


def test_the_admin_adds_an_object_and_says_so(client: Client) -> None:
    login = {"username": "ann", "password": "secret"}
    post(client, "/admin/login/", login, page="/admin/login/")
    name = f"group-{User.objects.count()}-{Group.objects.count()}"
    answer = post(client, "/admin/auth/group/add/", {"name": name}, page="/admin/auth/group/add/")
    assert answer.status_code == 302
    assert Group.objects.filter(name=name).exists()
    assert b"was added successfully" in client.get("/admin/auth/group/").content


def test_a_deleted_cookie_is_gone(client: Client) -> None:
    def delete(request: Any) -> HttpResponse:
        response = HttpResponse("")
        response.delete_cookie("sessionid")
        return response

    client.get("/count")
    site.answer = delete
    assert client.get("/any").cookies["sessionid"].value == ""
