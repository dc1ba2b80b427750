"""The consent cookie: its name, its attributes, how it is written, read and remembered.

docs/consent-cookie.md describes it for other programs that read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cookiegate.http.cookie_header import cookie_values
from cookiegate.http.memo import BoundedDict
from cookiegate.http.request import host_name, parent_domains
from cookiegate.http.set_cookie import MAX_COOKIE_BYTES
from cookiegate.http.signals import SIGNALS, Signal
from cookiegate.loops import consent_value
from cookiegate.registry import Registry

from .model import Consent, Record, dump_record, parse_record
from .signing import TokenSigner
from .terms import SECONDS_PER_DAY, Terms

__all__ = ["ConsentCookie"]

_PREFIX: Final = "__Host-"
# No honest browser sends more copies than this. Each costs an HMAC to verify.
_MAX_COPIES: Final = 4
# How many verified records are remembered. Each takes some 600 bytes.
_MAX_VERIFIED: Final = 4096
# How old (seconds) a consent cookie may be that the application sets itself.
_FRESH_SECONDS: Final = 60


class _Verified(msgspec.Struct, frozen=True):
    # A verified record, and the consent that it alone gives without signals. It holds from `since`
    # to just before `until` (Unix seconds).
    record: Record
    consent: Consent
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
        ValueError: The ids are so many or so long that no browser would store the cookie.
    """

    __slots__ = (
        "_attributes",
        "_base_name",
        "_domain",
        "_raw_name",
        "_signer",
        "_verified",
        "max_bytes",
        "name",
        "terms",
    )

    def __init__(
        self, terms: Terms, keys: Sequence[bytes], *, secure: bool, domain: str | None
    ) -> None:
        self.terms: Terms = terms
        site = terms.registry.site
        # A Path cannot separate two sites on one host: the prefix demands Path=/.
        self._base_name = f"cookiegate.{site.id}" if site.shares_host else "cookiegate"
        # Browsers take a cookie with the prefix from this host alone, over https and without
        # Domain (RFC 6265bis, section 4.1.3.2).
        self.name: str = _PREFIX + self._base_name if secure and domain is None else self._base_name
        self._raw_name = self.name.encode()
        self.max_bytes: int = MAX_COOKIE_BYTES - len(self.name)
        self._domain = domain
        self._signer = TokenSigner(keys, salt=f"cookiegate.consent.{site.id}".encode())
        scope = ["Path=/"]
        if domain is not None:
            scope.append(f"Domain={domain}")
        if secure:
            scope.append("Secure")
        scope += ["HttpOnly", "SameSite=Lax"]
        self._attributes = "; ".join(scope)
        # Only verified values are in it, or strangers could fill the memory.
        self._verified: BoundedDict[bytes, _Verified] = BoundedDict(_MAX_VERIFIED)
        self._check_size()

    def _check_size(self) -> None:
        registry, site = self.terms.registry, self.terms.registry.site
        largest = Record(
            site=site.id,
            version=site.version,
            time=10**11,
            granted=_longest_grant(registry),
            signals=frozenset(SIGNALS),
            receipt="x" * 64,
        )
        size = len(self._signer.sign(dump_record(largest)))
        if size > self.max_bytes:
            raise ValueError(
                f"a consent to {_counted(registry)} takes {size} bytes, and browsers store "
                f"{self.max_bytes}; use fewer categories or services, or shorter ids"
            )

    def dump(self, record: Record) -> str:
        """Return the Set-Cookie value that stores a choice in the browser."""
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
        Return the Set-Cookie values that store a choice and delete earlier consent cookies.

        The deletions come first, so that the cookie itself is set last.

        Args:
            record: The choice.
            cookies: The request's Cookie headers.
            host: The request's host.
            replaces: Whether the browser sent a consent cookie.
        """
        name = host_name(host)
        values = [*self.dump_previous_name(cookies, name), self.dump(record)]
        if replaces:
            values = [*self.dump_stale_copies(name), *values]
        return tuple(value.encode("latin-1") for value in values)

    def read(self, cookies: Sequence[bytes], signals: frozenset[Signal], now: float) -> Consent:
        """
        Return what the visitor who sent a request allows.

        Args:
            cookies: The request's Cookie headers.
            signals: The signals that it sends.
            now: Unix seconds.
        """
        value = consent_value(cookies[0], self._raw_name) if len(cookies) == 1 else bool(cookies)
        if value is False:
            return self.terms.without_choice(signals)
        if value is not True:
            # As browsers write it: one cookie of that name.
            one = self._verify(value)
            if one is not None and one.since <= now < one.until and not signals:
                return one.consent
            records = [] if one is None else [one.record]
        else:
            copies = self.values(cookies)
            if not copies:
                return self.terms.without_choice(signals)
            # Of more copies none is verified: they do not come from one visitor's choices.
            verified = map(self._verify, copies if len(copies) <= _MAX_COPIES else ())
            records = [one.record for one in verified if one is not None]
        return self.terms.evaluate(records, signals=signals, now=now, is_sent=True)

    def unsign(self, value: bytes) -> Record | None:
        """Return the record in a cookie's value; None if this gate did not sign it."""
        verified = self._verify(value)
        return None if verified is None else verified.record

    def remembers(self, value: bytes) -> bool:
        """Return whether a cookie's value was verified before, and is remembered."""
        return value in self._verified

    def _verify(self, value: bytes) -> _Verified | None:
        verified = self._verified.get(value)
        if verified is not None or len(value) > self.max_bytes:
            return verified
        text = self._signer.unsign(value)
        record = None if text is None else parse_record(text)
        if record is not None:
            since, until = self.terms.holds(record)
            verified = _Verified(record, self.terms.evaluate_one(record), since, until)
            self._verified.remember(value, verified)
        return verified

    def dump_previous_name(self, cookies: Iterable[bytes], host: str | None) -> list[str]:
        """
        Return Set-Cookie values that delete the consent cookie under its previous name.

        The cookie's name changes when a site starts or stops sharing consent over subdomains.
        The gate no longer reads the old cookie, and deletes it with the next choice.

        Args:
            cookies: The request's Cookie headers; only a cookie that is in them is deleted.
            host: The request's host.
        """
        is_prefixed = self.name.startswith(_PREFIX)
        previous = self._base_name if is_prefixed else _PREFIX + self._base_name
        if not cookie_values(cookies, previous.encode(), limit=1):
            return []
        deletion = f"{previous}=; Max-Age=0; Path=/"
        if not is_prefixed:
            return [f"{deletion}; Secure"]
        return [deletion, *(f"{deletion}; Domain={parent}" for parent in parent_domains(host))]

    def count(self, cookies: Iterable[bytes]) -> int:
        """Return how many consent cookies, valid or not, are in these Cookie headers."""
        return len(self.values(cookies))

    def values(self, cookies: Iterable[bytes]) -> list[bytes]:
        """Return the values, valid or not, of the first consent cookies in these headers."""
        return cookie_values(cookies, self._raw_name, limit=_MAX_COPIES + 1)

    def is_written_now(self, header: bytes, now: float) -> bool:
        """
        Return whether a Set-Cookie value is what the gate itself would write now.

        An application may set what `Gate.issue` returned, at once and unchanged; it may not keep
        it or extend its lifetime. The order and case of attributes do not count, nor which of the
        keys signed it: the servers of a site change keys one by one.

        Args:
            header: The Set-Cookie value.
            now: Unix seconds.
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

    def granted_in(self, header: bytes) -> frozenset[str]:
        """Return what a Set-Cookie value grants; nothing if this gate did not sign it."""
        record = self.unsign(header.partition(b";")[0].partition(b"=")[2])
        return frozenset() if record is None else self.terms.close(record.granted)

    def dump_stale_copies(self, host: str | None) -> list[str]:
        """
        Return Set-Cookie values that delete stale copies of the cookie on other domains.

        A cookie with the `__Host-` prefix has no copies. Otherwise, another host of the domain may
        have set one, and every copy narrows what the visitor allows.

        Args:
            host: The request's host.
        """
        if self.name.startswith(_PREFIX):
            return []
        deletion = f"{self.name}=; Max-Age=0; Path=/"
        parents = [one for one in parent_domains(host) if one != self._domain]
        found = [f"{deletion}; Domain={one}" for one in parents]
        return found if self._domain is None else [deletion, *found]


def _longest_grant(registry: Registry) -> frozenset[str]:
    # The grant that takes most bytes: of each category all services but the one of the shortest id.
    found: list[str] = []
    for category in registry.optional:
        parts = sorted(registry.parts.get(category, ()), key=len)
        found += parts[1:] or [category]
    return frozenset(found)


def _counted(registry: Registry) -> str:
    services = sum(map(len, registry.parts.values()))
    counted = f"all {len(registry.optional)} optional categories"
    return f"nearly all {services} services of {counted}" if services else counted


def _in_order(attributes: Iterable[bytes]) -> list[bytes]:
    return sorted(attribute.strip(b" \t").lower() for attribute in attributes)
