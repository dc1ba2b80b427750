"""Verdicts: one table of cases, for every adapter.

Each case is one response: the Set-Cookie values of an application, the visitor's consent, and
the values that leave. Rows follow the tables of docs/decisions.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cookiegate import Reason, Registry
from tests.registries import NOON, cookie_header, gate_for, shop

EPOCH = b"; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
PAST = b"Expires=Mon, 23 Nov 2026 00:00:00 GMT"
FUTURE = b"Expires=Wed, 25 Nov 2026 00:00:00 GMT"

Pair = tuple[bytes, bytes]


@dataclass(frozen=True)
class Case:
    """One Set-Cookie value, and what the gate makes of it."""

    id: str
    header: bytes
    #: The value that leaves; None if it is stripped.
    leaves: bytes | None
    reason: Reason
    granted: Sequence[str] | None = None
    signals: tuple[bytes, ...] = ()
    policy: str = ""
    analysis: str = ""
    host: bytes = b"shop.example"
    depends: bool = False
    notes: tuple[Reason, ...] = ()

    @property
    def registry(self) -> Registry:
        return shop(self.policy, self.analysis)

    @property
    def request(self) -> list[Pair]:
        headers = [(b"host", self.host)]
        if self.granted is not None:
            headers.append(cookie_header(gate_for(self.registry).issue(self.granted, now=NOON)))
        return headers + [(name, b"1") for name in self.signals]


def keep(id: str, header: bytes, reason: Reason = Reason.REQUIRED, **more: Any) -> Case:
    return Case(id, header, header, reason, **more)


def strip(id: str, header: bytes, reason: Reason, **more: Any) -> Case:
    return Case(id, header, None, reason, **more)


REPORT = 'mode = "report"'
REPORTED = (Reason.REPORT_MODE,)
CLAMP = 'lifetime = "clamp"'
CLAMPED = (Reason.OUTLIVES, Reason.CLAMPED)
ALL = ("functional", "comfort", "analysis", "marketing", "empty")
DNT, GPC = (b"dnt",), (b"sec-gpc",)
SECURE = "floor.secure = true"
HTTP_ONLY = "floor.http_only = true"
LAX = 'floor.same_site = "lax"'
STRICT = 'floor.same_site = "strict"'
PARTITIONED = "floor.partitioned = true"
MEND = 'same_site_none = "mend"'


def raise_(id: str, header: bytes, leaves: bytes, *notes: Reason, **more: Any) -> Case:
    """Return the case of a required cookie whose attributes are raised."""
    return Case(id, header, leaves, more.pop("reason", Reason.REQUIRED), notes=notes, **more)


CASES = [
    # Registered, allowed: kept, byte for byte.
    keep("required", b"sid=1; Path=/; HttpOnly"),
    keep("required pattern", b"session.12=x"),
    keep("unusual bytes stay", b' sid = "a\xff, b" ; foo;;Path=x '),
    keep("inner tab stays, since Firefox stores it", b"sid=a\tb; x\ty"),
    keep("a long value stays", b"sid=" + b"v" * 100_000),
    keep("granted", b"_ga=1", Reason.ALLOWED, granted=["analysis"], depends=True),
    keep("granted pattern", b"_gat_UA-1=1", Reason.ALLOWED, granted=["analysis"], depends=True),
    keep("a bracket is a letter", b"prefs[theme]=1", Reason.ALLOWED, granted=ALL, depends=True),
    keep("not ASCII", "küche=1".encode(), Reason.ALLOWED, granted=ALL, depends=True),
    keep("allowed deletion", b"_ga=x; Max-Age=0", Reason.ALLOWED, granted=ALL, depends=True),
    keep("required deletion", b"sid=x; Max-Age=0"),
    # Registered, not allowed: stripped.
    strip("no consent", b"_ga=1", Reason.NO_CONSENT, depends=True),
    strip("refused", b"_ga=1", Reason.NOT_GRANTED, granted=[], depends=True),
    strip("other granted", b"_ga=1", Reason.NOT_GRANTED, granted=["marketing"], depends=True),
    strip("pattern", b"_gat_x=1", Reason.NO_CONSENT, depends=True),
    strip("not ASCII, refused", "küche=1".encode(), Reason.NO_CONSENT, depends=True),
    strip("blanks around the name", b" \t_ga\t =1", Reason.NO_CONSENT, depends=True),
    strip("attributes do not help", b"_ga=1; Secure; Path=/", Reason.NO_CONSENT, depends=True),
    strip("stored by no browser", b"_ga=1; Domain=evil.test", Reason.NO_CONSENT, depends=True),
    strip("control character", b"_ga=a\x01b", Reason.NO_CONSENT, depends=True),
    # Unknown names.
    strip("unknown", b"who=1", Reason.UNKNOWN),
    strip("other case", b"SID2=1", Reason.UNKNOWN),
    strip("names are case-sensitive", b"Sid=1", Reason.UNKNOWN),
    strip("a substring does not match", b"my_ga=1", Reason.UNKNOWN),
    strip("a prefix does not match", b"_ga2=1", Reason.UNKNOWN),
    strip("a no-break space is part of the name", b"\xa0sid=1", Reason.UNKNOWN),
    strip("a vertical tab is part of the name", b"\x0bsid=1", Reason.UNKNOWN),
    strip("quotes are part of the name", b'"sid"=1', Reason.UNKNOWN),
    strip("escapes are not undone", b"s%69d=1", Reason.UNKNOWN),
    strip("not UTF-8", b"\xff=1", Reason.UNKNOWN),
    strip("not a cookie's entry", b"ls_only=1", Reason.UNKNOWN),
    strip("an attribute's name first", b"Path=/; sid=1", Reason.UNKNOWN),
    keep("unknown allowed", b"who=1", Reason.UNKNOWN_ALLOWED, policy='unknown = "allow"'),
    strip(
        "unknown = allow allows no registered cookie",
        b"_ga=1",
        Reason.NO_CONSENT,
        policy='unknown = "allow"',
        depends=True,
    ),
    # No name, no way to read it.
    strip("empty", b"", Reason.NAMELESS),
    strip("nameless", b"=x", Reason.NAMELESS),
    strip("named in Firefox only", b"sid", Reason.NAMELESS),
    strip("named in Firefox only, with attributes", b"sid; Path=/", Reason.NAMELESS),
    strip("read as sid by servers", b"=sid=1", Reason.NAMELESS),
    strip("nothing before the semicolon", b";sid=1", Reason.NAMELESS),
    strip("a semicolon before the =", b"_gat_x;foo=1", Reason.NAMELESS, granted=ALL),
    strip("nameless deletion", b"x; Max-Age=0", Reason.NAMELESS),
    strip("nameless, unknown allowed", b"=x", Reason.NAMELESS, policy='unknown = "allow"'),
    strip("carriage return", b"sid=1\r_ga=1", Reason.UNREADABLE),
    strip("line feed", b"sid=1\nSet-Cookie: _ga=1", Reason.UNREADABLE),
    strip("line feed in an attribute", b"sid=1; Path=/\n", Reason.UNREADABLE),
    strip("NUL", b"sid=1\x00", Reason.UNREADABLE),
    strip("folded", b"sid=1;\r\n Path=/", Reason.UNREADABLE),
    strip("carriage return, refused", b"_ga=1\r", Reason.UNREADABLE),
    # Deletions of cookies that are not allowed: they may only delete.
    Case("deletion", b"_ga=x; Max-Age=0", b"_ga=" + EPOCH, Reason.DELETION, depends=True),
    Case("deletion by date", b"_ga=x; " + PAST, b"_ga=" + EPOCH, Reason.DELETION, depends=True),
    Case("deletion of an unknown cookie", b"who=x; Max-Age=-1", b"who=" + EPOCH, Reason.DELETION),
    Case(
        "a deletion keeps what selects the cookie",
        b"_ga=x; path=/a; domain=shop.example; secure; httponly; samesite=strict; max-age=0; z",
        b"_ga=" + EPOCH + b"; Path=/a; Domain=shop.example; Secure; HttpOnly; SameSite=Strict",
        Reason.DELETION,
        depends=True,
    ),
    Case(
        "the last Max-Age deletes",
        b"_ga=x; Max-Age=9; Max-Age=0",
        b"_ga=" + EPOCH,
        Reason.DELETION,
        depends=True,
    ),
    Case(
        "deletion under a signal",
        b"_ga=x; Max-Age=0",
        b"_ga=" + EPOCH,
        Reason.DELETION,
        granted=ALL,
        signals=GPC,
        depends=True,
    ),
    strip("the last Max-Age sets", b"_ga=; Max-Age=0; Max-Age=9", Reason.NO_CONSENT, depends=True),
    strip("Max-Age beats Expires", b"_ga=; Max-Age=9; " + PAST, Reason.NO_CONSENT, depends=True),
    strip("Expires in future", b"_ga=; " + FUTURE, Reason.NO_CONSENT, depends=True),
    strip("not a deletion", b"_ga=", Reason.NO_CONSENT, depends=True),
    # Signals.
    strip("not allowed under DNT", b"_ga=1", Reason.DNT, granted=ALL, signals=DNT, depends=True),
    strip("not allowed under GPC", b"_ga=1", Reason.GPC, granted=ALL, signals=GPC, depends=True),
    strip(
        "not allowed under both signals",
        b"_ga=1",
        Reason.GPC,
        granted=ALL,
        signals=DNT + GPC,
        depends=True,
    ),
    keep(
        "survives both signals",
        b"lang=1",
        Reason.ALLOWED,
        granted=ALL,
        signals=DNT + GPC,
        depends=True,
    ),
    keep("survives DNT", b"theme=1", Reason.ALLOWED, granted=ALL, signals=DNT, depends=True),
    strip(
        "survives DNT but not GPC", b"theme=1", Reason.GPC, granted=ALL, signals=GPC, depends=True
    ),
    strip(
        "survives DNT but not both signals",
        b"theme=1",
        Reason.GPC,
        granted=ALL,
        signals=DNT + GPC,
        depends=True,
    ),
    strip("a signal grants nothing", b"lang=1", Reason.NO_CONSENT, signals=DNT, depends=True),
    keep("required under signals", b"sid=1", signals=DNT + GPC),
    # Several entries of one name.
    keep("SID by host", b"SID=1", host=b"shop.example"),
    keep("SID by subdomain", b"SID=1", host=b"www.shop.example:8443"),
    keep("SID by Domain", b"SID=1; Domain=.SHOP.example", host=b"else.example"),
    strip(
        "SID of Google",
        b"SID=1",
        Reason.NO_CONSENT,
        host=b"accounts.google.com",
        depends=True,
    ),
    strip(
        "SID of other domains: each must be allowed",
        b"SID=1",
        Reason.NO_CONSENT,
        host=b"else.example",
        depends=True,
        notes=(Reason.OTHER_SITE, Reason.AMBIGUOUS),
    ),
    keep(
        "SID of other domains, all allowed",
        b"SID=1",
        Reason.ALLOWED,
        granted=ALL,
        host=b"else.example",
        depends=True,
        notes=(Reason.OTHER_SITE, Reason.AMBIGUOUS),
    ),
    strip(
        "SID of both: each must be allowed",
        b"SID=1; Domain=google.com",
        Reason.NO_CONSENT,
        depends=True,
        notes=(Reason.AMBIGUOUS,),
    ),
    strip(
        "a suffix of another host name does not match",
        b"SID=1",
        Reason.NO_CONSENT,
        host=b"myshop.example",
        depends=True,
        notes=(Reason.OTHER_SITE, Reason.AMBIGUOUS),
    ),
    strip(
        "another site's cookie, set here",
        b"NID=1",
        Reason.NO_CONSENT,
        depends=True,
        notes=(Reason.OTHER_SITE,),
    ),
    keep(
        "another site's cookie, set here, allowed",
        b"NID=1",
        Reason.ALLOWED,
        granted=ALL,
        depends=True,
        notes=(Reason.OTHER_SITE,),
    ),
    # Lifetimes.
    keep("lifetime off", b"cart=1; Max-Age=99999999"),
    keep(
        "lifetime reported",
        b"cart=1; Max-Age=99999999",
        policy='lifetime = "report"',
        notes=(Reason.OUTLIVES,),
    ),
    keep("within its lifetime", b"cart=1; Max-Age=2592000", policy=CLAMP),
    keep("within its lifetime, by date", b"cart=1; " + FUTURE, policy=CLAMP),
    keep("no lifetime sent", b"cart=1", policy=CLAMP),
    keep(
        "declared without end",
        b"lang=1; Max-Age=9",
        Reason.ALLOWED,
        granted=ALL,
        policy=CLAMP,
        depends=True,
    ),
    keep("no lifetime declared", b"SID=1; Max-Age=999999999", policy=CLAMP),
    keep("an allowed deletion has no lifetime", b"sid=; Max-Age=0", policy=CLAMP),
    Case(
        "clamped",
        b"cart=1; Max-Age=99999999; Path=/",
        b"cart=1; Max-Age=2592000; Path=/",
        Reason.REQUIRED,
        policy=CLAMP,
        notes=CLAMPED,
    ),
    Case(
        "clamped, by date only",
        b"cart=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
        b"cart=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT; Max-Age=2592000",
        Reason.REQUIRED,
        policy=CLAMP,
        notes=CLAMPED,
    ),
    Case(
        "clamped to the session",
        b"sid=1; Max-Age=60; Path=/; " + FUTURE,
        b"sid=1; Path=/",
        Reason.REQUIRED,
        policy=CLAMP,
        notes=CLAMPED,
    ),
    strip(
        "not allowed is not clamped",
        b"_ga=1; Max-Age=9999999999",
        Reason.NO_CONSENT,
        policy=CLAMP,
        depends=True,
    ),
    # Minimum attributes: attributes are raised, and nothing else changes.
    raise_(
        "Secure added",
        b"sid=1 ; Path=/;;x",
        b"sid=1 ; Path=/;;x; Secure",
        Reason.SECURE_ADDED,
        policy=SECURE,
    ),
    keep("Secure is there", b"sid=1; secure", policy=SECURE),
    keep("Secure is there, whatever its value", b"sid=1; SECURE=false", policy=SECURE),
    raise_(
        "no Secure in quotes",
        b'sid=1; "Secure"',
        b'sid=1; "Secure"; Secure',
        Reason.SECURE_ADDED,
        policy=SECURE,
    ),
    raise_(
        "HttpOnly added",
        b"sid=1",
        b"sid=1; HttpOnly",
        Reason.HTTP_ONLY_ADDED,
        policy=HTTP_ONLY,
    ),
    raise_(
        "SameSite added",
        b"sid=1",
        b"sid=1; SameSite=Lax",
        Reason.SAME_SITE_RAISED,
        policy=LAX,
    ),
    raise_(
        "SameSite raised",
        b"sid=1; samesite = None; Path=/",
        b"sid=1; samesite =Lax; Path=/",
        Reason.SAME_SITE_RAISED,
        policy=LAX,
    ),
    raise_(
        "the last SameSite counts",
        b"sid=1; SameSite=Strict; SameSite=None",
        b"sid=1; SameSite=Strict; SameSite=Strict",
        Reason.SAME_SITE_RAISED,
        policy=STRICT,
    ),
    raise_(
        "SameSite without a value",
        b"sid=1; SameSite; Path=/",
        b"sid=1; SameSite=Lax; Path=/",
        Reason.SAME_SITE_RAISED,
        policy=LAX,
    ),
    raise_(
        "SameSite with an unknown value",
        b"sid=1; SameSite=Loose",
        b"sid=1; SameSite=Lax",
        Reason.SAME_SITE_RAISED,
        policy=LAX,
    ),
    keep("SameSite is not lowered", b"sid=1; SameSite=STRICT", policy=LAX),
    keep("SameSite is at its minimum", b"sid=1; SameSite=lax", policy=LAX),
    raise_(
        "Partitioned adds Secure",
        b"sid=1; SameSite=None",
        b"sid=1; SameSite=None; Secure; Partitioned",
        Reason.SECURE_ADDED,
        Reason.PARTITIONED_ADDED,
        policy=PARTITIONED,
    ),
    keep("Partitioned is there", b"sid=1; Partitioned; Secure", policy=PARTITIONED),
    raise_(
        "all minimum attributes at once",
        b"sid=1",
        b"sid=1; SameSite=Lax; Secure; HttpOnly",
        Reason.SAME_SITE_RAISED,
        Reason.SECURE_ADDED,
        Reason.HTTP_ONLY_ADDED,
        policy="\n".join((SECURE, HTTP_ONLY, LAX)),
    ),
    raise_(
        "a minimum of the category",
        b"_ga=1",
        b"_ga=1; Secure",
        Reason.SECURE_ADDED,
        analysis=SECURE,
        granted=ALL,
        reason=Reason.ALLOWED,
        depends=True,
    ),
    keep("a minimum of another category", b"sid=1", analysis=SECURE),
    keep(
        "a category without the policy's minimum",
        b"_ga=1",
        Reason.ALLOWED,
        policy=SECURE,
        analysis="floor.secure = false",
        granted=ALL,
        depends=True,
    ),
    keep("an entry without the policy's minimum", b"csrf=1; Path=/", policy=HTTP_ONLY),
    raise_(
        "several entries merge their minimums",
        b"SID=1",
        b"SID=1; HttpOnly",
        Reason.OTHER_SITE,
        Reason.AMBIGUOUS,
        Reason.HTTP_ONLY_ADDED,
        policy=HTTP_ONLY,
        granted=ALL,
        reason=Reason.ALLOWED,
        host=b"else.example",
        depends=True,
    ),
    raise_(
        "an unknown cookie that may pass",
        b"who=1",
        b"who=1; Secure",
        Reason.SECURE_ADDED,
        policy=f'{SECURE}\nunknown = "allow"',
        reason=Reason.UNKNOWN_ALLOWED,
    ),
    raise_(
        "a minimum and a lifetime",
        b"cart=1; Max-Age=99999999",
        b"cart=1; Max-Age=2592000; Secure",
        *CLAMPED,
        Reason.SECURE_ADDED,
        policy=f"{SECURE}\n{CLAMP}",
    ),
    raise_(
        "an allowed deletion is raised",
        b"sid=; Max-Age=0",
        b"sid=; Max-Age=0; Secure; Partitioned",
        Reason.SECURE_ADDED,
        Reason.PARTITIONED_ADDED,
        policy=PARTITIONED,
    ),
    Case(
        "a deletion of a cookie not allowed is raised",
        b"_ga=x; Max-Age=0",
        b"_ga=" + EPOCH + b"; Secure; Partitioned",
        Reason.DELETION,
        policy=PARTITIONED,
        notes=(Reason.SECURE_ADDED, Reason.PARTITIONED_ADDED),
        depends=True,
    ),
    strip("not allowed is not raised", b"_ga=1", Reason.NO_CONSENT, policy=SECURE, depends=True),
    keep("SameSite=None without Secure, off", b"sid=1; SameSite=None"),
    keep(
        "SameSite=None without Secure, reported",
        b"sid=1; SameSite=None",
        policy='same_site_none = "report"',
        notes=(Reason.SAME_SITE_NONE,),
    ),
    raise_(
        "SameSite=None without Secure, fixed",
        b"sid=1; SameSite=None",
        b"sid=1; SameSite=None; Secure",
        Reason.SAME_SITE_NONE,
        Reason.SECURE_ADDED,
        policy=MEND,
    ),
    keep("SameSite=None with Secure", b"sid=1; Secure; SameSite=None", policy=MEND),
    keep("no SameSite is not SameSite=None", b"sid=1", policy=MEND),
    raise_(
        "SameSite=None below a minimum",
        b"sid=1; SameSite=None",
        b"sid=1; SameSite=Lax",
        Reason.SAME_SITE_RAISED,
        policy=f"{MEND}\n{LAX}",
    ),
    keep(
        "reported minimum",
        b"sid=1",
        policy=f"{REPORT}\n{SECURE}",
        notes=(Reason.SECURE_ADDED, Reason.REPORT_MODE),
    ),
    # Report mode changes nothing except line breaks.
    keep("reported", b"_ga=1", Reason.NO_CONSENT, policy=REPORT, notes=REPORTED),
    keep("reported unknown", b"who=1", Reason.UNKNOWN, policy=REPORT, notes=REPORTED),
    keep("reported nameless", b"=x", Reason.NAMELESS, policy=REPORT, notes=REPORTED),
    keep("reported deletion", b"_ga=x; Max-Age=0", Reason.DELETION, policy=REPORT, notes=REPORTED),
    keep(
        "reported lifetime",
        b"cart=1; Max-Age=99999999",
        policy=f"{REPORT}\n{CLAMP}",
        notes=(*CLAMPED, Reason.REPORT_MODE),
    ),
    strip("reported line break", b"_ga=1\n", Reason.UNREADABLE, policy=REPORT),
    strip(
        "one enforced category",
        b"_ga=1",
        Reason.NO_CONSENT,
        policy=REPORT,
        analysis='mode = "enforce"',
        depends=True,
    ),
    keep(
        "another category of that site is reported",
        b"_fbp=1",
        Reason.NO_CONSENT,
        policy=REPORT,
        analysis='mode = "enforce"',
        notes=REPORTED,
    ),
    keep(
        "one category reported",
        b"_ga=1",
        Reason.NO_CONSENT,
        analysis='mode = "report"',
        notes=REPORTED,
    ),
    strip(
        "named in Firefox, and enforced",
        b"_ga; Path=/",
        Reason.NAMELESS,
        policy=REPORT,
        analysis='mode = "enforce"',
    ),
    keep(
        "named in Firefox, and reported",
        b"_fbp; Path=/",
        Reason.NAMELESS,
        policy=REPORT,
        analysis='mode = "enforce"',
        notes=REPORTED,
    ),
    Case(
        "clamped where only some browsers read the Max-Age",
        b"cart=1; Max-Age=+5; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        b"cart=1; Max-Age=5; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        Reason.REQUIRED,
        policy=CLAMP,
        notes=CLAMPED,
    ),
    Case(
        "clamped in every browser's reading",
        b"cart=1; Max-Age=99999999; Max-Age=x",
        b"cart=1; Max-Age=99999999; Max-Age=x; Max-Age=2592000",
        Reason.REQUIRED,
        policy=CLAMP,
        notes=CLAMPED,
    ),
    # The consent cookie's name.
    strip("forged consent", b"__Host-cookiegate=1.shop.3.1", Reason.CONSENT_COOKIE_NOT_OURS),
    strip("deleted consent", b"__Host-cookiegate=; Max-Age=0", Reason.CONSENT_COOKIE_NOT_OURS),
    strip("consent in Firefox only", b"__Host-cookiegate", Reason.NAMELESS),
    keep(
        "forged consent, reported",
        b"__Host-cookiegate=1",
        Reason.CONSENT_COOKIE_NOT_OURS,
        policy=REPORT,
        notes=REPORTED,
    ),
]
