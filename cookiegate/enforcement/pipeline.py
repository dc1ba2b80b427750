"""All that a request is judged by, built from one registry, and replaced as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from cookiegate.consent.cookie import ConsentCookie
from cookiegate.consent.model import Consent, Terms
from cookiegate.http.cache_control import Header, forbid_storing, keep_private
from cookiegate.http.signals import Signal
from cookiegate.registry import Entry, Registry

from .csp_editor import CspEditor
from .judge import Hook, Judge, Mode
from .notify import listen
from .request_judge import RequestJudge
from .response_filter import Filter
from .sweep import Sweeper
from .verdict import Verdict

__all__ = ["GateProtocol", "Snapshot"]


class Snapshot:
    """
    One registry, its keys and its memos. A request keeps the snapshot it began with.

    Args:
        registry: The registry.
        keys: Secret keys, newest first.
        secure: Whether the consent cookie is for https only.
        domain: The domain whose hosts share the consent cookie, if any.
        mode: None for the registry's own.
        hook: See `cookiegate.enforcement.judge.Hook`.
        on_verdict: Told of each verdict.
        on_error: Told of whatever goes wrong.
    """

    __slots__ = (
        "_csp",
        "_filter",
        "adds_policies",
        "changes_responses",
        "clears_storage",
        "consent_cookie",
        "edits_policies",
        "hides",
        "judge",
        "on_error",
        "registry",
        "sent",
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
        on_error: Callable[[Exception], None],
    ) -> None:
        self.registry = registry
        mode = mode or registry.policy.mode
        modes = {category.mode or mode for category in registry.categories.values()}
        #: Whether anything is enforced, so that responses may change at all.
        self.changes_responses = "enforce" in modes | {mode}
        self.terms = Terms(registry)
        self.consent_cookie = ConsentCookie(self.terms, keys, secure=secure, domain=domain)
        self.judge = Judge(self.consent_cookie, mode=mode, hook=hook, on_error=on_error)
        tell = None if on_verdict is None else listen(on_verdict, self.judge.entries, on_error)
        self._filter = Filter(self.judge, registry.required, tell)
        #: Told of whatever goes wrong.
        self.on_error = on_error
        own = self.consent_cookie.name.encode()
        self.sent = RequestJudge(self.judge, frozenset((own, own + b"-form")), hook, on_error)
        self.sweeper = Sweeper(
            self.judge, self.sent, registry, domain=domain, secure=secure, tell=tell
        )
        #: Whether answers to page loads may carry a sweep, or somebody is told of one.
        self.sweeps = self.sweeper.is_on and (self.changes_responses or tell is not None)
        self._csp = CspEditor(registry, self.judge, tell)
        #: Whether a Content-Security-Policy depends on the visitor, or somebody is told of it.
        self.edits_policies = self._csp.is_on and (self.changes_responses or tell is not None)
        #: Whether pages get one that have none.
        self.adds_policies = bool(self._csp.added) and self.changes_responses
        #: Whether a choice that takes something back has the browser clear the site's storage.
        self.clears_storage = (
            registry.policy.clear_site_data == "storage" and self.changes_responses
        )
        #: Whether applications are to see only the cookies that are allowed.
        self.hides = registry.policy.request_cookies == "hide" and self.changes_responses

    def respond(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        consent: Callable[[], Consent],
        *,
        host: Callable[[], str | bytes | None],
        now: Callable[[], float],
        route: Callable[[], str | None] | None = None,
        asked: bool = False,
        superseded: bool = False,
        own_cookies: Sequence[bytes] = (),
        sweep: Callable[[list[Header]], tuple[bytes, ...]] | None = None,
    ) -> list[Header]:
        """
        A response's headers as they leave: filtered, and with what caches must be told.

        Args:
            headers: Those the application sends.
            consent: Gives the visitor's, when it is wanted; so do
            host: with the request's host, and
            now: with Unix seconds.
            route: Gives the route's template to whoever listens.
            asked: Whether the application asked what the visitor allows.
            superseded: Whether the application chose through its visit, so that no consent cookie
                of its own may leave.
            own_cookies: What the gate itself sets.
            sweep: Gives what is to be expired with what leaves, if anything.
        """
        result = self._filter.filter(
            headers, consent, host=host, now=now, route=route, superseded=superseded
        )
        left = result.headers
        depends = result.depends
        if (result.has_policy and self.edits_policies) or self.adds_policies:
            depends = self._edit_policies(left, consent, now, route) or depends
        if sweep is not None:
            own_cookies = (*self._sweep(sweep, left), *own_cookies)
        if own_cookies or (result.carries_consent and self.changes_responses):
            left += [(b"set-cookie", value) for value in own_cookies]
            return forbid_storing(left, result.lines)
        # A site that only reports is cached as it was: nothing on its wire may change.
        if depends or (asked and self.changes_responses):
            return keep_private(left, result.lines)
        return left

    def _sweep(
        self, sweep: Callable[[list[Header]], tuple[bytes, ...]], left: list[Header]
    ) -> tuple[bytes, ...]:
        try:
            return sweep(left)
        except Exception as error:
            # Nothing is swept; the response is delivered.
            self.on_error(error)
            return ()

    def _edit_policies(
        self,
        left: list[Header],
        consent: Callable[[], Consent],
        now: Callable[[], float],
        route: Callable[[], str | None] | None,
    ) -> bool:
        try:
            return self._csp.edit(left, consent(), now=now(), route=route)
        except Exception as error:
            # The policy leaves as the application wrote it.
            self.on_error(error)
            return False


class GateProtocol(Protocol):
    """What a visit wants of its gate."""

    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def clock(self) -> Callable[[], float]: ...
    @property
    def new_id(self) -> Callable[[], str]: ...
    @property
    def on_signal(self) -> Callable[[Any, frozenset[Signal]], None] | None: ...
    @property
    def builtin_entries(self) -> tuple[Entry, ...]: ...
    @property
    def is_secure(self) -> bool: ...
