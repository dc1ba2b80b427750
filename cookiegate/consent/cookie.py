"""The consent cookie: its name, its attributes, how it is written, read and remembered.

docs/consent-cookie.md describes it for other readers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from cookiegate.http.cookie_header import cookie_values
from cookiegate.http.request import RequestFacts, host_name
from cookiegate.http.set_cookie import MAX_COOKIE_BYTES
from cookiegate.http.signals import SIGNALS

from .model import Consent, Record, dump_record, parse_record
from .signing import TokenSigner
from .terms import SECONDS_PER_DAY, Terms

__all__ = ["ConsentCookie"]

# More copies than this come from no honest browser: each would cost an HMAC to look at.
_MAX_COPIES: Final = 4
# How many verified records are remembered; some 600 bytes each.
_REMEMBERED: Final = 4096
_HOST = re.compile(r"[a-z0-9.-]{1,253}|[0-9a-f:]+")
# How old a consent cookie that the application sets itself may be.
_FRESH_SECONDS: Final = 60


class _Opened(msgspec.Struct, frozen=True):
    # A verified record, and what it alone comes to, without signals, in the time for which it
    # holds: from the first moment to just before the second, in Unix seconds.
    record: Record
    alone: Consent
    since: float
    until: float


class ConsentCookie:
    """
    Writes and reads the consent cookie of one registry.

    Args:
        terms: The registry's terms of consent.
        keys: Secret keys, newest first.
        secure: Whether the cookie is for https only.
        domain: The domain whose hosts share the cookie; None for this host alone.

    Raises:
        ValueError: So many or so long category ids that no browser would store the cookie.
    """

    __slots__ = (
        "_attributes",
        "_domain",
        "_raw_name",
        "_remembered",
        "_signer",
        "max_bytes",
        "name",
        "terms",
    )

    def __init__(
        self, terms: Terms, keys: Sequence[bytes], *, secure: bool, domain: str | None
    ) -> None:
        self.terms: Terms = terms
        # The prefix makes browsers refuse the cookie from anyone but this very host over https
        # (RFC 6265bis, section 4.1.3.2); it allows neither Domain nor plain http.
        self.name = "__Host-cookiegate" if secure and domain is None else "cookiegate"
        self._raw_name = self.name.encode()
        self.max_bytes: int = MAX_COOKIE_BYTES - len(self.name)
        self._domain = domain
        self._signer = TokenSigner(
            keys, salt=f"cookiegate.consent.{terms.registry.site.id}".encode()
        )
        scope = ["Path=/"]
        if domain is not None:
            scope.append(f"Domain={domain}")
        if secure:
            scope.append("Secure")
        scope += ["HttpOnly", "SameSite=Lax"]
        self._attributes = "; ".join(scope)
        self._remembered: dict[bytes, _Opened] = {}
        self._check_size()

    def _check_size(self) -> None:
        optional = self.terms.categories - self.terms.required
        site = self.terms.registry.site
        largest = Record(
            site=site.id,
            version=site.version,
            time=10**11,
            granted=optional,
            signals=frozenset(SIGNALS),
            receipt="x" * 64,
        )
        size = len(self._signer.sign(dump_record(largest)))
        if size > self.max_bytes:
            raise ValueError(
                f"a consent to all {len(optional)} optional categories takes {size} bytes, "
                f"and browsers store {self.max_bytes}; use fewer categories or shorter ids"
            )

    def dump(self, record: Record) -> str:
        """The Set-Cookie value that hands a choice to the browser."""
        site = self.terms.registry.site
        days = site.consent_days if record.granted else site.refusal_days
        return (
            f"{self.name}={self._signer.sign(dump_record(record))}; "
            f"Max-Age={days * SECONDS_PER_DAY}; {self._attributes}"
        )

    def dump_choice(
        self,
        record: Record,
        cookies: Iterable[bytes],
        host: str | bytes | None,
        *,
        replaces: bool,
    ) -> tuple[bytes, ...]:
        """
        The Set-Cookie values that hand a choice to the browser, and shed what is left of others.

        Copies come before the cookie itself, so that what counts is set last.

        Args:
            record: The choice.
            cookies: The request's Cookie headers.
            host: The request's host.
            replaces: Whether the browser sent a consent cookie.
        """
        name = host_name(host)
        values = [*self.dump_other_form(cookies, name), self.dump(record)]
        if replaces:
            values = [*self.dump_strays(name), *values]
        return tuple(value.encode("latin-1") for value in values)

    def read(self, request: RequestFacts, now: float) -> Consent:
        """What the visitor who sent this request allows at `now` (Unix seconds)."""
        copies = cookie_values(request.cookies, self._raw_name, limit=_MAX_COPIES + 1)
        if not copies:
            return self.terms.without_choice(request.signals)
        # Beyond the bound nothing is verified: a choice picked out of a heap could be anyone's.
        opened = []
        if len(copies) <= _MAX_COPIES:
            for value in copies:
                if (one := self._opened(value)) is not None:
                    opened.append(one)
        if len(opened) == len(copies) == 1 and not request.signals:
            one = opened[0]
            if one.since <= now < one.until:
                return one.alone
        return self.terms.evaluate(
            [one.record for one in opened], copies=len(copies), sent=request.signals, now=now
        )

    def unsign(self, value: bytes) -> Record | None:
        """The record in a cookie's value, or None where it is not one that we sealed."""
        opened = self._opened(value)
        return None if opened is None else opened.record

    def remembers(self, value: bytes) -> bool:
        """Whether a cookie's value was verified before, and is remembered."""
        return value in self._remembered

    def _opened(self, value: bytes) -> _Opened | None:
        opened = self._remembered.get(value)
        if opened is not None or len(value) > self.max_bytes:
            return opened
        text = self._signer.unsign(value)
        record = None if text is None else parse_record(text)
        if record is not None:
            since, until = self.terms.holds(record)
            opened = _Opened(record, self.terms.evaluate_one(record), since, until)
            if len(self._remembered) >= _REMEMBERED:
                self._remembered = {}
            # Only what is verified is remembered, or strangers could fill the memory.
            self._remembered[value] = opened
        return opened

    def dump_other_form(self, cookies: Iterable[bytes], host: str | None) -> Iterator[str]:
        """
        Set-Cookie values that delete what a site left which has changed the cookie's form.

        Whoever begins to share consent over subdomains, or ends it, changes the cookie's name; the
        old one is read no more, and goes with the next choice.

        Args:
            cookies: The request's Cookie headers: nothing is deleted that is not sent.
            host: The request's host.
        """
        other = "cookiegate" if self.name.startswith("__Host-") else "__Host-cookiegate"
        if not cookie_values(cookies, other.encode(), limit=1):
            return
        if other.startswith("__Host-"):
            yield f"{other}=; Max-Age=0; Path=/; Secure"
            return
        yield f"{other}=; Max-Age=0; Path=/"
        for parent in _parents(host) if host is not None and _HOST.fullmatch(host) else ():
            yield f"{other}=; Max-Age=0; Path=/; Domain={parent}"

    def count(self, cookies: Iterable[bytes]) -> int:
        """How many consent cookies there are in these Cookie headers, ours or not."""
        return len(cookie_values(cookies, self._raw_name, limit=_MAX_COPIES + 1))

    def is_written_now(self, header: bytes, now: float) -> bool:
        """
        Whether a Set-Cookie value is what the gate itself would write now.

        Applications may set what `Gate.issue` gave them, at once and unchanged: not keep it, and
        not lengthen its life. In which order and case the attributes are written, and with which
        of the keys it is signed, is all the same: servers of one site change keys one by one.
        """
        pair, *attributes = header.split(b";")
        name, _, value = pair.partition(b"=")
        record = self.unsign(value)
        if record is None or name != self._raw_name:
            return False
        wanted = self.dump(record).encode().split(b";")[1:]
        if _in_order(attributes) != _in_order(wanted):
            return False
        if self.terms.status_of(record, now) != "given":
            return False
        if record.granted:
            return now - record.time <= _FRESH_SECONDS
        return now // SECONDS_PER_DAY == record.time // SECONDS_PER_DAY

    def dump_strays(self, host: str | None) -> Iterator[str]:
        """
        Set-Cookie values that delete copies which the cookie's name may have elsewhere.

        A cookie with the prefix has none. Without it, another host of the domain may have left
        one, and every copy narrows what the visitor allows.
        """
        if self.name.startswith("__Host-") or host is None or not _HOST.fullmatch(host):
            return  # what the visitor wrote as the host goes into a header
        gone = f"{self.name}=; Max-Age=0; Path=/"
        if self._domain is not None:
            yield gone
        for parent in _parents(host):
            if parent != self._domain:
                yield f"{gone}; Domain={parent}"


def _parents(host: str) -> list[str]:
    # Not the last label: no browser takes a cookie for a whole top-level domain. Not more than
    # four: real host names are short, and each costs a header. An IP address has none.
    labels = host.split(".")
    if labels[-1].isdigit() or ":" in host:
        return []
    return [".".join(labels[start:]) for start in range(len(labels) - 1)][-4:]


def _in_order(attributes: Iterable[bytes]) -> list[bytes]:
    return sorted(attribute.strip(b" \t").lower() for attribute in attributes)
