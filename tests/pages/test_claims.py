"""Each sentence and each button of the pages, in every state, held against what is in force."""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from cookiegate import Gate, Registry
from cookiegate.consent.recording import Kept
from cookiegate.http.signals import SIGNAL_SETS, Signal
from cookiegate.pages import catalogs
from tests.pages.claims import (
    BUTTONS,
    CLAIMS,
    Facts,
    Page,
    Surface,
    notes_fit,
    patterns,
    signal_headers,
)
from tests.pages.support import OTHER, Browser, MemoryRecorder, Response
from tests.registries import DAY, KEY, NOON

LANGUAGES = catalogs.languages()
TEXT = """[site]
name = "Shop"
id = "shop"
languages = {languages}
version = {version}
{site}
consent_days = 90
refusal_days = 180
[ledger]
keep = "3 years"
[policy]
{policy}
[categories.essential]
required = true
title.en = "Essential"
[categories.functional]
survives_signal = ["dnt"]
title.en = "Functional"
without.en = "You choose your size again."
[categories.analysis]
{analysis}
title.en = "Analysis"
[categories.marketing]
title.en = "Marketing"
[services.pay]
provider = "Payer"
category = "essential"
[services.ads]
provider = "Adverts"
category = "marketing"
domain = "ads.example"
links = [{{ kind = "opt_out", url = "https://ads.example/out" }}]
[[cookies]]
name = "essential"
service = "pay"
"""
ENTRY = '[[cookies]]\nname = "{0}"\ncategory = "{0}"\n'
ADS = '[[cookies]]\nname = "ad"\nservice = "ads"\n'
OPTIONAL = ("functional", "analysis", "marketing")
RULES = (
    *('"override"', '"confirm"', '"default"', '"ignore"'),
    '{ dnt = "override", gpc = "confirm" }',
)
STATUSES = (
    *("none", "granted", "granted under the signals", "refused", "expired", "outdated"),
    *("refused before", "several", "forged"),
)
PATHS: dict[Surface, str] = {"settings": "/cookies", "banner": "/page"}
MODES = ("enforce", "report", "mixed")
#: Together, these have all sentences that depend on a rule or a mode.
IN_ALL_LANGUAGES = {
    *((RULES[0], "enforce"), (RULES[1], "mixed"), (RULES[2], "report"), (RULES[4], "enforce")),
}
#: A cookie that the visitor may not allow, sent by each browser.
STILL = "analysis=1"


def made(
    rule: str = '"override"',
    mode: str = "enforce",
    *,
    version: int = 2,
    site: str = "",
    more: str = "",
    filled: tuple[str, ...] = OPTIONAL,
    end: str = "",
) -> Registry:
    text = TEXT.format(
        languages=json.dumps(["en", *LANGUAGES]),
        version=version,
        site=site,
        policy=f'signals = {rule}\nmode = "{"report" if mode == "report" else "enforce"}"\n{more}',
        analysis='mode = "report"' if mode == "mixed" else "",
    )
    entries = "".join(ENTRY.format(one) for one in filled)
    return Registry.parse(text + entries + (ADS if "marketing" in filled else "") + end)


#: Pages that show different sentences, by surface and sentences.
Seen = dict[tuple[str, ...], tuple[Surface, str, Facts]]


class Site:
    """A site, and the browser of a visitor whose cookies are given with each request."""

    def __init__(self, registry: Registry, recorder: MemoryRecorder | None = None) -> None:
        self.browser = Browser("wsgi", registry=registry, recorder=recorder)
        self.gate = self.browser.gate
        self.recorder = recorder

    def get(self, path: str, facts: Facts) -> Response:
        self.browser.jar.clear()
        return self.browser.get(path, *self._headers(facts))

    def press(self, fields: dict[str, Any], facts: Facts) -> tuple[Response, Facts, set[str]]:
        """Return the answer, the facts afterwards, and the names of deleted cookies."""
        self.browser.jar.clear()
        response = self.browser.post("/cookies", fields, *self._headers(facts))
        cookies, deleted = list(facts.cookies), set()
        for line in response.all(b"set-cookie"):
            name, _, rest = line.partition("=")
            if "Max-Age=0" in rest:
                deleted.add(name)
            cookies = [one for one in cookies if not one.startswith(f"{name}=")]
            if "Max-Age=0" not in rest:
                cookies.append(line.partition(";")[0])
        after = Facts(self.gate, tuple(cookies), facts.signals)
        return response, after, deleted - {self.gate.cookie_name}

    def _headers(self, facts: Facts) -> list[tuple[bytes, bytes]]:
        cookie = (b"cookie", "; ".join(facts.cookies).encode())
        return [cookie, *signal_headers(facts.signals)]


def cookies_of(status: str, gate: Gate, signals: frozenset[Signal]) -> tuple[str, ...]:
    """What a browser of this status sends."""
    some = [one for one in ("functional", "analysis") if one in gate.registry.offered]
    older = Gate(made(version=1), KEY, secure=False, clock=lambda: NOON)
    consents = {
        "none": [],
        "granted": [gate.issue(some, now=NOON - DAY)],
        "granted under the signals": [gate.issue(some, signals=signals, now=NOON - DAY)],
        "refused": [gate.issue((), now=NOON - DAY)],
        "expired": [gate.issue(some, now=NOON - 91 * DAY)],
        "outdated": [older.issue(some, now=NOON - DAY)],
        "refused before": [older.issue((), now=NOON - DAY)],
        "several": [gate.issue(some, now=NOON - DAY), gate.issue((), now=NOON - DAY)],
        "forged": [f"{gate.cookie_name}=1.forged"],
    }[status]
    return (*(one.partition(";")[0] for one in consents), STILL)


def visits(gate: Gate) -> Iterator[tuple[str, Facts]]:
    for status, signals in product(STATUSES, SIGNAL_SETS.values()):
        yield (
            f"{status}, {sorted(signals)}",
            Facts(gate, cookies_of(status, gate, signals), signals),
        )


def fields_of(page: Response, answer: str) -> dict[str, Any]:
    """The fields that a browser sends with a button if nothing else was moved."""
    forms = re.findall(r"<form.*?</form>", page.text, re.DOTALL)
    (text,) = (one for one in forms if f'name="answer" value="{answer}"' in one)
    found: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text):
        found[name] = [*found.get(name, []), value] if name in ("kept", "category") else value
    switches = re.findall(r'name="category" value="([^"]+)"([^>]*)>', text)
    on = [id for id, rest in switches if " checked" in rest and " disabled" not in rest]
    return {**found, "category": [*found.get("category", []), *on]}


def check(page: Page, situation: str) -> None:
    for message, inserted in page.shown.items():
        for values in inserted:
            assert CLAIMS[message](page, values), (situation, page.surface, message, values)


def check_all(
    surface: Surface, response: Response, facts: Facts, situation: str, **more: Any
) -> Page:
    page = Page(surface, response.text, facts, **more)
    check(page, situation)
    return page


def test_each_sentence_has_a_claim() -> None:
    known = {one.id if isinstance(one.id, str) else one.id[0] for one in catalogs.sentences()}
    assert set(CLAIMS) == known - {""}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rule", RULES)
def test_every_sentence_and_button_is_true_for_every_visitor(rule: str, mode: str) -> None:
    recorder = MemoryRecorder(Kept(address="none", refusals=False))
    site = Site(made(rule, mode), recorder)
    seen: Seen = {}
    for situation, facts in visits(site.gate):
        for surface, path in PATHS.items():
            response = site.get(path, facts)
            page = check_all(surface, response, facts, situation, has_recorder=True)
            seen.setdefault((surface, *sorted(page.shown)), (surface, situation, facts))
            if surface == "settings":
                assert notes_fit(page), situation
                assert any(value == "withdraw" for value, _ in page.buttons) is bool(facts.granted)
            # What is stored does not depend on the mode.
            if mode == "enforce" or situation.startswith(("granted,", "none")):
                press_all(site, response, page, situation)
        check_state(site, facts, situation)
    if (rule, mode) in IN_ALL_LANGUAGES:
        check_languages(site, seen)


def press_all(site: Site, response: Response, page: Page, situation: str) -> None:
    recorder, facts = site.recorder, page.facts
    assert recorder is not None
    for value, label in page.buttons:
        known, outcome = BUTTONS[label]
        assert value == known
        form = fields_of(response, value)
        number = len(recorder.choices)
        answer, after, deleted = site.press({**form, "answer": value}, facts)
        assert answer.status in (200, 303), (situation, label)
        assert outcome(page, after), (situation, page.surface, label, after.consent)
        if answer.status == 200:
            options: Any = {"before": facts, "pressed": value, "has_recorder": True}
            check_all("settings", answer, after, situation, deleted=frozenset(deleted), **options)
        for choice in recorder.choices[number:]:
            assert (choice.after.granted, choice.record.granted) == (after.granted,) * 2
        # What is allowed without the signals is what the visitor chose.
        assert Facts(site.gate, after.cookies).optional == after.granted
        recorder.is_down = True
        failed, after, _ = site.press({**form, "answer": value}, facts)
        recorder.is_down = False
        assert failed.status in (200, 303, 503)
        if failed.status == 503:
            check_all("message", failed, after, situation, before=facts, pressed=value)
            assert after.optional <= facts.optional


def check_state(site: Site, facts: Facts, situation: str) -> None:
    """The state for programs says the same."""
    state = json.loads(site.get("/cookies/api", facts).text)
    consent = facts.consent
    assert state["status"] == consent.status
    assert set(state["granted"]) == facts.granted
    assert set(state["allowed"]) == facts.permitted
    is_asked = "Cookies on Shop: your choice" in site.get("/page", facts).text
    assert state["should_ask"] is is_asked, situation
    settled = consent.status == "given" or (consent.status == "outdated" and not consent.previous)
    may_ask = bool(facts.enforced) and not settled and not facts.potential.isdisjoint(facts.offered)
    assert is_asked is may_ask, situation
    for one in state["categories"]:
        if one["offered"]:
            is_final = one["id"] not in facts.potential
            assert one["blocked"] is is_final, situation
            assert one["on"] is (one["id"] in facts.granted and not is_final), situation


def check_languages(site: Site, seen: Seen) -> None:
    """Each page that differs from the others has the same sentences in every language."""
    for (_, *messages), (surface, situation, facts) in seen.items():
        for language in LANGUAGES:
            text = site.get(f"{PATHS[surface]}?lang={language}", facts).text
            page = Page(surface, text, facts, language=language)
            assert sorted(page.shown) == messages, (situation, language)


RECORDERS = (
    None,
    MemoryRecorder(),
    *(MemoryRecorder(Kept(address="none", refusals=refusals)) for refusals in (True, False)),
    MemoryRecorder(Kept(address="truncated", refusals=False)),
    MemoryRecorder(Kept(address="hashed", refusals=False)),
)
CONTENTS: list[dict[str, Any]] = [
    *({"filled": filled} for filled in (("analysis",), ("functional",), ())),
    *({"more": more} for more in ('unknown = "allow"', 'sweep = "off"')),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rule", RULES)
def test_every_sentence_of_the_policy_is_true(rule: str, mode: str) -> None:
    sites = [*((content, RECORDERS[-1]) for content in CONTENTS), *(({}, one) for one in RECORDERS)]
    for content, recorder in sites:
        site = Site(made(rule, mode, **content), recorder)
        facts = Facts(site.gate, ())
        options: Any = {
            "has_recorder": recorder is not None,
            "kept": getattr(recorder, "kept", None),
        }
        situation = f"{content} {options}"
        page = check_all("policy", site.get("/cookies/policy", facts), facts, situation, **options)
        if content:
            check_all("settings", site.get("/cookies", facts), facts, situation, **options)
        if (rule, mode) in IN_ALL_LANGUAGES and (content or recorder is RECORDERS[-1]):
            for language in LANGUAGES:
                text = site.get(f"/cookies/policy?lang={language}", facts).text
                other = Page("policy", text, facts, language=language, **options)
                assert sorted(other.shown) == sorted(page.shown), (situation, language)
        if recorder is RECORDERS[1]:
            # Made outside of a request, it says the same.
            text = site.browser.pages.policy("md").replace("\\", "")
            lines = re.sub(r"[#*]+ ?", "\n", text)
            check(Page("policy", lines, facts, **options), situation)


@pytest.mark.parametrize("rule", RULES)
def test_a_rejected_choice_is_answered_with_the_truth(rule: str) -> None:
    site = Site(made(rule))
    for situation, facts in visits(site.gate):
        sent: list[dict[str, Any]] = [
            {"answer": "all"},
            {"answer": "these", "category": ["analysis"]},
            {"answer": "these", "category": ["marketing", "nothing"]},
        ]
        for fields in sent:
            answer, after, _ = site.press(fields, facts)
            if answer.status >= 400:
                check_all("message", answer, after, situation, before=facts)
                assert after.optional <= facts.optional
        site.browser.sent.append(OTHER)
        site.browser.sent.remove((b"sec-fetch-site", b"same-origin"))
        answer, after, _ = site.press({"answer": "all"}, facts)
        assert answer.status == 403
        check_all("message", answer, after, situation, before=facts)
        site.browser.sent[:] = [(b"sec-fetch-site", b"same-origin")]


#: A second service of analysis, beside what the site itself sets there.
COUNTER = """[services.counter]
name = "Counter"
category = "analysis"
[[cookies]]
name = "count"
service = "counter"
"""


@pytest.mark.parametrize("rule", RULES)
def test_every_sentence_is_true_where_visitors_choose_by_service(rule: str) -> None:
    recorder = MemoryRecorder(Kept(address="none", refusals=False))
    site = Site(made(rule, site='granularity = "service"', end=COUNTER), recorder)
    seen: set[str] = set()
    for signals, granted in product(
        SIGNAL_SETS.values(),
        ((), ("analysis:counter",), ("analysis:-", "functional"), ("analysis",)),
    ):
        cookie = site.gate.issue(granted, now=NOON - DAY).partition(";")[0]
        facts = Facts(site.gate, (cookie, STILL), signals)
        situation = f"{granted}, {sorted(signals)}"
        response = site.get("/cookies", facts)
        page = check_all("settings", response, facts, situation, has_recorder=True)
        seen |= page.shown.keys()
        for value, _ in page.buttons:
            fields = {**fields_of(response, value), "answer": value}
            answer, after, deleted = site.press(fields, facts)
            options: Any = {"before": facts, "pressed": value, "has_recorder": True}
            check_all("settings", answer, after, situation, deleted=frozenset(deleted), **options)
            if value == "these":
                # To save what is shown grants nothing new. It takes nothing back, but for what the
                # new record would confirm under the second of two signals.
                assert after.granted <= facts.granted, situation
                may_lose = "override" in rule and "confirm" in rule and len(signals) == 2
                lost = {one.partition(":")[0] for one in facts.granted - after.granted}
                assert not lost or (may_lose and lost.isdisjoint(facts.potential)), situation
    assert {"Only: %(services)s", "Allowed", "Off"} <= seen


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_sentences_are_found_in_a_page(language: str) -> None:
    """The walk would find nothing false if it found nothing."""
    site = Site(made('"override"', "mixed"), MemoryRecorder())
    facts = Facts(site.gate, cookies_of("several", site.gate, frozenset()), frozenset({"dnt"}))
    page = Page("settings", site.get(f"/cookies?lang={language}", facts).text, facts)
    assert len(Page("settings", page.text, facts, language=language).shown) >= 8
    assert len(patterns(language)) > 60
