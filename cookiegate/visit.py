"""One request, as the application sees it: what the visitor allows and chooses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from .consent.choice import Choice, Presentation, choice_of, joined, made_by, still_held
from .consent.model import Consent
from .enforcement.context import RequestContext
from .http.cache_control import Header
from .registry import Registry

__all__ = ["ENVIRON_KEY", "PAGES_KEY", "SCOPE_KEY", "Visit"]

#: Where applications find the visit in an ASGI scope.
SCOPE_KEY: Final = "cookiegate"
#: Where they find it in a WSGI environ. PEP 3333: a server's own keys have a dot, and may then
#: hold an object of any type.
ENVIRON_KEY: Final = "cookiegate.visit"
#: Where the banner's tag finds the pages, in a scope and in an environ.
PAGES_KEY: Final = "cookiegate.pages"


class Visit(msgspec.Struct, frozen=True):
    """
    One request. Nothing of it is read until somebody asks.

    Applications find it at `scope["cookiegate"]` or `environ["cookiegate.visit"]`, and do not make
    it. The last choice before the headers leave governs the whole response.
    """

    #: For middleware and pages: the request and the response to it.
    context: RequestContext

    def __repr__(self) -> str:
        # Without the request: a cookie has no place in a log.
        return f"<Visit {'in progress' if self.context.is_in_progress else 'ended'}>"

    @property
    def consent(self) -> Consent:
        """What the visitor allows now; a choice made in this request counts at once."""
        self.context.is_asked = True
        return self.context.consent

    def allows(self, category: str) -> bool:
        """
        Return whether cookies of a category may be set.

        Raises:
            ValueError: The registry has no such category. The text suggests one it has.
        """
        return self.consent.allows(category)

    def enforces(self, category: str) -> bool:
        """Return whether a category's cookies are held back, and not only reported."""
        return self.context.pipeline.judge.is_enforced(category)

    @property
    def should_ask(self) -> bool:
        """
        Whether to show the banner.

        Not when a choice is in force, not when a new version of the registry meets somebody who
        refused everything, not when a signal leaves nothing to ask, and not on a request that
        another site made, where a missing consent cookie means nothing.
        """
        consent = self.consent
        if consent.status == "given":
            return False
        if consent.status == "outdated" and not consent.previous:
            return False
        if consent.status == "missing" and self.context.facts.is_cross_site:
            return False
        return not self.grantable.isdisjoint(self.registry.offered)

    @property
    def grantable(self) -> frozenset[str]:
        """The categories that would be allowed if the visitor granted everything now."""
        self.context.is_asked = True
        return self.context.pipeline.terms.grantable(self.context.facts.signals)

    @property
    def registry(self) -> Registry:
        """The registry that this request is judged by, even if the gate gets another meanwhile."""
        return self.context.pipeline.registry

    @property
    def choice(self) -> Choice | None:
        """The choice made in this request, if it changes what is in force."""
        return self.context.choice

    def choose(
        self,
        categories: Iterable[str],
        *,
        evidence: str | None = None,
        presentation: Presentation | None = None,
    ) -> None:
        """
        Replace what was chosen by these categories. Required ones need not be named.

        A choice equal to the one in force changes nothing.

        Args:
            categories: Ids.
            evidence: What a choice by code rests on: "paper form 4711".
            presentation: What the visitor was shown, where the site asks with a page of its own.

        Raises:
            ValueError: The registry has no such category. The text suggests one it has.
            TooLateError: The response's headers have left.
        """
        self._decide(self.registry.check_ids(categories), evidence, presentation)

    def grant(self, categories: Iterable[str], *, evidence: str | None = None) -> None:
        """
        Add these categories to what was granted; for `evidence` see `choose`.

        Raises:
            ValueError: The registry has no such category. The text suggests one it has.
            TooLateError: The response's headers have left.
        """
        added = self.registry.check_ids(categories)
        self.context.check_open()
        if added:
            held = still_held(self.context.consent, self.context.pipeline.terms)
            self._decide(held | added, joined(self.context.choice, evidence))

    def withdraw(self, categories: Iterable[str] | None = None) -> None:
        """
        Take these categories away, or everything that is not required, and record the refusal.

        Raises:
            ValueError: The registry has no such category, or it is required, so that there is
                nothing to withdraw.
            TooLateError: The response's headers have left.
        """
        if categories is None:
            self._decide(frozenset())
            return
        taken = self.registry.check_ids(categories)
        if required := taken & self.registry.required:
            raise ValueError(
                f"cannot withdraw {sorted(required)}: required categories are not a matter of "
                "consent; name optional ones only"
            )
        left = still_held(self.context.consent, self.context.pipeline.terms) - taken
        self._decide(left, *made_by(self.context.choice))

    def respond(self, headers: Iterable[tuple[bytes, bytes]]) -> list[Header]:
        """
        Return the response's headers as they leave. Choices are too late afterwards.

        Args:
            headers: Those that the application sends.
        """
        return self.context.pipeline.respond(headers, self.context)

    def _decide(
        self,
        granted: frozenset[str],
        evidence: str | None = None,
        presentation: Presentation | None = None,
    ) -> None:
        context = self.context
        context.check_open()
        context.is_asked = context.has_decided = True
        context.choice = None
        context.choice = choice_of(
            granted,
            context.consent,
            terms=context.pipeline.terms,
            signals=context.facts.signals,
            now=context.now,
            new_id=context.gate.new_id,
            evidence=evidence,
            presentation=presentation,
            address=None if context.recorder is None else context.address(),
        )
