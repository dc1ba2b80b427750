"""The verdict on a request cookie: whether it may stay in the browser.

Only a registered cookie is ever deleted, and only if none of the entries with its name is allowed.
"""

from __future__ import annotations

from cookiegate.registry import Entry

from .context import RequestContext
from .judge import Hook, Judge
from .verdict import Reason, Verdict

__all__ = ["RequestJudge"]


class RequestJudge:
    """
    Judges the cookies that a browser sends.

    Args:
        judge: Judges Set-Cookie values; this judge uses its registry, modes and memos.
        own_names: The names of Cookiegate's cookies, which are neither refused nor reported.
        hook: May keep a cookie by putting it into an allowed category.
    """

    __slots__ = ("_hook", "_judge", "own_names")

    def __init__(
        self,
        judge: Judge,
        own_names: frozenset[bytes],
        hook: Hook | None,
    ) -> None:
        self._judge = judge
        self.own_names: frozenset[bytes] = own_names
        self._hook = hook

    def refused(self, context: RequestContext) -> list[tuple[bytes, bytes, Verdict]]:
        """
        Return names, values and verdicts of the cookies that are registered and not allowed.

        The verdict's action is "sweep" where the category is enforced, else "keep".
        """
        found = []
        consent = context.consent
        for name, value in context.cookie_pairs:
            entries = self._judge.entries(name)
            if name in self.own_names or not entries:
                continue
            if not any(entry.part in consent.allowed for entry in entries):
                verdict = self._verdict(name, entries, context, is_kept_on_failure=True)
                if verdict is not None:
                    found.append((name, value, verdict))
        return found

    def is_hidden(self, name: bytes, context: RequestContext) -> bool:
        """Return whether the application may not see a cookie of this name."""
        entries = self._judge.entries(name)
        if name in self.own_names or not entries:
            return False
        if any(entry.part in context.consent.allowed for entry in entries):
            return False
        verdict = self._verdict(name, entries, context)
        return verdict is not None and verdict.action == "sweep"

    def reportable(self, context: RequestContext) -> list[Verdict]:
        """Return verdicts on cookies that stay: unknown ones, and those allowed only in part."""
        found = []
        consent = context.consent
        for name, _ in context.cookie_pairs:
            entries = self._judge.entries(name)
            against = [entry for entry in entries if entry.part not in consent.allowed]
            if name in self.own_names or (entries and len(against) in (0, len(entries))):
                continue
            category, reason = None, self._judge.unknown
            if against:
                category = against[0].category
                reason = self._judge.reason_against(against[0].part, consent)
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
        self,
        name: bytes,
        entries: tuple[Entry, ...],
        context: RequestContext,
        *,
        is_kept_on_failure: bool = False,
    ) -> Verdict | None:
        # Return None if the hook keeps the cookie.
        consent = context.consent
        is_enforced = all(self._judge.is_enforced(entry.category) for entry in entries)
        verdict = Verdict(
            allowed=False,
            action="sweep" if is_enforced else "keep",
            header=None,
            name=_as_text(name),
            category=entries[0].category,
            reason=self._judge.reason_against(entries[0].part, consent),
            notes=(Reason.STILL_SENT, *(() if is_enforced else (Reason.REPORT_MODE,))),
        )
        if self._hook is not None:
            try:
                answer = self._hook(verdict)
            except Exception as error:
                # The hook might have kept it: it is not deleted, and not shown.
                context.report_error(error)
                return None if is_kept_on_failure else verdict
            if answer and answer in consent.allowed:
                return None
        return verdict


def _as_text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
