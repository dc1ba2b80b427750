"""One request, as the application sees it: what the visitor allows and chooses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

import msgspec

from .consent.choice import (
    Choice,
    Presentation,
    TooLateError,
    carried_grants,
    inherit_evidence,
    join_evidence,
    make_choice,
)
from .consent.model import Consent
from .enforcement.context import RequestContext
from .http.cache_control import Header
from .registry import Registry
from .registry.part_ids import category_of

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
    One request, as the application sees it. Nothing of it is read before the first question.

    Applications find it at `scope["cookiegate"]` or `environ["cookiegate.visit"]`. The last choice
    before the response's headers leave decides about the whole response.
    """

    #: For middleware and pages: the request and the response to it.
    context: RequestContext

    def __repr__(self) -> str:
        # Without the request: a cookie must not get into a log.
        return f"<Visit {'in progress' if self.context.is_in_progress else 'ended'}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        # Applications copy scopes: there is one response, and one visit for it.
        return self

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        # Pickled, it is None: another process has no response to decide about.
        return type(None), ()

    @property
    def consent(self) -> Consent:
        """What the visitor allows now; a choice made in this request counts at once."""
        self.context.mark_asked()
        return self.context.consent

    def allows(self, category: str) -> bool:
        """
        Return whether all cookies of a category may be set.

        Args:
            category: The category's id, or that of a service in it (`category:service`).

        Raises:
            ValueError: The registry has no such category. The message suggests one that it has.
        """
        return self.consent.allows(category)

    def allows_service(self, service: str) -> bool:
        """
        Return whether all cookies of a service may be set, in whatever categories they are.

        Args:
            service: The service's id.

        Raises:
            ValueError: The registry has no such service. The message suggests one that it has.
        """
        return self.consent.allows_service(service)

    def enforces(self, category: str) -> bool:
        """Return whether a category is enforced, and not only reported."""
        return self.context.pipeline.judge.is_enforced(category_of(category))

    @property
    def should_ask(self) -> bool:
        """
        Whether to show the banner.

        It is not shown if a choice is in force, if an outdated choice refused everything, if the
        signals leave nothing to ask, or if another site made the request, where a missing consent
        cookie means nothing.
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
    def cache_key(self) -> str:
        """
        A short text for the key of a cache inside the application.

        It stands for all that a page may depend on: what is allowed, whether to ask, the signals
        and the registry. It is the same for all visitors in the same state. A banner's language is
        not in it.
        """
        self.context.mark_asked()
        return self.context.state.decode()

    def vary(self) -> None:
        """
        Announce that the response depends on the visitor, before it starts.

        A streamed response must, if only its body asks: its headers leave first.

        Raises:
            TooLateError: The response's headers have left.
        """
        if self.context.has_started:
            raise TooLateError("the response's headers have left; call vary() before it starts")
        self.context.mark_asked()

    @property
    def grantable(self) -> frozenset[str]:
        """The categories that would be allowed if the visitor granted everything now."""
        self.context.mark_asked()
        return self.context.pipeline.terms.grantable(self.context.facts.signals)

    @property
    def registry(self) -> Registry:
        """The registry for this request, even if the gate's registry is replaced meanwhile."""
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
        Replace the visitor's choice by these categories, or services of categories.

        A choice equal to the one in force changes nothing, unless the browser sends several.

        Args:
            categories: Ids; required ones may be left out. If visitors choose by service
                (`[site] granularity`), also `category:service`, and `category:-` for what the site
                itself sets. A category's own id stands for all of its services.
            evidence: What a choice by code rests on, such as "paper form 4711".
            presentation: What the visitor saw, if the site asks with its own page.

        Raises:
            ValueError: The registry has no such category (the message suggests one that it has), or
                the evidence has more than 4,096 bytes.
            TooLateError: The response's headers have left, or the choice is being recorded.
        """
        self._decide(self.registry.check_ids(categories), evidence, presentation)

    def grant(self, categories: Iterable[str], *, evidence: str | None = None) -> None:
        """
        Add categories, or services of categories, to those that the visitor granted.

        Args:
            categories: Ids; see `choose`.
            evidence: What a choice by code rests on; see `choose`.

        Raises:
            ValueError: The registry has no such category (the message suggests one that it has), or
                the evidence has more than 4,096 bytes, joined with that of an earlier grant.
            TooLateError: See `choose`.
        """
        added = self.registry.check_ids(categories)
        self.context.check_open()
        if added:
            carried = carried_grants(self.context.consent, self.context.pipeline.terms)
            self._decide(carried | added, join_evidence(self.context.choice, evidence))

    def withdraw(self, categories: Iterable[str] | None = None) -> None:
        """
        Take grants back, and record that as the visitor's choice (GDPR, article 7(3)).

        Args:
            categories: Ids; see `choose`. None for every category that is not required.

        Raises:
            ValueError: The registry has no such category, or the category is required.
            TooLateError: The response's headers have left.
        """
        if categories is None:
            self._decide(frozenset())
            return
        withdrawn = self.registry.check_ids(categories)
        if required := withdrawn & self.registry.required:
            raise ValueError(
                f"cannot withdraw {sorted(required)}: required categories are not a matter of "
                "consent; name optional ones only"
            )
        terms = self.context.pipeline.terms
        remaining = terms.without(carried_grants(self.context.consent, terms), withdrawn)
        self._decide(remaining, *inherit_evidence(self.context.choice))

    def respond(self, headers: Iterable[tuple[bytes, bytes]]) -> list[Header]:
        """
        Return the response's headers as they leave. No choice can be made afterwards.

        Args:
            headers: The headers that the application sends.
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
        receipt_id = context.receipt_id
        context.store(
            make_choice(
                granted,
                context.consent_before,
                terms=context.pipeline.terms,
                signals=context.facts.signals,
                now=context.now,
                new_id=context.gate.new_id if receipt_id is None else lambda: receipt_id,
                evidence=evidence,
                presentation=presentation,
                address=None if context.recorder is None else context.address(),
                replaces_several=context.has_several_choices,
            )
        )
