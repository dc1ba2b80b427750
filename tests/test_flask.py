"""Flask: one line, configured like other extensions."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, flash, get_flashed_messages, render_template_string, session
from werkzeug.middleware.proxy_fix import ProxyFix

from cookiegate import Gate, Reason, Registry, Verdict
from cookiegate.flask import CookieGate, current_visit
from cookiegate.reports import Counts
from cookiegate.reports.sqlite import CountsFile
from cookiegate.wsgi import CookieGateMiddleware
from tests.registries import KEY, SHOP, gate_for

REGISTRY = SHOP.format(policy="", analysis="") + '[[cookies]]\nname="session"\ncategory="essential"'


def application(**config: Any) -> Flask:
    app = Flask("tests.test_flask")
    app.config.update({"SECRET_KEY": KEY, "COOKIEGATE_SECURE": False, **config})

    @app.get("/")
    def home() -> str:
        session["seen"] = session.get("seen", 0) + 1
        return str(session["seen"])

    @app.get("/users/<int:id>")
    def user(id: int) -> Any:
        response = app.make_response("user")
        response.set_cookie("_ga", "1")
        return response

    @app.get("/choose")
    def choose() -> str:
        current_visit.choose({"analysis"})
        return ",".join(sorted(current_visit.consent.granted))

    @app.get("/template")
    def template() -> str:
        return render_template_string("{{ current_visit.allows('analysis') }}")

    @app.get("/flash")
    def flashing() -> str:
        flash("hello")
        return ""

    @app.get("/flashed")
    def flashed() -> str:
        return ",".join(map(str, get_flashed_messages()))

    return app


@pytest.fixture
def registry(tmp_path: Path) -> str:
    path = tmp_path / "shop.toml"
    path.write_text(REGISTRY)
    return str(path)


def names(response: Any) -> list[str]:
    return [value.partition("=")[0] for value in response.headers.getlist("Set-Cookie")]


def test_one_line_puts_an_application_behind_the_gate(registry: str) -> None:
    app = application(COOKIEGATE_REGISTRY=registry)
    CookieGate(app)
    client = app.test_client()
    assert names(client.get("/")) == ["session"]
    assert client.get("/").text == "2"
    assert names(client.get("/users/7")) == []
    assert client.get("/choose").text == "analysis"
    assert names(client.get("/users/7")) == ["_ga"]


def test_one_extension_serves_several_applications_without_state(
    registry: str,
) -> None:
    extension = CookieGate()
    before = dict(vars(extension))
    one, two = application(COOKIEGATE_REGISTRY=registry), application()
    two.config["COOKIEGATE_REGISTRY"] = "cookiegate:starter"
    extension.init_app(one)
    extension.init_app(two)
    assert vars(extension) == before
    middlewares = [app.extensions["cookiegate"] for app in (one, two)]
    assert [middleware.gate.registry.site.name for middleware in middlewares] == ["Shop", "My site"]
    assert all(type(middleware) is CookieGateMiddleware for middleware in middlewares)


def test_a_second_init_app_is_an_error(registry: str) -> None:
    app = application(COOKIEGATE_REGISTRY=registry)
    CookieGate(app)
    with pytest.raises(RuntimeError, match="behind a gate already; call init_app once"):
        CookieGate(app)


def test_an_unknown_option_is_an_error_that_lists_the_options() -> None:
    options: Any = {"modus": "report"}
    with pytest.raises(TypeError, match="unknown option 'modus'; there are registry, secret_key"):
        CookieGate(**options)


def test_the_key_is_flasks_with_its_fallbacks(registry: str) -> None:
    old = "an older key for the tests, of some length"
    app = application(COOKIEGATE_REGISTRY=registry, SECRET_KEY_FALLBACKS=[old])
    CookieGate(app)
    visitor = Gate(Registry.parse(REGISTRY), old, secure=False).issue({"analysis"})
    client = app.test_client()
    client.set_cookie("cookiegate", visitor.partition(";")[0].partition("=")[2])
    assert names(client.get("/users/7")) == ["_ga"]


def test_an_explicit_key_precedes_flasks(registry: str) -> None:
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_SECRET_KEY="x" * 20, SECRET_KEY="s")
    CookieGate(app)
    # As read from an environment variable that is not set.
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_SECRET_KEY="")
    CookieGate(app)
    app = application(COOKIEGATE_REGISTRY=registry, SECRET_KEY=None)
    with pytest.raises(ValueError, match="secret_key is missing"):
        CookieGate(app)


def test_the_registry_is_found_beside_the_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cookiegate.toml").write_text(REGISTRY)
    app = application()
    app.root_path = str(tmp_path)
    CookieGate(app)
    assert app.extensions["cookiegate"].gate.registry.source == str(tmp_path / "cookiegate.toml")
    monkeypatch.chdir(tmp_path)
    app = application()
    app.root_path = str(tmp_path / "elsewhere")
    CookieGate(app)
    assert app.extensions["cookiegate"].gate.registry.source == "cookiegate.toml"


def test_options_come_from_the_configuration_and_arguments_come_first(registry: str) -> None:
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_MODE="report")
    CookieGate(app)
    assert names(app.test_client().get("/users/7")) == ["_ga"]
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_MODE="report")
    CookieGate(app, mode="enforce")
    assert names(app.test_client().get("/users/7")) == []
    app = application(COOKIEGATE_REGISTRY="nowhere.toml")
    CookieGate(app, registry=Registry.parse(REGISTRY))
    assert names(app.test_client().get("/users/7")) == []


def test_a_gate_or_several_by_host_may_be_given() -> None:
    app = application()
    CookieGate(app, gate_for(secure=False))
    assert names(app.test_client().get("/users/7")) == []
    gates = {"a.example": gate_for(), "b.example": gate_for(mode="report")}
    app = application(COOKIEGATE_GATE=gates)
    CookieGate(app)
    client = app.test_client()
    assert names(client.get("/users/7", base_url="http://a.example")) == []
    assert names(client.get("/users/7", base_url="http://b.example")) == ["_ga"]


def test_callbacks_get_the_routes_template(registry: str) -> None:
    seen: list[Verdict] = []
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_ON_VERDICT=seen.append)
    CookieGate(app)
    app.test_client().get("/users/7")
    (verdict,) = seen
    assert (verdict.route, verdict.reason) == ("/users/<int:id>", Reason.NO_CONSENT)


def test_callbacks_get_the_route_if_the_response_starts_late(registry: str) -> None:
    seen: list[Verdict] = []
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_ON_VERDICT=seen.append)
    inner = app.wsgi_app

    def late(environ: Any, start_response: Any) -> Iterator[bytes]:
        yield from inner(environ, start_response)

    vars(app)["wsgi_app"] = late
    CookieGate(app)
    app.test_client().get("/users/7")
    assert [verdict.route for verdict in seen] == ["/users/<int:id>"]


def test_callbacks_get_no_route_without_a_match(registry: str) -> None:
    seen: list[Verdict] = []
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_ON_VERDICT=seen.append)

    @app.errorhandler(404)
    def not_found(error: Exception) -> Any:
        return "", 404, {"Set-Cookie": "_ga=1"}

    CookieGate(app)
    app.test_client().get("/nowhere")
    assert [verdict.route for verdict in seen] == [None]


def test_a_report_file_counts_verdicts(registry: str, tmp_path: Path) -> None:
    path = tmp_path / "report.db"
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_REPORT=str(path))
    CookieGate(app)
    app.test_client().get("/users/7")
    counts = app.extensions["cookiegate"].gate.on_verdict
    assert isinstance(counts, Counts)
    counts.close()
    (row,) = CountsFile(path).read()
    assert (row.key.subject, row.key.route) == ("_ga", "/users/<int:id>")


def test_counts_and_another_callback_are_both_called(registry: str) -> None:
    seen: list[Verdict] = []
    counts = Counts()
    app = application(COOKIEGATE_REGISTRY=registry)
    CookieGate(app, report=counts, on_verdict=seen.append)
    app.test_client().get("/users/7")
    assert len(seen) == len(counts.rows()) == 1


def test_templates_have_the_visit(registry: str) -> None:
    app = application(COOKIEGATE_REGISTRY=registry)
    CookieGate(app)
    assert app.test_client().get("/template").text == "False"


def test_flashed_messages_arrive(registry: str) -> None:
    app = application(COOKIEGATE_REGISTRY=registry)
    CookieGate(app)
    client = app.test_client()
    client.get("/flash")
    assert client.get("/flashed").text == "hello"


def test_outside_a_request_or_a_gate_current_visit_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="current_visit works only in views"):
        _ = current_visit.consent
    app = application()
    with (
        app.test_request_context("/"),
        pytest.raises(RuntimeError, match=r"call CookieGate\(app\)"),
    ):
        _ = current_visit.consent


def test_a_host_corrected_by_an_outer_middleware_counts() -> None:
    app = application()
    shop, other = gate_for(), Gate(Registry.load("cookiegate:starter"), KEY)
    CookieGate(app, gate={"shop.example": shop, "*": other})
    vars(app)["wsgi_app"] = ProxyFix(app.wsgi_app, x_host=1)

    @app.get("/site")
    def site() -> str:
        return current_visit.registry.site.name

    client = app.test_client()
    assert client.get("/site", headers={"X-Forwarded-Host": "shop.example"}).text == "Shop"
    assert client.get("/site").text == "My site"


def test_pages_at_a_path_count_their_banners_in_the_report_file(
    registry: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.db"
    app = application(COOKIEGATE_REGISTRY=registry, COOKIEGATE_REPORT=str(path))
    CookieGate(app, pages="/cookies")
    answer = app.test_client().get("/cookies/api")
    assert answer.json is not None
    assert answer.json["should_ask"] is True
    del app
    gc.collect()
    assert [row.count for row in CountsFile(path).read_banners() or []] == [1]
