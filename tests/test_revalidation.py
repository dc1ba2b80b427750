"""Browsers and clients that ask whether what they have still holds: Flask, Starlette, adapters."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.responses import Response as StarletteResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware
from cookiegate.flask import CookieGate, current_visit
from cookiegate.starlette import install
from tests.registries import KEY, NOON, gate_for, shop

#: (method, path, headers) -> (status, headers, body)
Ask = Callable[..., tuple[int, dict[str, str], str]]
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"


def page(asks: str, allows: bool) -> str:
    return f"page of {asks}: {'live' if allows else 'held'}"


def flask_site(gate: Gate, folder: Path) -> Ask:
    app = Flask(__name__, static_folder=str(folder), static_url_path="/static")
    CookieGate(app, gate)

    @app.route("/<how>", methods=["GET", "PUT"])
    def answer(how: str) -> Response:
        if request.method == "PUT":
            found = Response("changed" if request.if_match.contains("v1") else "lost", 200)
            found.set_etag("v2")
            return found
        text = "the same"
        if how not in ("plain", "cookie"):
            text = page(how, current_visit.allows("analysis"))
        found = Response(text)
        if how == "cookie":
            found.headers.add("Set-Cookie", "_ga=1; Path=/")
        if how == "date":
            found.headers["Last-Modified"] = DATE
        else:
            found.set_etag("v1", weak=how == "weak")
        if how == "both":
            found.headers["Last-Modified"] = DATE
        found.make_conditional(request)
        return found

    client = app.test_client(use_cookies=False)

    def ask(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        found = client.open(path, method=method, headers=headers)
        text = found.text
        found.close()
        return found.status_code, {k.lower(): v for k, v in found.headers}, text

    return ask


def starlette_site(gate: Gate, folder: Path) -> Ask:
    async def answer(request: Request) -> StarletteResponse:
        how = request.path_params["how"]
        if request.method == "PUT":
            matches = request.headers.get("if-match") == '"v1"'
            return PlainTextResponse("changed" if matches else "lost", headers={"ETag": '"v2"'})
        allows = how not in ("plain", "cookie") and request.scope["cookiegate"].allows("analysis")
        text = "the same" if how in ("plain", "cookie") else page(how, allows)
        tag = 'W/"v1"' if how == "weak" else '"v1"'
        headers = {"ETag": tag}
        if how == "date":
            headers = {"Last-Modified": DATE}
        if how == "both":
            headers["Last-Modified"] = DATE
        wanted = request.headers.get("if-none-match")
        tags = [one.strip().removeprefix("W/") for one in (wanted or "").split(",")]
        same = wanted == "*" or tag.removeprefix("W/") in tags
        if wanted is None:
            same = request.headers.get("if-modified-since") == DATE
        found = StarletteResponse("" if same else text, 304 if same else 200, headers)
        if how == "cookie":
            found.headers.append("Set-Cookie", "_ga=1; Path=/")
        return found

    app = Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=folder)),
            Route("/{how}", answer, methods=["GET", "PUT"]),
        ]
    )
    install(app, gate)
    client = TestClient(app)

    def ask(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        found = client.request(method, path, headers=headers)
        return found.status_code, {k.lower(): v for k, v in found.headers.items()}, found.text

    return ask


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("a file", encoding="utf-8")
    return tmp_path


@pytest.fixture(params=[flask_site, starlette_site], ids=["flask", "starlette"])
def site(request: pytest.FixtureRequest) -> Callable[[Gate, Path], Ask]:
    made: Callable[[Gate, Path], Ask] = request.param
    return made


@pytest.fixture
def gate() -> Gate:
    return gate_for()


@pytest.fixture
def ask(site: Callable[[Gate, Path], Ask], gate: Gate, folder: Path) -> Ask:
    return site(gate, folder)


def visitor(*granted: str, **headers: str) -> dict[str, str]:
    cookie = gate_for().issue(granted).partition(";")[0]
    return {"Cookie": cookie, **{k.replace("_", "-"): v for k, v in headers.items()}}


BEFORE_AND_AFTER = pytest.mark.parametrize(
    ("before", "after", "shows"),
    [
        (visitor("analysis"), visitor(), "held"),
        (visitor("analysis"), {}, "held"),
        (visitor("analysis"), visitor("analysis", DNT="1"), "held"),
        (visitor("analysis"), visitor("analysis", Sec_GPC="1"), "held"),
        (visitor(), visitor("analysis"), "live"),
        ({}, visitor("analysis"), "live"),
        # Whether to ask, with the same categories allowed.
        ({}, visitor(), "held"),
        (visitor(), {}, "held"),
    ],
)


@pytest.mark.parametrize("how", ["tag", "weak", "both", "date"])
@BEFORE_AND_AFTER
def test_a_page_of_another_state_is_answered_in_full(
    ask: Ask, how: str, before: dict[str, str], after: dict[str, str], shows: str
) -> None:
    _, headers, _ = ask("GET", f"/{how}", before)
    assert "last-modified" not in headers
    conditions = {"If-None-Match": headers["etag"]} if "etag" in headers else {}
    status, _, body = ask("GET", f"/{how}", {**after, **conditions})
    assert (status, body) == (200, f"page of {how}: {shows}")
    # A client that sends a date as well.
    if conditions:
        conditions["If-Modified-Since"] = DATE
        status, _, body = ask("GET", f"/{how}", {**after, **conditions})
        assert (status, body) == (200, f"page of {how}: {shows}")


@pytest.mark.parametrize("how", ["tag", "weak", "both"])
@pytest.mark.parametrize("who", [{}, visitor(), visitor("analysis"), visitor(DNT="1")])
def test_a_page_of_the_same_state_need_not_be_sent_again(
    ask: Ask, how: str, who: dict[str, str]
) -> None:
    _, first, _ = ask("GET", f"/{how}", who)
    assert first["etag"].startswith('W/"v1' if how == "weak" else '"v1')
    for condition in (first["etag"], f'"x", {first["etag"]} , W/"y"'):
        status, headers, body = ask("GET", f"/{how}", {**who, "If-None-Match": condition})
        assert (status, body) == (304, "")
        assert headers["etag"] == first["etag"]
        assert headers["vary"] == "Cookie, DNT, Sec-GPC"
        assert headers["cache-control"] == "private"


def test_a_304_keeps_the_suffix_although_its_view_has_not_asked(ask: Ask, gate: Gate) -> None:
    # As a view does that compares the tag of its data first.
    _, asked, _ = ask("GET", "/tag", {})
    status, headers, _ = ask("GET", "/plain", {"If-None-Match": asked["etag"]})
    assert status == 304
    assert headers["etag"] == asked["etag"]
    assert headers["cache-control"] == "private"


@pytest.mark.parametrize("path", ["/tag", "/cookie"])
def test_a_304_about_a_page_of_an_unknown_state_gets_no_suffix(ask: Ask, path: str) -> None:
    # The browser has it from a time without the gate.
    request = {**visitor("analysis"), "If-None-Match": '"v1"'}
    status, headers, _ = ask("GET", path, request)
    assert status == 304
    assert headers["etag"] == '"v1"'
    assert headers["cache-control"] == "private"


@pytest.mark.parametrize("condition", ["*", '"v1"', 'W/"v1"', '"x", "v1"'])
def test_a_response_that_depends_on_nobody_keeps_its_validators(ask: Ask, condition: str) -> None:
    status, headers, _ = ask("GET", "/plain", visitor())
    assert (status, headers["etag"]) == (200, '"v1"')
    assert "vary" not in headers
    status, headers, _ = ask("GET", "/plain", {**visitor(), "If-None-Match": condition})
    assert (status, headers["etag"]) == (304, '"v1"')
    assert "vary" not in headers


def test_static_files_keep_their_validators(ask: Ask) -> None:
    _, headers, _ = ask("GET", "/static/a.txt", visitor("analysis"))
    assert "~cg-" not in headers["etag"]
    assert "last-modified" in headers
    conditions = {"If-None-Match": headers["etag"]}
    status, again, _ = ask("GET", "/static/a.txt", {**visitor(), **conditions})
    assert (status, again["etag"]) == (304, headers["etag"])
    conditions = {"If-Modified-Since": headers["last-modified"]}
    assert ask("GET", "/static/a.txt", conditions)[0] == 304


@pytest.mark.parametrize("granted", [(), ("analysis",)])
def test_an_optional_cookie_makes_the_tag_depend_on_the_visitor(
    ask: Ask, granted: tuple[str, ...]
) -> None:
    _, headers, _ = ask("GET", "/cookie", visitor(*granted))
    assert headers["etag"].startswith('"v1~cg-')
    other = visitor(*({"analysis"} - set(granted)), If_None_Match=headers["etag"])
    assert ask("GET", "/cookie", other)[0] == 200


@pytest.mark.parametrize("who", [{}, visitor(), visitor("analysis")])
def test_a_change_of_data_is_accepted_after_a_choice(ask: Ask, who: dict[str, str]) -> None:
    _, headers, _ = ask("GET", "/tag", visitor("analysis"))
    changed = {**who, "If-Match": headers["etag"]}
    assert ask("PUT", "/tag", changed)[2] == "changed"
    assert ask("PUT", "/tag", {**who, "If-Match": '"v0"'})[2] == "lost"


def test_another_registry_and_another_mode_are_another_state(
    site: Callable[[Gate, Path], Ask], folder: Path
) -> None:
    tags = set()
    for gate in (
        gate_for(),
        gate_for(shop("unknown = 'allow'")),
        gate_for(shop(analysis="mode = 'report'")),
        Gate(shop(analysis="mode = 'enforce'"), KEY, clock=lambda: float(NOON), mode="report"),
        Gate(shop(analysis="mode = 'enforce'"), KEY, clock=lambda: float(NOON), mode="enforce"),
    ):
        tags.add(site(gate, folder)("GET", "/tag", {})[1]["etag"])
    assert len(tags) == 5


def test_in_report_mode_validators_and_conditions_stay(
    site: Callable[[Gate, Path], Ask], folder: Path
) -> None:
    ask = site(gate_for(shop('mode = "report"')), folder)
    _, headers, _ = ask("GET", "/both", {})
    assert (headers["etag"], headers["last-modified"]) == ('"v1"', DATE)
    assert ask("GET", "/both", visitor(If_None_Match='"v1"'))[0] == 304
    # A tag from before the mode was changed matches nothing.
    assert ask("GET", "/both", visitor(If_None_Match='"v1~cg-0123456789ab"'))[0] == 200


def test_a_visitor_whose_state_cannot_be_read_gets_the_page_in_full(
    site: Callable[[Gate, Path], Ask], folder: Path
) -> None:
    errors: list[Exception] = []

    def clock() -> float:
        raise OSError("no clock")

    gate = Gate(shop(), KEY, clock=clock, on_error=errors.append)
    ask = site(gate, folder)
    status, headers, _ = ask("GET", "/plain", {"If-None-Match": '"v1~cg-0123456789ab"'})
    assert (status, headers["etag"]) == (200, '"v1"')
    assert [type(one) for one in errors] == [OSError]
    # Nobody could say later whether this tag fits.
    _, headers, _ = ask("GET", "/cookie", {})
    assert "etag" not in headers


@pytest.mark.parametrize(
    "headers",
    [
        [(1, 2)],
        [()],
        [(b"if-none-match", b'"v1"')],
        [(b"if-none-match", b'"v1"'), (b"a", 1)],
        ((b"if-none-match", b'"v1"'),),
        [(bytearray(b"if-none-match"), b'"v1"')],
        None,
    ],
)
def test_other_request_headers_reach_the_application_as_they_are(headers: Any) -> None:
    assert seen_by_app(headers) is headers


def test_a_tag_is_restored_among_other_headers() -> None:
    headers = [(b"a", b"b"), (b"if-none-match", b'"v1~cg-0123456789ab"'), (b"c", b"d")]
    assert seen_by_app(headers) == [(b"a", b"b"), (b"c", b"d")]
    assert len(headers) == 3


def lists(pairs: list[tuple[bytes, bytes]]) -> list[list[bytes]]:
    """Return headers as servers have them that read JSON."""
    return [list(pair) for pair in pairs]


@pytest.mark.parametrize("form", [list, tuple, iter, lists, lambda one: tuple(lists(one))])
@pytest.mark.parametrize("name", [b"if-none-match", b"if-match", b"if-range"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_tag_is_restored_whatever_the_condition_and_the_servers_form(
    form: Callable[[Any], Any], name: bytes, method: str
) -> None:
    gate = gate_for()
    tag = b'"v1~cg-' + gate.visit([]).context.state + b'"'
    headers = form([(b"a", b"b"), (name, tag)])
    seen = [tuple(pair) for pair in seen_by_app(headers, method)]
    assert seen == [(b"a", b"b"), (name, b'"v1"')]


def seen_by_app(headers: Any, method: str = "GET") -> Any:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["headers"])

    async def nothing(*_: Any) -> None:
        raise AssertionError("nothing is sent")

    middleware = CookieGateMiddleware(app, gate_for())
    scope = {"type": "http", "method": method, "headers": headers}
    asyncio.run(middleware(scope, nothing, nothing))
    return seen[0]


def test_a_replaced_registry_is_another_state() -> None:
    gate = gate_for()
    before = gate.visit([]).context.state
    assert gate.visit([]).context.state == before
    gate.replace(shop("unknown = 'allow'"))
    assert gate.visit([]).context.state != before
