"""The verdict on a cookie that a browser sends: may it stay where it is?

Only what is registered is ever taken away, and only where every entry of its name is not allowed.
"""

from __future__ import annotations

from typing import Final

from cookiegate.http.cookie_header import cookie_pairs
from cookiegate.registry import Entry

from .context import RequestContext
from .judge import Hook, Judge
from .verdict import Reason, Verdict

__all__ = ["MOST_PAIRS", "RequestJudge"]

#: Of more cookies than this no browser sends; what comes beyond is left alone.
MOST_PAIRS: Final = 256


class RequestJudge:
    """
    Judges what is in a Cookie header.

    Args:
        judge: Judges what is set; its registry, modes and memos are the same.
        own_names: Cookiegate's own cookies, about which nothing is said.
        hook: May keep a cookie by putting it into an allowed category.
    """

    __slots__ = ("_hook", "_judge", "_own_names")

    def __init__(
        self,
        judge: Judge,
        own_names: frozenset[bytes],
        hook: Hook | None,
    ) -> None:
        self._judge = judge
        self._own_names = own_names
        self._hook = hook

    def refused(self, context: RequestContext) -> list[tuple[bytes, bytes, Verdict]]:
        """
        Return names, values and verdicts of the cookies that are registered and not allowed.

        The verdict's action is "sweep" where the category is enforced, else "keep".
        """
        found = []
        consent = context.consent
        for name, value in cookie_pairs(context.facts.cookies, limit=MOST_PAIRS):
            entries = self._judge.entries(name)
            if entries and not any(entry.category in consent.allowed for entry in entries):
                verdict = self._verdict(name, entries, context)
                if verdict is not None:
                    found.append((name, value, verdict))
        return found

    def reportable(self, context: RequestContext) -> list[Verdict]:
        """Return verdicts on cookies that stay: unknown ones, and those allowed only in part."""
        found = []
        consent = context.consent
        for name, _ in cookie_pairs(context.facts.cookies, limit=MOST_PAIRS):
            entries = self._judge.entries(name)
            against = [e.category for e in entries if e.category not in consent.allowed]
            if name in self._own_names or (entries and len(against) in (0, len(entries))):
                continue
            category, reason = None, self._judge.unknown
            if against:
                category = against[0]
                reason = self._judge.reason_against(category, consent)
            found.append(
                Verdict(
                    allowed=reason is Reason.UNKNOWN_ALLOWED,
                    action="keep",
                    header=None,
                    name=_as_text(name),
                    category=category,
                    reason=reason,
                    notes=(Reason.STILL_SENT, *((Reason.AMBIGUOUS,) if against else ())),
                )
            )
        return found

    def _verdict(
        self, name: bytes, entries: tuple[Entry, ...], context: RequestContext
    ) -> Verdict | None:
        # None where the hook lets it stay.
        consent = context.consent
        categories = [entry.category for entry in entries]
        is_enforced = all(map(self._judge.is_enforced, categories))
        verdict = Verdict(
            allowed=False,
            action="sweep" if is_enforced else "keep",
            header=None,
            name=_as_text(name),
            category=categories[0],
            reason=self._judge.reason_against(categories[0], consent),
            notes=(Reason.STILL_SENT, *(() if is_enforced else (Reason.REPORT_MODE,))),
        )
        if self._hook is not None:
            try:
                word = self._hook(verdict)
            except Exception as error:
                # What might be kept is not taken away.
                context.report_error(error)
                return None
            if word and word in consent.allowed:
                return None
        return verdict


def _as_text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
