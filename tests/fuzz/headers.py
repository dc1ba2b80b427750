"""Claims about every Set-Cookie value: the gate against the model, one header at a time."""

from cookiegate import Consent, Gate
from cookiegate.http.cookie_date import parse_cookie_date
from cookiegate.http.set_cookie import read_lifespan, read_names, read_set_cookie
from tests.adapters import ADAPTERS, nothing
from tests.fuzz import model
from tests.registries import NOON, cookie_header, gate_for, shop

STRICT = gate_for()
OPEN = gate_for(shop('unknown = "allow"'))
HOSTS = (None, "shop.example", "google.com", "else.example")
GRANTS = (None, (), ("analysis",), ("functional", "comfort"), ("analysis", "marketing"))
SIGNALS = ((), ("dnt",), ("gpc",), ("dnt", "gpc"))
FIELDS = {"dnt": b"dnt", "gpc": b"sec-gpc"}

Pair = tuple[bytes, bytes]


def request_of(gate: Gate, grant: int, signals: int, host: int = 0) -> list[Pair]:
    granted, name = GRANTS[grant], HOSTS[host]
    headers = [] if name is None else [(b"host", name.encode())]
    if granted is not None:
        headers.append(cookie_header(gate.issue(granted, now=NOON)))
    return headers + [(FIELDS[signal], b"1") for signal in SIGNALS[signals]]


def allowed_by(grant: int, signals: int) -> set[str]:
    return model.allowed_under(set(GRANTS[grant] or ()), set(SIGNALS[signals]))


# The consents, read once for millions of headers.
CONSENTS: dict[tuple[bool, int, int], Consent] = {
    (is_open, grant, signals): gate.read(request_of(gate, grant, signals))
    for is_open, gate in ((False, STRICT), (True, OPEN))
    for grant in range(len(GRANTS))
    for signals in range(len(SIGNALS))
}


def check_date(text: bytes) -> None:
    """Check that a date agrees with the model."""
    assert parse_cookie_date(text) == model.read_date(text.decode("latin-1"))


def check_reading(value: bytes) -> None:
    """Check that names, attributes and lifetime agree with the model."""
    expected, cookie = model.read(value.decode("latin-1")), read_set_cookie(value)
    assert [name.decode("latin-1") for name in read_names(value)] == expected.names
    assert [
        (one.name.decode("latin-1"), one.value.decode("latin-1")) for one in cookie.attributes
    ] == expected.attributes
    lifespan = read_lifespan(cookie)
    # Chromium and Firefox cap far below what a float holds exactly.
    for read, meant in ((lifespan.max_age, expected.max_age), (lifespan.expires, expected.expires)):
        assert read == meant or (read is not None and meant is not None and read > 2**53 < meant)
    assert (lifespan.deletes_from <= NOON) == expected.deletes(NOON)


def check_leaving(
    value: bytes, leaves: bytes | None, grant: int, signals: int, host: int, is_open: bool
) -> None:
    """Check that what leaves follows docs/decisions.md."""
    text = value.decode("latin-1")
    keep, may_delete = model.may_be_set(
        text, allowed_by(grant, signals), HOSTS[host], unknown=is_open
    )
    if keep:
        assert leaves == value
    elif may_delete and model.read(text).deletes(NOON):
        assert leaves is not None
        assert model.is_faithful_deletion(leaves.decode("latin-1"), text)
    else:
        assert leaves is None


def check_judging(value: bytes, grant: int, signals: int, host: int, is_open: bool) -> None:
    """Check that verdict, filter and model agree."""
    gate, consent = OPEN if is_open else STRICT, CONSENTS[is_open, grant, signals]
    verdict = gate.judge(value, consent, host=HOSTS[host], now=NOON)
    check_leaving(value, verdict.header, grant, signals, host, is_open)
    result = gate.filter([(b"set-cookie", value)], consent, host=HOSTS[host], now=NOON)
    assert [one for name, one in result if name == b"set-cookie"] == [
        one for one in [verdict.header] if one is not None
    ]


def check_adapters(value: bytes, grant: int, signals: int, host: int, is_open: bool) -> None:
    """Check that every adapter agrees with the model."""
    gate = OPEN if is_open else STRICT
    for adapter in ADAPTERS.values():
        request = request_of(gate, grant, signals, host)
        result = adapter(gate, request, [(b"set-cookie", value)], nothing)
        cookies = [one for name, one in result if name == b"set-cookie"]
        assert len(cookies) <= 1
        check_leaving(value, cookies[0] if cookies else None, grant, signals, host, is_open)


def check_request(value: bytes) -> None:
    """Check that no Cookie header grants what the gate did not sign."""
    consent = STRICT.read([(b"cookie", value)], now=NOON)
    if SIGNED not in value:
        assert consent.granted == set()
    # Beside a signed choice, an unsigned one does not count.
    beside = STRICT.read(
        [(b"cookie", value), (b"cookie", b"__Host-cookiegate=" + SIGNED)], now=NOON
    )
    copies = value.count(b"__Host-cookiegate")
    if not copies:
        assert beside.granted == {"analysis"}
    assert beside.granted <= {"analysis"}


SIGNED = STRICT.issue({"analysis"}, now=NOON).partition(";")[0].partition("=")[2].encode()


def check_header(data: bytes) -> None:
    """Check everything: two bytes choose visitor and site, the others are the header."""
    if len(data) < 2:
        return
    first, second, value = data[0], data[1], data[2:]
    chosen = (first % len(GRANTS), second % 4, (second >> 2) % 4, bool(second & 64))
    check_reading(value)
    check_judging(value, *chosen)
    check_date(value)
    # The adapters take far longer, and send what the filter returns.
    if first >= 248:
        check_request(value)
        check_adapters(value, *chosen)
