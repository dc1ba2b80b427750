"""Advice has a code and a line, and the file can accept it."""

import re
from pathlib import Path

import pytest

from cookiegate import Registry
from cookiegate.advice import ADVICE, DEMANDS, Advice, advise
from tests.advice.texts import ANALYSIS, GOOD, WITH_SERVICE


def advised(text: str, *, production: bool = False) -> list[Advice]:
    return advise(Registry.parse(text), text, production=production)


def test_a_default_that_nobody_wrote_gets_no_advice() -> None:
    def codes(days: str) -> list[str]:
        text = GOOD.replace("refusal_days = 180\n", days)
        return [one.code for one in advise(Registry.parse(text), text)]

    assert codes("") == []
    assert codes("refusal_days = 90\n") == ["early-refusal"]
    # Refusals follow what is written here.
    assert codes("consent_days = 90\n") == ["early-refusal"]


def test_a_complete_registry_gets_no_advice() -> None:
    assert advised(GOOD) == []
    assert advised(GOOD, production=True) == []


def test_a_declared_domain_or_a_storage_key_needs_no_advice_about_the_widest_domain() -> None:
    text = GOOD.replace('"visits"', '"_ga"')
    assert [one.code for one in advised(text)] == ["widest-domain"]
    assert advised(text.replace('"_ga"', '"_ga"\ndomains = ["s.example"]')) == []
    assert advised(text.replace('"_ga"', '"_ga"\nkind = "local_storage"')) == []


# The code, what to replace in the good registry and by what, and the line of the advice.
CASES = [
    (
        "required-third-party",
        'name = "sid"',
        'name = "sid"\nset_by = "third_party"',
        'name = "sid"',
    ),
    ("required-tracker", '"sid"', '"_pk_id.x"', 'name = "_pk_id.x"'),
    ("required-lifetime", '"session"', '"53 weeks"', 'expires = "53 weeks"'),
    ("required-reason", 'necessary = { en = "n", sv = "n" }\n', "", 'name = "sid"'),
    (
        "missing-language",
        'title = { en = "Analysis", sv = "Analys" }',
        'title = { en = "A" }',
        'title = { en = "A" }',
    ),
    (
        "missing-language",
        'purpose = { en = "p", sv = "p" }\nnecessary',
        'purpose.sv = ["p"]\nnecessary',
        'purpose.sv = ["p"]',
    ),
    (
        "missing-language",
        "email =",
        'privacy_policy.en = "https://s.example/p"\nemail =',
        'privacy_policy.en = "https://s.example/p"',
    ),
    ("widest-domain", '"visits"', '["v", "_ga_*"]', 'name = ["v", "_ga_*"]'),
    ("capped-lifetime", '"30 days"', '"2 years"', 'expires = "2 years"'),
    ("early-refusal", "180", "179", "refusal_days = 179"),
    (
        "single-services",
        "refusal_days",
        'granularity = "service"\nrefusal_days',
        'granularity = "service"',
    ),
    (
        "early-pruning",
        "[controller]",
        '[ledger]\nkeep = "12 weeks"\n[controller]',
        'keep = "12 weeks"',
    ),
    ("missing-without", 'without = { en = "w", sv = "w" }\n', "", "[categories.analysis]"),
    (
        "missing-controller",
        '[controller]\nname = "S Ltd"\nemail = "s@example.com"\n',
        "",
        "[site]",
    ),
    ("missing-controller", 'name = "S Ltd"\n', "", "[controller]"),
    ("missing-contact", 'email = "s@example.com"\n', "", 'name = "S Ltd"'),
    ("missing-authority", '[[authorities]]\nname = "DPA"\n', "", "[site]"),
    ("missing-authority", 'name = "DPA"\n', 'name = "PTS"\noversees = ["cookies"]\n', "[site]"),
    ("missing-language", 'name = "DPA"\n', 'name.en = "DPA"\n', 'name.en = "DPA"'),
    ("empty-category", ANALYSIS, "", "[categories.analysis]"),
    (
        "unconfirmed-name",
        'name = "visits"',
        'name = "visits"\nunconfirmed = true',
        "unconfirmed = true",
    ),
]


@pytest.mark.parametrize(("code", "old", "new", "line"), CASES, ids=[case[0] for case in CASES])
def test_advice_has_its_code_and_its_line(code: str, old: str, new: str, line: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    (one,) = advised(text)
    assert one.code == code
    assert text.splitlines()[one.line - 1] == line
    assert one.accepted is None
    assert not one.is_demanded


@pytest.mark.parametrize(
    ("days", "keep", "valid"),
    [
        (90, "90 days", None),
        (90, "3 years", None),
        (90, "89 days", "90 days"),
        (1, "23 hours", "1 day"),
    ],
)
def test_receipts_must_be_kept_as_long_as_the_consent_is_valid(
    days: int, keep: str, valid: str | None
) -> None:
    ledger = f'consent_days = {days}\n[ledger]\nkeep = "{keep}"\n[controller]'
    found = advised(GOOD.replace("[controller]", ledger))
    what = f"receipts are kept for {keep}, but the consent they prove is valid for {valid}"
    assert [(one.code, one.what) for one in found] == ([("early-pruning", what)] if valid else [])


def test_early_pruning_is_accepted_in_the_site_table() -> None:
    ledger = 'accepted.early-pruning = "Kept on paper."\n[ledger]\nkeep = "1 day"\n[controller]'
    (one,) = advised(GOOD.replace("[controller]", ledger))
    assert one.accepted == "Kept on paper."


def test_a_required_cookie_that_never_ends_is_capped_and_too_long() -> None:
    text = GOOD.replace('"session"', '"never"')
    assert [one.code for one in advised(text)] == ["required-lifetime", "capped-lifetime"]


def test_local_storage_has_no_cap() -> None:
    assert advised(GOOD.replace('"30 days"', '"never"\nkind = "local_storage"')) == []


SERVICE = """[services.{id}]
provider = "X"
category = "{category}"
sources = ["https://cdn.example"]
purpose = {{ en = "p", sv = "p" }}
"""


def test_a_service_with_another_provider_is_a_third_party() -> None:
    text = GOOD.replace('category = "essential"\n', 'service = "x"\n')
    text += SERVICE.format(id="x", category="essential")
    (one,) = advised(text)
    assert (one.code, one.what) == ("required-third-party", "'sid' of X is required")
    text = GOOD.replace('category = "essential"\n', 'service = "x"\nset_by = "third_party"\n')
    text += SERVICE.format(id="x", category="essential").replace('provider = "X"\n', "")
    assert advised(text)[0].what == "'sid' of another site is required"


def test_a_shared_source_is_reported_at_the_second_service() -> None:
    text = GOOD + SERVICE.format(id="a", category="analysis")
    text += SERVICE.format(id="b", category="essential")
    (one,) = advised(text)
    assert one.code == "shared-source"
    assert text.splitlines()[: one.line][-1].startswith("sources")
    assert "also a source of service 'a'" in one.what
    assert advised(GOOD + SERVICE.format(id="a", category="analysis")) == []


def test_a_source_shared_within_a_category_counts_if_visitors_choose_by_service() -> None:
    text = GOOD + SERVICE.format(id="a", category="analysis")
    text += SERVICE.format(id="b", category="analysis")
    assert "shared-source" not in {one.code for one in advised(text)}
    by_service = text.replace("[site]\n", '[site]\ngranularity = "service"\n', 1)
    (one,) = (one for one in advised(by_service) if one.code == "shared-source")
    assert "of service 'a', which visitors choose by itself" in one.what
    assert one.hint == "give each service its own source, or make them one service"


def test_a_missing_language_of_a_services_purpose_is_reported_once() -> None:
    text = GOOD.replace('purpose = { en = "p", sv = "p" }\n', 'service = "a"\n', 2)
    text += SERVICE.format(id="a", category="analysis").replace(', sv = "p"', "")
    codes = [one.code for one in advised(text) if one.code == "missing-language"]
    assert codes == ["missing-language"]


DIGITS = "".join(
    f'[[cookies]]\nname = "t{digit}"\ncategory = "analysis"\nexpires = "session"\n'
    'purpose = { en = "p", sv = "p" }\n'
    for digit in range(10)
)


@pytest.mark.parametrize(
    ("name", "is_unreachable"),
    [
        ("t[0-9]", True),
        ("t[0-9][0-9]", False),
        ("t[0-9]+", False),
        ("t*", False),
        ("t[0-9][0-9][0-9][0-9]", False),
        ("t?", False),
    ],
)
def test_a_pattern_is_unreachable_if_other_entries_match_all_its_names(
    name: str, is_unreachable: bool
) -> None:
    text = GOOD.replace('"visits"', f'"{name}"') + DIGITS
    assert [one.code for one in advised(text)] == ["unreachable-pattern"] * is_unreachable


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("report-mode", "[controller]", '[policy]\nmode = "report"\n[controller]'),
        ("report-mode", "[categories.analysis]", '[categories.analysis]\nmode = "report"'),
        ("missing-text", 'title = { en = "Analysis", sv = "Analys" }\n', ""),
        ("missing-text", 'description = { en = "d", sv = "d" }\n', ""),
        (
            "missing-text",
            'expires = "30 days"\npurpose = { en = "p", sv = "p" }',
            'expires = "30 days"',
        ),
        ("missing-text", 'expires = "session"\n', ""),
    ],
)
def test_production_demands_more(code: str, old: str, new: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    assert advised(text) == []
    (one,) = advised(text, production=True)
    assert (one.code, one.is_demanded) == (code, True)


def test_accepted_advice_has_its_reason() -> None:
    text = GOOD.replace('"30 days"', '"2 years"\naccepted.capped-lifetime = "As published."')
    (one,) = advised(text)
    assert (one.code, one.accepted) == ("capped-lifetime", "As published.")


def test_advice_on_the_controller_is_accepted_in_the_site_table() -> None:
    text = GOOD.replace('email = "s@example.com"\n', "")
    text = text.replace("refusal_days", 'accepted.missing-contact = "By form."\nrefusal_days')
    (one,) = advised(text)
    assert one.accepted == "By form."


def test_demands_may_be_accepted_before_production() -> None:
    text = GOOD.replace("refusal_days", 'accepted.report-mode = "Until May."\nrefusal_days')
    assert advised(text) == []


@pytest.mark.parametrize(
    ("table", "code", "what"),
    [
        ("refusal_days", "capped-lifetime", "is accepted here but does not apply"),
        ('title = { en = "Analysis"', "empty-category", "is accepted here but does not apply"),
        ('expires = "30 days"', "caped-lifetime", "unknown code 'caped-lifetime'"),
    ],
)
def test_an_unused_acceptance_is_advice(table: str, code: str, what: str) -> None:
    text = GOOD.replace(table, f'accepted.{code} = "Why not."\n{table}')
    (one,) = advised(text)
    assert one.code == "unused-acceptance"
    assert what in one.what
    assert text.splitlines()[one.line - 1] == f'accepted.{code} = "Why not."'


def test_a_service_can_accept_advice() -> None:
    text = GOOD + SERVICE.format(id="a", category="analysis")
    text += SERVICE.format(id="b", category="essential")
    (one,) = advised(text + 'accepted.shared-source = "By path."\n')
    assert one.accepted == "By path."


def test_a_blank_reason_is_a_problem() -> None:
    text = GOOD.replace('"30 days"', '"2 years"\naccepted.capped-lifetime = " "')
    with pytest.raises(ValueError, match=r"'accepted\.capped-lifetime' is blank; write the text"):
        Registry.parse(text)


def test_every_code_has_a_section_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "advice.md").read_text()
    sections = re.findall(r'^<a id="(.+)"></a>\n## (.+)$', page, re.MULTILINE)
    assert [title for _, title in sections] == [*ADVICE, *DEMANDS]
    assert all(anchor == title for anchor, title in sections)


def test_a_required_pattern_that_matches_a_tracker_is_reported_with_its_name() -> None:
    (one,) = advised(GOOD.replace('"sid"', '["sid", "ajs*"]'))
    assert one.code == "required-tracker"
    assert one.what == (
        "'ajs*' also matches 'ajs_*', which is known as a cookie of segment (Segment), "
        "and is required"
    )


@pytest.mark.parametrize("name", ["S", "s ltd"])
def test_a_service_of_the_site_itself_is_not_a_third_party(name: str) -> None:
    text = GOOD.replace('category = "essential"\n', 'service = "x"\n')
    text += SERVICE.format(id="x", category="essential").replace('"X"', f'"{name}"')
    assert advised(text) == []


@pytest.mark.parametrize(
    ("policy", "is_advised"),
    [
        ("script-src https://count.example", True),
        ("default-src 'self' https://count.example", False),
        ("default-src 'self'; img-src https:", True),
    ],
)
def test_an_added_policy_that_admits_a_service_is_reported(policy: str, is_advised: bool) -> None:
    for rule in ("edit", "off"):
        text = WITH_SERVICE.format(policy=f'csp = "{rule}"\nadded_csp = "{policy}"', line="")
        found = [one for one in advised(text) if one.code == "csp-admits"]
        assert bool(found) is (is_advised and rule == "edit")
        for one in found:
            assert one.what == (
                "the added policy lets service 'count' load although it is not allowed"
            )
            assert text.splitlines()[one.line - 1].startswith("added_csp")
