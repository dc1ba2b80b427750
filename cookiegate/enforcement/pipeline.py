"""The pipeline: everything that judges requests and responses, built from one registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from cookiegate.consent.choice import Choice
from cookiegate.consent.cookie import ConsentCookie
from cookiegate.consent.terms import Terms
from cookiegate.http.cache_control import (
    Header,
    TextHeader,
    forbid_storing,
    keep_private,
    keep_text_private,
    leave_validators,
)
from cookiegate.loops import DEPENDS, HAS_POLICY
from cookiegate.registry import Registry

from .context import RequestContext
from .judge import Hook, Judge, Mode, OnError
from .notify import Notifier
from .request_filter import visible
from .request_judge import RequestJudge
from .response_filter import CARRIES_CONSENT, ResponseFilter
from .sweep import MOST_COOKIES, MOST_REQUESTED, Room, Sweeper, Swept
from .verdict import Verdict

if TYPE_CHECKING:
    from .csp_editor import CspEditor

__all__ = ["Pipeline"]

# What the headers of a response need that is not there yet when a sweep is planned.
_PLANNED_BYTES = 1024
# Never "cookies": that would delete the refusal itself, and log visitors out of sibling hosts.
_STORAGE: Final = b'"storage"'
# Pages that the browser fetched or rendered in advance, when another choice was in force.
_PRELOADED: Final = b'"prefetchCache", "prerenderCache"'


class Pipeline:
    """
    One registry with its keys and memos, through which responses pass to the browser.

    A gate replaces it as a whole. A request keeps the pipeline with which it began.

    Args:
        registry: The registry.
        keys: Secret keys, newest first.
        secure: Whether the consent cookie is for https only.
        domain: The domain whose hosts share the consent cookie, if any.
        mode: The mode; None for the registry's.
        hook: See `cookiegate.enforcement.judge.Hook`.
        on_verdict: Called with each verdict.
        on_error: Called with failures of verdicts outside of a request.
    """

    __slots__ = (
        "_csp",
        "_filter",
        "adds_policies",
        "asked_late",
        "changes_responses",
        "clears_storage",
        "consent_cookie",
        "digest",
        "edits_policies",
        "hides",
        "judge",
        "registry",
        "request_judge",
        "sweeper",
        "sweeps",
        "terms",
    )

    def __init__(
        self,
        registry: Registry,
        keys: Sequence[bytes],
        *,
        secure: bool,
        domain: str | None,
        mode: Mode | None,
        hook: Hook | None,
        on_verdict: Callable[[Verdict], None] | None,
        on_error: OnError,
    ) -> None:
        self.registry: Registry = registry
        policy = registry.policy
        mode = mode or policy.mode
        modes = {category.mode or mode for category in registry.categories.values()}
        #: Whether anything is enforced, so that responses may change at all.
        self.changes_responses: bool = "enforce" in modes | {mode}
        self.terms: Terms = Terms(registry)
        self.consent_cookie: ConsentCookie = ConsentCookie(
            self.terms, keys, secure=secure, domain=domain
        )
        self.judge: Judge = Judge(self.consent_cookie, mode=mode, hook=hook, on_error=on_error)
        enforced = sorted(filter(self.judge.is_enforced, registry.optional))
        #: The registry and what is enforced of it, as text: part of a page's state.
        self.digest: str = f"{registry.digest} {enforced}"
        notifier = None if on_verdict is None else Notifier(on_verdict, self.judge.entries)
        acts = self.changes_responses or notifier is not None
        self._filter = ResponseFilter(self.judge, registry.required, notifier)
        name = self.consent_cookie.name.encode()
        form_name = b"__Host-cookiegate-form" if secure else b"cookiegate-form"
        self.request_judge: RequestJudge = RequestJudge(
            self.judge, frozenset((name, form_name)), hook
        )
        self.sweeper: Sweeper = Sweeper(
            self.judge,
            self.request_judge,
            registry,
            domain=domain,
            secure=secure,
            notifier=notifier,
        )
        #: Whether responses to page loads may carry a sweep, or report one.
        self.sweeps: bool = self.sweeper.is_on and acts
        self._csp: CspEditor | None = None
        if policy.added_csp or any(service.sources for service in registry.services.values()):
            # Imported here: many registries have nothing to do with policies.
            from .csp_editor import CspEditor

            self._csp = CspEditor(registry, self.judge, notifier)
        #: Whether a Content-Security-Policy depends on the visitor, or is reported.
        self.edits_policies: bool = self._csp is not None and self._csp.is_on and acts
        #: Hashes of the routes or paths of which it was reported that they ask too late.
        self.asked_late: set[int] = set()
        #: Whether pages without a policy get one.
        self.adds_policies: bool = bool(policy.added_csp) and self.changes_responses
        #: Whether a choice that takes something back makes the browser clear the site's storage.
        self.clears_storage: bool = policy.clear_site_data == "storage" and self.changes_responses
        #: Whether applications see only the cookies that are allowed.
        self.hides: bool = policy.request_cookies == "hide" and self.changes_responses

    def respond(
        self, headers: Iterable[tuple[bytes, bytes]], context: RequestContext
    ) -> list[Header]:
        """
        Return a response's headers as they leave. No choice can be made afterwards.

        Args:
            headers: The headers that the application sends.
            context: The request.
        """
        if context.start():
            filtered, lines, found = self._filter.filter(headers, context)
            # Most responses have nothing that depends on the visitor.
            return self._complete(filtered, lines, found, context) if found else filtered
        filtered = self.filter(headers, context)
        choice = context.choice
        if choice is not None and self.changes_responses:
            clears_storage = self.clears_storage and choice.takes_back
            _clear(filtered, b", ".join((_PRELOADED, *((_STORAGE,) if clears_storage else ()))))
        return filtered

    def respond_in_text(
        self, headers: list[TextHeader], context: RequestContext
    ) -> list[TextHeader] | None:
        """
        Do what `respond` does with headers of text, as WSGI has them, in the common cases.

        Args:
            headers: The headers that the application sends.
            context: The request.

        Returns:
            The headers. None if `respond` has to do it, with the same headers in bytes.
        """
        is_independent = context.start()
        result = self._filter.filter_text(headers, context)
        if result is None:
            return None
        filtered, lines, found = result
        if is_independent and not found:
            return filtered
        if context.own_cookies or context.choice is not None or context.planned_sweep is not None:
            return None
        if self.adds_policies or (found & HAS_POLICY and self.edits_policies):
            return None
        if self.sweeps and context.needs_sweep():
            return None
        if found & DEPENDS or (context.is_asked and self.changes_responses):
            state_of = context.tag_state if self.changes_responses else leave_validators
            try:
                return keep_text_private(filtered, lines, state_of)
            except (AttributeError, UnicodeEncodeError):
                return None  # a line that is no text, or not latin-1
        return filtered

    def filter(
        self, headers: Iterable[tuple[bytes, bytes]], context: RequestContext
    ) -> list[Header]:
        """
        Return a response's headers filtered, with Cookiegate's cookies and cache headers.

        Args:
            headers: The headers that the application sends.
            context: The request.
        """
        # Written before anything is judged: a failure there must not lose a choice.
        own_cookies = context.own_cookies
        stale: tuple[bytes, ...] = ()
        if context.choice is not None:
            own_cookies, stale = self._own_cookies(context, context.choice)
        filtered, lines, found = self._filter.filter(headers, context)
        return self._complete(filtered, lines, found, context, own_cookies, stale)

    def _complete(
        self,
        filtered: list[Header],
        lines: list[int],
        found: int,
        context: RequestContext,
        own_cookies: tuple[bytes, ...] = (),
        stale: tuple[bytes, ...] = (),
    ) -> list[Header]:
        # Return the headers with Cookiegate's cookies and cache headers.
        is_swept = context.planned_sweep is not None or (self.sweeps and context.needs_sweep())
        depends = found & DEPENDS != 0
        editor = self._csp
        if editor is not None and (
            (found & HAS_POLICY and self.edits_policies) or self.adds_policies
        ):
            depends = _edit_policies(editor, filtered, context) or depends
        if is_swept or stale:
            own_cookies = self._with_deletions(filtered, own_cookies, stale, context, is_swept)
        state_of = context.tag_state if self.changes_responses else leave_validators
        if own_cookies or (found & CARRIES_CONSENT and self.changes_responses):
            filtered += [(b"set-cookie", value) for value in own_cookies]
            return forbid_storing(filtered, lines, state_of)
        # Report mode changes no header, so responses are cached as before.
        if depends or (context.is_asked and self.changes_responses):
            return keep_private(filtered, lines, state_of)
        return filtered

    def plan_sweep(self, context: RequestContext) -> Swept:
        """
        Return what the response to a request will delete, before it has headers.

        Args:
            context: The request. It counts as asked for by the visitor, whatever the rule.
        """
        own_cookies = context.own_cookies
        stale: tuple[bytes, ...] = ()
        if context.choice is not None:
            own_cookies, stale = self._own_cookies(context, context.choice)
        cookies = [(b"set-cookie", value) for value in (*stale, *own_cookies)]
        room = Room(cookies, most=MOST_REQUESTED, reserved=_PLANNED_BYTES)
        return self.sweeper.sweep(context, room, is_requested=True)

    def visible_cookies(self, context: RequestContext) -> tuple[bytes, ...] | None:
        """
        Return the Cookie headers that the application may see; None if nothing is hidden.

        A header that loses all its cookies is b"", or is left out at the end. Where cookies are
        hidden, every response to a request with cookies depends on the visitor.
        """
        try:
            if not (self.hides and context.facts.cookies):
                return None
            context.is_asked = True
            return visible(context, self.request_judge)
        except Exception as error:
            # Every cookie is hidden; the request is answered.
            context.report_error(error)
            return ()

    def _own_cookies(
        self, context: RequestContext, choice: Choice
    ) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        # Return Cookiegate's cookies, and the deletions of earlier consent cookies.
        facts = context.facts
        *stale, cookie = self.consent_cookie.dump_choice(
            choice.record, facts.cookies, facts.host, replaces=choice.replaces
        )
        return (*context.own_cookies, cookie), tuple(stale)

    def _with_deletions(
        self,
        headers: list[Header],
        own_cookies: tuple[bytes, ...],
        stale: tuple[bytes, ...],
        context: RequestContext,
        is_swept: bool,
    ) -> tuple[bytes, ...]:
        # Deletions come before the cookies that are set, as far as there is room for them.
        planned = context.planned_sweep
        cookies = [(b"set-cookie", value) for value in own_cookies]
        most = MOST_COOKIES if planned is None else MOST_REQUESTED
        room = Room([*headers, *cookies], most=most)
        stale = tuple(line for line in stale if room.take(line))
        swept: tuple[bytes, ...] = ()
        try:
            if planned is not None:
                swept = tuple(line for line in planned.cookies if room.take(line))
            elif is_swept:
                swept = self.sweeper.sweep(context, room, headers=headers).cookies
        except Exception as error:
            # Nothing is swept; the response is delivered.
            context.report_error(error)
        return (*swept, *stale, *own_cookies)


def _edit_policies(editor: CspEditor, headers: list[Header], context: RequestContext) -> bool:
    try:
        return editor.edit(headers, context)
    except Exception as error:
        # The policy leaves as the application wrote it.
        context.report_error(error)
        return False


def _clear(headers: list[Header], kinds: bytes) -> None:
    # In the application's header, if there is one: Django has one value for each name.
    for at, (name, value) in enumerate(headers):
        if type(name) is type(value) is bytes and name.strip().lower() == b"clear-site-data":
            headers[at] = (name, b", ".join((value, kinds)))
            return
    headers.append((b"clear-site-data", kinds))
