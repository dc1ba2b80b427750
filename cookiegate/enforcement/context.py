"""One request, as the gate sees it: read on first use, and shared by all parts that answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from cookiegate.consent.choice import Choice, TooLateError, remainder
from cookiegate.consent.model import Consent
from cookiegate.consent.recording import AsyncRecorder, Recorder
from cookiegate.http.cache_control import Header
from cookiegate.http.cookie_header import MOST_PAIRS, cookie_pairs
from cookiegate.http.request import RequestFacts
from cookiegate.http.signals import NO_SIGNALS, Signal
from cookiegate.http.validators import restore
from cookiegate.registry import Entry

from .asked_late import AskedTooLateError
from .page_state import state_of

if TYPE_CHECKING:
    from .pipeline import Pipeline
    from .sweep import Swept

__all__ = ["NOT_MODIFIED", "GateProtocol", "RequestContext"]

#: The status of a response that lets the browser keep what it has.
NOT_MODIFIED: Final = 304
# How many routes or paths are reported at most, whatever visitors make up.
_MAX_ROUTES: Final = 256

# Held while a thread stores a choice, which takes no time. One for all requests: choices are rare,
# and a lock of its own would cost every request.
_STORING: Final = Lock()


class GateProtocol(Protocol):
    """The part of a gate that a request uses."""

    @property
    def pipeline(self) -> Pipeline: ...
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
    def notify_signals(self, context: RequestContext, signals: frozenset[Signal]) -> None: ...
    def report_error(
        self, error: Exception, default: Callable[[Exception], None] | None = None
    ) -> None: ...


class RequestContext(msgspec.Struct, eq=False):
    """
    One request and the response to it.

    An adapter makes one for each request, in a subclass that reads the adapter's form of a request.
    The middleware, the pages and the pipeline share it; applications get the `Visit`.

    Args:
        gate: The gate that answers.
        pipeline: The gate's pipeline when the request began; the request keeps it.
        source: The request in the adapter's form.
    """

    # A Struct, whose constructor is written in C: each request makes one.

    gate: GateProtocol
    pipeline: Pipeline
    source: Any
    #: Called with each failure if the gate has no `on_error`: the adapter's log.
    default_on_error: Callable[[Exception], None] | None = None
    #: Keeps proof of choices; None for none.
    recorder: Recorder | AsyncRecorder | None = None
    #: Returns the template of the route that answers ("/users/<id>", never a path). A framework's
    #: integration sets it.
    find_route: Callable[[], str | None] | None = None
    #: The choice made in this request, if it changes what is in force.
    choice: Choice | None = None
    #: Whether the application made a choice, even one that changes nothing.
    has_decided: bool = False
    #: Whether the application asked for the consent, so that the response may depend on it.
    is_asked: bool = False
    #: Whether the response's headers have left.
    has_started: bool = False
    #: Whether the application is done with the request.
    has_ended: bool = False
    #: Whether the banner was rendered for this response.
    has_banner: bool = False
    #: The state that a tag in the conditions fitted; b"" for none.
    restored_state: bytes = b""
    #: The response's status code, which an adapter sets before the response starts; None for a
    #: WebSocket's handshake, or if it is not known.
    status: int | None = None
    #: The id of the receipt of this request's choice; None for a new one.
    receipt_id: str | None = None
    #: Cookies of Cookiegate that leave with the response without being judged.
    own_cookies: tuple[bytes, ...] = ()
    #: The deletions that `sweep` has planned; None if it was not called.
    planned_sweep: Swept | None = None
    _facts: RequestFacts | None = None
    _cookies: tuple[bytes, ...] | None = None
    _cookie_pairs: list[tuple[bytes, bytes]] | None = None
    _consent: Consent | None = None
    _now: float | None = None
    _needs_sweep: bool | None = None
    _committed: Choice | None = None
    _is_closed: bool = False

    def __repr__(self) -> str:
        # Without the request: a cookie must not get into a log.
        return f"<{type(self).__name__} {'in progress' if self.is_in_progress else 'ended'}>"

    if TYPE_CHECKING:
        # A subclass defines these for its form of a request.

        def read_facts(self) -> RequestFacts:
            """Read the request."""

        def may_open_page(self) -> bool:
            """Return False only if the request certainly opens no page; this must be fast."""

        def plain_cookies(self) -> tuple[bytes, ...] | None:
            """
            Return the Cookie headers of a request without signals, read without all other facts.

            Returns:
                None if the facts must be read. Else, `may_open_page` is right about the request.
            """

        def path(self) -> bytes:
            """Return the path that the browser asked for, as a URL has it, without the query."""

        def address(self) -> str | None:
            """Return the address of the client; None if the server does not say."""

    # Read on first use.

    @property
    def facts(self) -> RequestFacts:
        """The request's headers, as far as the gate looks at them."""
        return self._facts or self._read()

    @property
    def cookies(self) -> tuple[bytes, ...]:
        """The request's Cookie headers."""
        return self._read_cookies() if self._cookies is None else self._cookies

    @property
    def cookie_pairs(self) -> list[tuple[bytes, bytes]]:
        """Names and values of the cookies that the browser sends, in the order sent."""
        if self._cookie_pairs is None:
            self._cookie_pairs = cookie_pairs(self.cookies, limit=MOST_PAIRS)
        return self._cookie_pairs

    @property
    def consent(self) -> Consent:
        """What the visitor allows; a choice made in this request counts at once."""
        choice = self.choice
        if choice is not None:
            return choice.after
        return self._consent or self._read_consent()

    @property
    def consent_before(self) -> Consent:
        """What the visitor allowed when the request came."""
        return self._consent or self._read_consent()

    @property
    def host(self) -> str | bytes | None:
        """The request's host."""
        return self.facts.host

    @property
    def now(self) -> float:
        """Unix seconds."""
        return self.gate.clock() if self._now is None else self._now

    @property
    def route(self) -> str | None:
        """The template of the route that answers; None without a framework."""
        return None if self.find_route is None else self.find_route()

    @property
    def is_recorded(self) -> bool:
        """Whether a recorder keeps proof of choices."""
        return self.recorder is not None

    @property
    def is_in_progress(self) -> bool:
        """Whether neither the response has started nor the application has ended."""
        return not (self.has_started or self.has_ended)

    @property
    def has_several_choices(self) -> bool:
        """
        Whether the browser sends several consent cookies; then only what all of them grant holds.

        That happens if consent is, or was, shared over subdomains. The next choice deletes the
        other copies.
        """
        self.mark_asked()
        return self.pipeline.consent_cookie.count(self.cookies) > 1

    @property
    def may_remove(self) -> bool:
        """Whether `[policy] sweep` permits deleting cookies in this visitor's browser."""
        if self.pipeline.registry.policy.sweep in ("off", "report"):
            return False
        self.mark_asked()
        return self.pipeline.sweeper.may_remove(self.consent)

    # Caches.

    def mark_asked(self) -> None:
        """
        Note that the response depends on the visitor.

        If its headers have left and more of it may follow, caches could not be informed any more:
        that is reported once for each route (`AskedTooLateError`).
        """
        if self.has_started and not (self.is_asked or self.has_ended):
            self._report_asked_late()
        self.is_asked = True

    def may_be_stored(self) -> bool:
        """Return whether caches may store a response to this request."""
        return self.facts.method in ("GET", "HEAD")

    def _report_asked_late(self) -> None:
        try:
            pipeline = self.pipeline
            if not (pipeline.changes_responses and self.may_be_stored()):
                return
            route = self.route
            # A path is never reported.
            key = hash(self.path() if route is None else route)
            known = pipeline.asked_late
            if key not in known and len(known) < _MAX_ROUTES:
                known.add(key)
                self.report_error(AskedTooLateError(route))
        except Exception as error:
            self.report_error(error)

    @property
    def state(self) -> bytes:
        """
        A digest of all that a page may depend on: what is allowed, whether to ask, the signals and
        the registry. It is the same for all visitors in that state.
        """
        consent = self.consent
        is_foreign = consent.status == "missing" and self.facts.is_cross_site
        return state_of(
            self.pipeline.digest,
            consent.status,
            is_foreign,
            consent.signals,
            consent.granted,
            consent.allowed,
            consent.previous,
        )

    def restore(self, headers: Iterable[Header]) -> list[Header]:
        """
        Return a request's headers with the application's own entity tags, for the application.

        An adapter calls this if `is_ours` says so of a condition (`cookiegate.http.validators`).

        Args:
            headers: The request's headers, or its conditions alone.
        """
        state, is_read = b"", True
        try:
            is_read = self.facts.method in ("GET", "HEAD")
            state = self.state
        except Exception as error:
            # No tag fits, so the application answers in full.
            self.report_error(error)
        restored, fits = restore(headers, state, is_read=is_read)
        if fits:
            self.restored_state = state
        return restored

    def tag_state(self) -> bytes | None:
        """
        What the response's validators get (`keep_private`).

        A 304 is about the page that the browser has. If the request's tags had no suffix, nobody
        knows which state that page shows.
        """
        if self.status == NOT_MODIFIED:
            return self.restored_state
        try:
            return self.state
        except Exception as error:
            self.report_error(error)
            return None

    # The response.

    def set_cookie(self, cookie: str) -> None:
        """
        Set one of Cookiegate's cookies with the response, without judging it.

        Args:
            cookie: The Set-Cookie value.

        Raises:
            TooLateError: The response's headers have left.
        """
        if self.has_started:
            raise TooLateError("the response's headers have left; set the cookie before it starts")
        self.own_cookies = (*self.own_cookies, cookie.encode("latin-1"))

    def sweep(self) -> tuple[str, ...]:
        """
        Delete cookies that the browser sends and the visitor does not allow, with this response.

        The response to a choice does so. With pages that are opened later, it happens by itself.
        Deletions for which the response has no room leave with later pages. `planned_sweep` has the
        names of the cookies that no response can delete.

        Returns:
            The names of the cookies whose deletion the response asks for. Whether they are gone,
            only the next request shows.

        Raises:
            TooLateError: The response's headers have left.
        """
        if self.has_started:
            raise TooLateError("the response's headers have left; sweep before it starts")
        self.mark_asked()
        self.planned_sweep = self.pipeline.plan_sweep(self)
        return self.planned_sweep.names

    def still_sent(self) -> tuple[str, ...]:
        """
        Return the names of the cookies that the browser sends although the visitor refused them.

        They are none where `[policy] sweep` does not permit deleting them.
        """
        if not self.may_remove:
            return ()
        refused = self.pipeline.request_judge.refused(self)
        names = [name for name, _, verdict in refused if verdict.action == "sweep"]
        return tuple(dict.fromkeys(name.decode("utf-8", "replace") for name in names))

    def needs_sweep(self, *, may_open_page: bool = False) -> bool:
        """
        Return whether this request opens a page and brings cookies to sweep.

        Args:
            may_open_page: Whether the caller has asked `may_open_page`, and it was so.
        """
        if self._needs_sweep is None:
            self._needs_sweep = False
            try:
                if self._is_page_load(may_open_page):
                    self._needs_sweep = self.pipeline.sweeper.is_wanted(self)
            except Exception as error:
                # Nothing is swept; the response is delivered.
                self.report_error(error)
        return self._needs_sweep

    def start(self) -> bool:
        """Mark the response as started. Return True if it does not depend on the visitor."""
        self.has_started = True
        if self.restored_state and self.status == NOT_MODIFIED:
            # The browser keeps a page that depends on the visitor, whatever this view has asked.
            self.is_asked = True
        if self.is_asked or self.own_cookies:
            self._await_storing()
            return False
        pipeline = self.pipeline
        if self.gate.on_signal is not None and self._facts is None:
            # The callback needs the signals, also if the application has read nothing.
            try:
                self._read()
            except Exception as error:
                self.report_error(error)
        if pipeline.sweeps and self.may_open_page() and self.needs_sweep(may_open_page=True):
            return False
        return not pipeline.adds_policies

    # Choices.

    def check_open(self) -> None:
        """
        Check that a choice can still take effect.

        Raises:
            TooLateError: The response's headers have left, or the choice is being recorded.
        """
        if self.has_started or self._is_closed:
            raise TooLateError(
                "the response's headers have left; make the choice before the response starts"
            )

    def store(self, choice: Choice | None) -> None:
        """
        Store the choice made in this request, in place of an earlier one.

        Args:
            choice: The choice; None if it changes nothing.

        Raises:
            TooLateError: See `check_open`. It may have become too late while the choice was made,
                if another thread answers the request.
        """
        # First: whoever closes the context then waits for the lock.
        self.is_asked = self.has_decided = True
        with _STORING:
            self.check_open()
            self.choice = choice

    def close(self) -> bool:
        """
        Take no more choices, of another task or thread either: they would reach no recorder.

        Returns:
            Whether a choice has to be committed first.
        """
        self._is_closed = True
        self._await_storing()
        return self.needs_commit

    def _await_storing(self) -> None:
        # Another thread that found the context open may still be storing its choice.
        if self.has_decided:
            with _STORING:
                pass

    @property
    def needs_commit(self) -> bool:
        """Whether a choice was made that was not handed to the recorder yet."""
        choice = self.choice
        return choice is not None and self.recorder is not None and choice is not self._committed

    def commit(self) -> None:
        """
        Hand the choice to the recorder before it takes effect. If that fails, it takes no effect.

        Raises:
            NotKeptError: No proof can be kept. `choice` is then the part that takes something
                back, which takes effect all the same (GDPR, article 7(3)).
        """
        if self.needs_commit and self.close():
            choice, recorder = self._begin_commit()
            try:
                recorder.commit(choice)
            except BaseException as error:
                self._keep_remainder(choice, error)
                self.commit()
                # An application that handles the error may choose again; that is recorded, too.
                self._is_closed = False
                raise

    async def commit_async(self) -> None:
        """Hand the choice to an `AsyncRecorder`; see `commit`."""
        if self.needs_commit and self.close():
            choice, recorder = self._begin_commit()
            try:
                await recorder.commit(choice)
            except BaseException as error:
                self._keep_remainder(choice, error)
                await self.commit_async()
                raise

    def _begin_commit(self) -> tuple[Choice, Any]:
        choice = self._committed = self.choice
        assert choice is not None
        return choice, self.recorder

    def _keep_remainder(self, choice: Choice, error: BaseException) -> None:
        self.choice = remainder(choice, error, self.pipeline.terms, self.gate.new_id)
        self.planned_sweep = None

    # Failures and notifications.

    def report_error(self, error: Exception) -> None:
        """Count a failure, and hand it to the gate's `on_error` or else to the adapter's log."""
        self.gate.report_error(error, self.default_on_error)

    def _read_consent(self) -> Consent:
        cookies = self._read_cookies() if self._cookies is None else self._cookies
        signals = NO_SIGNALS if self._facts is None else self._facts.signals
        now = self.gate.clock() if self._now is None else self._now
        consent = self._consent = self.pipeline.consent_cookie.read(cookies, signals, now)
        return consent

    def _read_cookies(self) -> tuple[bytes, ...]:
        # Most requests send no signals: then nothing else is read.
        cookies = self.plain_cookies() if self._facts is None else None
        if cookies is None:
            cookies = self.facts.cookies
        self._cookies = cookies
        return cookies

    def _is_page_load(self, may_open_page: bool) -> bool:
        if self._cookies is None:
            self._read_cookies()
        if self._facts is None:
            return may_open_page or self.may_open_page()
        return self._facts.is_page_load

    def _read(self) -> RequestFacts:
        facts = self._facts = self.read_facts()
        if facts.signals:
            self.gate.notify_signals(self, facts.signals)
        return facts
