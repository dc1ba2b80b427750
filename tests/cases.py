"""What the gate decides: one table of cases, for every door.

Each case is one response: the Set-Cookie values an application sends, the visitor's consent, and
what leaves. Rows follow the tables of docs/decisions.md.
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
    """One Set-Cookie value and what becomes of it."""

    id: str
    header: bytes
    #: The bytes that leave; None when none do.
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

CASES = [
    # Registered, allowed: kept, byte for byte.
    keep("required", b"sid=1; Path=/; HttpOnly"),
    keep("required pattern", b"session.12=x"),
    keep("odd bytes stay", b' sid = "a\xff, b" ; foo;;Path=x '),
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
    strip("blanks around", b" \t_ga\t =1", Reason.NO_CONSENT, depends=True),
    strip("prefixed in vain", b"_ga=1; Secure; Path=/", Reason.NO_CONSENT, depends=True),
    strip("never stored", b"_ga=1; Domain=evil.test", Reason.NO_CONSENT, depends=True),
    strip("control character", b"_ga=a\x01b", Reason.NO_CONSENT, depends=True),
    # Unknown names.
    strip("unknown", b"who=1", Reason.UNKNOWN),
    strip("other case", b"SID2=1", Reason.UNKNOWN),
    strip("case counts", b"Sid=1", Reason.UNKNOWN),
    strip("no substring", b"my_ga=1", Reason.UNKNOWN),
    strip("no prefix", b"_ga2=1", Reason.UNKNOWN),
    strip("a no-break space is part of the name", b"\xa0sid=1", Reason.UNKNOWN),
    strip("a vertical tab is part of the name", b"\x0bsid=1", Reason.UNKNOWN),
    strip("quotes are part of the name", b'"sid"=1', Reason.UNKNOWN),
    strip("escapes are not undone", b"s%69d=1", Reason.UNKNOWN),
    strip("not UTF-8", b"\xff=1", Reason.UNKNOWN),
    strip("not a cookie's entry", b"ls_only=1", Reason.UNKNOWN),
    strip("an attribute's name first", b"Path=/; sid=1", Reason.UNKNOWN),
    keep("unknown allowed", b"who=1", Reason.UNKNOWN_ALLOWED, policy='unknown = "allow"'),
    strip(
        "allowing the unknown allows nothing known",
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
    strip("nameless deletion", b"x; Max-Age=0", Reason.NAMELESS),
    strip("nameless, unknown allowed", b"=x", Reason.NAMELESS, policy='unknown = "allow"'),
    strip("carriage return", b"sid=1\r_ga=1", Reason.UNREADABLE),
    strip("line feed", b"sid=1\nSet-Cookie: _ga=1", Reason.UNREADABLE),
    strip("line feed in an attribute", b"sid=1; Path=/\n", Reason.UNREADABLE),
    strip("NUL", b"sid=1\x00", Reason.UNREADABLE),
    strip("folded", b"sid=1;\r\n Path=/", Reason.UNREADABLE),
    strip("carriage return, refused", b"_ga=1\r", Reason.UNREADABLE),
    # Deletions of what is not allowed: they may only delete.
    Case("deletion", b"_ga=x; Max-Age=0", b"_ga=" + EPOCH, Reason.DELETION, depends=True),
    Case("deletion by date", b"_ga=x; " + PAST, b"_ga=" + EPOCH, Reason.DELETION, depends=True),
    Case("deletion of the unknown", b"who=x; Max-Age=-1", b"who=" + EPOCH, Reason.DELETION),
    Case(
        "deletion keeps what says which cookie is meant",
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
    strip("no deletion at all", b"_ga=", Reason.NO_CONSENT, depends=True),
    # Signals.
    strip("under DNT", b"_ga=1", Reason.DNT, granted=ALL, signals=DNT, depends=True),
    strip("under GPC", b"_ga=1", Reason.GPC, granted=ALL, signals=GPC, depends=True),
    strip("under both", b"_ga=1", Reason.GPC, granted=ALL, signals=DNT + GPC, depends=True),
    keep("survives", b"lang=1", Reason.ALLOWED, granted=ALL, signals=DNT + GPC, depends=True),
    keep("survives DNT", b"theme=1", Reason.ALLOWED, granted=ALL, signals=DNT, depends=True),
    strip("not GPC", b"theme=1", Reason.GPC, granted=ALL, signals=GPC, depends=True),
    strip("not both", b"theme=1", Reason.GPC, granted=ALL, signals=DNT + GPC, depends=True),
    strip("no grant by signal", b"lang=1", Reason.NO_CONSENT, signals=DNT, depends=True),
    keep("required under signals", b"sid=1", signals=DNT + GPC),
    # Several entries of one name.
    keep("SID by host", b"SID=1", host=b"shop.example"),
    keep("SID by host below", b"SID=1", host=b"www.shop.example:8443"),
    keep("SID by Domain", b"SID=1; Domain=.SHOP.example", host=b"else.example"),
    strip(
        "SID of Google",
        b"SID=1",
        Reason.NO_CONSENT,
        host=b"accounts.google.com",
        depends=True,
    ),
    strip(
        "SID of nobody here: each must be allowed",
        b"SID=1",
        Reason.NO_CONSENT,
        host=b"else.example",
        depends=True,
        notes=(Reason.OTHER_SITE, Reason.AMBIGUOUS),
    ),
    keep(
        "SID of nobody here, all allowed",
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
        "no suffix of another name",
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
        "never ends", b"lang=1; Max-Age=9", Reason.ALLOWED, granted=ALL, policy=CLAMP, depends=True
    ),
    keep("none declared", b"SID=1; Max-Age=999999999", policy=CLAMP),
    keep("allowed deletion is no lifetime", b"sid=; Max-Age=0", policy=CLAMP),
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
    # Report mode changes nothing, but for line breaks.
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
        "one category in earnest",
        b"_ga=1",
        Reason.NO_CONSENT,
        policy=REPORT,
        analysis='mode = "enforce"',
        depends=True,
    ),
    keep(
        "the others are reported",
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
