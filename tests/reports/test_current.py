"""Counts are judged by the registry of now, not by that of the time when they were made."""

from typing import Any

import pytest

from cookiegate import Reason, Registry
from cookiegate.reports.current import CurrentRow, example_names, judge_now
from cookiegate.reports.tally import OTHERS, VerdictRow
from tests.registries import SHOP, shop
from tests.reports.rows import row

KNOWN: dict[str, Any] = {"category": "analysis", "reason": Reason.NO_CONSENT}


def registry(*entries: str, policy: str = "") -> Registry:
    """Return the shop's registry with further entries: a name, and the rest of the table."""
    tables = [f"[[cookies]]\nname = {entry}\n" for entry in entries]
    return Registry.parse(SHOP.format(policy=policy, analysis="") + "\n" + "\n".join(tables))


def judged(one: VerdictRow, now: Registry | None = None) -> CurrentRow[VerdictRow]:
    (found,) = judge_now([one], shop() if now is None else now)
    return found


def test_an_unknown_cookie_needs_fixing_and_is_held_back() -> None:
    found = judged(row("who"))
    assert (found.is_unknown, found.needs_fixing, found.is_held_back) == (True, True, True)


@pytest.mark.parametrize("subject", ["cart", "session.*", "_gat_UA-1"])
def test_a_cookie_that_was_registered_since_needs_nothing(subject: str) -> None:
    found = judged(row(subject))
    assert (found.is_unknown, found.needs_fixing, found.is_held_back) == (False, False, False)
    assert found.is_settled
    assert found.category in ("essential", "analysis")


@pytest.mark.parametrize(
    "entry", ['"tab_[0-9]+"', '"tab_[0-9]"', '"tab_?"', '"tab_*"', '["x", "tab_7"]']
)
def test_a_redacted_name_is_found_by_any_pattern(entry: str) -> None:
    assert judged(row("tab_*"), registry(f'{entry}\ncategory = "analysis"')).is_settled


def test_without_a_registry_counts_stay_as_they_are() -> None:
    (found,) = judge_now([row("cart")], None)
    assert (found.is_unknown, found.is_held_back, found.is_settled) == (True, True, False)


def test_a_cookie_whose_entry_is_gone_is_unknown_now() -> None:
    found = judged(row("gone_*", **KNOWN))
    assert found.reasons == (Reason.UNKNOWN,)
    assert judged(row("_ga", **KNOWN)).reasons == (Reason.NO_CONSENT,)
    # An entry is known by its first name also if that is a pattern, or no pattern at all any more.
    assert not judged(row("session.[0-9]+", **KNOWN)).is_unknown
    assert judged(row("gone\\", **KNOWN)).is_unknown


@pytest.mark.parametrize("subject", ["", OTHERS])
def test_counts_without_a_name_stay_as_they_are(subject: str) -> None:
    assert judged(row(subject)).needs_fixing


@pytest.mark.parametrize(
    "facts",
    [
        {"reason": Reason.DELETION, "action": "rewrite"},
        {"reason": Reason.HOOK_REFUSED, "category": "analysis"},
        {"reason": Reason.REQUIRED, "category": "essential", "notes": (Reason.STILL_SENT,)},
        {"reason": Reason.CONSENT_COOKIE, "category": "essential", "allowed": True},
    ],
)
def test_verdicts_that_depend_on_no_entry_stay_as_they_are(facts: dict[str, Any]) -> None:
    one = row("who", **facts)
    found = judged(one)
    assert found.reasons == (one.key.reason, *one.key.notes)
    assert found.is_held_back is one.key.is_held_back


def test_a_cookie_that_is_required_now_is_not_held_back() -> None:
    found = judged(row("cart", **KNOWN))
    assert (found.category, found.is_held_back, found.needs_fixing) == ("essential", False, False)
    assert judged(row("_ga", **KNOWN)).is_held_back


def test_a_lifetime_is_compared_with_the_one_declared_now() -> None:
    outlives: dict[str, Any] = {**KNOWN, "notes": (Reason.OUTLIVES,)}
    now = registry('"long"\ncategory = "analysis"\nexpires = "30 days"')
    month = 30 * 86_400.0
    assert judged(row("long", 1, month + 1, **outlives), now).needs_fixing
    assert not judged(row("long", 1, month, **outlives), now).needs_fixing
    # It was counted without its lifetime.
    assert judged(row("long", **outlives), now).needs_fixing


@pytest.mark.parametrize(("policy", "needs_fixing"), [("report", True), ("off", False)])
def test_a_cookie_that_was_registered_since_may_outlive_its_entry(
    policy: str, needs_fixing: bool
) -> None:
    entry = '"who"\ncategory = "analysis"\nexpires = "session"'
    now = registry(entry, policy=f'lifetime = "{policy}"')
    assert judged(row("who", 1, 60.0), now).needs_fixing is needs_fixing
    assert not judged(row("who", 1, None), now).needs_fixing


def test_notes_that_an_entry_has_settled_are_gone() -> None:
    ambiguous: dict[str, Any] = {**KNOWN, "notes": (Reason.AMBIGUOUS, Reason.OTHER_SITE)}
    assert judged(row("_ga", **ambiguous)).reasons == (Reason.NO_CONSENT,)
    others = registry(
        '"two"\ncategory = "analysis"\ndomains = ["a.example"]',
        '"two"\ncategory = "marketing"\ndomains = ["b.example"]',
    )
    found = judged(row("two", **ambiguous), others)
    assert found.reasons == (Reason.NO_CONSENT, Reason.AMBIGUOUS, Reason.OTHER_SITE)
    assert found.category == "analysis, marketing"


def test_examples_match_their_pattern() -> None:
    assert [*example_names(r"a\*[0-9]+_?*")] == ["a*7_71234567", "a*7_77", "a*7_7a"]
