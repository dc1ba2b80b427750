"""The sweep: delete cookies set earlier that the visitor does not allow.

A browser sends its cookies with the next page that it opens. The response carries the deletions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header
from cookiegate.http.cookie_header import MOST_PAIRS
from cookiegate.http.headers import SET_COOKIE
from cookiegate.http.memo import BoundedDict, Memo
from cookiegate.http.request import RequestFacts
from cookiegate.http.set_cookie import read_names
from cookiegate.registry import Entry, Registry

from .context import RequestContext
from .judge import Judge
from .notify import Notifier
from .request_judge import RequestJudge
from .sweep_targets import DeletionTarget, deletion, deletion_targets
from .verdict import Reason, Verdict

__all__ = ["MOST_COOKIES", "Sweeper", "Swept", "free_slots"]

#: How many deletions a response carries at most: proxies refuse more than a hundred headers, and
#: their buffers hold 8 KB.
MOST_COOKIES: Final = 16
_MOST_BYTES: Final = 2048
_MOST_HEADERS: Final = 64
# Cache-Control, Vary and Clear-Site-Data may be added later.
_HEADERS_TO_COME: Final = 3
# "Set-Cookie: " and the line break.
_LINE_BYTES: Final = 14
# A cookie that is still sent after so many sweeps is at another target, or is set each time.
_MOST_TRIES: Final = 3
# For how many cookies of visitors the tries are counted.
_MAX_COUNTED: Final = 4096
# Two visitors hardly share a value as long as this.
_UNIQUE_BYTES: Final = 16

_READABLE: Final = frozenset(("given", "expired", "outdated"))
_OWN_SITE: Final = frozenset((b"same-origin", b"none"))


class Swept(msgspec.Struct, frozen=True):
    """What one response deletes."""

    #: Set-Cookie values.
    cookies: tuple[bytes, ...] = ()
    #: The names of the cookies, each once.
    names: tuple[str, ...] = ()


def free_slots(headers: int) -> int:
    """Return how many deletions fit into a response with this number of headers."""
    return max(0, min(MOST_COOKIES, _MOST_HEADERS - _HEADERS_TO_COME - headers))


class Sweeper:
    """
    Deletes cookies that the browser sends and the visitor does not allow.

    Args:
        judge: Finds the entries of a name.
        request_judge: Judges the request's cookies.
        registry: The registry; its `[policy] sweep` is the rule.
        domain: The domain whose hosts share consent, if any.
        secure: Whether the site is served over https.
        notifier: Calls the callback with verdicts, if there is one.
    """

    __slots__ = (
        "_domain",
        "_judge",
        "_notifier",
        "_optional",
        "_refusable",
        "_request_judge",
        "_rule",
        "_secure",
        "_tries",
    )

    def __init__(
        self,
        judge: Judge,
        request_judge: RequestJudge,
        registry: Registry,
        *,
        domain: str | None,
        secure: bool,
        notifier: Notifier | None,
    ) -> None:
        self._judge = judge
        self._request_judge = request_judge
        self._rule = registry.policy.sweep
        self._optional = frozenset(
            entry.category
            for entry in registry.entries
            if entry.kind == "cookie" and entry.category not in registry.required
        )
        self._domain = domain
        self._secure = secure
        self._notifier = notifier
        # How often a visitor's cookie was deleted, by a hash that differs in each process, so that
        # neither names nor values are stored.
        self._tries: BoundedDict[int, int] = BoundedDict(_MAX_COUNTED)
        # A name, as it stands in the header -> the categories of its entries.
        self._refusable: Memo[frozenset[str]] = Memo(self._categories_of)

    @property
    def is_on(self) -> bool:
        """Whether there is anything to sweep for any visitor."""
        return self._rule != "off" and bool(self._optional)

    def is_wanted(self, context: RequestContext) -> bool:
        """Return whether there is something to sweep or to report, which is rare."""
        facts, consent = context.facts, context.consent
        if not self.is_due(facts, consent):
            return False
        if self._notifier is not None:
            return True
        allowed, refusable = consent.allowed, self._refusable.values
        for header in facts.cookies:
            for pair in header.split(b";", MOST_PAIRS):
                # With the blank before it, which is part of the memo's key.
                name = pair.split(b"=", 1)[0]
                try:
                    categories = refusable[name]
                except KeyError:
                    categories = self._refusable.compute(name)
                if categories and categories.isdisjoint(allowed):
                    return True
        return False

    def is_due(self, request: RequestFacts, consent: Consent) -> bool:
        """
        Return whether the response to this page load may carry a sweep.

        It may if some category is not allowed, because of a choice or a signal, and the consent
        cookie is not missing merely because of SameSite=Lax.
        """
        if self._optional <= consent.allowed:
            return False
        if consent.status not in _READABLE and request.fetch_site not in _OWN_SITE:
            return False
        return self.may_remove(consent)

    def may_remove(self, consent: Consent) -> bool:
        """
        Return whether there is a choice or a signal, or the rule requires neither.

        A choice about a newer version does not count: while a version is rolled out, this server
        must not delete what the visitor allowed on another server.
        """
        has_choice = consent.status in _READABLE and not consent.is_ahead
        return has_choice or consent.signal is not None or self._rule == "always"

    def sweep(
        self,
        context: RequestContext,
        *,
        headers: Sequence[Header] = (),
        slots: int = MOST_COOKIES,
        is_requested: bool = False,
    ) -> Swept:
        """
        Return what to delete, whether or not a sweep is due.

        Args:
            context: The request.
            headers: The response's headers; a cookie that it sets is not deleted.
            slots: How many deletions fit into the response.
            is_requested: Whether the visitor asked for the sweep, so that the rule does not count.
        """
        request = context.facts
        set_names = {n for name, value in headers if name in SET_COOKIE for n in read_names(value)}
        verdicts: list[tuple[Verdict, bytes]] = []
        due: list[tuple[int, int, bytes, Verdict]] = []
        for name, value, verdict in self._request_judge.refused(context):
            if name in set_names or any(name == other for _, _, other, _ in due):
                continue
            if self._rule == "report" and not is_requested and verdict.action == "sweep":
                verdict = _as_kept(verdict, Reason.REPORT_MODE)
            key = self._tries_key(request, name, value)
            is_futile = self._tries.get(key, 0) >= _MOST_TRIES and not is_requested
            if verdict.action == "sweep" and is_futile:
                verdict = _as_kept(verdict, Reason.SWEPT_IN_VAIN)
            if verdict.action == "sweep":
                due.append((self._tries.get(key, 0), key, name, verdict))
            else:
                verdicts.append((verdict, name))
        # The cookie with the fewest tries goes first.
        due.sort(key=lambda one: one[0])
        swept = self._fill(request, context.path(), due, slots, verdicts)
        if self._notifier is not None:
            now = context.now
            others = self._request_judge.reportable(context)
            for verdict, name in [*verdicts, *((one, b"") for one in others)]:
                self._notifier.notify(verdict, context, value=name + b"=", now=now)
        return swept

    def _categories_of(self, name: bytes) -> frozenset[str]:
        return frozenset(entry.category for entry in self._judge.entries(name.strip(b" \t")))

    def _fill(
        self,
        request: RequestFacts,
        path: bytes,
        due: list[tuple[int, int, bytes, Verdict]],
        most: int,
        verdicts: list[tuple[Verdict, bytes]],
    ) -> Swept:
        # Round by round, one target for each name, so that the likeliest targets come first. A
        # name that was tried before begins after the targets that had no effect.
        lines: list[bytes] = []
        swept: dict[bytes, bytes] = {}
        size = 0
        share = max(1, most // len(due)) if due else 0
        deletions = [
            (name, self._in_turn(request, path, name, tries * share)) for tries, _, name, _ in due
        ]
        for turn in range(max((len(found) for _, found in deletions), default=0)):
            for name, found in deletions:
                if turn >= len(found):
                    continue
                line = found[turn]
                if len(lines) >= most or size + len(line) + _LINE_BYTES > _MOST_BYTES:
                    break
                size += len(line) + _LINE_BYTES
                lines.append(line)
                swept.setdefault(name, line)
        for tries, key, name, verdict in due:
            if name in swept:
                self._tries.remember(key, tries + 1)
                verdicts.append((msgspec.structs.replace(verdict, header=swept[name]), name))
        return Swept(
            cookies=tuple(lines),
            names=tuple(name.decode("utf-8", "replace") for name in swept),
        )

    def _in_turn(self, request: RequestFacts, path: bytes, name: bytes, start: int) -> list[bytes]:
        found = [deletion(name, one) for one in self.targets(name, request.host, path)]
        start %= len(found)
        return found[start:] + found[:start]

    def targets(
        self,
        name: bytes,
        host: str | bytes | None,
        path: bytes,
        *,
        entries: tuple[Entry, ...] | None = None,
    ) -> list[DeletionTarget]:
        """Return the targets at which a cookie of this name may be; see `deletion_targets`."""
        return deletion_targets(
            name,
            self._judge.entries(name) if entries is None else entries,
            host=host,
            path=path,
            domain=self._domain,
            secure=self._secure,
        )

    def _tries_key(self, request: RequestFacts, name: bytes, value: bytes) -> int:
        # A short value does not identify the visitor; all cookies together do.
        return hash((name, value if len(value) >= _UNIQUE_BYTES else request.cookies))


def _as_kept(verdict: Verdict, note: Reason) -> Verdict:
    return msgspec.structs.replace(verdict, action="keep", notes=(*verdict.notes, note))
