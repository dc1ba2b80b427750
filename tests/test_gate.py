"""The gate's options, its hook, its failures, and how its registry is replaced."""

import time
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Gate, Reason, Registry, RegistryError, Verdict
from tests.registries import DAY, KEY, NOON, SHOP, cookie_header, gate_for, shop

HEADERS = [(b"set-cookie", b"sid=1"), (b"set-cookie", b"_ga=1"), (b"set-cookie", b"who=1")]


def result(gate: Gate, *granted: str) -> list[bytes]:
    consent = gate.read([cookie_header(gate.issue(granted))])
    return [value for name, value in gate.filter(HEADERS, consent) if name == b"set-cookie"]


@pytest.mark.parametrize("key", [None, "", "short", b"x" * 15, []])
def test_a_gate_without_a_good_key_is_not_built(key: Any) -> None:
    with pytest.raises(ValueError, match=r"secrets\.token_urlsafe"):
        Gate(shop(), secret_key=key)


@pytest.mark.parametrize("wrong", ["cookiegate.toml", {}, None])
def test_a_registry_of_a_wrong_type_is_refused_with_an_example(wrong: Any) -> None:
    with pytest.raises(TypeError, match="give Registry"):
        Gate(wrong, KEY)


@pytest.mark.parametrize("wrong", ["a.b", "a;b", "", "x" * 65, 7])
def test_an_id_that_no_cookie_can_carry_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="new_id"):
        gate_for(new_id=lambda: wrong).issue(["analysis"])


def test_the_verdict_callback_is_given_once() -> None:
    gate: Any = gate_for(on_verdict=print)
    assert gate.on_verdict is print
    with pytest.raises(AttributeError):
        gate.on_verdict = None


def test_an_unknown_mode_is_refused() -> None:
    mode: Any = "enforcing"
    with pytest.raises(ValueError, match="'report'"):
        gate_for(mode=mode)


@pytest.mark.parametrize(
    "domain", ["", "localhost", "https://shop.example", "köket.example", "a b.c"]
)
def test_a_domain_that_is_not_valid_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match=r"example\.com"):
        gate_for(domain=domain)


def test_more_categories_than_a_cookie_holds_are_refused_at_the_start() -> None:
    categories = "".join(f"[categories.{'c' * 50}{number}]\n" for number in range(90))
    registry = Registry.parse(f'[site]\nname="s"\nlanguages=["en"]\n{categories}')
    with pytest.raises(ValueError, match="fewer categories"):
        gate_for(registry)


def test_the_argument_mode_replaces_the_registrys_mode() -> None:
    assert result(gate_for(shop('mode = "report"'))) == [b"sid=1", b"_ga=1", b"who=1"]
    assert result(gate_for(shop('mode = "report"'), mode="enforce")) == [b"sid=1"]
    assert result(gate_for(mode="report")) == [b"sid=1", b"_ga=1", b"who=1"]
    enforcing = shop('mode = "report"', 'mode = "enforce"')
    assert result(gate_for(enforcing, mode="report")) == [b"sid=1", b"who=1"]


def test_the_clock_is_used_unless_now_is_given() -> None:
    gate = gate_for(clock=lambda: NOON + 90.0 * DAY)
    issued = gate.issue({"analysis"}, now=NOON)
    assert gate.read([cookie_header(issued)]).status == "expired"
    assert gate.read([cookie_header(issued)], now=NOON).status == "given"
    late = b"_ga=; Expires=Wed, 25 Nov 2026 00:00:00 GMT"
    no_consent = gate.read([])
    assert gate.judge(late, no_consent).reason is Reason.DELETION
    assert gate.judge(late, no_consent, now=NOON).reason is Reason.NO_CONSENT
    assert len(gate.filter([(b"set-cookie", late)], no_consent)) == 3
    assert len(gate.filter([(b"set-cookie", late)], no_consent, now=NOON)) == 2


def test_on_verdict_is_called_for_each_cookie_in_order() -> None:
    seen: list[Verdict] = []
    assert result(gate_for(on_verdict=seen.append), "analysis") == [b"sid=1", b"_ga=1"]
    assert [(v.name, v.category, v.reason) for v in seen] == [
        ("sid", "essential", Reason.REQUIRED),
        ("_ga", "analysis", Reason.ALLOWED),
        ("who", None, Reason.UNKNOWN),
    ]


def test_a_verdict_shows_no_value() -> None:
    gate = gate_for(shop('mode = "report"'))
    verdict = gate.judge(b"_ga=SECRET", gate.read([]))
    assert repr(verdict) == "<Verdict keep '_ga': no_consent, report_mode (category 'analysis')>"


def test_a_name_that_is_not_utf8_comes_back_by_surrogates() -> None:
    gate = gate_for()
    assert gate.judge(b"a\xff=1", gate.read([])).name.encode("utf-8", "surrogateescape") == b"a\xff"


def test_every_reason_has_its_own_text() -> None:
    texts = [reason.text for reason in Reason]
    assert all(text.endswith(".") for text in texts)
    assert len(set(texts)) == len(texts)


# Cookiegate's own cookies


def test_the_consent_cookie_is_a_built_in_entry() -> None:
    (entry,) = gate_for().builtin_entries
    assert entry.names == ("__Host-cookiegate",)
    assert entry.category == "essential"
    assert str(entry.expires) == "90 days"
    assert entry.domains == ()
    for texts in (entry.label, entry.purpose, entry.necessary):
        assert list(texts) == ["en"]


def test_a_shared_consent_cookie_is_listed_with_its_domain() -> None:
    (entry,) = gate_for(domain="shop.example").builtin_entries
    assert entry.names == ("cookiegate",)
    assert entry.domains == ("shop.example",)


def test_without_a_required_category_there_is_no_built_in_entry() -> None:
    registry = Registry.parse('[site]\nname="s"\nlanguages=["en"]\n[categories.a]\n')
    (entry,) = gate_for(registry).builtin_entries
    assert entry.category == ""


# The hook


def hooked(word: Any, header: bytes = b"_ga=1", *granted: str, **options: Any) -> Verdict:
    gate = gate_for(hook=lambda verdict: word, **options)
    return gate.judge(header, gate.read([cookie_header(gate.issue(granted))]))


def test_a_hook_that_returns_none_changes_nothing() -> None:
    assert hooked(None).reason is Reason.NOT_GRANTED
    assert hooked(None, b"sid=1").reason is Reason.REQUIRED


def test_a_hook_may_refuse_a_required_cookie() -> None:
    verdict = hooked(False, b"sid=1")
    assert (verdict.allowed, verdict.action, verdict.header) == (False, "strip", None)
    assert verdict.reason is Reason.HOOK_REFUSED


def test_a_hook_may_refuse_a_deletion() -> None:
    assert hooked(False, b"_ga=; Max-Age=0").header is None


@pytest.mark.parametrize("header", [b"_ga=1; Path=/", b"who=1"])
def test_a_hook_may_keep_by_naming_an_allowed_category(header: bytes) -> None:
    verdict = hooked("essential", header)
    assert (verdict.allowed, verdict.action, verdict.header) == (True, "keep", header)
    assert verdict.category == "essential"
    assert verdict.reason is Reason.HOOK_ALLOWED


def test_a_category_that_is_not_allowed_keeps_nothing() -> None:
    verdict = hooked("marketing", b"sid=1")
    assert verdict.header is None
    assert verdict.category == "marketing"
    assert verdict.reason is Reason.HOOK_REFUSED
    assert hooked("marketing", b"sid=1", "marketing").header == b"sid=1"


@pytest.mark.parametrize("word", ["markting", True, 1, [], b"essential"])
def test_a_hook_that_names_an_unknown_category_strips(word: Any) -> None:
    errors: list[Exception] = []
    verdict = hooked(word, b"sid=1", on_error=errors.append)
    assert verdict.header is None
    assert verdict.reason is Reason.FAILURE
    assert len(errors) == 1


@pytest.mark.parametrize(
    "header", [b"sid=1\r_ga=1", b"__Host-cookiegate=forged", b"=sid=1", b"sid"]
)
def test_no_hook_keeps_a_cookie_that_must_never_leave(header: bytes) -> None:
    assert hooked("essential", header).header is None


def test_no_hook_keeps_a_superseded_consent_cookie() -> None:
    gate = gate_for(hook=lambda verdict: "essential")
    visit = gate.visit([])
    visit.choose(["analysis"])
    result = visit.respond([(b"set-cookie", gate.issue(["marketing"]).encode())])
    (issued,) = [value for name, value in result if name == b"set-cookie"]
    assert gate.read([(b"cookie", issued)]).granted == {"analysis"}


@pytest.mark.parametrize("word", [False, "essential", "marketing"])
def test_a_hook_cannot_change_the_gates_consent_cookie(word: Any) -> None:
    issued = gate_for().issue(["analysis"]).encode()
    verdict = hooked(word, issued)
    assert (verdict.header, verdict.reason) == (issued, Reason.CONSENT_COOKIE)


def test_a_cookie_that_a_hook_keeps_does_not_outlive_its_entry() -> None:
    verdict = hooked("essential", b"_ga=1; Max-Age=99999999", registry=shop('lifetime = "clamp"'))
    assert verdict.header == b"_ga=1; Max-Age=63072000"
    assert verdict.reason is Reason.HOOK_ALLOWED
    assert verdict.notes == (Reason.OUTLIVES, Reason.CLAMPED)


def test_an_unknown_cookie_gets_the_minimum_attributes_of_the_hooks_category() -> None:
    registry = shop(analysis="floor.secure = true")
    verdict = hooked("analysis", b"who=1", "analysis", registry=registry)
    assert verdict.header == b"who=1; Secure"


@pytest.mark.parametrize("word", [False, "essential", "marketing"])
def test_a_response_that_a_hook_changed_depends_on_the_visitor(word: Any) -> None:
    assert hooked(word).depends
    assert not hooked(word, mode="report").depends


def test_a_hook_cannot_move_a_cookie_out_of_an_enforced_category() -> None:
    registry = shop('mode = "report"', 'mode = "enforce"')
    assert hooked("marketing", b"_ga=1", registry=registry).header is None


TWO = (
    SHOP.format(policy='mode = "report"\nlifetime = "clamp"', analysis='mode = "enforce"')
    + '[[cookies]]\nname = "two"\ncategory = "marketing"\ndomain = "a.example"\n'
    + 'expires = "1 day"\n'
    + '[[cookies]]\nname = "two"\ncategory = "analysis"\ndomain = "b.example"\n'
    + 'expires = "2 days"\n'
)


def test_of_several_categories_an_enforced_one_decides() -> None:
    gate = gate_for(Registry.parse(TWO))
    verdict = gate.judge(b"two=1", gate.read([]))
    assert (verdict.header, verdict.category) == (None, "analysis")


def test_of_several_lifetimes_the_longest_counts() -> None:
    text = TWO.replace('mode = "report"', "")
    for registry in (text, text.replace("1 day", "9 days").replace("2 days", "1 day")):
        gate = gate_for(Registry.parse(registry))
        consent = gate.read([cookie_header(gate.issue(["analysis", "marketing"]))])
        longest = 2 if registry is text else 9
        header = gate.judge(b"two=1; Max-Age=9999999", consent).header
        assert header == b"two=1; Max-Age=%d" % (longest * 86_400)


def test_an_unreadable_cookie_is_reported_with_its_name() -> None:
    gate = gate_for()
    # Nameless: the text is a value, and no report shows one.
    assert gate.judge(b"sid\r", gate.read([])).name == ""
    assert gate.judge(b"=sid=1\r", gate.read([])).name == ""
    assert gate.judge(b"sid=1\r", gate.read([])).name == "sid"


def test_unknown_cookies_are_enforced_in_a_site_whose_categories_all_report() -> None:
    text = '[site]\nname = "s"\nlanguages = ["en"]\n[categories.b]\nmode = "report"\n'
    gate = gate_for(Registry.parse(text))
    visit = gate.visit([])
    visit.allows("b")
    assert (b"cache-control", b"private") in visit.respond([])


def test_in_report_mode_a_hooks_answer_is_only_reported() -> None:
    verdict = hooked(False, b"sid=1", mode="report")
    assert verdict.header == b"sid=1"
    assert verdict.reason is Reason.HOOK_REFUSED
    assert Reason.REPORT_MODE in verdict.notes


def test_the_hook_sees_each_cookie_behind_the_filter_too() -> None:
    seen: list[str] = []
    gate = gate_for(hook=lambda verdict: seen.append(verdict.name))
    assert result(gate, "analysis") == [b"sid=1", b"_ga=1"]
    assert seen == ["sid", "_ga", "who"]


# Failing


def boom(*_: object) -> Any:
    raise ZeroDivisionError("boom")


def test_a_failing_hook_strips_that_cookie_and_the_response_is_delivered() -> None:
    errors: list[Exception] = []
    gate = gate_for(hook=lambda v: boom() if v.name == "_ga" else None, on_error=errors.append)
    assert result(gate, "analysis") == [b"sid=1"]
    assert [type(error) for error in errors] == [ZeroDivisionError]
    assert gate.failures == 1


def test_a_failing_callback_changes_nothing() -> None:
    gate = gate_for(on_verdict=boom)
    assert result(gate, "analysis") == [b"sid=1", b"_ga=1"]
    assert gate.failures == 3


def test_a_broken_clock_allows_nothing_and_the_response_is_delivered() -> None:
    errors: list[Exception] = []
    for on_verdict in (None, print):
        gate = gate_for(clock=boom, on_error=errors.append, on_verdict=on_verdict)
        result = gate.visit([]).respond([(b"set-cookie", b"sid=1"), (b"set-cookie", b"_ga=1")])
        assert result[0] == (b"set-cookie", b"sid=1")
        assert len([1 for name, _ in result if name == b"set-cookie"]) == 1
    assert len(errors) == 2


def test_a_failing_on_error_changes_nothing() -> None:
    gate = gate_for(hook=boom, on_error=boom)
    assert result(gate) == []
    assert gate.failures == 6


def test_a_failing_look_up_strips_that_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = shop()
    monkeypatch.setattr(Registry, "find", boom)
    gate = gate_for(registry)
    consent = gate.read([])
    headers = [(b"a", b"b"), (b"set-cookie", b"sid=1")]
    assert gate.filter(headers, consent)[0] == (b"a", b"b")
    assert not any(name == b"set-cookie" for name, _ in gate.filter(headers, consent))
    assert gate.failures


@pytest.mark.parametrize(("mode", "result"), [("enforce", None), ("report", b"_ga=1")])
def test_a_failure_follows_the_mode_of_the_cookies_category(
    mode: str, result: bytes | None
) -> None:
    other = {"enforce": "report", "report": "enforce"}[mode]
    gate = gate_for(shop(f'mode = "{other}"', f'mode = "{mode}"'), hook=boom)
    verdict = gate.judge(b"_ga=1", gate.read([]))
    assert (verdict.header, verdict.reason) == (result, Reason.FAILURE)
    assert (verdict.name, verdict.category) == ("_ga", "analysis")
    assert verdict.depends is (result is None)


def test_a_failure_on_an_unreadable_cookie_strips_if_anything_is_enforced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Registry, "find", boom)
    enforcing = gate_for(shop('mode = "report"', 'mode = "enforce"'))
    verdict = enforcing.judge(b"_ga=1", enforcing.read([]))
    assert (verdict.header, verdict.depends) == (None, True)
    gate = gate_for(mode="report")
    verdict = gate.judge(b"_ga=1", gate.read([]))
    assert (verdict.header, verdict.depends) == (b"_ga=1", False)


@pytest.mark.parametrize("value", [bytearray(b"sid=1"), memoryview(b"sid=1"), "sid=1"])
def test_a_value_in_any_form_is_judged(value: Any) -> None:
    gate = gate_for()
    assert gate.judge(value, gate.read([])).header == b"sid=1"


def test_in_report_mode_a_failure_changes_nothing() -> None:
    assert result(gate_for(hook=boom, mode="report")) == [b"sid=1", b"_ga=1", b"who=1"]


# Replacing the registry


def test_a_replaced_registry_holds_from_the_next_request_on() -> None:
    gate = gate_for()
    visit = gate.visit([])
    gate.replace(Registry.parse(SHOP_WITHOUT_SID.replace("version = 3", "version = 4")))
    assert visit.respond([(b"set-cookie", b"sid=1")]) == [(b"set-cookie", b"sid=1")]
    assert gate.visit([]).respond([(b"set-cookie", b"sid=1")]) == []
    assert gate.registry.site.version == 4


SHOP_TEXT = SHOP.format(policy="", analysis="")
SHOP_WITHOUT_SID = SHOP_TEXT.replace('name = ["sid", "session.[0-9]+"]', 'name = "other"')


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (SHOP_WITHOUT_SID, "'sid' is gone"),
        (SHOP_TEXT.replace("required = true", ""), "'essential' is gone"),
        (
            SHOP_TEXT.replace(
                '"session.[0-9]+"]\ncategory = "essential"',
                '"session.[0-9]+"]\ncategory = "marketing"',
            ),
            "'sid' is no longer required",
        ),
        (SHOP_TEXT.partition('[[cookies]]\nname = "_ga"')[0], "names are gone"),
    ],
)
def test_a_registry_that_lost_too_much_is_not_put_in_force(text: str, what: str) -> None:
    errors: list[Exception] = []
    gate = gate_for(on_error=errors.append)
    before = gate.registry
    with pytest.raises(RegistryError, match=what) as caught:
        gate.replace(Registry.parse(text))
    assert "raise [site] version above 3" in str(caught.value)
    assert gate.registry is before
    assert errors == [caught.value]
    gate.replace(Registry.parse(text.replace("version = 3", "version = 4")))
    assert gate.registry is not before


def test_a_tenth_of_the_entries_may_go() -> None:
    entries = "".join(f'[[cookies]]\nname = "c{n}"\ncategory = "b"\n' for n in range(20))
    head = '[site]\nname = "s"\nlanguages = ["en"]\n[categories.b]\n'
    gate = gate_for(Registry.parse(head + entries))
    gate.replace(Registry.parse(head + entries.partition('[[cookies]]\nname = "c18"')[0]))
    assert len(gate.registry.entries) == 18


def test_a_file_that_does_not_load_keeps_the_old_registry(tmp_path: Path) -> None:
    path = tmp_path / "cookiegate.toml"
    path.write_text(SHOP_TEXT.replace("analysis", "anlysis", 1))
    gate = gate_for()
    before = gate.registry
    with pytest.raises(RegistryError, match=r"cookiegate\.toml:\d+: "):
        gate.replace(Registry.load(path))
    assert gate.registry is before
    path.write_text(SHOP_TEXT.replace('name = "Shop"', 'name = "New shop"'))
    gate.replace(Registry.load(path))
    assert gate.registry.site.name == "New shop"


def test_keys_are_kept_when_the_registry_is_replaced() -> None:
    gate = Gate(shop(), [KEY, "an old key of some length"], clock=lambda: NOON)
    issued = Gate(shop(), "an old key of some length").issue({"analysis"}, now=NOON)
    gate.replace(shop())
    assert gate.read([cookie_header(issued)]).status == "given"


def test_options_that_weaken_the_consent_cookie_are_startup_warnings() -> None:
    gate = gate_for(secure=False, domain="shop.example")
    assert [warning.partition(":")[0] for warning in gate.pop_startup_warnings()] == [
        "secure=False",
        "domain='shop.example'",
    ]
    assert gate.pop_startup_warnings() == ()
    assert gate_for().pop_startup_warnings() == ()


@pytest.mark.parametrize(
    ("policy", "analysis", "mode", "about"),
    [
        ('mode = "report"', "", None, "choices are not"),
        ("", "", "report", "choices are not"),
        (
            'mode = "report"',
            'mode = "enforce"',
            None,
            "about functional, comfort, marketing",
        ),
        ("", 'mode = "report"', None, "choices about analysis are not"),
    ],
)
def test_a_gate_that_only_reports_says_so(
    policy: str, analysis: str, mode: str | None, about: str
) -> None:
    (warning,) = gate_for(shop(policy, analysis), mode=mode).pop_startup_warnings()
    assert warning.startswith("mode 'report': visitors' ")
    assert about in warning


# Limits


@pytest.mark.parametrize("again", [False, True])
def test_a_date_that_is_just_now_deletes(again: bool) -> None:
    header = b"_ga=1; Expires=Tue, 24 Nov 2026 12:00:00 GMT"
    gate = gate_for()
    for _ in range(1 + again):
        assert gate.judge(header, gate.read([])).reason is Reason.DELETION
        (sent, *_) = gate.filter([(b"set-cookie", header)], gate.read([]))
        assert sent[1].startswith(b"_ga=; Max-Age=0")


def test_a_visit_is_a_page_load_by_default() -> None:
    followed = [(b"sec-fetch-site", b"cross-site"), (b"sec-fetch-dest", b"document")]
    assert gate_for().visit(followed).should_ask
    assert not gate_for().visit(followed, method="POST").should_ask


def test_a_visits_host_may_be_given() -> None:
    headers = [(b"host", b"google.com"), cookie_header(gate_for().issue({"marketing"}))]
    google, shop_ = (
        gate_for().visit(headers, host=host).respond([(b"set-cookie", b"SID=1")])
        for host in (None, "shop.example")
    )
    assert google[1:] != []
    assert shop_ == [(b"set-cookie", b"SID=1")]


@pytest.mark.parametrize(
    ("policy", "analysis", "header", "word", "depends"),
    [
        ('mode = "report"', 'mode = "enforce"', b"_fbp=1", "analysis", True),
        ('mode = "report"', 'mode = "enforce"', b"_ga=1", "marketing", True),
        ('mode = "report"', "", b"_ga=1", "marketing", False),
        ("", 'mode = "report"', b"_ga=1", "analysis", False),
    ],
)
def test_cache_headers_are_set_if_the_category_before_or_after_the_hook_is_enforced(
    policy: str, analysis: str, header: bytes, word: str, depends: bool
) -> None:
    gate = gate_for(shop(policy, analysis), hook=lambda verdict: word)
    assert gate.judge(header, gate.read([])).depends is depends


def test_every_verdict_has_the_name() -> None:
    gate = gate_for(hook=lambda verdict: {"cart": False, "_ga": "essential"}.get(verdict.name))
    own = gate.issue({"analysis"}).encode()
    headers = (b"x", b"=", b"cart=1", b"_ga=1", b"__Host-cookiegate=x", own)
    names = [gate.judge(header, gate.read([])).name for header in headers]
    assert names == ["", "", "cart", "_ga", "__Host-cookiegate", "__Host-cookiegate"]
    allowing = gate_for(shop('unknown = "allow"'))
    assert allowing.judge(b"who=1", allowing.read([])).name == "who"
    seen: list[Verdict] = []
    visit = gate_for(on_verdict=seen.append).visit([])
    visit.choose({"analysis"})
    visit.respond([(b"set-cookie", own)])
    assert [verdict.name for verdict in seen] == ["__Host-cookiegate"]


def test_a_value_that_cannot_be_judged_is_a_failure_without_a_name() -> None:
    errors: list[Exception] = []
    gate = gate_for(on_error=errors.append)
    value: Any = 7
    verdict = gate.judge(value, gate.read([]))
    assert (verdict.action, verdict.reason, verdict.name) == ("strip", Reason.FAILURE, "")
    assert [type(error) for error in errors] == [TypeError]


def test_in_report_mode_an_allowed_cookie_has_no_note() -> None:
    gate = gate_for(shop('mode = "report"'))
    assert gate.judge(b"sid=1", gate.read([])).notes == ()


def test_a_cookie_with_max_age_outlives_a_session_entry() -> None:
    gate = gate_for(shop('lifetime = "report"'))
    assert gate.judge(b"sid=1; Max-Age=1", gate.read([])).notes == (Reason.OUTLIVES,)
    assert gate.judge(b"sid=1", gate.read([])).notes == ()


def test_entries_that_share_a_name_merge_their_minimum_attributes() -> None:
    text = SHOP.format(policy="", analysis="") + (
        '[[cookies]]\nname = "two"\ncategory = "essential"\ndomain = "a.example"\n'
        'floor = { secure = true, same_site = "lax" }\n'
        '[[cookies]]\nname = "two"\ncategory = "essential"\ndomain = "b.example"\n'
        'floor = { same_site = "strict", partitioned = true, http_only = true }\n'
    )
    gate = gate_for(Registry.parse(text))
    verdict = gate.judge(b"two=1; Path=/; SameSite=None; Max-Age=5", gate.read([]))
    sent = verdict.header or b""
    assert sorted(sent.split(b"; ")) == sorted(
        b"two=1; Path=/; SameSite=Strict; Max-Age=5; Secure; HttpOnly; Partitioned".split(b"; ")
    )
    kept = b"two=1; httponly; Path=/; samesite=strict; secure; partitioned"
    assert gate.judge(kept, gate.read([])).header == kept


def test_a_verdicts_repr_lists_all_notes() -> None:
    gate = gate_for(shop('mode = "report"\nlifetime = "report"'))
    verdict = gate.judge(b"_ga=1; Max-Age=99999999999", gate.read([]))
    assert repr(verdict).endswith(": no_consent, outlives, report_mode (category 'analysis')>") or (
        repr(verdict).endswith(": no_consent, report_mode (category 'analysis')>")
    )


def test_a_registry_of_a_wrong_type_is_named_in_the_error() -> None:
    path: Any = "cookiegate.toml"
    with pytest.raises(TypeError, match=r"^registry is str; give Registry.load"):
        Gate(path, KEY)


def test_startup_warnings_are_complete() -> None:
    (warning,) = gate_for(domain="shop.example").pop_startup_warnings()
    assert "each of them can replace a visitor's choice by another one that the gate" in warning
    assert warning.endswith("Leave domain out unless all of them are yours")
    (warning,) = gate_for(secure=False).pop_startup_warnings()
    assert "can replace it by another visitor's" in warning


@pytest.mark.parametrize(
    ("one", "other", "sent"),
    [
        ("secure = true", "http_only = true", b"two=1; Secure; HttpOnly"),
        ('same_site = "lax"', 'same_site = "none"', b"two=1; SameSite=Lax"),
        ('same_site = "none"', 'same_site = "strict"', b"two=1; SameSite=Strict"),
    ],
)
def test_of_two_minimums_the_stronger_of_each_attribute_holds(
    one: str, other: str, sent: bytes
) -> None:
    text = SHOP.format(policy="", analysis="") + "".join(
        f'[[cookies]]\nname = "two"\ncategory = "essential"\ndomain = "{domain}.example"\n'
        f"floor = {{ {floor} }}\n"
        for domain, floor in (("a", one), ("b", other))
    )
    gate = gate_for(Registry.parse(text))
    assert gate.judge(b"two=1", gate.read([])).header == sent


def test_the_default_clock_is_looked_up_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(shop(), KEY)
    cookie = cookie_header(gate.issue({"analysis"}))
    assert gate.read([cookie]).status == "given"
    later = time.time() + 400 * DAY
    monkeypatch.setattr(time, "time", lambda: later)
    assert gate.read([cookie]).status == "expired"
