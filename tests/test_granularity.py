"""Choices by service: what is kept, swept and let load, what cookies and receipts carry."""

from collections.abc import Iterable, Sequence
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Gate, Reason, Registry, Verdict, Visit
from cookiegate.consent.model import Record, dump_record, parse_record
from cookiegate.explain import explain, explain_sweep, visitor
from cookiegate.insights.aggregate import ChoiceCounts
from cookiegate.ledger.receipts import receipt_of
from cookiegate.registry.part_ids import compact
from cookiegate.tags import gated_script, google_tag
from tests.adapters import ADAPTERS, Adapter, nothing
from tests.registries import NOON, cookie_header, gate_for, services

BY_SERVICE, BY_CATEGORY = gate_for(services()), gate_for(services("category"))
ANALYSIS = ("analysis:counter", "analysis:heat_maps", "analysis:-")
MARKETING = ("marketing:counter", "marketing:ads", "marketing:videos")
PARTS = (*ANALYSIS, *MARKETING)
WHOLE = ("analysis", "marketing", "empty")
LAWFUL = [b"sid=1", b"pay=1"]
OPTIONAL = [b"_count=1", b"_count_2=1", b"_map=1", b"_own=1", b"_both=1", b"_ad=1", b"_seen=1"]

# What is set by an application, and stays with what was granted beside the required.
CASES: dict[tuple[str, ...], list[bytes]] = {
    (): [],
    ("analysis",): [b"_count=1", b"_count_2=1", b"_map=1", b"_own=1", b"_both=1"],
    ANALYSIS: [b"_count=1", b"_count_2=1", b"_map=1", b"_own=1", b"_both=1"],
    # The counter is in two categories, and `_both` belongs to two services.
    ("analysis:counter",): [b"_count=1", b"_count_2=1"],
    ("analysis:heat_maps",): [b"_map=1"],
    ("analysis:-",): [b"_own=1"],
    ("analysis:counter", "analysis:heat_maps"): [b"_count=1", b"_count_2=1", b"_map=1", b"_both=1"],
    ("marketing:counter",): [b"_seen=1"],
    ("marketing:ads", "analysis:heat_maps"): [b"_map=1", b"_ad=1"],
    ("marketing:videos",): [],
    ("marketing", "analysis:-"): [b"_own=1", b"_ad=1", b"_seen=1"],
    (*WHOLE,): OPTIONAL,
}


def read(gate: Gate, *values: str, signals: Sequence[bytes] = ()) -> frozenset[str]:
    return gate.read([cookie_header(*values), *((one, b"1") for one in signals)], now=NOON).allowed


def issued(gate: Gate, granted: Iterable[str]) -> str:
    return gate.issue(granted, now=NOON)


@pytest.mark.parametrize("hook", [None, lambda verdict: None], ids=["by name", "in full"])
@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=list(ADAPTERS))
@pytest.mark.parametrize("granted", CASES, ids=lambda granted: "~".join(granted) or "none")
def test_a_cookie_stays_if_its_service_is_allowed(
    granted: tuple[str, ...], adapter: Adapter, hook: object
) -> None:
    gate = gate_for(services(), hook=hook)
    # The host covers both entries of `_both`: then both services must be allowed.
    request = [(b"host", b"maps.example"), cookie_header(issued(gate, granted))]
    headers = [(b"set-cookie", value) for value in (*LAWFUL, *OPTIONAL, b"who=1")]
    leaves = [value for name, value in adapter(gate, request, headers, nothing) if b"=1" in value]
    expected = {*LAWFUL, *CASES[granted]}
    assert [value for value in leaves if not value.startswith(b"cookiegate")] == [
        value for _, value in headers if value in expected
    ]


@given(st.frozensets(st.sampled_from((*WHOLE, *PARTS))), st.sampled_from((*WHOLE, *PARTS)))
def test_to_grant_more_never_allows_less(granted: frozenset[str], more: str) -> None:
    less = read(BY_SERVICE, issued(BY_SERVICE, granted))
    assert less <= read(BY_SERVICE, issued(BY_SERVICE, granted | {more}))


@given(st.frozensets(st.sampled_from((*WHOLE, *PARTS))), st.sampled_from([(), (b"dnt",)]))
def test_a_category_is_allowed_exactly_if_all_of_its_services_are(
    granted: frozenset[str], signals: Sequence[bytes]
) -> None:
    allowed = read(BY_SERVICE, issued(BY_SERVICE, granted), signals=signals)
    for category, parts in BY_SERVICE.registry.parts.items():
        assert (category in allowed) == allowed.issuperset(parts)
    # DNT blocks analysis, and marketing survives it.
    assert not (signals and allowed & {"analysis", *ANALYSIS})
    assert {"marketing:ads"} & granted <= allowed


@given(st.frozensets(st.sampled_from((*WHOLE, *PARTS))))
def test_a_choice_read_under_the_other_granularity_never_widens(granted: frozenset[str]) -> None:
    by_service = issued(BY_SERVICE, granted)
    whole = {id for id in read(BY_SERVICE, by_service) if ":" not in id}
    # Under "category", single services are nothing; whole categories stay.
    assert read(BY_CATEGORY, by_service) == whole
    # Under "service", a category that was granted as a whole allows all of its services.
    by_category = issued(BY_CATEGORY, granted & set(WHOLE))
    assert read(BY_SERVICE, by_category) == read(BY_SERVICE, issued(BY_SERVICE, granted & {*WHOLE}))


@given(st.frozensets(st.sampled_from((*WHOLE, *PARTS))))
def test_the_consent_cookie_carries_what_was_granted(granted: frozenset[str]) -> None:
    record = Record(
        site="shop", version=1, time=NOON, granted=granted, signals=frozenset(), receipt=None
    )
    found = parse_record(dump_record(record).encode())
    assert found is not None
    # A category stands for its services.
    assert compact(found.granted) == compact(granted)


def test_services_stand_behind_their_category_in_the_consent_cookie() -> None:
    value = issued(BY_SERVICE, {"analysis:heat_maps", "analysis:-", "marketing"})
    assert value.split(".")[4] == "analysis:-:heat_maps~marketing"
    assert issued(BY_SERVICE, set(PARTS)).split(".")[4] == "analysis~marketing"


def test_two_choices_allow_what_both_grant() -> None:
    one, other = issued(BY_SERVICE, {"analysis"}), issued(BY_SERVICE, {"analysis:counter"})
    assert read(BY_SERVICE, one, other) == {"essential", "analysis:counter"}


def many(count: int, length: int) -> Registry:
    text = "".join(
        f'[services.s{number:02}{"x" * (length - 3)}]\ncategory = "all"\n'
        for number in range(count)
    )
    site = '[site]\nname = "s"\nlanguages = ["en"]\ngranularity = "service"\n'
    return Registry.parse(f"{site}[categories.all]\n{text}")


def test_sixty_services_fit_into_the_consent_cookie() -> None:
    gate = gate_for(many(60, 50))
    part = sorted(gate.registry.parts["all"])[1:]
    value = issued(gate, part)
    assert len(value.partition(";")[0]) <= 4096
    assert read(gate, value) == set(part)


def test_more_services_than_a_cookie_holds_are_refused_at_the_start() -> None:
    message = (
        "nearly all 65 services of all 1 optional categories takes .* fewer categories or services"
    )
    with pytest.raises(ValueError, match=message):
        gate_for(many(65, 64))


def by_service(*granted: str) -> Visit:
    visit = BY_SERVICE.visit([])
    visit.choose(granted)
    return visit


def test_a_visit_answers_for_categories_and_for_services() -> None:
    visit = by_service("analysis:counter", "marketing:ads")
    assert (visit.allows("analysis"), visit.allows("analysis:counter")) == (False, True)
    assert (visit.allows("analysis:-"), visit.allows("essential")) == (False, True)
    # The counter also sets a cookie of marketing.
    assert (visit.allows_service("counter"), visit.allows_service("ads")) == (False, True)
    assert (visit.allows_service("stripe"), visit.allows_service("loose")) == (True, False)
    assert not visit.allows_service("videos")
    assert by_service("analysis", "marketing").allows_service("counter")


def test_services_can_be_asked_about_where_visitors_choose_categories() -> None:
    visit = BY_CATEGORY.visit([])
    visit.choose({"analysis"})
    assert (visit.allows_service("heat_maps"), visit.allows_service("counter")) == (True, False)
    assert visit.allows_service("stripe")


def test_services_are_granted_and_withdrawn_one_by_one() -> None:
    visit = by_service("analysis")
    visit.withdraw({"analysis:heat_maps"})
    assert visit.consent.granted == {"analysis:counter", "analysis:-"}
    visit.grant({"marketing:ads"})
    visit.grant({"analysis:heat_maps"})
    assert visit.consent.granted == {"analysis", *ANALYSIS, "marketing:ads"}
    visit.withdraw({"analysis"})
    assert visit.consent.granted == {"marketing:ads"}


@pytest.mark.parametrize(
    ("gate", "id", "message"),
    [
        (
            BY_SERVICE,
            "analysis:countr",
            "in a category 'analysis:countr'; write 'analysis:counter'",
        ),
        (BY_SERVICE, "anlysis", "unknown category 'anlysis'; write 'analysis'"),
        (BY_CATEGORY, "analysis:counter", "choose whole categories; write 'analysis', or gran"),
    ],
)
def test_an_unknown_id_is_refused_with_a_suggestion(gate: Gate, id: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gate.visit([]).choose({id})


def test_unknown_services_raise_where_they_are_asked_about() -> None:
    visit = by_service()
    with pytest.raises(ValueError, match="unknown category 'analysis:maps'; write 'analysis:heat_"):
        visit.allows("analysis:maps")
    with pytest.raises(ValueError, match="unknown service 'countr'; write 'counter'"):
        visit.allows_service("countr")
    with pytest.raises(ValueError, match="unknown service '-'; there are"):
        visit.allows_service("-")


def test_a_hook_may_put_a_cookie_to_a_service() -> None:
    def hook(verdict: Verdict) -> str | None:
        return {"who": "analysis:counter", "other": "analysis"}.get(verdict.name)

    gate = gate_for(services(), hook=hook)
    consent = gate.read([cookie_header(issued(gate, {"analysis:counter"}))])
    kept, refused = gate.judge(b"who=1", consent), gate.judge(b"other=1", consent)
    assert (kept.allowed, kept.category, kept.reason) == (True, "analysis", Reason.HOOK_ALLOWED)
    assert (refused.allowed, refused.reason) == (False, Reason.HOOK_REFUSED)


def test_the_sweep_deletes_the_cookies_of_refused_services() -> None:
    granted = issued(BY_SERVICE, {"analysis:counter"})
    sent = b"_count=1; _map=1; _own=1; _ad=1; sid=1; _both=1; "
    request = [
        (b"host", b"shop.example"),
        (b"sec-fetch-mode", b"navigate"),
        (b"sec-fetch-dest", b"document"),
        (b"sec-fetch-site", b"none"),
        (b"cookie", sent + cookie_header(granted)[1]),
    ]
    headers = BY_SERVICE.visit(request).respond([(b"content-type", b"text/html")])
    deleted = {value.partition(b"=")[0] for name, value in headers if name == b"set-cookie"}
    # `_both` is a cookie of the counter, too.
    assert deleted == {b"_map", b"_own", b"_ad"}


def test_hidden_are_the_cookies_of_refused_services() -> None:
    gate = gate_for(services(policy='request_cookies = "hide"'))
    name, value = cookie_header(issued(gate, {"analysis:counter"}))
    visit = gate.visit([(name, b"_count=1; _map=1; sid=1; " + value)])
    visible = gate.pipeline.visible_cookies(visit.context)
    assert visible is not None
    assert visible[0].partition(b"; cookiegate")[0].startswith(b"_count=1; sid=1")


def test_the_policy_loses_the_sources_of_refused_services() -> None:
    policy = b"script-src https://counter.example https://maps.example https://videos.example"
    request = [cookie_header(issued(BY_SERVICE, {"analysis:heat_maps", "marketing:videos"}))]
    headers = BY_SERVICE.visit(request).respond([(b"content-security-policy", policy)])
    assert dict(headers)[b"content-security-policy"] == (
        b"script-src https://maps.example https://videos.example"
    )


def test_scripts_run_by_service() -> None:
    visit = by_service("analysis:counter")
    live = gated_script(visit, "analysis", service="counter", src="/a.js")
    assert live == '<script src="/a.js"></script>'
    held = gated_script(visit, "analysis", service="heat_maps", src="/a.js")
    assert 'data-cookiegate="analysis:heat_maps"' in held
    assert 'data-cookiegate="analysis"' in gated_script(visit, "analysis", src="/a.js")
    assert gated_script(visit, "essential", service="stripe", src="/a.js") == live
    tag = google_tag(visit, "G-1", category="marketing", service="ads")
    assert 'type="text/plain" data-cookiegate="marketing:ads"' in tag


def test_tags_with_a_service_hold_by_category_where_visitors_choose_categories() -> None:
    visit = BY_CATEGORY.visit([])
    held = gated_script(visit, "analysis", service="counter", src="/a.js")
    assert 'data-cookiegate="analysis"' in held


def test_a_tag_with_a_wrong_service_raises() -> None:
    with pytest.raises(ValueError, match="unknown service 'countr'; write 'counter'"):
        gated_script(by_service(), "analysis", service="countr", src="/a.js")
    with pytest.raises(ValueError, match="unknown service in a category 'analysis:ads'"):
        gated_script(by_service(), "analysis", service="ads", src="/a.js")


def test_explanations_say_that_the_service_is_not_allowed() -> None:
    consent = visitor(BY_SERVICE, granted={"analysis:counter"})
    explanation = explain(BY_SERVICE, b"_map=1", consent)
    assert (explanation.verdict.allowed, explanation.verdict.reason) == (False, Reason.NOT_GRANTED)
    swept = explain_sweep(BY_SERVICE, consent, host="shop.example", path=b"/")
    assert {one.written for one in swept} == {"_map", "_own", "_ad", "_seen"}


def test_a_receipt_lists_services_where_a_category_was_granted_in_part() -> None:
    visit = BY_SERVICE.visit([])
    visit.choose({"analysis:counter", "marketing"}, evidence="form 4711")
    choice = visit.choice
    assert choice is not None
    receipt = receipt_of(choice)
    assert receipt.offered == ("analysis", "marketing")
    assert receipt.granted == ("analysis:counter", "marketing")
    assert receipt.refused == ("analysis:heat_maps", "analysis:-")
    refusing = by_service("marketing:ads")
    assert refusing.choice is not None
    assert receipt_of(refusing.choice).refused == (
        "analysis",
        "marketing:counter",
        "marketing:videos",
    )
    counts = ChoiceCounts()
    counts.add(receipt, 1)
    assert counts.categories == {"analysis": 1, "marketing": 1}


def test_to_withdraw_one_service_takes_something_back() -> None:
    request = [cookie_header(issued(BY_SERVICE, {"analysis"}))]
    visit = BY_SERVICE.visit(request)
    visit.choose({"analysis:counter", "analysis:-"})
    choice = visit.choice
    assert choice is not None
    assert (choice.takes_back, choice.widens, choice.is_withdrawal) == (True, False, False)
    visit.choose(ANALYSIS)
    assert visit.choice is None


def test_the_state_of_a_page_depends_on_the_services() -> None:
    keys = {by_service(*some).cache_key for some in chain([()], ([one] for one in PARTS))}
    assert len(keys) == 1 + len(PARTS)


def test_an_application_may_set_a_consent_cookie_that_takes_a_service_back() -> None:
    before = BY_SERVICE.read([cookie_header(issued(BY_SERVICE, {"analysis"}))], now=NOON)
    judge = BY_SERVICE.pipeline.judge
    for granted, reason in (
        ({"analysis:counter"}, Reason.CONSENT_COOKIE),
        ({"analysis"}, Reason.CONSENT_COOKIE_NOT_RECORDED),
        ({"marketing:ads"}, Reason.CONSENT_COOKIE_NOT_RECORDED),
    ):
        value = BY_SERVICE.issue(granted, now=NOON).encode()
        verdict = judge.judge(value, before, host=None, now=NOON, recorded=True)
        assert verdict.reason is reason, granted


def test_a_consent_can_be_a_key() -> None:
    request = [cookie_header(issued(BY_SERVICE, {"analysis:counter"}))]
    assert len({BY_SERVICE.read(request, now=NOON), BY_SERVICE.read(request, now=NOON)}) == 1


def test_a_service_in_the_wrong_category_is_named_in_its_own() -> None:
    with pytest.raises(ValueError, match="'analysis:videos'; write 'marketing:videos'"):
        services().part("analysis", "videos")
