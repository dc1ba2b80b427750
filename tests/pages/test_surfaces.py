"""The texts of settings, policy and banner."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiegate import Registry
from cookiegate.pages import Pages
from cookiegate.pages.messages import PageRequest
from tests.pages.support import (
    OTHER,
    TEXT,
    Browse,
    MemoryRecorder,
    consent,
    names,
    registry,
    switches,
)
from tests.registries import gate_for


def test_every_switch_is_off_until_it_is_chosen(browse: Browse) -> None:
    page = browse().get("/cookies")
    assert page.status == 200
    assert switches(page.text) == {"analysis": (False, False), "marketing": (False, False)}
    assert "You have not chosen yet." in page.text
    assert "Always on" in page.text
    assert "No cookies at present" in page.text
    assert page.one(b"cache-control") == "no-store"


def test_texts_of_the_registry_are_escaped(browse: Browse) -> None:
    page = browse().get("/cookies").text
    assert "Counts &lt;b&gt;visits&lt;/b&gt;." in page
    assert "Shop &amp; Co" in page


def test_the_table_says_what_the_registry_says(browse: Browse) -> None:
    page = browse().get("/cookies").text
    for text in (
        "Counter",
        "730 days",
        "On each page.",
        "<h3>Google</h3>",
        "Domain: google.<wbr>com",
    ):
        assert text in page
    assert {"_ga", "_ga_…", "sid", "NID"} <= names(page)
    assert "_ga_*" not in page
    assert "No end date; browsers keep it for about 400 days at most" in page
    assert "Local storage" in page
    assert "name not confirmed" in page
    assert "You could not log in." in page


def test_pages_forbid_what_is_inline_or_from_elsewhere(browse: Browse) -> None:
    for path in ("/cookies", "/cookies/policy"):
        page = browse().get(path)
        policy = page.one(b"content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert page.one(b"x-frame-options") == "DENY"
        assert not re.search(r"<style|<script(?![^>]* src=)| style=| on\w+=", page.text)


def test_the_query_or_accept_language_decides_the_language(browse: Browse) -> None:
    browser = browse()
    assert 'lang="en"' in browser.get("/cookies").text
    swedish = browser.get("/cookies", (b"accept-language", b"sv-SE,en;q=0.5"))
    assert '<html lang="sv"' in swedish.text
    assert swedish.one(b"content-language") == "sv"
    assert "Analys" in swedish.text
    assert '<html lang="sv"' in browser.get("/cookies?lang=sv").text
    assert '<html lang="en"' in browser.get("/cookies?lang=xx&lang=<").text
    assert '<html lang="en"' in browser.get("/cookies?" + "&".join("a=1" for _ in range(30))).text


def test_the_policy_names_who_and_what_and_for_how_long(browse: Browse) -> None:
    page = browse(registry=registry("updated = 2026-11-24")).get("/cookies/policy")
    for text in (
        "Version 2, updated on 24 November 2026.",
        "Consent lasts 90 days, a refusal 180 days.",
        "Do Not Track: while your browser sends this signal, everything",
        "would stay on if you allowed it",
        "Shop Ltd",
        "mailto:shop@example.com",
        "Street 1",
        "Dee Po",
        "https://shop.example/privacy",
        "https://dpa.example",
        "Other",
        "https://google.example/policy",
        "https://google.example/out",
        "Remembers which categories of cookies you allowed or refused",
    ):
        assert text in page.text
    assert "cookiegate-form" in names(page.text)
    assert "Nobody" not in page.text
    assert page.one(b"vary") == "Accept-Language"
    assert page.all(b"set-cookie") == []


def test_the_policy_says_which_authority_is_for_what_and_in_which_country(browse: Browse) -> None:
    text = TEXT.format(site="", policy="").replace(
        '[[authorities]]\nname = "Other"\n',
        """[[authorities]]
name = { en = "Post and Telecom Authority", sv = "Post- och telestyrelsen" }
url = { en = "https://pts.example/en", sv = "https://pts.example/" }
country = "SE"
oversees = ["cookies"]
[[authorities]]
name = "Both of them"
country = "DE"
oversees = ["cookies", "data"]
""",
    )
    browser = browse(registry=Registry.parse(text))
    for language, duties, country, germany, pts in (
        (
            "en",
            ("Complaints about personal data", "Supervision of cookies"),
            "Sweden",
            "Germany",
            '<a href="https://pts.example/en" rel="noopener noreferrer">Post and Telecom '
            "Authority</a>",
        ),
        (
            "sv",
            ("Klagomål om personuppgifter", "Tillsyn över kakor"),
            "Sverige",
            "Tyskland",
            '<a href="https://pts.example/" rel="noopener noreferrer">Post- och telestyrelsen</a>',
        ),
    ):
        page = browser.get(f"/cookies/policy?lang={language}").text
        data, cookies = (page.partition(f"<h3>{one}</h3>")[2] for one in duties)
        data = data.partition("<h3>")[0]
        assert f"<li>{country}: {pts}</li>" in cookies
        assert f"<li>{germany}: Both of them</li>" in cookies
        assert f"<li>{germany}: Both of them</li>" in data
        assert "https://dpa.example" in data
        assert country not in data


@pytest.mark.parametrize(
    ("keep", "words"),
    [("3 years", "3 years"), ("1 year", "1 year"), ("12 months", "12 months")],
)
def test_the_policy_says_how_long_a_choice_is_kept_as_proof(
    browse: Browse, keep: str, words: str
) -> None:
    kept = registry(policy=f'[ledger]\nkeep = "{keep}"')
    page = browse(registry=kept, recorder=MemoryRecorder()).get("/cookies/policy").text
    sentence = "A record of your choice is kept for"
    assert f"<p>{sentence} {words} as proof.</p>" in page
    assert page.index(">How you decide</h2>") < page.index(sentence) < page.index('"cg-signals"')


def test_the_policy_promises_no_record_if_the_registry_states_no_retention(browse: Browse) -> None:
    assert "A record of your choice" not in browse().get("/cookies/policy").text


def test_the_policy_promises_no_record_if_nothing_can_be_chosen(browse: Browse) -> None:
    only = Registry.parse(
        '[site]\nname = "S"\nlanguages = ["en"]\n[ledger]\nkeep = "3 years"\n'
        "[categories.essential]\nrequired = true\n"
    )
    page = browse(registry=only).get("/cookies/policy").text
    assert "there is nothing to decide" in page
    assert "A record of your choice" not in page


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("confirm", "unless you allow it while the signal is on"),
        ("default", "counts as a refusal until you choose yourself"),
        ("ignore", "this site does not act on this signal"),
    ],
)
def test_the_policy_says_what_signals_do(browse: Browse, rule: str, text: str) -> None:
    page = browse(registry=registry(policy=f'signals = "{rule}"')).get("/cookies/policy")
    assert text in page.text


def test_every_cookie_of_a_full_visit_is_on_the_policy_page(browse: Browse) -> None:
    browser = browse()
    browser.sent = []
    html = browser.get("/cookies").text
    browser.post("/cookies", {"answer": "all", "token": browser.token(html)})
    page = browser.get("/cookies/policy").text
    assert set(browser.jar) == {"cookiegate", "cookiegate-form"}
    for name in browser.jar:
        assert name in names(page)


def test_the_banner_asks_until_there_is_a_choice(browse: Browse) -> None:
    browser = browse()
    page = browser.get("/page?a=1").text
    assert "Cookies on Shop &amp; Co: your choice" in page
    assert "1 company would receive data about you" in page
    back = re.search(r'name="back" value="([^"]+)"', page)
    assert back is not None
    response = browser.post("/cookies", {"answer": "none", "back": back[1]})
    assert response.one(b"location") == "/page?a=1"
    page = browser.get("/page").text
    assert ": your choice</h2>" not in page
    assert ">Cookie settings</a>" in page


def test_both_answers_are_alike(browse: Browse) -> None:
    page = browse().get("/page").text
    one, other = re.findall(r"<button[^>]*>", page)
    assert one.replace("all", "none") == other


def test_a_cacheable_banner_is_the_same_for_everyone_and_reads_no_consent(browse: Browse) -> None:
    first, second = browse(), browse()
    second.post("/cookies", {"answer": "all"})
    second.sent.append((b"dnt", b"1"))
    one, other = (browser.get("/cached") for browser in (first, second))
    assert one.text == other.text
    assert ": your choice</h2>" in one.text
    assert one.all(b"vary") == one.all(b"cache-control") == []


NAMES = [b"accept-language", b"cookie", b"dnt", b"sec-gpc", b"sec-fetch-site", b"sec-fetch-dest"]
NAMES += [b"host", b"origin", b"referer", b"user-agent", b"sec-purpose"]
VALUES = [b"sv", b"de;q=1, *", b"cookiegate=x", b"_ga=1", b"1", b"cross-site", b"iframe"]


@settings(max_examples=60, deadline=None)
@given(
    headers=st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.binary(max_size=20)),
        max_size=6,
    ),
    query=st.text("abclnug=&%?svdei", max_size=20) | st.sampled_from(["lang=sv", "a=1&lang=de"]),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    body=st.binary(max_size=10),
    language=st.sampled_from([None, "en", "sv", "xx"]),
)
def test_a_cacheable_banner_is_one_sequence_of_bytes_for_a_path(
    headers: list[tuple[bytes, bytes]], query: str, method: str, body: bytes, language: str | None
) -> None:
    gate = gate_for(registry())
    pages = Pages(gate)
    plain = PageRequest(method="GET", path="/a", root_path="/shop")
    first = pages.banner(plain, gate.visit([]), language=language, cacheable=True)
    assert f'class="cookiegate" lang="{"sv" if language == "sv" else "en"}"' in first
    request = PageRequest(
        method=method,
        path="/a",
        root_path="/shop",
        query=query,
        headers=tuple(headers),
        body=body,
    )
    visit = gate.visit(headers, method=method)
    assert pages.banner(request, visit, language=language, cacheable=True) == first
    assert not visit.context.is_asked


def test_a_cacheable_banner_returns_the_visitor_to_the_path(browse: Browse) -> None:
    browser = browse()
    page = browser.get("/cached?lang=sv&q=secret")
    assert "secret" not in page.text
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    answer = browser.post("/cookies", {**form, "answer": "none"})
    assert answer.one(b"location").endswith("/cached")


def test_a_site_in_report_mode_and_a_foreign_frame_have_no_banner(browse: Browse) -> None:
    assert browse(mode="report").get("/page").text == ""
    browser = browse()
    for sender in (OTHER, (b"sec-fetch-site", b"same-site")):
        browser.sent = [sender, (b"sec-fetch-dest", b"iframe")]
        assert browser.get("/page").text == ""
    browser.sent = [OTHER, (b"sec-fetch-dest", b"document")]
    assert ": your choice</h2>" in browser.get("/page").text


def test_a_company_with_two_services_is_counted_once(browse: Browse) -> None:
    text = TEXT.format(site="", policy="").replace('provider = "Nobody"', 'provider = "Google"')
    text += '[[cookies]]\nname = "DSID"\nservice = "unused"\ncategory = "marketing"\n'
    page = browse(registry=Registry.parse(text)).get("/page").text
    assert "1 company would receive data about you" in page


def test_a_close_button_that_a_template_adds_is_a_refusal_and_remembered(
    browse: Browse, tmp_path: Path
) -> None:
    banner = (files("cookiegate.pages") / "templates" / "banner.html").read_text(encoding="utf-8")
    close = '<button name="answer" value="none" aria-label="Close">×</button>\n  </form>'
    (tmp_path / "banner.html").write_text(banner.replace("</form>", close), encoding="utf-8")
    browser = browse(templates=tmp_path)
    assert 'aria-label="Close"' in browser.get("/page").text
    browser.post("/cookies", {"answer": "none"})
    assert consent(browser).status == "given"
    assert consent(browser).granted == set()
    assert ": your choice</h2>" not in browser.get("/page").text


def test_the_settings_say_that_the_browser_sends_several_choices(browse: Browse) -> None:
    browser = browse()
    words = "This browser sends several choices of yours"
    assert words not in browser.get("/cookies").text
    both = [browser.gate.issue(granted).partition(";")[0] for granted in (["analysis"], [])]
    sent = (b"cookie", "; ".join(both).encode())
    assert words in browser.get("/cookies", sent).text
