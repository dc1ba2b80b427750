"""The sweep: delete cookies set earlier that the visitor does not allow.

A browser sends its cookies with the next page that it opens. The response carries the deletions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header
from cookiegate.http.cookie_header import MOST_PAIRS
from cookiegate.http.headers import is_set_cookie
from cookiegate.http.memo import BoundedDict, Memo
from cookiegate.http.set_cookie import read_names
from cookiegate.loops import is_refused, new_table
from cookiegate.registry import Entry, Registry

from .context import RequestContext
from .judge import Judge
from .notify import Notifier
from .request_judge import RequestJudge
from .sweep_targets import DeletionTarget, deletion, deletion_targets
from .verdict import Reason, Verdict

__all__ = ["MOST_COOKIES", "MOST_REQUESTED", "Room", "Sweeper", "Swept"]

#: How many deletions a response carries at most, and how many if the visitor asked for them:
#: proxies refuse more than a hundred headers.
MOST_COOKIES: Final = 16
MOST_REQUESTED: Final = 40
_MOST_BYTES: Final = 2048
_MOST_HEADERS: Final = 64
# Cache-Control, Vary and Clear-Site-Data may be added later.
_HEADERS_TO_COME: Final = 3
# nginx reads a response's status line and headers into one page of memory (`proxy_buffer_size`),
# and answers 502 if they are longer. The rest is for what is added later: the headers for caches,
# the status line, and the server's own headers (Date, Server, Connection).
_MOST_HEADER_BYTES: Final = 4096 - 512
# ": " and the line break.
_LINE_BYTES: Final = 4
_SET_COOKIE_BYTES: Final = len("set-cookie") + _LINE_BYTES
# A cookie that is still sent after so many sweeps is at another target, or is set each time.
_MOST_TRIES: Final = 3
# For how many cookies of visitors the tries are counted.
_MAX_COUNTED: Final = 4096
# For how many sets of allowed categories it is remembered which cookies are refused.
_MAX_SETS: Final = 64
# Two visitors hardly share a value as long as this.
_UNIQUE_BYTES: Final = 16
# A registry's names are no longer, and a longer deletion would seldom fit into a response.
_MAX_NAME_BYTES: Final = 1024
# A name that every adapter, server and browser takes in a Set-Cookie (RFC 6265, section 4.1.1):
# visitors and scripts choose what matches a pattern.
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What the registry itself may name: browsers take it, and every adapter can write it.
_WRITABLE = re.compile(rb"[ -:<>-~]+")

_READABLE: Final = frozenset(("given", "expired", "outdated"))
_OWN_SITE: Final = frozenset((b"same-origin", b"none"))


class Swept(msgspec.Struct, frozen=True):
    """What one response deletes. Names are text for people, each once."""

    #: Set-Cookie values.
    cookies: tuple[bytes, ...] = ()
    #: The cookies that they delete.
    names: tuple[str, ...] = ()
    #: The cookies for whose deletion this response has no room; a later one deletes them.
    later: tuple[str, ...] = ()
    #: The cookies that no response can delete.
    remaining: tuple[str, ...] = ()


class Room:
    """
    The room for deletions in a response's headers, which a proxy must take in one piece.

    Args:
        headers: The response's headers.
        most: How many deletions there may be.
        reserved: How many bytes of further headers there will be.
    """

    __slots__ = ("bytes", "slots")

    def __init__(
        self, headers: Sequence[Header], *, most: int = MOST_COOKIES, reserved: int = 0
    ) -> None:
        try:
            used = sum(len(name) + len(value) + _LINE_BYTES for name, value in headers)
        except (TypeError, ValueError):  # not pairs of bytes: what the server writes is not known
            used = _MOST_HEADER_BYTES
        #: How many bytes of Set-Cookie lines there is room for.
        self.bytes: int = min(_MOST_BYTES, _MOST_HEADER_BYTES - used - reserved)
        #: How many Set-Cookie lines there is room for.
        self.slots: int = min(most, _MOST_HEADERS - _HEADERS_TO_COME - len(headers))

    def take(self, line: bytes) -> bool:
        """Take the room of a Set-Cookie value, and return True; False if there is too little."""
        if not self.has(line):
            return False
        self.bytes -= len(line) + _SET_COOKIE_BYTES
        self.slots -= 1
        return True

    def has(self, line: bytes) -> bool:
        """Return whether there is room for a Set-Cookie value."""
        return self.slots > 0 and len(line) + _SET_COOKIE_BYTES <= self.bytes


class _Tries(msgspec.Struct, frozen=True):
    # How often a cookie was deleted: in how many responses, with how many lines.
    responses: int = 0
    lines: int = 0


class _Due(msgspec.Struct, frozen=True):
    # A cookie to delete: its name, the deletions that come next, and what was tried before.
    name: bytes
    lines: list[bytes]
    verdict: Verdict
    key: int
    tries: _Tries


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
        "_literal",
        "_notifier",
        "_optional",
        "_refused",
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
        # Imported here: what reads registries answers no request.
        from cookiegate.registry.patterns import parse_pattern

        self._judge = judge
        self._request_judge = request_judge
        self._rule = registry.policy.sweep
        self._optional = frozenset(
            entry.part
            for entry in registry.entries
            if entry.kind == "cookie" and entry.category not in registry.required
        )
        self._literal = frozenset(
            exact.encode()
            for entry in registry.entries
            for name in entry.names
            if (exact := parse_pattern(name).exact) is not None
        )
        self._domain = domain
        self._secure = secure
        self._notifier = notifier
        # How often a visitor's cookie was deleted, by a hash that differs in each process, so that
        # neither names nor values are stored.
        self._tries: BoundedDict[int, _Tries] = BoundedDict(_MAX_COUNTED)
        # For each set of allowed categories, see `_refused_of`.
        self._refused: BoundedDict[frozenset[str], Memo[bytes, float]] = BoundedDict(_MAX_SETS)

    @property
    def is_on(self) -> bool:
        """Whether there is anything to sweep for any visitor."""
        return self._rule != "off" and bool(self._optional)

    def is_wanted(self, context: RequestContext) -> bool:
        """Return whether there is something to sweep or to report, which is rare."""
        consent = context.consent
        if self._optional <= consent.allowed:
            return False
        # The facts need not be read where the choice is in force.
        if (consent.status != "given" or consent.is_ahead) and not self._is_due(context, consent):
            return False
        if self._notifier is not None:
            return True
        refused = self._refused_of(consent.allowed)
        for header in context.cookies:
            unknown = is_refused(header, refused.values, MOST_PAIRS)
            if unknown is True or (unknown and any(map(refused.compute, unknown))):
                return True
        return False

    def _refused_of(self, allowed: frozenset[str]) -> Memo[bytes, float]:
        # The text before the first "=", with the blank before it -> whether the cookie is deleted.
        refused = self._refused.get(allowed)
        if refused is None:

            def is_refusable(name: bytes) -> float:
                parts = self._parts_of(name)
                return bool(parts) and parts.isdisjoint(allowed)

            refused = Memo(is_refusable, values=new_table())
            self._refused.remember(allowed, refused)
        return refused

    def _is_due(self, context: RequestContext, consent: Consent) -> bool:
        # Return whether a choice or a signal is why some category is not allowed, and the consent
        # cookie is not missing merely because of SameSite=Lax.
        if consent.status not in _READABLE and context.facts.fetch_site not in _OWN_SITE:
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
        room: Room,
        *,
        headers: Sequence[Header] = (),
        is_requested: bool = False,
    ) -> Swept:
        """
        Return what to delete, whether or not a sweep is due.

        Args:
            context: The request.
            room: The room for deletions; what they need is taken.
            headers: The response's headers; a cookie that it sets is not deleted.
            is_requested: Whether the visitor asked for the sweep, so that the rule does not count.
        """
        set_names = {n for name, value in headers if is_set_cookie(name) for n in read_names(value)}
        kept: list[tuple[bytes, Verdict]] = []
        due: dict[bytes, _Due] = {}
        for name, value, verdict in self._request_judge.refused(context):
            if name in set_names or name in due:
                continue
            if self._rule == "report" and not is_requested and verdict.action == "sweep":
                verdict = _as_kept(verdict, Reason.REPORT_MODE)
            if verdict.action == "sweep" and not self.is_deletable(name):
                verdict = _as_kept(verdict, Reason.NOT_DELETABLE)
            if verdict.action == "sweep":
                one = self._due(context, name, value, verdict)
                is_tried = one.tries.responses >= _MOST_TRIES and one.tries.lines >= len(one.lines)
                if is_requested or not is_tried:
                    due[name] = one
                    continue
                verdict = _as_kept(verdict, Reason.SWEPT_IN_VAIN)
            kept.append((name, verdict))
        # The cookie with the fewest tries goes first.
        ordered = sorted(due.values(), key=lambda one: one.tries.responses)
        lines, by_name = _fill(ordered, room)
        verdicts = [self._outcome(one, by_name.get(one.name)) for one in due.values()]
        if self._notifier is not None:
            others = self._request_judge.reportable(context)
            for verdict in (*(one for _, one in kept), *verdicts, *others):
                self._notifier.notify(verdict, context)
        return Swept(
            cookies=tuple(lines),
            names=_as_text(by_name),
            later=_as_text(one.name for one in ordered if one.name not in by_name),
            remaining=_as_text(n for n, one in kept if Reason.NOT_DELETABLE in one.notes),
        )

    def is_deletable(self, name: bytes) -> bool:
        """Return whether a Set-Cookie that deletes a cookie of this name can always be sent."""
        if len(name) > _MAX_NAME_BYTES:
            return False
        if name in self._literal:
            return _WRITABLE.fullmatch(name) is not None
        return _TOKEN.fullmatch(name) is not None

    def targets(
        self,
        name: bytes,
        host: str | bytes | None,
        path: bytes,
        entries: tuple[Entry, ...],
        *,
        secure: bool,
    ) -> list[DeletionTarget]:
        """
        Return the targets at which a cookie of this name may be; see `deletion_targets`.

        Args:
            name: The cookie's name.
            host: The request's host.
            path: The request's path.
            entries: The registry's entries for this name.
            secure: Whether the request came over https, as far as that is known.
        """
        return deletion_targets(
            name,
            entries,
            host=host,
            path=path,
            domain=self._domain,
            secure=self._secure and secure,
        )

    def _parts_of(self, name: bytes) -> frozenset[str]:
        name = name.strip(b" \t")
        if name in self._request_judge.own_names or not self.is_deletable(name):
            return frozenset()
        return frozenset(entry.part for entry in self._judge.entries(name))

    def _due(self, context: RequestContext, name: bytes, value: bytes, verdict: Verdict) -> _Due:
        request = context.facts
        # Over plain http, browsers send no Sec-Fetch-Site, and drop what needs https.
        secure = request.fetch_site is not None
        entries = self._judge.entries(name)
        targets = self.targets(name, request.host, context.path(), entries, secure=secure)
        # A short value does not identify the visitor; all cookies together do.
        key = hash((name, value if len(value) >= _UNIQUE_BYTES else request.cookies))
        tries = self._tries.get(key, _Tries())
        # The likeliest targets come first, and after a try those that were not tried yet.
        start = tries.lines % len(targets)
        lines = [deletion(name, target) for target in targets[start:] + targets[:start]]
        return _Due(name, lines, verdict, key, tries)

    def _outcome(self, one: _Due, lines: list[bytes] | None) -> Verdict:
        if not lines:
            return _as_kept(one.verdict, Reason.NO_ROOM)
        tries = _Tries(one.tries.responses + 1, one.tries.lines + len(lines))
        self._tries.remember(one.key, tries)
        return msgspec.structs.replace(one.verdict, header=lines[0])


def _fill(due: Sequence[_Due], room: Room) -> tuple[list[bytes], dict[bytes, list[bytes]]]:
    # Return the deletions for which there is room, together and by name. They are taken round by
    # round, one for each name. A name whose deletion does not fit is left for a later response.
    lines: list[bytes] = []
    by_name: dict[bytes, list[bytes]] = {}
    turn = 0
    while due:
        fitting = [one for one in due if turn < len(one.lines) and room.take(one.lines[turn])]
        for one in fitting:
            lines.append(one.lines[turn])
            by_name.setdefault(one.name, []).append(one.lines[turn])
        due, turn = fitting, turn + 1
    return lines, by_name


def _as_kept(verdict: Verdict, note: Reason) -> Verdict:
    return msgspec.structs.replace(verdict, action="keep", notes=(*verdict.notes, note))


def _as_text(names: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.decode("utf-8", "replace") for name in names))
