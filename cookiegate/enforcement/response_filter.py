"""The filter of a response's headers: the hot path.

Most responses set no cookie. Most cookies are registered once, under a plain name: one look-up of
the text before the first `=` finds what becomes of them, and nothing else of them is read
(`cookiegate.loops.sieve`). Every other header comes here, and the judge reads cookies in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header, TextHeader
from cookiegate.http.headers import (
    KINDS,
    TEXT_KINDS,
    Kind,
    begins_cookie,
    is_set_cookie,
    kind_of,
    kind_of_text,
    stable_part,
)
from cookiegate.http.memo import BoundedDict, Memo, Text
from cookiegate.http.set_cookie import read_lifespan, read_set_cookie
from cookiegate.loops import (
    ALLOWED,
    DEPENDS,
    HAS_POLICY,
    LOOK,
    REFUSED,
    REQUIRED,
    Asked,
    Found,
    Table,
    new_table,
    sieve,
    sieve_text,
)

from .context import RequestContext
from .judge import Judge
from .notify import Notifier
from .verdict import Reason, Verdict
from .verdict_memo import VerdictMemo

__all__ = ["CARRIES_CONSENT", "Filtered", "ResponseFilter"]

#: With `DEPENDS` and `HAS_POLICY`: the response has a consent cookie that the application set.
CARRIES_CONSENT: Final = 4

# Replaces the value of a header that would begin another: it is stripped in every mode.
_BREAK: Final = b"\n"
# Against PEP 3333, but no server writes a Set-Cookie of these: it raises an error of its own.
_SCALARS: Final = (type(None), bool, int, float)
# For how many sets of allowed categories the outcomes are remembered.
_MAX_SETS: Final = 64
# Nothing is known: the judge reads every cookie.
_IN_FULL: Final[Table[bytes]] = new_table()
_TEXT_IN_FULL: Final[Table[str]] = new_table()


#: A new list of headers; the indices of those that caches obey; the sum of `DEPENDS`, `HAS_POLICY`
#: and `CARRIES_CONSENT`, where they are so.
Filtered = tuple[list[Header], list[int], int]


class _Outcomes:
    # What becomes of cookies where these ids are allowed, by the text before the first "=".
    # Names only, never a value.

    __slots__ = ("of_bytes", "of_text")

    def __init__(self, judge: Judge, required: frozenset[str], allowed: frozenset[str]) -> None:
        def outcome(prefix: bytes) -> float:
            # Not if the "=" is in an attribute, and not if browsers would trim the name.
            if b";" in prefix or prefix != prefix.strip(b" \t"):
                return LOOK
            part = judge.simple_part(prefix)
            if part is None:
                return LOOK
            if part not in allowed:
                return REFUSED
            return REQUIRED if part in required else ALLOWED

        self.of_bytes: Memo[bytes, float] = Memo(outcome, values=new_table())
        self.of_text: Memo[str, float] = Memo(
            lambda prefix: outcome(prefix.encode("latin-1", "replace")), values=new_table()
        )


class ResponseFilter:
    """
    Judges each Set-Cookie of a response, the common ones by a shorter way.

    Args:
        judge: Judges the others.
        required: The categories that are allowed for every visitor.
        notifier: Calls the callback with each verdict; with one, every cookie takes the long way.
    """

    __slots__ = (
        "_deletes",
        "_judge",
        "_notifier",
        "_outcomes",
        "_required",
        "_text_deletes",
        "_verdicts",
    )

    def __init__(self, judge: Judge, required: frozenset[str], notifier: Notifier | None) -> None:
        self._judge = judge
        self._required = required
        self._notifier = notifier
        self._verdicts = VerdictMemo(judge)
        self._outcomes: BoundedDict[frozenset[str], _Outcomes] = BoundedDict(_MAX_SETS)
        # The text after the first ";" -> the time from which it deletes.
        self._deletes: Memo[bytes, float] = Memo(_deletes_from, values=new_table())
        self._text_deletes: Memo[str, float] = Memo(
            lambda attributes: _deletes_from(attributes.encode("latin-1", "replace")),
            values=new_table(),
        )

    def filter(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        context: RequestContext,
    ) -> Filtered:
        """
        Return a response's headers without the cookies that are not allowed.

        Args:
            headers: Any iterable of pairs, also a generator; text is converted to bytes.
            context: The request. It is read only if there is a cookie to judge.
        """
        rest = iter(headers)
        kept: list[Header] = []
        lines: list[int] = []
        deletes, ask = self._deletes.values, self._ask
        result = sieve(rest, kept, lines, KINDS, deletes, None, ask, context)
        found = 0
        while isinstance(result, tuple):
            header, so_far, asked = result
            if asked is not None and self._notifier is not None:
                found |= so_far
                result = self._recall(self._notifier, header, rest, kept, lines, asked, context)
                continue
            closer, asked = self._look_closer(header, kept, lines, asked, context)
            found |= so_far | closer
            result = sieve(rest, kept, lines, KINDS, deletes, asked, ask, context)
        return kept, lines, found | result

    def filter_text(
        self, headers: Iterable[TextHeader], context: RequestContext
    ) -> tuple[list[TextHeader], list[int], int] | None:
        """
        Do what `filter` does with headers of text, as WSGI has them.

        Args:
            headers: The headers.
            context: The request. It is read only if there is a cookie to judge.

        Returns:
            The headers, the indices of those that caches obey, and what was found. None if a
            header needs a closer look, in bytes.
        """
        rest = iter(headers)
        kept: list[TextHeader] = []
        lines: list[int] = []
        deletes, ask = self._text_deletes.values, self._ask_in_text
        result = sieve_text(rest, kept, lines, TEXT_KINDS, deletes, None, ask, context)
        found = 0
        while isinstance(result, tuple):
            header, so_far, asked = result
            found |= so_far
            again: Found[str] = result
            # Twice: a Set-Cookie's name may be new, and then the cookie's.
            for _ in range(2):
                if isinstance(again, tuple):
                    asked = again[2]
                    self._learn_text(header, asked)
                    one = iter((header,))
                    again = sieve_text(one, kept, lines, TEXT_KINDS, deletes, asked, ask, context)
            if not isinstance(again, tuple):
                found |= again
            elif not self._keep_odd_text(header, kept, lines):
                return None
            result = sieve_text(rest, kept, lines, TEXT_KINDS, deletes, asked, ask, context)
        return kept, lines, found | result

    def _recall(
        self,
        notifier: Notifier,
        header: Any,
        rest: Iterator[Any],
        kept: list[Header],
        lines: list[int],
        asked: Asked[bytes],
        context: RequestContext,
    ) -> Found[bytes]:
        # Decide a header and those after it, as far as `sieve` does, and recall cookies' verdicts.
        state = self._verdicts.state_of(asked[2], context)
        left, found = self._verdicts.recall(header, rest, kept, state, notifier, context)
        for one in left:
            found |= self._look_closer(one, kept, lines, asked, context)[0]
        result = sieve(rest, kept, lines, KINDS, self._deletes.values, asked, self._ask, context)
        if isinstance(result, tuple):
            return result[0], found | result[1], asked
        return found | result

    def _look_closer(
        self,
        header: Any,
        kept: list[Header],
        lines: list[int],
        asked: Asked[bytes] | None,
        context: RequestContext,
    ) -> tuple[int, Asked[bytes] | None]:
        # Decide one header. Return what was found, and what was asked.
        name, value = header
        if self._notifier is None and type(name) is type(value) is bytes:
            self._learn(name, value, asked)
            # A new pair: the application's may be a list, which it could still change.
            rest = iter(((name, value),))
            deletes, ask = self._deletes.values, self._ask
            result = sieve(rest, kept, lines, KINDS, deletes, asked, ask, context)
            if not isinstance(result, tuple):
                return result, asked
            asked = result[2]
        kind: Kind = "set-cookie"
        if type(value) is not bytes or not is_set_cookie(name):
            name, value, kind = _unusual(name, value)
        if kind == "set-cookie":
            asked = asked or self._ask(context)
            return self._judge_cookie(name, value, kept, asked, context), asked
        if kind == "cache":
            lines.append(len(kept))
        kept.append((name, value))
        return HAS_POLICY if kind == "policy" else 0, asked

    def _learn(self, name: bytes, value: bytes, asked: Asked[bytes] | None) -> None:
        # Fill the tables with what they may lack of one header.
        if is_set_cookie(name) and asked is not None:
            prefix, _, after = value.partition(b"=")
            self._learn_cookie(
                self._outcomes_of(asked[2]).of_bytes,
                prefix,
                self._deletes,
                after.partition(b";")[2],
            )

    def _learn_text(self, header: Any, asked: Asked[str] | None) -> None:
        if type(header) is not tuple or len(header) != 2:
            return
        name, value = header
        if type(name) is not str or type(value) is not str:
            return
        if name not in TEXT_KINDS:
            kind_of_text(name)
        elif asked is not None and asked[2] is not None and self._notifier is None:
            prefix, _, after = value.partition("=")
            self._learn_cookie(
                self._outcomes_of(asked[2]).of_text,
                prefix,
                self._text_deletes,
                after.partition(";")[2],
            )

    def _learn_cookie(
        self,
        outcomes: Memo[Text, float],
        prefix: Text,
        deletes: Memo[Text, float],
        attributes: Text,
    ) -> None:
        # Names that nobody has used before are common: each look-up counts.
        try:
            if prefix not in outcomes.values:
                outcomes.compute(prefix)
            if attributes not in deletes.values:
                deletes.compute(attributes)
        except Exception:
            pass  # then the judge fails, too, and strips the cookie

    def _keep_odd_text(self, header: Any, kept: list[TextHeader], lines: list[int]) -> bool:
        # Keep a header of an unusual type, if the gate has nothing to decide about it.
        name, value = header
        kind: Kind = "other"
        if type(name) is str:
            kind = kind_of_text(name)
        elif type(name) not in _SCALARS:
            return False
        if type(value) is str:
            is_harmless = "\n" not in value and "\r" not in value
        elif type(value) is bytes:
            is_harmless = not begins_cookie(value)
        else:
            is_harmless = type(value) in _SCALARS
        if kind not in ("other", "cache") or not is_harmless:
            return False
        if kind == "cache":
            lines.append(len(kept))
        kept.append((name, value))
        return True

    def _judge_cookie(
        self,
        name: Any,
        value: Any,
        kept: list[Header],
        asked: Asked[bytes],
        context: RequestContext,
    ) -> int:
        _, now, consent = asked
        if self._notifier is None:
            verdict = self._judge_in_full(value, consent, now, context)
        else:
            verdict = self._judge_and_notify(self._notifier, value, consent, now, context)
        if verdict.header is not None:
            kept.append((name, verdict.header))
        is_consent = verdict.reason is Reason.CONSENT_COOKIE
        return DEPENDS * verdict.depends | CARRIES_CONSENT * is_consent

    def _judge_in_full(
        self, value: Any, consent: Consent, now: float, context: RequestContext
    ) -> Verdict:
        return self._judge.judge(
            value,
            consent,
            host=context.host,
            now=now,
            superseded=context.has_decided,
            recorded=context.recorder is not None,
            on_error=context.report_error,
        )

    def _judge_and_notify(
        self, notifier: Notifier, value: Any, consent: Consent, now: float, context: RequestContext
    ) -> Verdict:
        verdict = self._judge_in_full(value, consent, now, context)
        finished = notifier.notify(verdict, context, value=value, now=now)
        if finished is not None:
            self._verdicts.remember(
                value, self._verdicts.state_of(consent, context), finished, context
            )
        return verdict

    def _ask(self, context: RequestContext) -> Asked[bytes]:
        # Once for each response, at its first cookie.
        try:
            consent, now = context.consent, context.now
        except Exception as error:
            # If the clock fails or the request cannot be read, nothing optional is allowed.
            context.report_error(error)
            consent, now = self._judge.no_consent(), 0.0
        if self._notifier is not None:
            return _IN_FULL, now, consent
        return self._outcomes_of(consent).of_bytes.values, now, consent

    def _ask_in_text(self, context: RequestContext) -> Asked[str]:
        if self._notifier is None:
            try:
                consent = context.consent
                return self._outcomes_of(consent).of_text.values, context.now, consent
            except Exception:
                pass  # `_ask` reports it
        return _TEXT_IN_FULL, 0.0, None

    def _outcomes_of(self, consent: Consent) -> _Outcomes:
        outcomes = self._outcomes.get(consent.allowed)
        if outcomes is None:
            outcomes = _Outcomes(self._judge, self._required, consent.allowed)
            self._outcomes.remember(consent.allowed, outcomes)
        return outcomes


def _deletes_from(attributes: bytes) -> float:
    return read_lifespan(read_set_cookie(b";" + attributes)).deletes_from


def _unusual(name: Any, value: Any) -> tuple[Any, Any, Kind]:
    # Return a header that is not of plain bytes, or that is broken, as it is judged and may leave.
    name = stable_part(name)
    if type(name) is bytes:
        kind = kind_of(name)
    elif isinstance(name, str) and kind_of_text(name) not in ("other", "cache"):
        kind = "broken"  # a server that leaves other characters out would write it
    else:
        return name, value, "other"  # no server can write it; each has its own error
    if kind != "broken" and kind != "set-cookie":
        value = stable_part(value)
        if type(value) is bytes and (value == _BREAK or begins_cookie(value)):
            kind = "broken"
    return (b"set-cookie", _BREAK, "set-cookie") if kind == "broken" else (name, value, kind)
