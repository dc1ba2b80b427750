"""A response's Content-Security-Policy, without the sources of services that are not allowed.

That blocks scripts, frames and images before they load. If a policy admits such a service all the
same, that is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from cookiegate.consent.model import Consent
from cookiegate.http.cache_control import Header
from cookiegate.http.csp import admits, edit, listed_sources
from cookiegate.http.memo import BoundedDict
from cookiegate.registry import Registry
from cookiegate.registry.csp_sources import Source, editable_sources
from cookiegate.registry.part_ids import category_of

from .context import RequestContext
from .judge import Judge
from .notify import Notifier
from .verdict import Reason, Verdict

__all__ = ["CspEditor", "admitted"]

_REPORT_ONLY: Final = b"content-security-policy-report-only"
# Types that browsers show as a page, and those that make them look into the body for the type
# (MIME Sniffing Standard, section 7).
_PAGES: Final = frozenset(
    (b"text/html", b"application/xhtml+xml", b"", b"unknown/unknown", b"application/unknown")
)
# What browsers do not show. A policy in a 304 would replace the one of the page that the browser
# has.
_NOT_SHOWN: Final = frozenset((204, 205, 301, 302, 303, 304, 307, 308))
# A nonce differs with each response: a policy is remembered with a placeholder in its place.
_NONCE: Final = re.compile(rb"'nonce-[^' \t\n\f\r;,]*'", re.IGNORECASE)
_PLACEHOLDER: Final = b"'nonce-'"
# How many policies are remembered, how long one may be, and how long all of them.
_MAX_POLICIES: Final = 1024
_MAX_POLICY_BYTES: Final = 4096
_MAX_BYTES: Final = 1024 * 1024


class CspEditor:
    """
    Edits policies for one registry.

    Args:
        registry: The registry; the `sources` of its services are removed from policies.
        judge: Decides which categories are enforced.
        notifier: Calls the callback with services that a policy admits but are not allowed.
    """

    __slots__ = (
        "_edited",
        "_enforced",
        "_judge",
        "_notified",
        "_notifier",
        "_sources",
        "added",
        "is_on",
    )

    def __init__(self, registry: Registry, judge: Judge, notifier: Notifier | None) -> None:
        self._judge = judge
        self._notifier = notifier
        self._sources = editable_sources(registry)
        #: The policy for pages without a policy; b"" for none.
        self.added: bytes = registry.policy.added_csp.encode()
        #: Whether there is anything to edit for any visitor.
        self.is_on: bool = registry.policy.csp == "edit" and bool(self._sources)
        # The sources that are removed, by their text.
        self._enforced = {
            source.text: source.needs
            for source in self._sources
            if self.is_on and all(map(judge.is_enforced, map(category_of, source.needs)))
        }
        # A policy, and the categories that are allowed -> the edited policy.
        self._edited: BoundedDict[tuple[bytes, frozenset[str]], bytes] = BoundedDict(
            _MAX_POLICIES, max_bytes=_MAX_BYTES
        )
        # A hash of policies and of the categories that are allowed: those that were reported.
        self._notified: BoundedDict[int, None] = BoundedDict(_MAX_POLICIES)

    def edit(self, headers: list[Header], context: RequestContext) -> bool:
        """
        Edit the policies among a response's headers in place.

        Args:
            headers: The response's headers; changed in place.
            context: The request.

        Returns:
            Whether another consent could have changed them.
        """
        consent = context.consent
        # Where a policy is, whether it only reports, and its value.
        lines = [
            (at, name.strip().lower() == _REPORT_ONLY, value)
            for at, (name, value) in enumerate(headers)
            if _is_policy(name, value)
        ]
        # A policy that only reports blocks nothing, so the page needs one all the same.
        if (
            self.added
            and all(reports for _, reports, _ in lines)
            and _is_page(headers, context.status)
        ):
            lines.append((len(headers), False, self.added))
            headers.append((b"content-security-policy", self.added))
        depends = False
        for at, _, value in lines:
            if not listed_sources(value).isdisjoint(self._enforced):
                depends = True
                headers[at] = (headers[at][0], self._edit(value, consent))
        if self._notifier is not None and self.is_on:
            policies = tuple(_bare(headers[at][1]) for at, reports, _ in lines if not reports)
            self._notify_admitted(self._notifier, policies, context)
        return depends

    def _edit(self, value: bytes, consent: Consent) -> bytes:
        nonces = _NONCE.findall(value)
        bare = _bare(value)
        key = (bare, consent.allowed)
        edited = self._edited.get(key)
        if edited is None:
            refused = {
                text for text, needs in self._enforced.items() if not needs <= consent.allowed
            }
            edited = edit(bare, refused)
            if len(bare) <= _MAX_POLICY_BYTES:
                self._edited.remember(key, edited, len(bare) + len(edited))
        if not nonces:
            return edited
        # No nonce is ever removed, so each returns to its place.
        missing = iter(nonces)
        return _NONCE.sub(lambda _: next(missing), edited)

    def _notify_admitted(
        self, notifier: Notifier, policies: tuple[bytes, ...], context: RequestContext
    ) -> None:
        consent = context.consent
        key = hash((policies, consent.allowed))
        if key in self._notified:
            return
        self._notified.remember(key, None)
        for service, refused in admitted(self._sources, policies, consent.allowed).items():
            verdict = Verdict(
                allowed=False,
                action="keep",
                header=None,
                name=service,
                category=category_of(refused),
                reason=self._judge.reason_against(refused, consent),
                notes=(Reason.CSP_ADMITS,),
            )
            notifier.notify(verdict, context)


def admitted(
    sources: Iterable[Source], policies: Sequence[bytes], allowed: frozenset[str]
) -> dict[str, str]:
    """
    Return the services that policies admit after editing, although they are not allowed.

    Args:
        sources: The sources of the registry's services.
        policies: Values of Content-Security-Policy headers.
        allowed: The ids that are allowed.

    Returns:
        By service, an id that it needs and that is not allowed.
    """
    refused = [source for source in sources if not source.needs <= allowed]
    edited = [edit(policy, {source.text for source in refused}) for policy in policies]
    return {
        service: min(needs - allowed)
        for source in refused
        if admits(edited, source.text)
        for service, needs in source.services
        if not needs <= allowed
    }


def _is_policy(name: bytes, value: bytes) -> bool:
    # What is not bytes, no server can write: it is no policy, and no obstacle to the others.
    return type(name) is type(value) is bytes and name.strip().lower() in (
        b"content-security-policy",
        _REPORT_ONLY,
    )


def _is_page(headers: list[Header], status: int | None) -> bool:
    values = [
        value
        for name, value in headers
        if type(name) is type(value) is bytes and name.strip().lower() == b"content-type"
    ]
    if status in _NOT_SHOWN:
        return False
    # Where the status is not known, a response without a type may be a redirect.
    return any(
        one.partition(b";")[0].strip().lower() in _PAGES
        for value in values or ([] if status is None else [b""])
        for one in value.split(b",")
    )


def _bare(value: bytes) -> bytes:
    return _NONCE.sub(_PLACEHOLDER, value)
