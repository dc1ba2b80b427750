"""The events and the functions that `cookiegate.js` gives a page, in Chromium."""

import pytest
from playwright.sync_api import BrowserContext, expect

from cookiegate import Gate, Registry
from tests.browser.script.support import SOURCE, Shop, accept, choose, puts, serve, wait_for
from tests.registries import KEY

pytestmark = pytest.mark.needs("chromium")

NOTE_ALL = """<script>
window.seen = [];
for (const name of ["cookiegate:ready", "cookiegate:first", "cookiegate:change", "cookiegate"]) {
  document.addEventListener(name, ({ detail }) => seen.push([name.slice(11) || "all", detail]));
}
</script>"""
ALL = ["analysis", "essential", "marketing"]


@pytest.mark.parametrize("tag", ["{banner}", "{cacheable}"])
def test_the_page_learns_of_its_state_of_the_first_choice_and_of_each_change(
    context: BrowserContext, shop: Shop, tag: str
) -> None:
    page = shop.open(context, NOTE_ALL + tag)
    page.wait_for_function("seen.some(([name]) => name === 'ready')")
    seen = page.evaluate("seen.splice(0)")
    assert seen[-1] == ["ready", {"allowed": ["essential"]}]
    other = shop.open(context, NOTE_ALL + tag)
    accept(page)
    detail = {"allowed": ALL, "added": ["analysis", "marketing"], "removed": [], "withdrawn": []}
    assert page.evaluate("seen.splice(0)") == [
        ["first", detail],
        ["change", detail],
        ["all", detail],
    ]
    # The choice was made in one tab.
    other.wait_for_function("cookiegate.allows('analysis')")
    assert "first" not in other.evaluate("seen.map(([name]) => name)")
    choose(page, "marketing")
    removed = ["analysis"]
    detail = {
        "allowed": ["essential", "marketing"],
        "added": [],
        "removed": removed,
        "withdrawn": removed,
    }
    assert page.evaluate("seen.splice(0)") == [["change", detail], ["all", detail]]
    # The same choice again changes nothing.
    choose(page, "marketing")
    assert page.evaluate("seen.splice(0)") == []
    page.reload()
    page.wait_for_function("seen.some(([name]) => name === 'ready')")
    assert page.evaluate("seen.at(-1)") == ["ready", {"allowed": ["essential", "marketing"]}]
    assert "change" not in page.evaluate("seen.map(([name]) => name)")


def test_a_refusal_is_a_first_choice_too(context: BrowserContext, shop: Shop) -> None:
    page = shop.open(context, NOTE_ALL + "{banner}")
    page.get_by_role("button", name="Essential only").click()
    expect(page.locator("#cookiegate-link")).to_be_visible()
    names = page.evaluate("seen.map(([name]) => name)")
    assert names == ["ready", "first"]


@pytest.mark.parametrize("tag", ["{banner}", "{cacheable}"])
def test_what_a_page_asks_for_before_the_script_is_there_is_done_once_it_is(
    context: BrowserContext, shop: Shop, tag: str
) -> None:
    early = """<script>
    window.seen = [];
    const push = (run) => (window.cookiegate ||= []).push(run);
    push(() => { throw new Error("one that fails stops no other"); });
    push((cookiegate) => cookiegate.on("ready", ({ allowed }) => seen.push(["ready", ...allowed])));
    push((cookiegate) => {
      window.stop = cookiegate.on("change", ({ added }) => seen.push(["added", ...added]));
    });
    </script>"""
    page = shop.open(context, early + tag)
    page.wait_for_function("seen.length === 1")
    # It does the same afterwards, and at once.
    later = "push((cookiegate) => cookiegate.on('ready', (now) => seen.push(now.allowed.length)))"
    page.evaluate(later)
    choose(page, "analysis")
    page.evaluate("stop()")
    choose(page, "analysis", "marketing")
    assert page.evaluate("seen") == [["ready", "essential"], 1, ["added", "analysis"]]


def test_an_element_with_the_scripts_name_changes_nothing(
    context: BrowserContext, shop: Shop
) -> None:
    page = shop.open(context, "{banner}<section id='cookiegate'></section>")
    page.wait_for_function("'allows' in cookiegate")
    # None of ours has it.
    expect(page.locator("#cookiegate")).to_have_count(1)
    page = shop.open(context, "{banner}", "/plain")
    script = "script[src*='cookiegate-']"
    page.route("**/cookiegate-*.js", lambda route: route.abort())
    page.reload()
    expect(page.locator(script)).to_have_count(1)
    assert page.evaluate("typeof window.cookiegate") == "undefined"


def test_granting_adds_to_what_is_granted(context: BrowserContext, shop: Shop) -> None:
    page = shop.open(context)
    choose(page, "analysis")
    sent = puts(page)
    page.evaluate("cookiegate.grant(['marketing']).then(() => null)")
    assert wait_for(page, sent, 1) == [["analysis", "marketing"]]
    assert page.evaluate("['analysis', 'marketing'].every(cookiegate.allows)") is True


@pytest.mark.parametrize(
    ("rule", "granted"), [("confirm", ["marketing"]), ("override", ["analysis", "marketing"])]
)
def test_granting_under_a_signal_confirms_nothing_else(
    context: BrowserContext, rule: str, granted: list[str]
) -> None:
    policy = f'[policy]\nsignals = "{rule}"\n[categories.marketing]\nsurvives_signal = ["dnt"]\n'
    registry = SOURCE.replace("[categories.marketing]\n", policy)
    with serve(Gate(Registry.parse(registry), KEY, secure=False), "127.0.0.1") as strict:
        page = strict.open(context)
        choose(page, "analysis")
        page.set_extra_http_headers({"dnt": "1"})
        sent = puts(page)
        page.evaluate("cookiegate.grant(['marketing']).then(() => null)")
        assert wait_for(page, sent, 1) == [granted]
        page.wait_for_function("cookiegate.allows('marketing')")
        assert page.evaluate("cookiegate.allows('analysis')") is False


def test_a_saved_choice_is_announced_each_time(context: BrowserContext, shop: Shop) -> None:
    page = shop.open(context)
    status = page.locator("#cookiegate-status")
    page.evaluate(
        """() => {
          window.said = [];
          const status = document.getElementById("cookiegate-status");
          new MutationObserver(() => said.push(status.textContent)).observe(status, {
            childList: true,
          });
        }"""
    )
    expect(status).to_have_text("")
    accept(page)
    expect(status).to_have_text("Your choice is saved.")
    # Screen readers read it, and nobody sees it.
    style = status.evaluate(
        "one => [getComputedStyle(one).display, getComputedStyle(one).clipPath]"
    )
    assert style == ["block", "inset(50%)"]
    choose(page)
    assert page.evaluate("said.filter(Boolean)") == ["Your choice is saved."] * 2
    page.route("**/cookies/api*", lambda route: route.abort())
    page.evaluate("cookiegate.choose(['analysis']).catch(() => null)")
    expect(status).to_have_text("")


MODULE = """<script type="module">
import { allows, choose, grant, on, withdraw } from "/cookies/static/cookiegate.mjs";
window.seen = [];
on("ready", () => seen.push("ready"));
on("change", () => seen.push("never"))();
const stop = on("change", ({ added, removed }) => seen.push([...added], [...removed]));
window.run = { allows, choose, grant, withdraw, stop };
</script>"""


@pytest.mark.parametrize("tag", ["{banner}", "{cacheable}"])
def test_the_module_does_the_same(context: BrowserContext, shop: Shop, tag: str) -> None:
    # It stands before the tag, and after an element with the name of the script's object.
    page = shop.open(context, "<b id='cookiegate'></b>" + MODULE + tag)
    page.wait_for_function("seen.length === 1")
    states = """async () => {
      const states = [await run.choose(["analysis"]), await run.grant(["marketing"])];
      run.stop();
      return [...states, await run.withdraw()].map((state) => state.granted);
    }"""
    assert page.evaluate("run.allows('analysis')") is False
    assert page.evaluate(states) == [["analysis"], ["analysis", "marketing"], []]
    assert page.evaluate("seen") == ["ready", ["analysis"], [], ["marketing"], []]
    failed = """() => {
      window.fetch = () => Promise.reject(new Error("offline"));
      return run.grant(["analysis"]).catch((error) => error.message);
    }"""
    assert page.evaluate(failed) == "offline"
