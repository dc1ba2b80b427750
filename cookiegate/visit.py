"""One request, as the application sees it: what the visitor allows, and what the visitor chose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import msgspec

from .consent.choice import (
    Choice,
    Presentation,
    TooLateError,
    choice_of,
    joined,
    made_by,
    reduced,
    still_held,
)
from .consent.model import Consent
from .enforcement.pipeline import GateProtocol, Snapshot
from .enforcement.request_filter import visible
from .enforcement.sweep import MOST_COOKIES, Swept, free_slots
from .http.cache_control import Header
from .http.headers import FOR_CACHES, FOR_POLICIES, OTHER
from .http.request import Reader, RequestFacts
from .registry import Registry

__all__ = ["Visit"]


class Visit(msgspec.Struct, eq=False):
    """
    One request. Nothing of it is read until somebody asks.

    Applications find it at `scope["cookiegate"]` or `environ["cookiegate"]`, and do not make it.
    """

    # A Struct, since each request makes one: its constructor is C. `_reader` reads `_source`, in
    # whatever form a door has the request.

    #: The gate whose visit this is; two doors of one gate know each other by it.
    gate: GateProtocol
    _snapshot: Snapshot
    _reader: Reader
    _source: Any
    _facts: RequestFacts | None = None
    _before: Consent | None = None
    _choice: Choice | None = None
    _asked: bool = False
    _decided: bool = False
    _responded: bool = False
    _own: tuple[bytes, ...] = ()
    #: Whether there is something to sweep; None until that is looked at.
    _sweeps: bool | None = None
    #: What `sweep` expires; None where it was not called.
    _swept: tuple[bytes, ...] | None = None
    #: Whether the application is done with the request; a door says so.
    has_ended: bool = False
    #: Whether a recorder keeps proof of what is chosen; a door says so.
    is_recorded: bool = False
    #: Gives the template of the route that answers ("/users/<id>", never a path) to whoever
    #: listens to verdicts; set by what knows the framework.
    find_route: Callable[[], str | None] | None = None

    def __repr__(self) -> str:
        # Without the request: a cookie has no place in a log.
        return f"<Visit {'under way' if self.is_under_way else 'that has ended'}>"

    @property
    def consent(self) -> Consent:
        """What the visitor allows now; a choice made in this request counts at once."""
        self._asked = True
        return self._consent()

    def allows(self, category: str) -> bool:
        """
        Whether cookies of a category may be set.

        Raises:
            ValueError: The registry has no such category. The text suggests one it has.
        """
        return self.consent.allows(category)

    def enforces(self, category: str) -> bool:
        """Whether a category's cookies are held back in earnest, and not only reported."""
        return self._snapshot.judge.is_enforced(category)

    @property
    def may_remove(self) -> bool:
        """Whether `[policy] sweep` lets anything be removed from this visitor's browser."""
        if self._snapshot.registry.policy.sweep in ("off", "report"):
            return False
        return self._snapshot.sweeper.may_remove(self.consent)

    @property
    def has_several_choices(self) -> bool:
        """
        Whether the browser sends several consent cookies, so that only what all grant holds.

        That happens where consent was shared over subdomains, or is now. The next choice removes
        what is left of the old ones.
        """
        self._asked = True
        return self._snapshot.consent_cookie.count(self._request.cookies) > 1

    @property
    def should_ask(self) -> bool:
        """
        Whether the visitor is to be asked.

        Not when a choice is in force, not when a new version of the registry meets somebody who
        refused everything, not when a signal leaves nothing to ask, and not on a request that
        another site made, where a missing consent cookie means nothing.
        """
        consent = self.consent
        if consent.status == "given":
            return False
        if consent.status == "outdated" and not consent.previous:
            return False
        if consent.status == "missing" and self._request.is_cross_site:
            return False
        return not self.grantable.isdisjoint(self._snapshot.registry.offered)

    @property
    def grantable(self) -> frozenset[str]:
        """The categories that would hold if the visitor granted everything now."""
        self._asked = True
        return self._snapshot.terms.grantable(self._request.signals)

    @property
    def registry(self) -> Registry:
        """The registry that this request is judged by, whatever takes its place meanwhile."""
        return self._snapshot.registry

    @property
    def is_enforced(self) -> bool:
        """Whether choices have an effect: not on a site that only reports."""
        return self._snapshot.changes_responses

    def choose(
        self,
        categories: Iterable[str],
        *,
        evidence: str | None = None,
        presentation: Presentation | None = None,
    ) -> None:
        """
        Put these categories in the place of whatever was chosen; required ones need not be named.

        A choice equal to the one in force changes nothing.

        Args:
            categories: Ids.
            evidence: What a choice by code rests on: "paper form 4711".
            shown: What the visitor was shown, where the site asks with a page of its own.

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
        if added or self._responded:
            held = still_held(self._consent(), self._snapshot.terms)
            self._decide(held | added, joined(self._choice, evidence))

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
        if required := taken & self._snapshot.registry.required:
            raise ValueError(
                f"cannot withdraw {sorted(required)}: required categories are not a matter of "
                "consent; name optional ones only"
            )
        left = still_held(self._consent(), self._snapshot.terms) - taken
        self._decide(left, *made_by(self._choice))

    def set_own(self, cookie: str) -> None:
        """
        Let a cookie of Cookiegate's own leave with the response, past the registry.

        Args:
            cookie: The Set-Cookie value.

        Raises:
            TooLateError: The response's headers have left.
        """
        if self._responded:
            raise TooLateError("the response's headers have left; set the cookie before it starts")
        self._own = (*self._own, cookie.encode("latin-1"))

    def sweep(self) -> tuple[str, ...]:
        """
        Expire what the browser sends and the visitor does not allow, with this very response.

        For the answer to a choice; on pages that are opened later it happens by itself.

        Returns:
            The names of the cookies that are expired.

        Raises:
            TooLateError: The response's headers have left.
        """
        if self._responded:
            raise TooLateError("the response's headers have left; sweep before it starts")
        self._asked = True
        swept = self._plan_sweep(in_earnest=True)
        self._swept = swept.cookies
        return swept.names

    def visible_cookies(self) -> tuple[bytes, ...] | None:
        """
        The request's Cookie headers as the application is to see them; None for as they are.

        A header of which nothing is left is b"". Where cookies are hidden, every response to a
        request that brings some depends on the visitor.
        """
        snapshot = self._snapshot
        try:
            if not (snapshot.hides and self._request.cookies):
                return None
            self._asked = True
            return visible(self._request, self._consent(), snapshot.sent)
        except Exception as error:
            # Nothing is hidden; the request is answered.
            snapshot.on_error(error)
            return None

    @property
    def choice(self) -> Choice | None:
        """The choice made in this request, if it changes what is in force."""
        return self._choice

    def drop_choice(self, *, but_reductions: bool = False) -> None:
        """Forget the choice made in this request, or all of it but what it takes back."""
        choice, self._choice, self._swept = self._choice, None, None
        if but_reductions and choice is not None:
            self._choice = reduced(choice, self._snapshot.terms, self.gate.new_id)

    @property
    def is_under_way(self) -> bool:
        """Whether the response's headers are still to leave, and the application still at work."""
        return not (self._responded or self.has_ended)

    def close(self) -> bool:
        """
        Let no choice be made from now on, and say whether the response is nobody's in particular.

        True when nothing was asked and nothing chosen: a response without Set-Cookie then leaves
        as it is.
        """
        self._responded = True
        return not (self._asked or self._own or self._is_watched())

    def respond(self, headers: Iterable[tuple[bytes, bytes]]) -> list[Header]:
        """
        The response's headers as they leave. Choices come too late afterwards.

        Args:
            headers: Those the application sends.
        """
        self._responded = True
        if type(headers) is not list:
            headers = list(headers)
        if not (self._asked or self._own or self._is_watched()):
            # Most responses end here. New pairs in a list of our own: the application's could be
            # lists, and it could still change them.
            own: list[Header] = []
            other, for_caches = OTHER, FOR_CACHES
            try:
                for name, value in headers:
                    if (
                        name not in other
                        and name not in for_caches
                        and (name not in FOR_POLICIES or self._snapshot.edits_policies)
                    ):
                        break
                    own.append((name, value))
                else:
                    return own
            except (TypeError, ValueError):  # a name that has no hash, so is not bytes
                pass
        choice, own_cookies = self._choice, self._own
        if choice is not None:
            cookie, request = self._snapshot.consent_cookie, self._request
            own_cookies += cookie.dump_choice(
                choice.record, request.cookies, request.host, replaces=choice.replaces
            )
        is_swept = self._swept is not None or (self._snapshot.sweeps and self._is_swept())
        left = self._snapshot.respond(
            headers,
            self._consent,
            host=lambda: self._request.host,
            now=self.gate.clock,
            route=self._route,
            asked=self._asked,
            superseded=self._decided,
            own_cookies=own_cookies,
            sweep=partial(self._sweep_beside, own_cookies) if is_swept else None,
        )
        if choice is not None and self._snapshot.clears_storage and choice.takes_back:
            # Never "cookies": that would erase the refusal itself, and log people out of hosts
            # beside this one.
            left.append((b"clear-site-data", b'"storage"'))
        return left

    @property
    def _request(self) -> RequestFacts:
        if self._facts is None:
            self._facts = self._reader.read(self._source)
            if self._facts.signals and self.gate.on_signal is not None:
                try:
                    self.gate.on_signal(self, self._facts.signals)
                except Exception as error:
                    self._snapshot.on_error(error)
        return self._facts

    def _is_watched(self) -> bool:
        # Whether the response may change though it sets no cookie and nobody asked.
        snapshot = self._snapshot
        if self.gate.on_signal is not None:
            # Somebody wants to be told of signals, and perhaps nobody has read the request yet.
            try:
                self._facts = self._request
            except Exception as error:
                snapshot.on_error(error)
        if snapshot.sweeps and self._reader.may_open_page(self._source) and self._is_swept():
            return True
        return snapshot.adds_policies

    def _is_swept(self) -> bool:
        if self._sweeps is None:
            self._sweeps = False
            try:
                facts = self._request
                if facts.is_page_load:
                    self._sweeps = self._snapshot.sweeper.is_wanted(facts, self._consent())
            except Exception as error:
                # Nothing is swept; the response is delivered.
                self._snapshot.on_error(error)
        return self._sweeps

    def _sweep_beside(self, own: Sequence[bytes], left: list[Header]) -> tuple[bytes, ...]:
        room = free_slots(len(left) + len(own))
        if self._swept is not None:
            return self._swept[:room]
        return self._plan_sweep(left, room=room).cookies

    def _plan_sweep(
        self, left: Sequence[Header] = (), *, room: int = MOST_COOKIES, in_earnest: bool = False
    ) -> Swept:
        return self._snapshot.sweeper.sweep(
            self._request,
            self._consent(),
            path=self._reader.path(self._source),
            left=left,
            room=room,
            now=self.gate.clock(),
            route=self._route,
            in_earnest=in_earnest,
        )

    def _consent(self) -> Consent:
        if self._choice is not None:
            return self._choice.after
        if self._before is None:
            self._before = self._snapshot.consent_cookie.read(self._request, self.gate.clock())
        return self._before

    def _route(self) -> str | None:
        return None if self.find_route is None else self.find_route()

    def _decide(
        self,
        granted: frozenset[str],
        evidence: str | None = None,
        presentation: Presentation | None = None,
    ) -> None:
        if self._responded:
            raise TooLateError(
                "the response's headers have left; make the choice before the response starts"
            )
        self._asked = self._decided = True
        self._choice = None
        self._choice = choice_of(
            granted,
            self._consent(),
            terms=self._snapshot.terms,
            sent=self._request.signals,
            now=self.gate.clock(),
            new_id=self.gate.new_id,
            evidence=evidence,
            presentation=presentation,
            address=self._reader.address(self._source) if self.is_recorded else None,
        )
