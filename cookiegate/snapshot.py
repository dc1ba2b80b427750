"""All that a request is judged by, built from one registry, and replaced as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .caching import Header, forbid_storing, keep_private
from .consent import Consent, Terms
from .consentcookie import ConsentCookie
from .filtering import Filter
from .judging import Hook, Judge, Mode
from .listening import listen
from .registry import Registry
from .verdict import Verdict

__all__ = ["Snapshot"]


class Snapshot:
    """
    One registry, its keys and its memos. A request keeps the snapshot it began with.

    Args:
        registry: The registry.
        keys: Secret keys, newest first.
        secure: Whether the consent cookie is for https only.
        domain: The domain whose hosts share the consent cookie, if any.
        mode: None for the registry's own.
        hook: See `cookiegate.judging.Hook`.
        on_verdict: Told of each verdict.
        on_error: Told of whatever goes wrong.
    """

    __slots__ = ("_filter", "changes_responses", "consent_cookie", "judge", "registry", "terms")

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
        """
        result = self._filter.filter(
            headers, consent, host=host, now=now, route=route, superseded=superseded
        )
        left = result.headers
        if own_cookies or (result.carries_consent and self.changes_responses):
            left += [(b"set-cookie", value) for value in own_cookies]
            return forbid_storing(left, result.lines)
        # A site that only reports is cached as it was: nothing on its wire may change.
        if result.depends or (asked and self.changes_responses):
            return keep_private(left, result.lines)
        return left
