"""Explanations say what the gate does, and which entries match."""

import pytest

from cookiegate import Registry
from cookiegate.consent.model import Status
from cookiegate.enforcement.verdict import Reason
from cookiegate.explain import Explanation, NameExplained, explain, header_of, visitor
from cookiegate.http.signals import Signal
from tests.cases import CASES, Case
from tests.registries import gate_for, shop

RANKED = """
[site]
name = "Shop"
languages = ["en"]
[categories.essential]
required = true
[categories.analysis]
"""
SIGNALS: dict[bytes, Signal] = {b"dnt": "dnt", b"sec-gpc": "gpc"}


def ranked(*names: str) -> Registry:
    rows = (f"[[cookies]]\nname = '{name}'\ncategory = 'analysis'\n" for name in names)
    return Registry.parse(RANKED + "".join(rows))


def explained(
    header: bytes, registry: Registry | None = None, *, host: str | None = None
) -> Explanation:
    gate = gate_for(registry)
    return explain(gate, header, visitor(gate, status="missing"), host=host)


def outcomes(name: NameExplained) -> list[tuple[str, str, str]]:
    return [(one.written, one.outcome, one.why) for one in name.matches]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_verdict_is_what_the_gate_enforces(case: Case) -> None:
    gate = gate_for(case.registry)
    consent = visitor(
        gate,
        granted=case.granted or (),
        status="missing" if case.granted is None else "given",
        signals=[SIGNALS[signal] for signal in case.signals],
    )
    verdict = explain(gate, case.header, consent, host=case.host.decode()).verdict
    assert (verdict.header, verdict.reason, verdict.notes) == (
        case.leaves,
        case.reason,
        case.notes,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_matching_entries_have_the_category_that_decided(case: Case) -> None:
    found = explained(case.header, case.registry, host=case.host.decode())
    meant = {
        match.entry.category
        for name in found.names
        for match in name.matches
        if match.outcome == "meant" and not match.is_own
    }
    if found.verdict.category is None:
        assert not meant or found.verdict.reason in (Reason.NAMELESS, Reason.UNREADABLE)
    else:
        assert found.verdict.category in meant


def test_an_exact_name_ranks_before_patterns() -> None:
    (name,) = explained(b"_ga_1=x", ranked("_ga*", "_ga_1", "_ga_*")).names
    assert outcomes(name) == [
        ("_ga_1", "meant", "It is this very name."),
        ("_ga_*", "outranked", "An exact name ranks before every pattern."),
        ("_ga*", "outranked", "An exact name ranks before every pattern."),
    ]
    assert [match.rank for match in name.matches] == [None, (4, 0, 4), (3, 0, 3)]


@pytest.mark.parametrize(
    ("winner", "loser", "why"),
    [
        ("_ga_*", "_ga*", "Literal characters at the start: the other has 4, this one 3."),
        ("_ga*_1", "_ga*1", "Literal characters at the end: the other has 2, this one 1."),
        ("_*a*_1", "_*_1", "Literal characters in all: the other has 4, this one 3."),
    ],
)
def test_an_outranked_pattern_is_explained(winner: str, loser: str, why: str) -> None:
    (name,) = explained(b"_ga_1=x", ranked(loser, winner)).names
    assert outcomes(name) == [
        (winner, "meant", "No other matching pattern ranks higher."),
        (loser, "outranked", why),
    ]


def test_a_single_pattern_is_explained() -> None:
    (name,) = explained(b"_ga_1=x", ranked("_ga_*", "_gid")).names
    assert outcomes(name) == [("_ga_*", "meant", "It is the only pattern that matches.")]


def test_an_entry_of_another_site_does_not_count() -> None:
    (name,) = explained(b"SID=1", host="www.shop.example:443").names
    assert [(one.entry.category, one.outcome, one.why) for one in name.matches] == [
        ("essential", "meant", "It is this very name."),
        (
            "marketing",
            "elsewhere",
            "It is for google.com, google.se, and this cookie for www.shop.example.",
        ),
    ]


def test_the_domain_counts_like_the_host() -> None:
    (name,) = explained(b"SID=1; Domain=.google.se", host="google.se").names
    assert [(one.entry.category, one.outcome) for one in name.matches] == [
        ("marketing", "meant"),
        ("essential", "elsewhere"),
    ]
    assert name.matches[1].why == "It is for shop.example, and this cookie for google.se."
    (name,) = explained(b"SID=1; Domain=google.se", host="google.com").names
    assert name.matches[1].why == (
        "It is for shop.example, and this cookie for google.se or google.com."
    )


def test_without_a_host_every_entry_of_the_name_matches() -> None:
    found = explained(b"SID=1")
    assert [one.outcome for one in found.names[0].matches] == ["meant", "meant"]
    assert Reason.AMBIGUOUS in found.verdict.notes


def test_a_header_with_several_names_is_explained_by_each() -> None:
    found = explained(b"_ga")
    assert [name.name for name in found.names] == ["", "_ga"]
    assert [len(name.matches) for name in found.names] == [0, 1]
    assert found.verdict.reason is Reason.NAMELESS


@pytest.mark.parametrize(
    ("header", "near"),
    [
        (b"_GA=1", "_ga"),
        (b"session.x=1", "session.[0-9]+"),
        (b"_-host-cookiegate=1", "__Host-cookiegate"),
        (b"zzzz=1", None),
        (b"=1", None),
    ],
)
def test_a_similar_name_is_suggested(header: bytes, near: str | None) -> None:
    (name,) = explained(header).names
    assert (name.matches, name.near) == ((), near)


def test_entries_that_are_not_cookies_are_listed_apart() -> None:
    (name,) = explained(b"ls_only=1").names
    assert name.matches == ()
    assert [entry.kind for entry in name.not_cookies] == ["local_storage"]


def test_the_consent_cookie_is_explained_as_built_in() -> None:
    (name,) = explained(b"__Host-cookiegate=forged").names
    assert [(one.is_own, one.entry.line, one.why) for one in name.matches] == [
        (True, 0, "It is Cookiegate's own.")
    ]


@pytest.mark.parametrize("status", ["given", "missing", "expired", "invalid", "outdated"])
@pytest.mark.parametrize("granted", [[], ["analysis"]])
def test_a_visitor_has_the_requested_status(status: Status, granted: list[str]) -> None:
    gate = gate_for(Registry.parse(RANKED.replace('"en"]', '"en"]\nrefusal_days = 200')))
    consent = visitor(gate, granted=granted, status=status, signals=[])
    assert consent.status == status
    assert consent.granted == (set(granted) if status == "given" else set())


def test_signals_hold_against_a_visitors_choice() -> None:
    consent = visitor(gate_for(), granted=["analysis", "functional"], signals=["dnt", "gpc"])
    assert consent.granted == {"analysis", "functional"}
    assert consent.allowed == {"essential", "functional"}
    assert consent.signals == {"dnt", "gpc"}


def test_a_signal_was_not_on_when_the_choice_was_made() -> None:
    gate = gate_for(shop('signals = "confirm"'))
    assert visitor(gate, granted=["analysis"], signals=["gpc"]).allowed == {"essential"}


def test_a_visitor_cannot_choose_an_unknown_category() -> None:
    with pytest.raises(ValueError, match=r"unknown category 'analytics'; write 'analysis'"):
        visitor(gate_for(), granted=["analytics"])


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (b"_ga", b"_ga=1; Path=/"),
        (b"_ga=2; Secure", b"_ga=2; Secure"),
        (b"_ga;", b"_ga;"),
        (b"Set-Cookie: _ga=2", b"_ga=2"),
        (b"set-cookie:\t_ga ", b"_ga"),
        (b"\xff", b"\xff=1; Path=/"),
    ],
)
def test_a_name_alone_stands_for_a_plain_header(text: bytes, header: bytes) -> None:
    gate = gate_for()
    assert header_of(gate, text, visitor(gate)) == header


def test_the_consent_cookies_name_stands_for_the_gates_header() -> None:
    gate = gate_for()
    consent = visitor(gate, granted=["analysis"])
    header = header_of(gate, gate.cookie_name.encode(), consent)
    assert explain(gate, header, consent).verdict.reason is Reason.CONSENT_COOKIE
