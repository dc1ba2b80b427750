"""Invalid choices change nothing."""

import json

import pytest

from cookiegate.pages.redirects import sign_path
from tests.pages.support import (
    FORM,
    JSON,
    Browse,
)


@pytest.mark.parametrize(
    ("body", "header", "status"),
    [
        (b"answer=maybe", FORM, 400),
        (b"", FORM, 400),
        (b"answer", FORM, 400),
        (b"answer=\xff", FORM, 400),
        (b"answer=%FF", FORM, 400),
        (b"&".join([b"a=1"] * 300), FORM, 400),
        (b"answer=these&category=nonsense", FORM, 400),
        (b"answer=all", JSON, 415),
        (b"answer=all", (b"x", b"y"), 415),
        (b"answer=all&x=" + b"x" * 20_000, FORM, 413),
    ],
)
def test_an_invalid_form_changes_nothing(
    browse: Browse, body: bytes, header: tuple[bytes, bytes], status: int
) -> None:
    browser = browse()
    response = browser.send("POST", "/cookies", body, [header])
    assert response.status == status
    assert "Nothing was changed" in response.text
    assert browser.jar == {}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[" * 5_000, 400),
        (b'{"granted": "all"}', 400),
        (b'{"granted": [], "more": 1}', 400),
        (b'{"granted": ["nonsense"]}', 400),
        (b"\xff", 400),
        (b" " * 20_000, 413),
    ],
)
def test_an_invalid_json_body_changes_nothing(browse: Browse, body: bytes, status: int) -> None:
    browser = browse()
    response = browser.send("PUT", "/cookies/api", body, [JSON])
    assert response.status == status
    assert response.one(b"content-type") == "application/problem+json"
    assert json.loads(response.text)["status"] == status
    assert browser.jar == {}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/cookies", "GET, HEAD, POST"),
        ("POST", "/cookies/policy", "GET, HEAD"),
        ("POST", "/cookies/api", "GET, HEAD, PUT"),
        ("PUT", "/cookies/openapi.json", "GET, HEAD"),
    ],
)
def test_an_unsupported_method_is_answered_with_the_supported_ones(
    browse: Browse, method: str, path: str, allow: str
) -> None:
    response = browse().send(method, path, b"", [])
    assert (response.status, response.one(b"allow")) == (405, allow)


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/%09/evil.example",
        "/%5Cevil.example",
        "/%255Cevil.example",
        "https://evil.example",
        "/ü",
        "/" + "x" * 3_000,
        "",
    ],
)
def test_a_hostile_return_path_is_not_signed(browse: Browse, back: str) -> None:
    browser = browse()
    assert sign_path(browser.gate.signer("path"), back) == ""
    signed = browser.gate.signer("path").sign(back) if back.isascii() else "x"
    response = browser.post("/cookies", {"answer": "none", "back": signed})
    assert (response.status, response.all(b"location")) == (200, [])


def test_an_unsigned_return_path_is_not_followed(browse: Browse) -> None:
    for back in ("/page", "/page.forged", "x" * 5_000):
        response = browse().post("/cookies", {"answer": "none", "back": back})
        assert (response.status, response.all(b"location")) == (200, [])
