"""The verdict on one Set-Cookie value, from registry, consent and mode.

The rules, in order:

1. A value with CR, LF or NUL is stripped, in every mode.
2. A cookie without a name in some browser is stripped.
3. A cookie with the consent cookie's name is kept only as the gate itself would write it now.
4. For a cookie that is not in the registry, `unknown` decides.
5. A cookie is kept if the categories of all its matching entries are allowed; where visitors
   choose by service, if the services are.
6. A deletion of a cookie that is not allowed is rewritten so that it can only delete.
7. Every other cookie is stripped.
8. The hook may refuse a cookie, or put it into another category.
9. A cookie that leaves gets the lifetime and the attributes that the registry demands.
10. If the deciding category only reports, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from cookiegate.consent.cookie import ConsentCookie
from cookiegate.consent.model import Consent
from cookiegate.http.headers import as_bytes
from cookiegate.http.memo import Memo
from cookiegate.http.rewrite import clamp, rewrite_as_deletion
from cookiegate.http.set_cookie import (
    SetCookie,
    breaks_framing,
    longest_life,
    read_lifespan,
    read_names,
    read_set_cookie,
)
from cookiegate.http.signals import NO_SIGNALS, strongest
from cookiegate.registry import Entry, MinimumAttributes, Registry
from cookiegate.registry.part_ids import category_of

from .attributes import demands_attributes, merge_minimums, raise_attributes
from .entry_match import longest_lifetime, matching_entries
from .verdict import Reason, Verdict, kept, stripped

__all__ = ["Hook", "Judge", "Mode", "OnError"]

Mode = Literal["enforce", "report"]
#: Called with each failure.
OnError = Callable[[Exception], None]

#: Called with each verdict. It returns None to leave the verdict as it is, False to refuse the
#: cookie, or the id of a category to put it there: then it is kept if that category is allowed.
#: Where visitors choose by service, `category:service` asks for that service alone.
Hook = Callable[[Verdict], str | Literal[False] | None]

_STATUS_REASONS: Final = {
    "missing": Reason.NO_CONSENT,
    "expired": Reason.CONSENT_EXPIRED,
    "invalid": Reason.CONSENT_INVALID,
    "outdated": Reason.CONSENT_OUTDATED,
}


class Judge:
    """
    Judges cookies for one registry in one mode. Nothing in it changes except its memos.

    Args:
        consent_cookie: The registry's consent cookie, which has its own rules.
        mode: The mode of categories without a mode, and of unknown cookies.
        hook: May refuse or reclassify a cookie.
        on_error: Called with each failure; the cookie is stripped.
    """

    __slots__ = (
        "_consent_cookie",
        "_consent_name",
        "_enforces_some",
        "_entries",
        "_hook",
        "_mode",
        "_on_error",
        "_registry",
    )

    def __init__(
        self,
        consent_cookie: ConsentCookie,
        *,
        mode: Mode,
        hook: Hook | None,
        on_error: OnError,
    ) -> None:
        self._consent_cookie = consent_cookie
        self._consent_name = consent_cookie.name.encode()
        self._registry: Registry = consent_cookie.terms.registry
        self._mode = mode
        self._hook = hook
        self._on_error = on_error
        # If a failure leaves a cookie without a category, it could belong to any.
        categories = self._registry.categories
        self._enforces_some = any(map(self.is_enforced, (None, *categories)))
        self._entries: Memo[bytes, tuple[Entry, ...]] = Memo(self._registry.find)

    def judge(
        self,
        value: bytes,
        consent: Consent,
        *,
        host: str | bytes | None,
        now: float,
        superseded: bool = False,
        recorded: bool = False,
        on_error: OnError | None = None,
    ) -> Verdict:
        """
        Return the verdict on one Set-Cookie value.

        Args:
            value: The header's value.
            consent: The visitor's consent.
            host: The request's host, with or without a port; None if it is not known.
            now: Unix seconds.
            superseded: Whether a choice was made in this request, so that no other consent cookie
                may leave.
            recorded: Whether a recorder keeps proof of choices, so that a consent cookie that the
                application sets itself may grant nothing.
            on_error: Called with a failure; None for the judge's callback.
        """
        policy: Verdict | None = None
        try:
            value = as_bytes(value)
            policy, entries = self._policy(value, consent, host, now, superseded, recorded)
            verdict = policy
            if self._hook is not None:
                answer = self._hook(policy)
                if answer is not None and not policy.reason.is_final:
                    verdict = self._after_hook(answer, policy, value, consent)
            verdict = self._with_attributes(verdict, entries, now)
        except Exception as error:
            (on_error or self._on_error)(error)
            verdict = self._failure(policy)
        return self._in_mode(verdict, value, policy)

    def no_consent(self) -> Consent:
        """Return the consent of a visitor who sends neither a choice nor a signal."""
        return self._consent_cookie.terms.without_choice(NO_SIGNALS)

    def simple_part(self, name: bytes) -> str | None:
        """
        Return the id that alone decides on every cookie of a name: its entries' `part`.

        Returns:
            The id. None if more than the name counts: several ids, a lifetime to clamp, minimum
            attributes, a category that only reports, or a hook.
        """
        if not self.goes_by_name(name):
            return None
        policy = self._registry.policy
        if policy.lifetime == "clamp" or policy.same_site_none != "off":
            return None
        entries = self.entries(name)
        parts = {entry.part for entry in entries}
        if len(parts) != 1 or any(demands_attributes(entry.floor) for entry in entries):
            return None
        return entries[0].part if self.is_enforced(entries[0].category) else None

    def goes_by_name(self, name: bytes) -> bool:
        """Return whether no cookie's value has a part in the verdict on a name."""
        return self._hook is None and name != self._consent_name

    def entries(self, name: bytes) -> tuple[Entry, ...]:
        """Return the registry's entries for a name."""
        return self._entries[name]

    def _policy(
        self,
        value: bytes,
        consent: Consent,
        host: str | bytes | None,
        now: float,
        superseded: bool,
        recorded: bool,
    ) -> tuple[Verdict, tuple[Entry, ...]]:
        # Return the verdict of rules 1 to 7, and the matching entries.
        if breaks_framing(value):
            return stripped(Reason.UNREADABLE, name=_as_text(read_names(value)[0])), ()
        cookie = read_set_cookie(value)
        name = cookie.names[0]
        if not name:  # the empty name comes first, and one name that is not allowed decides
            return self._nameless(cookie), ()
        if name == self._consent_name:
            verdict = self._on_consent_cookie(value, now, superseded)
            if recorded and verdict.reason is Reason.CONSENT_COOKIE:
                verdict = self._without_receipt(verdict, value, consent)
            return verdict, ()
        entries = self.entries(name)
        if not entries:
            return self._on_unknown(value, cookie, name, now), ()
        matching, notes = matching_entries(entries, cookie, host)
        return self._on_registered(value, cookie, name, matching, notes, consent, now), matching

    def _nameless(self, cookie: SetCookie) -> Verdict:
        # Some browser may store it under a name. If that name's category is enforced, so is this
        # verdict, whatever the site's mode.
        others = [entry for name in cookie.names[1:] for entry in self.entries(name)]
        category = next((e.category for e in others if self.is_enforced(e.category)), None)
        return stripped(Reason.NAMELESS, name="", category=category)

    def _on_consent_cookie(self, value: bytes, now: float, superseded: bool) -> Verdict:
        name = self._consent_cookie.name
        if superseded:
            return stripped(Reason.CONSENT_COOKIE_SUPERSEDED, name=name)
        if not self._consent_cookie.is_written_now(value, now):
            return stripped(Reason.CONSENT_COOKIE_NOT_OURS, name=name)
        return kept(Reason.CONSENT_COOKIE, value, name=name, category=None)

    def _without_receipt(self, verdict: Verdict, value: bytes, consent: Consent) -> Verdict:
        # What takes back leaves also without a receipt. A grant does not, nor does a renewal: its
        # receipt's id is not in the ledger.
        granted = self._consent_cookie.granted_in(value)
        if not granted or granted < consent.granted:
            return verdict
        return stripped(Reason.CONSENT_COOKIE_NOT_RECORDED, name=self._consent_cookie.name)

    def _on_unknown(self, value: bytes, cookie: SetCookie, name: bytes, now: float) -> Verdict:
        if self.unknown is Reason.UNKNOWN_ALLOWED:
            return kept(Reason.UNKNOWN_ALLOWED, value, name=_as_text(name), category=None)
        return _refused(Reason.UNKNOWN, cookie, name, now, category=None, depends=False)

    def _on_registered(
        self,
        value: bytes,
        cookie: SetCookie,
        name: bytes,
        matching: tuple[Entry, ...],
        notes: tuple[Reason, ...],
        consent: Consent,
        now: float,
    ) -> Verdict:
        categories = list(dict.fromkeys(entry.category for entry in matching))
        optional = [c for c in categories if c not in self._registry.required]
        depends = any(self.is_enforced(category) for category in optional)
        against = [entry for entry in matching if entry.part not in consent.allowed]
        if against:
            # An enforced category decides before one that only reports.
            entry = next((e for e in against if self.is_enforced(e.category)), against[0])
            return _refused(
                self.reason_against(entry.part, consent),
                cookie,
                name,
                now,
                category=entry.category,
                depends=depends,
                notes=notes,
            )
        reason, category = (
            (Reason.ALLOWED, optional[0]) if optional else (Reason.REQUIRED, categories[0])
        )
        return kept(
            reason, value, name=_as_text(name), category=category, depends=depends, notes=notes
        )

    def _with_attributes(self, verdict: Verdict, entries: tuple[Entry, ...], now: float) -> Verdict:
        # Rule 9, also for deletions: without Partitioned, one would miss a partitioned cookie.
        if verdict.header is None or verdict.reason is Reason.CONSENT_COOKIE:
            return verdict
        header = verdict.header
        clamped: tuple[Reason, ...] = ()
        if verdict.allowed:
            header, clamped = self._with_lifetime(header, entries, now)
        raised: tuple[Reason, ...] = ()
        minimum = self._minimum(entries, verdict.category)
        same_site_none = self._registry.policy.same_site_none
        if demands_attributes(minimum) or same_site_none != "off":
            header, raised = raise_attributes(header, minimum, same_site_none)
        if not clamped and not raised:
            return verdict
        return msgspec.structs.replace(
            verdict,
            action=verdict.action if header == verdict.header else "rewrite",
            header=header,
            notes=(*verdict.notes, *clamped, *raised),
        )

    def _with_lifetime(
        self, value: bytes, entries: tuple[Entry, ...], now: float
    ) -> tuple[bytes, tuple[Reason, ...]]:
        policy = self._registry.policy.lifetime
        if policy == "off":
            return value, ()
        declared = longest_lifetime(entries)
        if declared == "unlimited":
            return value, ()
        cookie = read_set_cookie(value)
        if not cookie.attributes:
            return value, ()
        life = longest_life(cookie, now)
        if life is None or life <= (declared or 0):
            return value, ()
        if policy == "report":
            return value, (Reason.OUTLIVES,)
        clamped = clamp(value, cookie, read_lifespan(cookie), declared)
        return clamped, (Reason.OUTLIVES, Reason.CLAMPED)

    def _minimum(self, entries: tuple[Entry, ...], category: str | None) -> MinimumAttributes:
        # Without an entry, the hook's category or the policy decides.
        if entries:
            return merge_minimums([entry.floor for entry in entries])
        if category is None:
            return self._registry.policy.floor
        return self._registry.categories[category].floor

    @property
    def unknown(self) -> Reason:
        """The reason for verdicts on cookies without an entry."""
        is_allowed = self._registry.policy.unknown == "allow"
        return Reason.UNKNOWN_ALLOWED if is_allowed else Reason.UNKNOWN

    def reason_against(self, part: str, consent: Consent) -> Reason:
        """Return why a category, or a service of one, is not allowed."""
        if consent.status != "given":
            return _STATUS_REASONS[consent.status]
        if part not in consent.granted:
            return Reason.NOT_GRANTED
        category = self._registry.categories[category_of(part)]
        # What is granted and yet not allowed is blocked by a signal.
        return Reason(str(strongest(consent.signals - category.survives)))

    def _after_hook(
        self, answer: str | Literal[False], policy: Verdict, value: bytes, consent: Consent
    ) -> Verdict:
        name, category, part = policy.name, policy.category, None
        if answer is not False:
            part = self._registry.part(answer)  # ValueError: not registered
            category = category_of(part)
        depends = self.is_enforced(category) or self.is_enforced(policy.category)
        if part not in consent.allowed:
            return stripped(Reason.HOOK_REFUSED, name=name, category=category, depends=depends)
        return kept(Reason.HOOK_ALLOWED, value, name=name, category=category, depends=depends)

    def _failure(self, policy: Verdict | None) -> Verdict:
        # The hook failed, or the gate itself before there was a verdict.
        if policy is None:
            return stripped(Reason.FAILURE, name="", depends=self._enforces_some)
        return stripped(
            Reason.FAILURE,
            name=policy.name,
            category=policy.category,
            depends=self.is_enforced(policy.category),
        )

    def _in_mode(self, verdict: Verdict, value: bytes, policy: Verdict | None) -> Verdict:
        # Rule 10. The hook's category and the policy's count: one that is enforced suffices.
        if verdict.action == "keep" or verdict.reason is Reason.UNREADABLE:
            return verdict
        if policy is None:
            is_enforced = self._enforces_some
        else:
            is_enforced = self.is_enforced(verdict.category) or self.is_enforced(policy.category)
        if is_enforced:
            return verdict
        return msgspec.structs.replace(
            verdict,
            action="keep",
            header=value,
            notes=(*verdict.notes, Reason.REPORT_MODE),
            depends=False,
        )

    def is_enforced(self, category: str | None) -> bool:
        """Return whether a category is enforced; None for cookies without a category."""
        mode = None if category is None else self._registry.categories[category].mode
        return (mode or self._mode) == "enforce"


def _as_text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _refused(
    reason: Reason,
    cookie: SetCookie,
    name: bytes,
    now: float,
    *,
    category: str | None,
    depends: bool,
    notes: tuple[Reason, ...] = (),
) -> Verdict:
    # Rules 6 and 7.
    verdict = stripped(reason, name=_as_text(name), category=category, depends=depends, notes=notes)
    if read_lifespan(cookie).deletes_from > now:
        return verdict
    return msgspec.structs.replace(
        verdict, action="rewrite", header=rewrite_as_deletion(cookie, name), reason=Reason.DELETION
    )
