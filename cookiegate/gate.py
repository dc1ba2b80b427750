"""The gate: judges cookies by a registry, and signs consent cookies with a key."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from secrets import token_urlsafe
from typing import Final, Self

from .consent.model import Consent
from .consent.signing import SecretKeys, TokenSigner, read_secret_keys
from .enforcement.context import RequestContext
from .enforcement.headers_context import HeadersContext
from .enforcement.judge import Hook, Mode
from .enforcement.pipeline import Pipeline
from .enforcement.verdict import Verdict
from .http.cache_control import Header
from .http.request import RawHeaders, read_request
from .http.signals import SIGNALS, Signal
from .registry import Entry, Registry, RegistryError
from .visit import Visit

__all__ = ["Gate", "system_clock"]

_MODES: Final = ("enforce", "report")


def system_clock() -> float:
    """Return `time.time()`, looked up at each call: tests put another clock in its place."""
    return time.time()


class Gate:
    """
    Holds back every Set-Cookie that the visitor has not allowed.

    Args:
        registry: The registry of the site's cookies.
        secret_key: Signs the consent cookie: text or bytes of at least 16 bytes, or several,
            newest first.
        mode: "enforce", or "report" to change nothing and report everything; None for the
            registry's `[policy] mode`. Categories with a mode of their own keep it.
        secure: Whether the consent cookie is for https only. False is for development over
            plain http, and gives the cookie a name without the `__Host-` prefix.
        domain: The domain whose hosts share the consent cookie; None if each host has its own.
        clock: Returns the time in Unix seconds; `time.time` by default.
        hook: Called with each verdict. It may return False to refuse the cookie, or the id of a
            category to put it there; then it is kept if that category is allowed.
        on_verdict: Called with each verdict on a response's cookies, with the route if a framework
            has one.
        on_error: Called with each failure. The cookie is stripped, the response delivered. The
            exception's message may quote the cookie: log its type and traceback only.
        on_signal: Called with the visit and the signals (DNT, GPC), once for each request that
            sends one: at the latest when its response starts.
        new_id: Returns a new id, under which a ledger finds the receipt of a grant.

    Raises:
        ValueError: The secret key is missing or too short, or an option has a wrong value.
        TypeError: The secret key is neither text nor bytes, or the registry is not a `Registry`.
    """

    def __init__(
        self,
        registry: Registry,
        secret_key: SecretKeys | None = None,
        *,
        mode: Mode | None = None,
        secure: bool = True,
        domain: str | None = None,
        clock: Callable[[], float] = system_clock,
        hook: Hook | None = None,
        on_verdict: Callable[[Verdict], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
        on_signal: Callable[[Visit, frozenset[Signal]], None] | None = None,
        # 128 bits: a receipt's id cannot be guessed.
        new_id: Callable[[], str] = lambda: token_urlsafe(16),
    ) -> None:
        if not isinstance(registry, Registry):
            raise TypeError(
                f"registry is {type(registry).__name__}; give Registry.load('cookiegate.toml')"
            )
        if mode is not None and mode not in _MODES:
            raise ValueError(f"mode is {mode!r}; write 'enforce', 'report', or None")
        self._keys = read_secret_keys(secret_key)
        self._mode: Mode | None = mode
        self._secure = secure
        self._domain = None if domain is None else _read_domain(domain)
        self.clock = clock
        self._hook = hook
        self._on_verdict = on_verdict
        #: Called with each failure; if this is None, a middleware logs it.
        self.on_error = on_error
        #: Called with DNT and GPC.
        self.on_signal = on_signal
        self.new_id = new_id
        self._failures = 0
        self._has_warned = False
        #: What judges requests; replaced as a whole.
        self.pipeline: Pipeline = self._pipeline_of(registry)

    def __deepcopy__(self, memo: object) -> Self:
        # Frameworks copy their configuration. A gate is one, however often it is named there.
        return self

    @property
    def registry(self) -> Registry:
        """The registry in force."""
        return self.pipeline.registry

    @property
    def cookie_name(self) -> str:
        """The consent cookie's name."""
        return self.pipeline.consent_cookie.name

    @property
    def builtin_entries(self) -> tuple[Entry, ...]:
        """The entries of Cookiegate's cookies, which pages list with those of the registry."""
        # Imported here: pages need it, and what answers a request does not.
        from .registry.builtin import builtin_entries

        return builtin_entries(self.registry, self.cookie_name, self._domain)

    @property
    def on_verdict(self) -> Callable[[Verdict], None] | None:
        """The callback for verdicts, which the pipeline keeps."""
        return self._on_verdict

    @property
    def failures(self) -> int:
        """How many failures there were: of a cookie, a hook, a callback, a new registry."""
        return self._failures

    def pop_startup_warnings(self) -> tuple[str, ...]:
        """Return warnings for the operator, the first time; a middleware logs them."""
        if self._has_warned:
            return ()
        self._has_warned = True
        warnings = []
        if warning := self._report_mode_warning():
            warnings.append(warning)
        if not self._secure:
            warnings.append(
                "secure=False: the consent cookie is named 'cookiegate' and travels over plain "
                "http, where anybody on the network, and any host of the domain, can replace it by "
                "another visitor's; leave secure out where the site is served over https"
            )
        if self._domain is not None:
            warnings.append(
                f"domain={self._domain!r}: the consent cookie is named 'cookiegate' and is shared "
                "over subdomains; each of them can replace a visitor's choice by another one that "
                "the gate signed, and so allow everything. Leave domain out unless all of them are "
                "yours"
            )
        return tuple(warnings)

    def read(self, headers: RawHeaders, *, now: float | None = None) -> Consent:
        """
        Return what the visitor who sent these request headers allows.

        Args:
            headers: (name, value) pairs of bytes, as ASGI has them.
            now: Unix seconds; None for the gate's clock.
        """
        facts = read_request(headers)
        return self.pipeline.consent_cookie.read(facts.cookies, facts.signals, self._now(now))

    def judge(
        self,
        value: bytes,
        consent: Consent,
        *,
        host: str | bytes | None = None,
        now: float | None = None,
    ) -> Verdict:
        """
        Return the verdict on one Set-Cookie value.

        Args:
            value: The header's value.
            consent: The visitor's consent, from `read`.
            host: The request's host, which distinguishes entries of one name.
            now: Unix seconds; None for the gate's clock.
        """
        return self.pipeline.judge.judge(value, consent, host=host, now=self._now(now))

    def filter(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        consent: Consent,
        *,
        host: str | bytes | None = None,
        now: float | None = None,
    ) -> list[Header]:
        """
        Return a response's headers as they may leave, in their order, with cache headers.

        Args:
            headers: The response's headers; any iterable of pairs.
            consent: The visitor's consent, from `read`.
            host: The request's host, which distinguishes entries of one name.
            now: Unix seconds; None for the gate's clock.
        """
        context = HeadersContext.known(self, consent, host=host, now=self._now(now))
        return context.pipeline.filter(headers, context)

    def issue(
        self,
        categories: Iterable[str],
        *,
        signals: Collection[Signal] = (),
        now: float | None = None,
    ) -> str:
        """
        Return the Set-Cookie value that records a choice.

        An application may set it at once, unchanged: the gate lets it pass for a minute. On a site
        with a recorder it may only take back; a grant has no receipt there and is stripped: use
        `visit.grant`.

        Args:
            categories: The ids of the categories that were granted, or of services in them; none
                for a refusal.
            signals: The signals that were on when the choice was made.
            now: Unix seconds; None for the gate's clock.

        Raises:
            ValueError: The registry has no such category, or there is no such signal.
            TypeError: The signals are a string.
        """
        if isinstance(signals, str):
            raise TypeError(f"signals is a text; give a list such as [{signals!r}]")
        if unknown := set(signals) - set(SIGNALS):
            raise ValueError(f"unknown signals {sorted(unknown)}; write some of {list(SIGNALS)}")
        pipeline = self.pipeline
        record = pipeline.terms.record(
            pipeline.registry.check_ids(categories),
            signals=frozenset(signals),
            now=self._now(now),
            new_id=self.new_id,
        )
        return pipeline.consent_cookie.dump(record)

    def visit(
        self,
        headers: RawHeaders,
        *,
        host: str | bytes | None = None,
        method: str = "GET",
        path: bytes = b"/",
    ) -> Visit:
        """
        Return the visit of one request, which reads nothing of the request before it must.

        Args:
            headers: The request's headers, as ASGI has them; read at most once.
            host: The request's host; None for its Host header.
            method: The request's method, which distinguishes a followed link from a posted form.
            path: The request's path, without the query.
        """
        return Visit(
            HeadersContext(
                self, self.pipeline, headers, given_host=host, given_path=path, method=method
            )
        )

    def signer(self, purpose: str) -> TokenSigner:
        """
        Return a signer with the gate's keys, for anything but the consent cookie.

        Args:
            purpose: Its name. A signature for one purpose is not valid for another.
        """
        salt = f"cookiegate.for.{purpose}.{self.registry.site.id}"
        return TokenSigner(self._keys, salt=salt.encode())

    @property
    def is_secure(self) -> bool:
        """Whether the gate's cookies are for https only."""
        return self._secure

    def replace(self, registry: Registry) -> None:
        """
        Replace the registry, for every request that begins from now on.

        `gate.replace(Registry.load(path))` reloads a file. If the file has problems, the exception
        is raised before anything is replaced.

        Args:
            registry: The new registry.

        Raises:
            RegistryError: The new registry lacks required entries or categories, or more than a
                tenth of all entries, and has no higher version. The old one stays in force.
        """
        # Imported here: a site replaces its registry rarely.
        from .registry.replacement import refusals

        if problems := refusals(self.registry, registry):
            error = RegistryError(problems)
            self.report_error(error)
            raise error
        self.pipeline = self._pipeline_of(registry)

    def notify_signals(self, context: RequestContext, signals: frozenset[Signal]) -> None:
        """Call `on_signal` for a request that sends signals."""
        if self.on_signal is not None:
            try:
                self.on_signal(Visit(context), signals)
            except Exception as error:
                context.report_error(error)

    def report_error(
        self, error: Exception, default: Callable[[Exception], None] | None = None
    ) -> None:
        """
        Count a failure and hand it to `on_error`.

        Args:
            error: The failure.
            default: Called if the gate has no `on_error`.
        """
        self._failures += 1
        callback = self.on_error or default
        if callback is not None:
            try:
                callback(error)
            except Exception:
                # The callback failed, too, and there is no other to call.
                self._failures += 1

    def _pipeline_of(self, registry: Registry) -> Pipeline:
        return Pipeline(
            registry,
            self._keys,
            secure=self._secure,
            domain=self._domain,
            mode=self._mode,
            hook=self._hook,
            on_verdict=self._on_verdict,
            on_error=self.report_error,
        )

    def _report_mode_warning(self) -> str | None:
        registry = self.registry
        mode = self._mode or registry.policy.mode
        modes = {id: registry.categories[id].mode or mode for id in registry.optional}
        reporting = [id for id, one in modes.items() if one == "report"]
        if mode == "enforce" and not reporting:
            return None
        about = f" about {', '.join(reporting)}" if "enforce" in modes.values() else ""
        return (
            f"mode 'report': visitors' choices{about} are not enforced, and what they have not "
            "allowed is only reported"
        )

    def _now(self, now: float | None) -> float:
        return self.clock() if now is None else now


def _read_domain(domain: str) -> str:
    name = domain.strip().removeprefix(".").lower()
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    if not name or not set(name) <= allowed or "." not in name:
        raise ValueError(
            f"domain is {domain!r}; write a domain name such as 'example.com', in A-labels"
        )
    return name
