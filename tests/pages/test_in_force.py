"""What the pages say depends on what the site and its gate really do."""

import re
from typing import Any

import pytest

from cookiegate import Registry
from cookiegate.consent.recording import Kept
from tests.pages.support import TEXT, Browse, Browser, MemoryRecorder, registry

ONLY_ESSENTIAL = Registry.parse(
    '[site]\nname = "S"\nlanguages = ["en"]\n[categories.essential]\nrequired = true\n'
    '[categories.extras]\ndescription.en = "Does a lot."\nwithout.en = "You lose a lot."\n'
)
NOT_YET = "This site does not enforce your choice yet for: {}."
KEEP = '[ledger]\nkeep = "3 years"'


def policies(browser: Browser) -> list[str]:
    """The policy as a page, as a part of one, and as Markdown without its escapes."""
    page = browser.get("/cookies/policy").text
    return [page, browser.pages.policy("fragment"), browser.pages.policy("md").replace("\\", "")]


def browser_with(browse: Browse, text: str = "", **changes: str) -> Browser:
    whole = TEXT.format(site="", policy="") + text
    for old, new in changes.items():
        whole = whole.replace(old, new)
    return browse(registry=Registry.parse(whole))


def test_a_site_that_enforces_nothing_yet_says_so(browse: Browse) -> None:
    browser = browse(mode="report")
    for page in (browser.get("/cookies").text, *policies(browser)):
        assert NOT_YET.format("Analysis and marketing") in page
        assert "also lets cookies pass that are not listed" in page
    assert "cannot differ" not in policies(browser)[0]
    browser.post("/cookies", {"answer": "all"})
    page = browser.get("/cookies").text
    assert "withdraws everything you allowed." in page
    assert "deletes what this site can delete" not in page


def test_a_category_that_is_not_enforced_yet_is_named(browse: Browse) -> None:
    text = TEXT.format(site="", policy="").replace(
        "[categories.marketing]", '[categories.marketing]\nmode = "report"'
    )
    browser = browse(registry=Registry.parse(text))
    for page in (browser.get("/page").text, browser.get("/cookies").text, *policies(browser)):
        assert NOT_YET.format("marketing") in page
    enforced = browse()
    for page in (enforced.get("/page").text, enforced.get("/cookies").text, *policies(enforced)):
        assert NOT_YET[:20] not in page
    assert all("cannot differ" in page for page in policies(enforced))


def test_a_site_that_lets_unknown_cookies_pass_says_so(browse: Browse) -> None:
    browser = browse(registry=registry(policy='unknown = "allow"'))
    for page in policies(browser):
        assert "This site also lets cookies pass that are not listed here." in page
        assert "cannot differ" not in page


def test_a_site_with_nothing_to_choose_promises_no_choice(browse: Browse) -> None:
    browser = browse(registry=ONLY_ESSENTIAL)
    settings = browser.get("/cookies").text
    assert (
        settings.count("There is nothing to choose: this site stores only what is essential.") == 1
    )
    for words in ("You decide", "switch it on", "not chosen yet", "current choice", "<button"):
        assert words not in settings
    for page in policies(browser):
        for words in ("your choice is deleted", "asked again", "If you say no"):
            assert words not in page


def test_an_empty_category_promises_nothing(browse: Browse) -> None:
    browser = browse(registry=ONLY_ESSENTIAL)
    for page in (browser.get("/cookies").text, *policies(browser)):
        assert "Does a lot." not in page
        assert "You lose a lot." not in page
        assert "cookies at present" in page or "in this category at present" in page


def test_the_cost_of_a_refusal_is_not_claimed_without_a_text(browse: Browse) -> None:
    sentence = "you lose only what the categories below name"
    assert all(sentence in page for page in policies(browse()))
    browser = browser_with(browse, **{'without.en = "Nothing."\n': ""})
    assert not any(sentence in page for page in policies(browser))


def companies(page: str) -> tuple[list[str], list[str]]:
    """The companies on the policy page: those that are asked about, and the others."""
    rest = page.partition('id="companies"')[2].partition("</section>")[0].partition("<h2")[0]
    lists = [re.findall(r"<li>(.*?)(?: ·|</li>)", one) for one in rest.split("<ul>")[1:]]
    asked, others = (*lists, [], [])[:2]
    return asked, others


def test_the_banner_counts_the_companies_of_the_list_that_it_links_to(browse: Browse) -> None:
    browser = browser_with(
        browse,
        '[services.pay]\nprovider = "Payer"\ncategory = "essential"\n'
        '[[cookies]]\nname = "pay"\nservice = "pay"\n'
        '[services.more]\nprovider = "Google"\ncategory = "essential"\n'
        '[[cookies]]\nname = "captcha"\nservice = "more"\n',
    )
    assert companies(browser.get("/cookies/policy").text) == (["Google"], ["Payer"])
    assert "1 company would receive data about you" in browser.get("/page").text


def test_no_domain_is_said_to_belong_to_a_company(browse: Browse) -> None:
    browser = browser_with(
        browse,
        '[services.stat]\nprovider = "Counter Inc"\ncategory = "analysis"\n'
        'domain = "shop.example"\n[[cookies]]\nname = "_c"\nservice = "stat"\n',
    )
    page = browser.get("/cookies/policy").text
    assert companies(page)[0] == ["Google", "Counter Inc"]
    page = page.replace("<wbr>", "")
    assert re.search(r">_c</code></span>\s*<span[^>]*>Domain: shop.example</span>", page)
    assert "Counter Inc, shop.example" not in page
    for text in policies(browser):
        assert "Counter Inc, shop.example" not in text
        assert "Domain: shop.example" in text.replace("<wbr>", "")


LINKS = """[services.other]
provider = "Other Ads"
category = "marketing"
domain = "ads.example"
links = [
    { kind = "policy", url = "https://www.linked.example/policy" },
    { kind = "opt_out", url = "https://www.linked.example/out" },
    { kind = "opt_out", url = "https://choices.otherads.example/out" },
]
[[cookies]]
name = "o"
service = "other"
"""


def test_a_link_is_named_after_where_it_leads(browse: Browse) -> None:
    browser = browser_with(browse, LINKS)
    page = browser.get("/cookies/policy").text
    assert '<a href="https://www.linked.example/policy" rel="noopener noreferrer">' in page
    found = dict(re.findall(r'<a href="([^"]*)" rel="noopener noreferrer">(.*?)</a>', page))
    assert found["https://www.linked.example/policy"] == "linked.example’s policy"
    assert found["https://www.linked.example/out"] == "opt out at linked.example"
    assert found["https://choices.otherads.example/out"] == "opt out at Other Ads"
    assert found["https://google.example/out"] == "opt out at Google"
    assert "linked.example’s policy: <https://www.linked" in policies(browser)[2]


def test_after_a_withdrawal_only_companies_with_cookies_elsewhere_are_named(
    browse: Browse,
) -> None:
    own = LINKS.replace('domain = "ads.example"', 'domain = "shop.example"')
    for text, is_named in ((LINKS, True), (own, False)):
        browser = browser_with(browse, text)
        browser.post("/cookies", {"answer": "all"})
        page = browser.post("/cookies", {"answer": "withdraw"}).text
        assert ("Other Ads:" in page) is is_named
        assert "Google:" in page


def test_each_of_cookiegates_own_cookies_has_a_reason_of_its_own(browse: Browse) -> None:
    page = browse().get("/cookies/policy").text
    row = page.partition(">cookiegate-<wbr>form</code>")[2].partition("</tr>")[0]
    assert "could not remember your choice" not in row
    assert "could not be sure that the settings come from you" in row


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (Kept(address="none", refusals=True), "without your name or IP address"),
        (Kept(address="truncated", refusals=True), "a shortened form of your IP address"),
        (Kept(address="hashed", refusals=True), "a code computed from your IP address"),
        (None, "A record of your choice is kept for 3 years as proof."),
    ],
)
def test_the_policy_says_what_the_recorder_keeps(browse: Browse, kept: Any, words: str) -> None:
    recorder = MemoryRecorder(kept)
    page = browse(registry=registry(policy=KEEP), recorder=recorder).get("/cookies/policy").text
    assert words in page
    assert "A refusal is only counted" not in page


def test_the_policy_says_that_refusals_are_counted(browse: Browse) -> None:
    recorder = MemoryRecorder(Kept(address="none", refusals=False))
    page = browse(registry=registry(policy=KEEP), recorder=recorder).get("/cookies/policy").text
    assert "A refusal is only counted, unless it withdraws something." in page


def test_without_a_recorder_the_page_promises_no_record(browse: Browse) -> None:
    browser = browse(registry=registry(policy=KEEP))
    assert "A record of your choice" not in browser.get("/cookies/policy").text
    # A text that is made outside of a request says what the registry declares.
    assert "A record of your choice is kept for 3 years" in browser.pages.policy("md")


def in_force(html: str) -> dict[str, str]:
    """What the page says about each category, at its beginning."""
    shown = html.partition('class="cg-now"')[2].partition("</ul>")[0]
    return dict(re.findall(r"<span>([^<]+)</span>\s*<strong>([^<]+)</strong>", shown))


def test_the_state_says_what_is_allowed(browse: Browse) -> None:
    browser = browse()
    off = {"Essential": "Always on", "Analysis": "Off", "marketing": "Off"}
    assert in_force(browser.get("/cookies").text) == off
    page = browser.post("/cookies", {"answer": "these", "category": "analysis"}).text
    assert in_force(page) == {**off, "Analysis": "Allowed"}
    assert "Your choice applies until 22 February 2027." in page
    page = browser.get("/cookies", (b"sec-gpc", b"1")).text
    assert in_force(page) == off


def test_a_choice_that_cannot_be_read_is_not_called_none(browse: Browse) -> None:
    browser = browse()
    browser.jar["cookiegate"] = "forged"
    page = browser.get("/cookies").text
    assert "You have not chosen yet" not in page
    assert "Your earlier choice cannot be read." in page


def test_a_withdrawal_that_is_loaded_again_claims_nothing_new(browse: Browse) -> None:
    words = "Your browser sent nothing that had to be deleted."
    browser = browse()
    browser.post("/cookies", {"answer": "all"})
    assert words in browser.post("/cookies", {"answer": "withdraw"}).text
    again = browser.post("/cookies", {"answer": "withdraw"}).text
    assert "Your consent is withdrawn." in again
    assert words not in again


@pytest.mark.parametrize("options", [{"mode": "report"}, {"registry": 'sweep = "off"'}])
def test_a_site_that_deletes_nothing_does_not_speak_of_it(
    browse: Browse, options: dict[str, Any]
) -> None:
    if "registry" in options:
        options = {"registry": registry(policy=options["registry"])}
    browser = browse(**options)
    page = browser.post("/cookies", {"answer": "all"}).text
    assert "deletes what this site can delete" not in page
    page = browser.post("/cookies", {"answer": "withdraw"}).text
    assert "had to be deleted" not in page
