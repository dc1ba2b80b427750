"""Settings, and the checks that say what is wrong with them."""

import gc
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path, re_path

from cookiegate import Gate, Registry, Verdict
from cookiegate.django.conf import find_gates
from cookiegate.reports import Counts
from cookiegate.reports.sqlite import CountsFile
from tests.django import site
from tests.registries import KEY, SHOP, gate_for

TEXT = SHOP.format(policy="", analysis="")
seen: list[Verdict] = []


def found() -> Gate:
    gate = find_gates()
    assert isinstance(gate, Gate)
    return gate


def on_verdict(verdict: Verdict) -> None:
    seen.append(verdict)


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    seen.clear()
    yield
    seen.clear()


def checked(**settings: Any) -> list[tuple[str, str]]:
    with override_settings(**settings):
        found = [(str(one.id), f"{one.msg} {one.hint}") for one in run_checks()]
    return [one for one in found if one[0].startswith("cookiegate.")]


def test_correct_settings_have_no_findings() -> None:
    assert checked(DEBUG=True) == []
    assert checked(COOKIEGATE_SECURE=True) == []


def test_the_middleware_must_be_first() -> None:
    ((id, text),) = checked(DEBUG=True, MIDDLEWARE=[*site.MIDDLEWARE[1:3], site.GATE_MIDDLEWARE])
    assert id == "cookiegate.E001"
    assert text == (
        "CookieGateMiddleware is number 3 in MIDDLEWARE: it does not see the cookies that are set "
        "by 'django.middleware.security.SecurityMiddleware', "
        "'django.contrib.sessions.middleware.SessionMiddleware'. "
        "Put 'cookiegate.django.CookieGateMiddleware' first."
    )


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("own")


def routes(*patterns: Any) -> ModuleType:
    urlconf = ModuleType("urlconf")
    vars(urlconf)["urlpatterns"] = patterns
    return urlconf


@pytest.mark.parametrize(
    ("patterns", "shadowed"),
    [
        ([path("cookies", view)], ["/cookies"]),
        ([path("cookies/", view), path("home", view)], ["/cookies/"]),
        ([re_path(r"^cookies/policy/$", view)], ["/cookies/policy/"]),
        ([path("cookies/", include([path("", view), path("x", view)]))], ["/cookies/"]),
        ([path("<path:name>", view), path("cookies/<name>", view), path("", view)], []),
    ],
)
def test_a_view_that_the_pages_answer_for_is_a_warning(
    patterns: list[Any], shadowed: list[str]
) -> None:
    urlconf = routes(*patterns)
    found = checked(DEBUG=True, COOKIEGATE_PAGES="/cookies", ROOT_URLCONF=urlconf)
    assert found == [
        (
            "cookiegate.W006",
            f"The view at {route!r} is never called: Cookiegate's pages are there. "
            "Set COOKIEGATE_PAGES to another path, or move the view.",
        )
        for route in shadowed
    ]
    assert checked(DEBUG=True, COOKIEGATE_PAGES="/consent", ROOT_URLCONF=urlconf) == []


def test_a_site_without_views_or_pages_has_nothing_to_report() -> None:
    urlconf = routes(path("cookies", view))
    assert checked(DEBUG=True, COOKIEGATE_PAGES=None, ROOT_URLCONF=urlconf) == []
    assert checked(DEBUG=True, COOKIEGATE_PAGES="/cookies", ROOT_URLCONF="") == []


def test_a_path_of_the_pages_that_is_not_valid_is_an_error() -> None:
    ((id, text),) = checked(DEBUG=True, COOKIEGATE_PAGES="cookies/")
    assert id == "cookiegate.E003"
    assert text.startswith("A setting of Cookiegate is wrong: ")


def test_the_middleware_is_found_by_its_full_path_too() -> None:
    path = "cookiegate.django.middleware.CookieGateMiddleware"
    assert checked(DEBUG=True, MIDDLEWARE=[path, *site.MIDDLEWARE[1:]]) == []


def test_a_missing_middleware_is_a_warning() -> None:
    found = checked(DEBUG=True, MIDDLEWARE=site.MIDDLEWARE[1:])
    assert [id for id, _ in found] == ["cookiegate.W001"]


def test_every_problem_of_the_registry_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('[site]\nname = "S"\nlangauges = ["en"]\n[categories.a]\nrequird = true\n')
    found = checked(DEBUG=True, COOKIEGATE_REGISTRY=path)
    assert {id for id, _ in found} == {"cookiegate.E002"}
    assert any(text.startswith(f"{path}:3: ") for _, text in found)
    assert any(text.startswith(f"{path}:5: ") for _, text in found)
    with (
        override_settings(COOKIEGATE_REGISTRY=path),
        pytest.raises(SystemCheckError, match=r"broken\.toml:3"),
    ):
        call_command("check")


def test_a_missing_registry_is_reported(tmp_path: Path) -> None:
    ((id, text),) = checked(DEBUG=True, COOKIEGATE_REGISTRY=tmp_path / "no.toml")
    assert id == "cookiegate.E002"
    assert "no.toml' cannot be opened: No such file or directory. Set COOKIEGATE_REGISTRY" in text


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"COOKIEGATE_SECRET_KEY": "x"}, "secret_key has 1 bytes"),
        ({"COOKIEGATE_MODE": "watch"}, "mode is 'watch'; write 'enforce'"),
        ({"COOKIEGATE_HOOK": "nowhere.hook"}, "No module named 'nowhere'"),
        ({"COOKIEGATE_GATE": 7}, "gate is int; give Gate"),
        # Empty, and yet a setting: no gate is made of the other settings in its place.
        ({"COOKIEGATE_GATE": {}}, "gate is an empty mapping; give at least one host"),
    ],
)
def test_a_wrong_setting_is_reported(settings: dict[str, Any], text: str) -> None:
    ((id, found),) = checked(DEBUG=True, **settings)
    assert id == "cookiegate.E003"
    assert text in found


def test_plain_http_in_production_is_a_warning() -> None:
    assert [id for id, _ in checked(DEBUG=False)] == ["cookiegate.W002"]


def test_the_registry_is_found_in_the_base_directory(tmp_path: Path) -> None:
    (tmp_path / "cookiegate.toml").write_text(TEXT)
    with override_settings(BASE_DIR=tmp_path, COOKIEGATE_REGISTRY=None):
        assert found().registry.source == str(tmp_path / "cookiegate.toml")


def test_the_gate_is_made_once_and_again_when_a_setting_changes() -> None:
    assert find_gates() is find_gates()
    before = find_gates()
    with override_settings(COOKIEGATE_MODE="report"):
        assert find_gates() is not before
    with override_settings(COOKIEGATE_REGISTRY=Registry.parse(TEXT)):
        assert found().registry.site.name == "Shop"


def test_the_key_is_djangos_with_its_fallbacks() -> None:
    old = "an older key for the tests, of some length"
    issued = gate_for(Registry.load("cookiegate:starter"), secure=False).issue(set())
    with override_settings(SECRET_KEY="a newer key for the tests, of some length"):
        assert found().read([cookie(issued)]).status == "invalid"
    with override_settings(SECRET_KEY=old, SECRET_KEY_FALLBACKS=[KEY]):
        assert found().read([cookie(issued)]).status != "invalid"
    with override_settings(SECRET_KEY=old, COOKIEGATE_SECRET_KEY=KEY):
        assert found().read([cookie(issued)]).status != "invalid"
    # As read from an environment variable that is not set.
    with override_settings(SECRET_KEY=KEY, COOKIEGATE_SECRET_KEY=""):
        assert found().read([cookie(issued)]).status != "invalid"


def cookie(issued: str) -> tuple[bytes, bytes]:
    return b"cookie", issued.partition(";")[0].encode()


@pytest.mark.parametrize("callback", [on_verdict, f"{__name__}.on_verdict"])
def test_callbacks_may_be_dotted_paths(callback: Any) -> None:
    with override_settings(COOKIEGATE_ON_VERDICT=callback):
        Client().get("/users/7")
    assert [verdict.name for verdict in seen] == ["_ga"]


def test_a_report_file_counts_verdicts(tmp_path: Path) -> None:
    with override_settings(COOKIEGATE_REPORT=tmp_path / "report.db"):
        Client().get("/users/7")
        counts = found().on_verdict
    assert isinstance(counts, Counts)
    (row,) = counts.rows()
    assert (row.key.subject, row.key.route) == ("_ga", "users/<int:id>")
    counts.close()


def test_counts_and_another_callback_are_both_called() -> None:
    counts = Counts()
    with override_settings(COOKIEGATE_REPORT=counts, COOKIEGATE_ON_VERDICT=on_verdict):
        Client().get("/users/7")
    assert len(counts.rows()) == len(seen) == 1


def test_a_gate_may_be_a_dotted_path() -> None:
    site.answer = lambda request: HttpResponse("", headers={"Set-Cookie": "sid=1"})
    with override_settings(COOKIEGATE_GATE=f"{__name__}.GATE"):
        assert found() is GATE


GATE = gate_for(secure=False)


def test_pages_at_a_path_count_their_banners_in_the_report_file(tmp_path: Path) -> None:
    path = tmp_path / "report.db"
    (tmp_path / "site.toml").write_text(TEXT)
    with override_settings(
        COOKIEGATE_REGISTRY=tmp_path / "site.toml",
        COOKIEGATE_REPORT=path,
        COOKIEGATE_PAGES="/cookies",
    ):
        assert Client().get("/cookies/api").json()["should_ask"] is True
        gc.collect()
    assert [row.count for row in CountsFile(path).read_banners() or []] == [1]


def test_templates_without_the_request_are_named() -> None:
    backend = "django.template.backends.django.DjangoTemplates"
    for options in ({}, {"OPTIONS": {"context_processors": ["one.of.mine"]}}):
        ((id, text),) = checked(DEBUG=True, TEMPLATES=[{"BACKEND": backend, **options}])
        assert id == "cookiegate.W003"
        assert "'django.template.context_processors.request' into" in text
    jinja = "django.template.backends.jinja2.Jinja2"
    assert checked(DEBUG=True, TEMPLATES=[{"BACKEND": jinja}]) == []
