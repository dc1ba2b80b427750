"""The sweep: cookies that were set before, and are not allowed now, are expired.

A refusal would mean little if what it refuses lived on. What a browser holds it sends, with the
next page that is opened; the answer to that one carries the deletions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header
from cookiegate.http.headers import SET_COOKIE
from cookiegate.http.request import RequestFacts
from cookiegate.http.set_cookie import read_names
from cookiegate.registry import Entry, Registry

from .judge import Judge
from .notify import Tell
from .request_judge import MOST_PAIRS, RequestJudge
from .sweep_targets import Place, deletion, places
from .verdict import Reason, Verdict

__all__ = ["MOST_COOKIES", "Sweeper", "Swept", "free_slots"]

#: What a response carries at most beside its own: proxies refuse more than a hundred headers, and
#: hold them in buffers of 8 KB.
MOST_COOKIES: Final = 16
_MOST_BYTES: Final = 2048
_MOST_HEADERS: Final = 64
# Cache-Control, Vary and Clear-Site-Data may come to them yet.
_HEADERS_TO_COME: Final = 3
# "Set-Cookie: " and the end of the line.
_LINE_BYTES: Final = 14
# A cookie that is still there after so many sweeps is somewhere else, or is set again each time.
_MOST_TRIES: Final = 3
_REMEMBERED: Final = 4096
_REMEMBERED_BYTES: Final = 256
# A value as long as this is hardly shared by two visitors.
_TELLING_BYTES: Final = 16

_READABLE: Final = frozenset(("given", "expired", "outdated"))
_OWN_SITE: Final = frozenset((b"same-origin", b"none"))


class Swept(msgspec.Struct, frozen=True):
    """What is expired with one response."""

    #: Set-Cookie values.
    cookies: tuple[bytes, ...] = ()
    #: The names of the cookies, each once.
    names: tuple[str, ...] = ()


def free_slots(headers: int) -> int:
    """How many deletions a response may carry that has so many headers, its cookies included."""
    return max(0, min(MOST_COOKIES, _MOST_HEADERS - _HEADERS_TO_COME - headers))


class Sweeper:
    """
    Expires what a visitor has not allowed and the browser still sends.

    Args:
        judge: Knows the entries of a name.
        sent: Judges what is sent.
        registry: The registry, whose `[policy] sweep` is the rule.
        domain: The domain on which consent is shared, if any.
        secure: Whether the site is served over https.
        tell: Told of each verdict, if somebody listens.
    """

    __slots__ = (
        "_domain",
        "_judge",
        "_optional",
        "_refusable",
        "_rule",
        "_secure",
        "_sent",
        "_tell",
        "_tries",
    )

    def __init__(
        self,
        judge: Judge,
        sent: RequestJudge,
        registry: Registry,
        *,
        domain: str | None,
        secure: bool,
        tell: Tell | None,
    ) -> None:
        self._judge = judge
        self._sent = sent
        self._rule = registry.policy.sweep
        self._optional = frozenset(
            entry.category
            for entry in registry.entries
            if entry.kind == "cookie" and entry.category not in registry.required
        )
        self._domain = domain
        self._secure = secure
        self._tell = tell
        # How often a cookie of some visitor was expired, by a hash that differs in each process:
        # neither a name nor a value is held.
        self._tries: dict[int, int] = {}
        # A name as it stands in the header -> the categories of its entries, if it has any.
        self._refusable: dict[bytes, frozenset[str]] = {}

    @property
    def is_on(self) -> bool:
        """Whether there is anything to do, whoever comes."""
        return self._rule != "off" and bool(self._optional)

    def is_wanted(self, request: RequestFacts, consent: Consent) -> bool:
        """Whether there is something to sweep or to tell: most page loads bring nothing."""
        if not self.is_due(request, consent):
            return False
        if self._tell is not None:
            return True
        allowed, known = consent.allowed, self._refusable
        for header in request.cookies:
            for pair in header.split(b";", MOST_PAIRS):
                # With the blank before it, which is remembered as part of the name.
                name = pair.split(b"=", 1)[0]
                try:
                    categories = known[name]
                except KeyError:
                    categories = self._learn(name)
                if categories and categories.isdisjoint(allowed):
                    return True
        return False

    def is_due(self, request: RequestFacts, consent: Consent) -> bool:
        """
        Whether a sweep may be made with the answer to this request.

        Of page loads, on those where something is not allowed, a choice or a signal says so, and
        a missing consent cookie is no accident of SameSite=Lax.
        """
        if self._optional <= consent.allowed:
            return False
        if consent.status not in _READABLE and request.fetch_site not in _OWN_SITE:
            return False
        return self.may_remove(consent)

    def may_remove(self, consent: Consent) -> bool:
        """
        Whether a choice or a signal speaks against something, or the rule asks for neither.

        A choice about a newer version is none that this server can read: while a version is
        rolled out, what was allowed on another server must not be destroyed here.
        """
        has_spoken = consent.status in _READABLE and not consent.is_ahead
        return has_spoken or consent.signal is not None or self._rule == "always"

    def sweep(
        self,
        request: RequestFacts,
        consent: Consent,
        *,
        path: bytes,
        left: Sequence[Header] = (),
        room: int = MOST_COOKIES,
        now: float,
        route: Callable[[], str | None] | None = None,
        in_earnest: bool = False,
    ) -> Swept:
        """
        What to expire, whether or not it is due.

        Args:
            request: The request, with what the browser sends.
            consent: What is allowed.
            path: The path that was asked for.
            left: The response's headers; what it sets itself is not expired.
            room: How many deletions may leave.
            now: Unix seconds, for whoever listens.
            route: Gives the route's template to whoever listens.
            in_earnest: Whether the visitor asked for it just now, whatever the rule says.
        """
        kept = {one for name, value in left if name in SET_COOKIE for one in read_names(value)}
        verdicts: list[tuple[Verdict, bytes]] = []
        due: list[tuple[int, int, bytes, Verdict]] = []
        for name, value, verdict in self._sent.refused(request.cookies, consent):
            if name in kept or any(name == other for _, _, other, _ in due):
                continue
            if self._rule == "report" and not in_earnest and verdict.action == "sweep":
                verdict = _as_kept(verdict, Reason.REPORT_MODE)
            tried = self._tries_of(request, name, value)
            is_in_vain = self._tries.get(tried, 0) >= _MOST_TRIES and not in_earnest
            if verdict.action == "sweep" and is_in_vain:
                verdict = _as_kept(verdict, Reason.SWEPT_IN_VAIN)
            if verdict.action == "sweep":
                due.append((self._tries.get(tried, 0), tried, name, verdict))
            else:
                verdicts.append((verdict, name))
        # What was never tried goes first.
        due.sort(key=lambda one: one[0])
        swept = self._fill(request, path, due, room, verdicts)
        if self._tell is not None:
            odd = self._sent.odd(request.cookies, consent)
            for verdict, name in [*verdicts, *((one, b"") for one in odd)]:
                self._tell(verdict, name + b"=", now, route)
        return swept

    def _learn(self, name: bytes) -> frozenset[str]:
        entries = self._judge.entries(name.strip(b" \t"))
        categories = frozenset(entry.category for entry in entries)
        if len(name) <= _REMEMBERED_BYTES:
            if len(self._refusable) >= _REMEMBERED:
                self._refusable = {}
            self._refusable[name] = categories
        return categories

    def _fill(
        self,
        request: RequestFacts,
        path: bytes,
        due: list[tuple[int, int, bytes, Verdict]],
        most: int,
        verdicts: list[tuple[Verdict, bytes]],
    ) -> Swept:
        # Round by round, a place for each name, so that the likeliest places of all come first.
        # What was tried before begins behind the places that were of no use.
        lines: list[bytes] = []
        swept: dict[bytes, bytes] = {}
        size = 0
        share = max(1, most // len(due)) if due else 0
        every = [
            (name, self._in_turn(request, path, name, tries * share)) for tries, _, name, _ in due
        ]
        for turn in range(max((len(found) for _, found in every), default=0)):
            for name, found in every:
                if turn >= len(found):
                    continue
                line = found[turn]
                if len(lines) >= most or size + len(line) + _LINE_BYTES > _MOST_BYTES:
                    break
                size += len(line) + _LINE_BYTES
                lines.append(line)
                swept.setdefault(name, line)
        for tries, tried, name, verdict in due:
            if name in swept:
                if len(self._tries) >= _REMEMBERED:
                    self._tries = {}
                self._tries[tried] = tries + 1
                verdicts.append((msgspec.structs.replace(verdict, header=swept[name]), name))
        return Swept(
            cookies=tuple(lines),
            names=tuple(name.decode("utf-8", "replace") for name in swept),
        )

    def _in_turn(self, request: RequestFacts, path: bytes, name: bytes, start: int) -> list[bytes]:
        found = [deletion(name, one) for one in self.places(name, request.host, path)]
        start %= len(found)
        return found[start:] + found[:start]

    def places(
        self,
        name: bytes,
        host: str | bytes | None,
        path: bytes,
        *,
        entries: tuple[Entry, ...] | None = None,
    ) -> list[Place]:
        """Where a cookie of this name is looked for; see `cookiegate.enforcement.sweep_targets`."""
        return places(
            name,
            self._judge.entries(name) if entries is None else entries,
            host=host,
            path=path,
            domain=self._domain,
            secure=self._secure,
        )

    def _tries_of(self, request: RequestFacts, name: bytes, value: bytes) -> int:
        whose = value if len(value) >= _TELLING_BYTES else request.cookies
        return hash((name, whose))


def _as_kept(verdict: Verdict, note: Reason) -> Verdict:
    return msgspec.structs.replace(verdict, action="keep", notes=(*verdict.notes, note))
