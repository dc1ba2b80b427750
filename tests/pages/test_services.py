"""Choices by service on the pages: the form, the API, the texts and the signals."""

import json
import re
from typing import Any

import pytest

from cookiegate.pages.messages import PageRequest
from cookiegate.registry import Registry
from tests.pages.support import (
    JSON,
    Browse,
    Browser,
    MemoryRecorder,
    Response,
    consent,
    fields,
    names,
)
from tests.registries import services

ANALYSIS = ["analysis:counter", "analysis:heat_maps", "analysis:-"]
MARKETING = ["marketing:counter", "marketing:ads", "marketing:videos"]
GPC = (b"sec-gpc", b"1")


def switches(page: Response) -> dict[str, str]:
    """By id: whether its switch is on, off, or cannot be moved."""
    found = re.findall(r'name="category" value="([^"]+)"([^>]*)>', page.text)
    return {
        id: "fixed" if " disabled" in rest else "on" if " checked" in rest else "off"
        for id, rest in found
    }


def saved(browser: Browser, *ids: str, headers: tuple[Any, ...] = ()) -> Response:
    return browser.post("/cookies", {"answer": "these", "category": ids}, *headers)


def now(page: Response) -> dict[str, str]:
    """What the page says about each category."""
    found = re.findall(r"<li.*?><span>(.*?)</span>\s*<strong>(.*?)</strong></li>", page.text)
    return dict(found)


def put(browser: Browser, *granted: str) -> Response:
    body = json.dumps({"granted": granted}).encode()
    return browser.send("PUT", "/cookies/api", body, [JSON])


@pytest.mark.parametrize(
    ("sent", "granted", "says"),
    [
        # A category that is on is all of its services, whatever their switches say.
        (["analysis"], {"analysis", *ANALYSIS}, "Allowed"),
        (["analysis", "analysis:counter"], {"analysis", *ANALYSIS}, "Allowed"),
        (ANALYSIS, {"analysis", *ANALYSIS}, "Allowed"),
        (["analysis:heat_maps"], {"analysis:heat_maps"}, "Only: Heat Maps"),
        (["analysis:-", "analysis:counter"], {"analysis:-", "analysis:counter"}, None),
        ([], set(), "Off"),
    ],
)
def test_a_form_chooses_categories_and_services(
    browse: Browse, sent: list[str], granted: set[str], says: str | None
) -> None:
    browser = browse(registry=services())
    page = saved(browser, *sent)
    assert consent(browser).granted == granted
    assert now(page)["analysis"] == (says or "Only: The counter and Shop")
    assert now(page)["essential"] == "Always on"


def test_a_category_that_is_on_has_no_service_that_could_contradict_it(browse: Browse) -> None:
    browser = browse(registry=services())
    assert switches(browser.get("/cookies")) == dict.fromkeys(
        ["analysis", *ANALYSIS, "marketing", *MARKETING], "off"
    )
    # Without the script, the category's switch leads: what it covers is off beneath it.
    found = switches(saved(browser, "analysis", "marketing:ads"))
    assert {id for id, state in found.items() if state == "on"} == {"analysis", "marketing:ads"}
    # So a category that is switched off is off.
    sent = [id for id, state in found.items() if state == "on" and id != "analysis"]
    saved(browser, *sent)
    assert consent(browser).granted == {"marketing:ads"}


def test_accept_all_essential_only_and_withdraw_stay(browse: Browse) -> None:
    browser = browse(registry=services())
    browser.post("/cookies", {"answer": "all"})
    assert consent(browser).granted == {"analysis", *ANALYSIS, "marketing", *MARKETING}
    browser.post("/cookies", {"answer": "none"})
    assert consent(browser).granted == set()
    saved(browser, "analysis:counter")
    assert "Withdraw consent" in browser.get("/cookies").text
    page = browser.post("/cookies", {"answer": "withdraw"}).text
    assert "Your consent is withdrawn." in page
    assert consent(browser).granted == set()


def test_each_service_shows_its_provider_its_links_and_its_entries(browse: Browse) -> None:
    page = browse(registry=services()).get("/cookies").text
    _, counter, maps, own, *_ = page.partition("Choose single services (3)")[2].split("cg-head")
    assert "<h3>The counter</h3>" in counter
    assert "Counter Ltd" in counter
    assert names(counter) == {"_count", "_count_…", "_both"}
    assert "<h3>Heat Maps</h3>" in maps
    assert "https://maps.example/privacy" in maps
    assert names(maps) == {"_map", "_both", "map_keys"}
    assert "<h3>Shop</h3>" in own
    assert names(own) == {"_own"}


def test_a_provider_spells_the_name_of_its_service(browse: Browse) -> None:
    two = Registry.parse(
        '[site]\nname = "S"\nlanguages = ["en"]\ngranularity = "service"\n[categories.c]\n'
        '[services.heat_maps]\nprovider = "HeatMaps"\n[services.x_ray]\nprovider = "X"\n'
        '[[cookies]]\nname = "a"\ncategory = "c"\nservice = "heat_maps"\n'
        '[[cookies]]\nname = "b"\ncategory = "c"\nservice = "x_ray"\n'
    )
    page = browse(registry=two).get("/cookies").text
    assert re.findall("<h3>(.*?)</h3>", page) == ["HeatMaps", "X Ray"]


@pytest.mark.parametrize("granularity", ["category", "service"])
def test_nothing_but_the_category_is_offered_without_a_second_service(
    browse: Browse, granularity: str
) -> None:
    one = Registry.parse(
        f'[site]\nname = "S"\nlanguages = ["en"]\ngranularity = "{granularity}"\n'
        '[categories.c]\n[services.s]\ncategory = "c"\n[[cookies]]\nname = "a"\nservice = "s"\n'
    )
    browser = browse(registry=one)
    page = browser.get("/cookies")
    assert switches(page) == {"c": "off"}
    assert "cg-services" not in page.text
    assert json.loads(browser.get("/cookies/api").text)["categories"][0]["services"] == []


def test_the_policy_groups_entries_by_service(browse: Browse) -> None:
    page = browse(registry=services()).get("/cookies/policy").text
    titles = re.findall("<h4>(.*?)</h4>", page)
    assert titles[-6:] == ["The counter", "Heat Maps", "Shop", "The counter", "Ads", "Videos"]


def test_the_api_has_the_services_and_takes_them(browse: Browse) -> None:
    browser = browse(registry=services())
    state = json.loads(put(browser, "analysis:counter", "marketing").text)
    assert state["granted"] == sorted(["analysis:counter", "marketing", *MARKETING])
    assert state["allowed"] == sorted([*state["granted"], "essential"])
    _, analysis, marketing, _ = state["categories"]
    assert (analysis["on"], marketing["on"]) == (False, True)
    assert analysis["services"] == [
        {"id": "analysis:counter", "name": "The counter", "provider": "Counter Ltd", "on": True},
        {"id": "analysis:heat_maps", "name": "Heat Maps", "provider": "", "on": False},
        {"id": "analysis:-", "name": "Shop", "provider": "", "on": False},
    ]
    # What the API returns can be sent back.
    assert json.loads(put(browser, *state["granted"]).text)["granted"] == state["granted"]


def test_an_unknown_service_is_rejected(browse: Browse) -> None:
    browser = browse(registry=services())
    assert saved(browser, "analysis:who").status == 400
    assert put(browser, "analysis:who").status == 400
    assert saved(browse(registry=services("category")), "analysis:counter").status == 400
    # A category that is not offered grants nothing.
    saved(browser, "empty", "essential")
    assert consent(browser).granted == set()


def test_a_blocked_category_keeps_the_services_that_were_granted(browse: Browse) -> None:
    browser = browse(registry=services())
    saved(browser, "analysis:counter", "marketing:ads")
    page = browser.get("/cookies", GPC)
    assert set(switches(page).values()) == {"fixed"}
    assert page.text.count("You allowed this. It is off as long as your browser sends") == 2
    kept = re.findall('name="kept" value="([^"]+)"', page.text)
    assert kept == ["analysis:counter", "marketing:ads"]
    sent = {**fields(page), "answer": "these", "kept": kept}
    browser.post("/cookies", sent, GPC)
    assert consent(browser).granted == {"analysis:counter", "marketing:ads"}
    assert saved(browser, "analysis:heat_maps", headers=(GPC,)).status == 409
    assert consent(browser).granted == set()


def test_a_service_is_confirmed_under_a_signal(browse: Browse) -> None:
    browser = browse(registry=services(policy='signals = "confirm"'))
    saved(browser, "analysis:counter")
    page = browser.get("/cookies", GPC)
    assert page.text.count("To allow it anyway, leave it switched on and save.") == 1
    assert switches(page)["analysis:counter"] == "on"
    page = saved(browser, "analysis:counter", headers=(GPC,))
    assert now(page)["analysis"] == "Only: The counter"


def test_the_recorder_gets_services(browse: Browse) -> None:
    recorder = MemoryRecorder()
    browser = browse(registry=services(), recorder=recorder)
    saved(browser, "analysis:counter")
    saved(browser, "analysis")
    recorder.is_down = True
    # What is taken back takes effect; the service that comes with it does not.
    assert saved(browser, "analysis:counter", "marketing:ads").status == 503
    assert [sorted(one.record.granted) for one in recorder.choices] == [
        ["analysis:counter"],
        ["analysis"],
        ["analysis:counter"],
    ]
    assert consent(browser).granted == {"analysis:counter"}


def test_storage_keys_of_refused_services_are_removed(browse: Browse) -> None:
    browser = browse(registry=services())
    saved(browser, "analysis:counter")
    (refused,) = json.loads(browser.get("/cookies/api").text)["refused"]
    assert "map_keys" in refused["refused"]
    saved(browser, "analysis:heat_maps")
    assert json.loads(browser.get("/cookies/api").text)["refused"] == []


def test_a_frame_is_held_by_its_service(browse: Browse) -> None:
    for granularity, id, held in (
        ("service", "marketing:videos", "marketing:videos"),
        ("category", "marketing", "marketing"),
    ):
        browser = browse(registry=services(granularity))
        visit = browser.gate.visit([])
        request = PageRequest(method="GET", path="/")
        written: dict[str, Any] = {
            "src": "https://videos.example/1",
            "title": "Film",
            "service": "videos",
        }
        html = browser.pages.frame(request, visit, "marketing", **written)
        assert f'data-cookiegate="{held}"' in html
        assert "once you allow Videos" in html or granularity == "category"
        visit.choose({id})
        assert ' src="https://videos.example/1"' in browser.pages.frame(
            request, visit, "marketing", **written
        )


def test_placeholders_know_the_names_of_services(browse: Browse) -> None:
    browser = browse(registry=services())
    address = re.search(r'data-embeds="([^"]+)"', browser.get("/").text)
    assert address is not None
    script = browser.get(f"/cookies/static/{address[1].replace('&amp;', '&')}").text
    assert '"marketing:videos":"Videos"' in script
