"""What a visitor allows, from the consent cookie and the signals of one request."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate import Consent, Gate, Registry
from cookiegate.consent.model import Record, dump_record, parse_record
from cookiegate.consent.signing import TokenSigner
from tests.registries import DAY, NOON, SHOP, cookie_header, gate_for, shop

GATE = gate_for()
NAME = b"__Host-cookiegate"


def read(*set_cookies: str, gate: Gate = GATE, now: float = NOON, signals: str = "") -> Consent:
    headers = [cookie_header(*set_cookies)] if set_cookies else []
    headers += [(signal.encode(), b"1") for signal in signals.split()]
    return gate.read(headers, now=now)


def raw(value: bytes, name: bytes = NAME) -> Consent:
    return GATE.read([(b"cookie", name + b"=" + value)])


def test_an_issued_choice_is_read() -> None:
    consent = read(GATE.issue({"analysis", "functional"}))
    assert consent.status == "given"
    assert consent.granted == {"analysis", "functional"}
    assert consent.allowed == {"analysis", "functional", "essential"}
    assert consent.allows("analysis")
    assert not consent.allows("marketing")
    assert consent.since == NOON
    assert consent.signal is None


def test_an_issued_refusal_is_read() -> None:
    consent = read(GATE.issue(set()))
    assert consent.status == "given"
    assert consent.granted == set()
    assert consent.allowed == {"essential"}


def test_required_categories_are_not_in_a_choice() -> None:
    assert read(GATE.issue({"essential", "analysis"})).granted == {"analysis"}
    assert read(GATE.issue({"essential"})).granted == set()


def test_no_cookie_is_missing_consent() -> None:
    consent = read()
    assert consent.status == "missing"
    assert consent.granted == set()
    assert consent.allowed == {"essential"}


def test_an_unknown_category_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ValueError, match=r"'anlysis'.*'analysis'"):
        read().allows("anlysis")
    with pytest.raises(ValueError, match=r"'zzz'.*essential"):
        read().allows("zzz")
    with pytest.raises(ValueError, match=r"'anlysis'.*analysis"):
        GATE.issue({"anlysis"})


def test_a_consent_made_by_hand_allows_what_it_says() -> None:
    consent = Consent(
        status="given", signal=None, granted=frozenset(["a"]), allowed=frozenset(["a", "b"])
    )
    assert consent.allows("b")


def test_signals_are_a_list() -> None:
    text: Any = "gpc"
    with pytest.raises(TypeError, match=r"\['gpc'\]"):
        GATE.issue([], signals=text)


def test_an_unknown_signal_is_refused() -> None:
    signals: Any = ["gcp"]
    with pytest.raises(ValueError, match="gcp"):
        GATE.issue(set(), signals=signals)


# How it is written


def test_the_consent_cookie_has_its_attributes() -> None:
    issued = GATE.issue({"analysis"})
    assert issued.startswith("__Host-cookiegate=")
    assert issued.partition("; ")[2] == ("Max-Age=7776000; Path=/; Secure; HttpOnly; SameSite=Lax")


def test_a_refusal_has_its_own_period() -> None:
    registry = Registry.parse(
        '[site]\nname="s"\nlanguages=["en"]\nconsent_days=10\nrefusal_days=20\n'
        "[categories.a]\nrequired=true\n[categories.b]\n"
    )
    gate = gate_for(registry)
    assert "; Max-Age=864000;" in gate.issue({"b"})
    assert "; Max-Age=1728000;" in gate.issue(set())
    grant, refusal = gate.issue({"b"}), gate.issue(set(), now=NOON // DAY * DAY)
    assert read(grant, gate=gate, now=NOON + 10 * DAY - 1).status == "given"
    assert read(grant, gate=gate, now=NOON + 10 * DAY).status == "expired"
    assert read(refusal, gate=gate, now=NOON // DAY * DAY + 20 * DAY - 1).status == "given"
    assert read(refusal, gate=gate, now=NOON // DAY * DAY + 20 * DAY).status == "expired"


def test_plain_http_and_a_shared_domain_drop_the_prefix() -> None:
    plain = gate_for(secure=False)
    assert plain.cookie_name == "cookiegate"
    assert plain.issue(set()).endswith("; Max-Age=7776000; Path=/; HttpOnly; SameSite=Lax")
    shared = gate_for(domain=".Shop.example")
    assert shared.cookie_name == "cookiegate"
    assert shared.issue(set()).endswith(
        "; Path=/; Domain=shop.example; Secure; HttpOnly; SameSite=Lax"
    )


def test_only_the_configured_name_is_read() -> None:
    plain = gate_for(secure=False)
    assert read(GATE.issue({"analysis"}), gate=plain).status == "missing"
    assert read(plain.issue({"analysis"}), gate=GATE).status == "missing"


def test_a_refusal_has_no_receipt() -> None:
    assert GATE.issue(set(), now=NOON) == GATE.issue(set(), now=NOON + 3600)
    assert read(GATE.issue(set())).receipt is None


def test_each_grant_has_its_own_receipt() -> None:
    first, second = read(GATE.issue({"analysis"})), read(GATE.issue({"analysis"}))
    assert first.receipt
    assert second.receipt
    assert first.receipt != second.receipt


def test_the_receipt_is_in_no_repr() -> None:
    gate = gate_for(new_id=lambda: "receipt-id")
    consent = read(gate.issue({"analysis"}), gate=gate, signals="dnt")
    assert consent.receipt == "receipt-id"
    assert repr(consent) == "<Consent given under dnt: allows ['essential']>"


# Status


def test_a_choice_expires_to_the_second() -> None:
    issued = GATE.issue({"analysis"})
    assert read(issued, now=NOON + 90 * DAY - 1).status == "given"
    consent = read(issued, now=NOON + 90 * DAY)
    assert consent.status == "expired"
    assert consent.granted == set()
    assert consent.allowed == {"essential"}
    assert consent.previous == {"analysis"}


def test_a_time_slightly_in_the_future_counts_as_now() -> None:
    issued = GATE.issue({"analysis"}, now=NOON + 300)
    assert read(issued).status == "given"
    assert read(issued, now=NOON - 1).status == "invalid"


@pytest.mark.parametrize("version", [2, 4])
def test_another_version_is_outdated(version: int) -> None:
    other = gate_for(_with_version(version))
    consent = read(other.issue({"analysis"}))
    assert consent.status == "outdated"
    assert consent.granted == set()
    assert consent.previous == {"analysis"}


def test_age_counts_before_version() -> None:
    assert read(gate_for(_with_version(2)).issue(set()), now=NOON + 91 * DAY).status == "expired"


def test_another_site_is_invalid() -> None:
    other = gate_for(_with_version(3, id="other"))
    assert read(other.issue({"analysis"})).status == "invalid"


def test_a_removed_category_is_ignored_and_a_new_one_is_not_granted() -> None:
    head = '[site]\nname="s"\nlanguages=["en"]\n[categories.r]\nrequired=true\n'
    old = gate_for(Registry.parse(head + "[categories.a]\n[categories.b]\n"))
    new = gate_for(Registry.parse(head + "[categories.b]\n[categories.c]\n"))
    consent = read(old.issue({"a", "b"}), gate=new)
    assert consent.status == "given"
    assert consent.granted == {"b"}
    assert consent.allowed == {"r", "b"}


def test_a_category_that_became_required_is_no_longer_a_choice() -> None:
    head = '[site]\nname="s"\nlanguages=["en"]\n[categories.a]\n'
    old = gate_for(Registry.parse(head))
    new = gate_for(Registry.parse(head + "required=true\n"))
    consent = read(old.issue({"a"}), gate=new)
    assert consent.granted == set()
    assert consent.allowed == {"a"}


def test_keys_rotate() -> None:
    registry = shop()
    old = Gate(registry, "an old key of some length", clock=lambda: NOON)
    both = Gate(registry, ["a new key of some length", "an old key of some length"])
    assert read(old.issue({"analysis"}), gate=both).status == "given"
    assert read(both.issue({"analysis"}, now=NOON), gate=old).status == "invalid"


# Invalid input

# The same in each process that collects the tests.
SIGNED = gate_for(new_id=lambda: "r" * 22).issue({"analysis"}).partition("=")[2].partition(";")[0]


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b".",
        b"......",
        b"x",
        b"\xff\xfe",
        b"1.shop.3.1795521600.analysis..",
        b"1.shop.3.1795521600.analysis...",
        b'"' + SIGNED.encode() + b'"',
        SIGNED[:-1].encode(),
        b"a" * 5000,
        b"1." * 3000,
    ],
)
def test_garbage_is_invalid(value: bytes) -> None:
    consent = raw(value)
    assert consent.status == "invalid"
    assert consent.allowed == {"essential"}


@given(st.binary(max_size=300))
def test_no_cookie_bytes_raise_an_error(value: bytes) -> None:
    assert GATE.read([(b"cookie", value)]).allowed == {"essential"}
    assert raw(value).allowed == {"essential"}


@given(st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=40)), max_size=8))
def test_no_cookie_headers_raise_an_error(headers: list[tuple[bytes, bytes]]) -> None:
    assert GATE.read(headers).allowed == {"essential"}


def test_every_changed_byte_is_noticed() -> None:
    name, value = cookie_header(GATE.issue({"analysis"}))
    for at in range(len(NAME) + 1, len(value)):
        changed = bytearray(value)
        changed[at] ^= 1
        consent = GATE.read([(name, bytes(changed))])
        assert consent.status == "invalid"


def test_oversized_copies_are_not_even_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(TokenSigner, "unsign", lambda self, value: asked.append(len(value)))
    assert raw(b"x" * 5000).status == "invalid"
    assert asked == []
    assert raw(b"x" * 500).status == "invalid"
    assert asked == [500]


def test_valid_copies_are_intersected() -> None:
    one, two = GATE.issue({"analysis", "marketing"}), GATE.issue({"analysis", "functional"})
    consent = read(one, two)
    assert consent.status == "given"
    assert consent.granted == {"analysis"}
    assert read(one, GATE.issue(set())).granted == set()


@pytest.mark.parametrize("order", [1, -1])
def test_of_valid_copies_the_newest_counts_and_only_signals_of_all(order: int) -> None:
    gate = gate_for(shop('signals = "confirm"'))
    early = gate.issue({"analysis"}, signals=["dnt"], now=NOON - 60)
    late = gate.issue({"analysis"}, now=NOON)
    copies = [early, late][::order]
    assert read(*copies, gate=gate).since == NOON
    # Only one of them was made while the signal was on.
    assert not read(*copies, signals="dnt", gate=gate).allows("analysis")
    assert read(early, signals="dnt", gate=gate).allows("analysis")


@pytest.mark.parametrize("order", [1, -1])
def test_an_outdated_copy_counts_before_an_expired_one_and_both_grants_are_kept_as_previous(
    order: int,
) -> None:
    old = gate_for(Registry.parse(SHOP.format(policy="", analysis="").replace("n = 3", "n = 2")))
    copies = [old.issue({"analysis"}), GATE.issue({"marketing"}, now=NOON - 91 * DAY)][::order]
    consent = read(*copies)
    assert consent.status == "outdated"
    assert consent.previous == {"analysis", "marketing"}


def test_copies_that_the_gate_did_not_sign_do_not_count() -> None:
    forged = "__Host-cookiegate=forged"
    assert read(forged, GATE.issue({"analysis"}), forged).granted == {"analysis"}


def test_more_than_four_copies_allow_nothing() -> None:
    issued = GATE.issue({"analysis"})
    assert read(*[issued] * 4).granted == {"analysis"}
    for copies in (5, 100):
        consent = read(*[issued] * copies)
        assert consent.status == "invalid"
        assert consent.allowed == {"essential"}


def test_cookie_headers_in_several_lines_are_all_read() -> None:
    name, value = cookie_header(GATE.issue({"analysis"}))
    crumbs = [(name, b"a=b"), (b"COOKIE", b"x;y=z ; " + value + b" "), (name, b"\xff=\xfe")]
    assert GATE.read(crumbs).granted == {"analysis"}


def test_a_name_that_only_looks_alike_is_not_read() -> None:
    value = cookie_header(GATE.issue({"analysis"}))[1]
    for other in (b"x" + value, value.replace(b"__Host", b"__host"), value.replace(b"=", b"x=", 1)):
        assert GATE.read([(b"cookie", other)]).status == "missing"


def test_headers_may_be_a_generator() -> None:
    issued = GATE.issue({"analysis"})
    assert GATE.read(header for header in [cookie_header(issued)]).granted == {"analysis"}


# Signals


@pytest.mark.parametrize(
    ("signals", "signal", "allowed"),
    [
        ("dnt", "dnt", {"essential", "functional", "comfort"}),
        ("sec-gpc", "gpc", {"essential", "functional"}),
        ("DNT Sec-GPC", "gpc", {"essential", "functional"}),
    ],
)
def test_a_signal_is_a_ceiling(signals: str, signal: str, allowed: set[str]) -> None:
    everything = GATE.issue({"functional", "comfort", "analysis", "marketing"})
    consent = read(everything, signals=signals)
    assert consent.signal == signal
    assert consent.granted == {"functional", "comfort", "analysis", "marketing"}
    assert consent.allowed == allowed


def test_a_signal_grants_nothing() -> None:
    consent = read(signals="dnt")
    assert consent.signal == "dnt"
    assert consent.allowed == {"essential"}


def test_a_signal_that_is_off_does_nothing() -> None:
    consent = GATE.read([cookie_header(GATE.issue({"analysis"})), (b"dnt", b"0")])
    assert consent.signal is None
    assert consent.allows("analysis")


def test_confirm_yields_to_a_choice_made_while_it_was_on() -> None:
    gate = gate_for(shop('signals = "confirm"'))
    before = gate.issue({"analysis"})
    under = gate.issue({"analysis"}, signals=["gpc"])
    assert not read(before, gate=gate, signals="sec-gpc").allows("analysis")
    consent = read(under, gate=gate, signals="sec-gpc")
    assert consent.allows("analysis")
    assert consent.signal is None
    # The other signal was not on.
    assert not read(under, gate=gate, signals="dnt").allows("analysis")
    # Of two copies both must have been made under it.
    assert not read(before, under, gate=gate, signals="sec-gpc").allows("analysis")


def test_default_yields_to_any_choice() -> None:
    gate = gate_for(shop('signals = "default"'))
    assert read(gate.issue({"analysis"}), gate=gate, signals="dnt").allows("analysis")
    assert read(gate=gate, signals="dnt").signal == "dnt"


def test_each_signal_may_have_its_own_policy() -> None:
    gate = gate_for(shop('signals = { dnt = "ignore", gpc = "override" }'))
    issued = gate.issue({"analysis"})
    assert read(issued, gate=gate, signals="dnt").allows("analysis")
    assert not read(issued, gate=gate, signals="sec-gpc").allows("analysis")


# The record

records = st.builds(
    Record,
    site=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True),
    version=st.integers(1, 10**9),
    time=st.integers(0, 10**11),
    granted=st.frozensets(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True), max_size=4),
    signals=st.frozensets(st.sampled_from(["dnt", "gpc"])),
    receipt=st.none() | st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
)


@given(records)
def test_a_dumped_record_is_parsed_unchanged(record: Record) -> None:
    assert parse_record(dump_record(record).encode()) == record


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"2.shop.3.1795521600.analysis..",
        b"1.shop.3.1795521600.analysis",
        b"1.shop.x.1795521600.analysis..",
        b"1.shop.3.1e9.analysis..",
        b"1.sh\xc3\xb6p.3.1795521600.analysis..",
        b"1.shop.3.1795521600.analysis.x.",
        b"1.shop.3.1795521600.analysis.gd.",
        b"1.shop.3.1795521600.analysis...",
    ],
)
def test_other_texts_are_not_records(text: bytes) -> None:
    assert parse_record(text) is None


def test_the_receipt_is_in_no_repr_of_a_record() -> None:
    record = parse_record(b"1.shop.3.1795521600.analysis..RECEIPT")
    assert repr(record) == "<Record of 'shop', version 3: ['analysis']>"


def _with_version(version: int, id: str = "shop") -> Registry:
    text = SHOP.format(policy="", analysis="").replace("version = 3", f"version = {version}")
    return Registry.parse(text.replace('id = "shop"', f'id = "{id}"'))


# Limits


def widest(more: int) -> Gate:
    """Return a gate with 64 ids of 60 letters, one of `more`, and receipts of the longest form."""
    ids = [f"c{number:02}".ljust(60, "c") for number in range(64)]
    text = '[site]\nname = "S"\nlanguages = ["en"]\n'
    text += "".join(f"[categories.{id}]\n" for id in [*ids, "d" * more])
    return gate_for(Registry.parse(text), new_id=lambda: "x" * 64)


def test_the_longest_consent_cookie_of_a_registry_is_the_longest_that_browsers_take() -> None:
    fits = [more for more in range(1, 65) if _can_be_carried(more)]
    assert fits == list(range(1, fits[-1] + 1))
    assert fits[-1] < 64
    gate = widest(fits[-1])
    issued = gate.issue(gate.registry.optional, signals=["dnt", "gpc"], now=10**11)
    name, _, value = issued.partition(";")[0].partition("=")
    assert len(name) + len(value) == 4096
    # And it is read.
    assert gate.read([cookie_header(issued)], now=10**11).status == "given"


def _can_be_carried(more: int) -> bool:
    try:
        widest(more)
    except ValueError:
        return False
    return True


def test_a_verified_cookie_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = gate_for()
    header = cookie_header(gate.issue({"analysis"}))
    seen: list[bytes] = []
    plain = TokenSigner.unsign

    def counting(self: TokenSigner, signed: bytes) -> bytes | None:
        seen.append(signed)
        return plain(self, signed)

    monkeypatch.setattr(TokenSigner, "unsign", counting)
    for _ in range(3):
        assert gate.read([header]).granted == {"analysis"}
    assert len(seen) == 1


@pytest.mark.parametrize(
    "name",
    [
        b"X__Host-cookiegate",
        b"__Host-cookiegateX",
        b"__Host-cookiegate\x0b",
        b"\x0b__Host-cookiegate",
    ],
)
def test_a_name_with_a_prefix_or_suffix_is_another(name: bytes) -> None:
    value = GATE.issue({"analysis"}).partition(";")[0].partition("=")[2].encode()
    assert raw(value, name).status == "missing"


@pytest.mark.parametrize("more", [b"X", b"\x0b", b"\x85"])
def test_only_spaces_and_tabs_may_follow_the_value(more: bytes) -> None:
    value = GATE.issue({"analysis"}).partition(";")[0].partition("=")[2].encode()
    assert raw(value + b" \t").status == "given"
    assert raw(value + more).status == "invalid"


def test_a_choice_from_the_future_is_no_previous_choice() -> None:
    consent = read(GATE.issue({"analysis"}, now=NOON + 301))
    assert (consent.status, consent.previous) == ("invalid", frozenset())


def test_signals_are_read_without_a_choice_too() -> None:
    assert GATE.read([(b"dnt", b"1")]).signals == {"dnt"}
    assert GATE.read([(b"sec-gpc", b"1"), (b"dnt", b"1")]).signals == {"dnt", "gpc"}
    assert GATE.read([(b"dnt", b"1"), (b"sec-gpc", b"1")]).signals == {"dnt", "gpc"}


def test_of_two_copies_only_a_signal_that_was_on_for_both_is_confirmed() -> None:
    gate = gate_for(shop('signals = "confirm"'))
    under = gate.issue({"analysis"}, signals=["dnt"])
    without = gate.issue({"analysis"}, now=NOON - 5)
    assert read(under, gate=gate, signals="dnt").allows("analysis")
    assert not read(under, without, gate=gate, signals="dnt").allows("analysis")
    assert read(under, under, gate=gate, signals="dnt").allows("analysis")


def test_a_consents_repr_lists_what_it_allows() -> None:
    given = read(GATE.issue({"analysis"}))
    assert repr(given) == "<Consent given: allows ['analysis', 'essential']>"
    assert repr(GATE.read([(b"dnt", b"1")])) == "<Consent missing under dnt: allows ['essential']>"


def test_an_unknown_category_is_an_error_with_a_suggestion_or_the_list() -> None:
    consent = GATE.read([])
    with pytest.raises(ValueError, match=r"^unknown category 'anlysis'; write 'analysis'$"):
        consent.allows("anlysis")
    with pytest.raises(ValueError, match=r"^unknown category 'q'; there are \['analysis', "):
        consent.allows("q")


def test_the_error_about_an_invalid_id_says_what_is_valid() -> None:
    gate = gate_for(new_id=lambda: "a.b")
    text = (
        "new_id returned an id that cannot stand in a cookie; "
        "let it return 1 to 64 of A-Z, a-z, 0-9, '_' and '-'"
    )
    with pytest.raises(ValueError, match=f"^{text}$"):
        gate.issue({"analysis"})


def test_a_site_that_starts_to_share_consent_deletes_the_previous_name() -> None:
    old = gate_for().issue(["analysis"], now=NOON)
    gate = gate_for(domain="shop.example")
    visit = gate.visit([(b"host", b"www.shop.example"), cookie_header(old)])
    # The old choice is not read any more, and the visitor is asked again.
    assert (visit.consent.status, visit.should_ask) == ("missing", True)
    visit.choose(["marketing"])
    result = [value.decode() for name, value in visit.respond([]) if name == b"set-cookie"]
    assert result[0] == "__Host-cookiegate=; Max-Age=0; Path=/; Secure"
    assert result[1].startswith("cookiegate=")
    assert "Domain=shop.example" in result[1]


def test_a_site_that_stops_sharing_consent_deletes_the_shared_cookie() -> None:
    old = gate_for(domain="shop.example").issue(["analysis"], now=NOON)
    for host, domains in ((b"www.shop.example", ["www.shop.example", "shop.example"]), (b"\r", [])):
        visit = gate_for().visit([(b"host", host), cookie_header(old)])
        visit.choose([])
        result = [value.decode() for name, value in visit.respond([]) if name == b"set-cookie"]
        gone = "cookiegate=; Max-Age=0; Path=/"
        assert result[:-1] == [gone, *(f"{gone}; Domain={one}" for one in domains)]
        assert result[-1].startswith("__Host-cookiegate=")


def test_a_previous_name_that_is_not_sent_is_not_deleted() -> None:
    visit = gate_for().visit([(b"host", b"www.shop.example")])
    visit.choose([])
    assert len([name for name, _ in visit.respond([]) if name == b"set-cookie"]) == 1


def test_several_choices_are_noticed_and_the_next_one_replaces_them() -> None:
    gate = gate_for(domain="shop.example")
    two = [gate.issue(granted, now=NOON) for granted in (["analysis"], [])]
    visit = gate.visit([(b"host", b"www.shop.example"), cookie_header(*two)])
    assert visit.context.has_several_choices
    assert visit.consent.granted == set()
    visit.choose(["analysis"])
    result = [value.decode() for name, value in visit.respond([]) if name == b"set-cookie"]
    assert result[:-1] == [
        "cookiegate=; Max-Age=0; Path=/",
        "cookiegate=; Max-Age=0; Path=/; Domain=www.shop.example",
    ]
    assert not gate.visit([cookie_header(two[0])]).context.has_several_choices


def test_only_a_verified_consent_cookie_is_remembered() -> None:
    gate = gate_for()
    cookie = gate.pipeline.consent_cookie
    sent = gate.issue(["analysis"], now=NOON).partition(";")[0]
    value = sent.partition("=")[2].encode()
    assert not cookie.remembers(value)
    gate.read([(b"cookie", sent.encode())])
    assert cookie.remembers(value)
    gate.read([cookie_header(f"{gate.cookie_name}=forged")])
    assert not cookie.remembers(b"forged")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "__Host-cookiegate.shop"),
        ({"secure": False}, "cookiegate.shop"),
        ({"domain": "shop.example"}, "cookiegate.shop"),
    ],
)
def test_two_sites_on_one_host_keep_their_choices_apart(options: dict[str, Any], name: str) -> None:
    text = SHOP.format(policy="", analysis="").replace("version = 3", "shares_host = true")
    texts = (text, text.replace('id = "shop"', 'id = "blog"'))
    one, other = (gate_for(Registry.parse(each), **options) for each in texts)
    assert (one.cookie_name, other.cookie_name) == (name, name.replace("shop", "blog"))
    cookies = [gate.issue(["analysis"]).partition(";")[0].encode() for gate in (one, other)]
    for gate in (one, other):
        for sent in (cookies, cookies[::-1]):
            assert gate.read([(b"cookie", b"; ".join(sent))]).granted == {"analysis"}
    # The choice on one of them deletes no cookie of the other.
    visit = one.visit([(b"host", b"shop.example"), (b"cookie", b"; ".join(cookies))])
    visit.choose([])
    lines = [value for header, value in visit.respond([]) if header == b"set-cookie"]
    assert {line.partition(b"=")[0] for line in lines} == {name.encode()}


def test_a_site_that_shares_its_host_deletes_only_its_own_previous_cookie() -> None:
    text = SHOP.format(policy="", analysis="").replace("version = 3", "shares_host = true")
    gate = gate_for(Registry.parse(text))
    sent = b"cookiegate.shop=1; cookiegate.blog=2; cookiegate=3; __Host-cookiegate=4"
    visit = gate.visit([(b"host", b"shop.example"), (b"cookie", sent)])
    visit.choose([])
    lines = [value for header, value in visit.respond([]) if header == b"set-cookie"]
    assert {line.partition(b"=")[0] for line in lines} == {
        b"cookiegate.shop",
        b"__Host-cookiegate.shop",
    }
