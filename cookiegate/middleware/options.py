"""Options shared by all middleware: gate, pages, recorder, and what a gate is made of."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast
from weakref import WeakSet

import msgspec

from cookiegate.consent.recording import AsyncRecorder, Recorder
from cookiegate.consent.signing import SecretKeys
from cookiegate.enforcement.asked_late import AskedTooLateError
from cookiegate.enforcement.context import RequestContext
from cookiegate.enforcement.judge import Hook, Mode
from cookiegate.enforcement.verdict import Verdict
from cookiegate.gate import Gate
from cookiegate.http.signals import Signal
from cookiegate.registry import Registry
from cookiegate.visit import Visit

from .hosts import ByHost

if TYPE_CHECKING:
    from cookiegate.pages import Pages
    from cookiegate.reports import Counts

__all__ = [
    "GATE_OPTIONS",
    "OPTIONS",
    "Gates",
    "MiddlewareOptions",
    "Setup",
    "has_verdict_callback",
    "log_error",
    "make_gate",
    "outer_visit",
    "resolve_gates",
    "resolve_pages",
    "resolve_recorder",
]

logger: logging.Logger = logging.getLogger("cookiegate")

#: One gate, or several by host name with "*" for every other host.
Gates = Gate | Mapping[str, Gate]


class _GateOptions(TypedDict, total=False):
    #: A registry, the path of a registry file, or "cookiegate:NAME" for a shipped one.
    registry: str | PathLike[str] | Registry | None
    #: See `Gate`, also for the options that follow.
    secret_key: SecretKeys | None
    mode: Mode | None
    secure: bool
    domain: str | None
    hook: Hook | None
    on_verdict: Callable[[Verdict], None] | None
    on_error: Callable[[Exception], None] | None
    on_signal: Callable[[Visit, frozenset[Signal]], None] | None
    #: A file in which verdicts and banners are counted, or a `cookiegate.reports.Counts`.
    report: str | PathLike[str] | Counts | None


class MiddlewareOptions(_GateOptions, total=False):
    """
    The options of every middleware and integration, beside the gate.

    An option has one name everywhere: the argument here, `COOKIEGATE_…` in the configuration of
    Flask and Django. Those from `registry` to `report` make a gate if none is given.
    """

    #: Banner, settings and policy: `Pages(gate)`, the path at which to serve them ("/cookies"), or
    #: the arguments of `Pages` ({"path": "/cookies", "layout": "bar"}).
    pages: Pages | str | Mapping[str, Any] | None
    #: Keeps proof of each choice before the response leaves: `Ledger(url)`, the URL alone
    #: ("sqlite:///consent.db"), a `Recorder` or an `AsyncRecorder`.
    recorder: Recorder | AsyncRecorder | str | None


#: The names of the options that make a gate.
GATE_OPTIONS: Final = tuple(_GateOptions.__annotations__)
#: The names of all options.
OPTIONS: Final = tuple(MiddlewareOptions.__annotations__)


class Setup(msgspec.Struct, frozen=True):
    """What a middleware works with, resolved from its options once."""

    #: The gate; of several by host, that of every other host.
    gate: Gate
    #: The gates by host, if there are several.
    by_host: ByHost | None
    pages: Pages | None
    recorder: Recorder | AsyncRecorder | None

    @classmethod
    def resolve(
        cls,
        gate: Gates | None,
        options: MiddlewareOptions,
        *,
        is_async: bool = False,
        report: str | PathLike[str] | Counts | None = None,
    ) -> Setup:
        """
        Resolve options.

        Args:
            gate: The gate, or several by host name; None to make one of the options.
            options: The options.
            is_async: Whether the middleware awaits its recorder.
            report: Where pages count banners, if the gate was made of options earlier.

        Raises:
            TypeError: A gate and what makes one are both given, or neither; an option does not
                exist, or is of a wrong type.
            ValueError: An option has a wrong value, or the secret key is missing or too short.
            RegistryError: The registry file has problems.
            ImportError: An option needs an extra that is not installed.
            LedgerError: The ledger cannot be used as it is.
        """
        if unknown := [name for name in options if name not in OPTIONS]:
            raise TypeError(f"unknown option {unknown[0]!r}; there are {', '.join(OPTIONS)}")
        report = options.get("report") or report
        found, by_host = resolve_gates(gate, options)
        for one in (found,) if by_host is None else by_host.gates:
            _log_warnings(one)
        return cls(
            found,
            by_host,
            resolve_pages(options.get("pages"), found, report),
            resolve_recorder(options.get("recorder"), is_async=is_async),
        )

    def find(self, host: str | bytes | None) -> Gate:
        """Return the gate that answers for a host."""
        return self.gate if self.by_host is None else self.by_host.find(host)

    def flushes(self) -> list[Callable[[], None]]:
        """Return what writes the counts of the gates and the pages that are not written yet."""
        gates = (self.gate,) if self.by_host is None else self.by_host.gates
        callbacks: list[object] = [gate.on_verdict for gate in gates]
        callbacks += [] if self.pages is None else [self.pages.on_banner]
        found = (getattr(callback, "flush", None) for callback in callbacks)
        return [flush for flush in found if callable(flush)]


def make_gate(options: MiddlewareOptions) -> Gate:
    """
    Make a gate of options.

    Args:
        options: The options; those that do not concern the gate are ignored.

    Raises:
        TypeError: There is no registry among them.
    """
    given = {name: options.get(name) for name in GATE_OPTIONS}
    registry, report = given.pop("registry"), given.pop("report")
    if registry is None:
        raise TypeError("give gate=Gate(...), or registry='cookiegate.toml', secret_key='...'")
    if not isinstance(registry, Registry):
        registry = Registry.load(cast("str | PathLike[str]", registry))
    arguments: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    arguments["on_verdict"] = _combine(report, options.get("on_verdict"))
    return Gate(registry, **arguments)


def has_verdict_callback(setup: Setup) -> bool:
    """Return whether there is a verdict callback, for which routes must be found."""
    gates = (setup.gate,) if setup.by_host is None else setup.by_host.gates
    return any(gate.on_verdict is not None for gate in gates)


def outer_visit(visit: object, gate: Gate, recorder: object) -> Visit | None:
    """
    Return the visit of an outer middleware of the same gate; None in the outermost.

    A middleware that finds one passes the request through.

    Args:
        visit: The object at the visit's key in the request, if any.
        gate: This middleware's gate.
        recorder: This middleware's recorder. If the outer one has none, the log says once for
            each gate that nothing is recorded.
    """
    if not isinstance(visit, Visit):
        return None
    context = visit.context
    if context.gate is not gate or not context.is_in_progress:
        return None
    if recorder is not None:
        _warn_unused_recorder(context, gate)
    return visit


def log_error(error: Exception) -> None:
    """Log a failure; used if the gate has no `on_error`."""
    if isinstance(error, AskedTooLateError):
        logger.warning("%s", error)
        return
    # The type and the place, never the text: it may quote a cookie.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" in {place.tb_frame.f_code.co_name}:{place.tb_lineno}"
    logger.error(
        "%s%s while a request or response was checked; a cookie that cannot be judged is stripped, "
        "except in report mode",
        type(error).__name__,
        where,
    )


def resolve_gates(gate: Gates | None, options: MiddlewareOptions) -> tuple[Gate, ByHost | None]:
    """
    Return the gate of a middleware, and the gates by host if there are several.

    Args:
        gate: The gate, or several by host name; None to make one of the options.
        options: The options.

    Raises:
        TypeError: A gate and what makes one are both given, or neither.
    """
    if gate is None:
        return make_gate(options), None
    by_host = None
    if isinstance(gate, Mapping):
        by_host = ByHost(gate)
        gate = by_host.other
    if not isinstance(gate, Gate):
        raise TypeError(
            f"gate is {type(gate).__name__}; give Gate(registry, secret_key), "
            "or registry='cookiegate.toml', secret_key='...'"
        )
    if extra := [name for name in GATE_OPTIONS if options.get(name) is not None]:
        raise TypeError(f"gate and {extra[0]} are both given; give a gate, or what makes one")
    return gate, by_host


def resolve_pages(
    pages: Pages | str | Mapping[str, Any] | None,
    gate: Gate,
    report: str | PathLike[str] | Counts | None = None,
) -> Pages | None:
    """
    Return the pages of a middleware.

    Args:
        pages: The pages, the path at which to serve them, their arguments, or None for none.
        gate: The gate.
        report: Where verdicts are counted; pages that are made here count banners there.

    Raises:
        ImportError: The extra `pages` is not installed.
        ValueError: The path, or another argument, is not valid.
        TypeError: There is no such argument.
    """
    if isinstance(pages, str):
        pages = {"path": pages}
    if not isinstance(pages, Mapping):
        return pages
    # Imported lazily: most sites need no pages, and they bring Jinja2 and Babel.
    from cookiegate.pages import Pages

    on_banner = None
    if report is not None:
        from cookiegate.reports import Banners, Counts

        path = report.path if isinstance(report, Counts) else report
        on_banner = None if path is None else Banners(path)
    return Pages(gate, **{"on_banner": on_banner, **pages})


def resolve_recorder(
    recorder: Recorder | AsyncRecorder | str | None, *, is_async: bool = False
) -> Recorder | AsyncRecorder | None:
    """
    Return the recorder of a middleware, in the form that it calls.

    Args:
        recorder: A recorder, a database's URL for a ledger, or None for none.
        is_async: Whether the middleware awaits it: then the recorder's `asgi` is taken, if any.

    Raises:
        ImportError: The extra `ledger` is not installed.
        LedgerError: The ledger cannot be used as it is.
    """
    if isinstance(recorder, str):
        # Imported lazily: it brings SQLAlchemy.
        from cookiegate.ledger import Ledger

        recorder = Ledger(recorder)
    found: Recorder | AsyncRecorder | None = recorder
    return getattr(recorder, "asgi", found) if is_async else found


def _combine(
    report: Any, on_verdict: Callable[[Verdict], None] | None
) -> Callable[[Verdict], None] | None:
    if report is None:
        return on_verdict
    # Imported lazily: most sites count nothing.
    from cookiegate.reports import Counts

    counts = report if isinstance(report, Counts) else Counts(report)
    if on_verdict is None:
        return counts
    return _CountsAndCallback(counts, on_verdict)


class _CountsAndCallback:
    # Hands each verdict to counts and to a callback of the site.

    def __init__(self, counts: Counts, on_verdict: Callable[[Verdict], None]) -> None:
        self._counts = counts
        self._on_verdict = on_verdict

    def __call__(self, verdict: Verdict) -> None:
        self._counts(verdict)
        self._on_verdict(verdict)

    def flush(self) -> None:
        self._counts.flush()


def _log_warnings(gate: Gate) -> None:
    for warning in gate.pop_startup_warnings():
        logger.warning("%s", warning)


def _warn_unused_recorder(outer: RequestContext, gate: Gate) -> None:
    if outer.recorder is None and gate not in _UNUSED:
        _UNUSED.add(gate)
        logger.error(
            "no choice is recorded: the recorder belongs to an inner middleware, and the outer "
            "middleware, which has the same gate, has none; give the recorder to the outermost one"
        )


# Gates of which the log has said so once.
_UNUSED: Final[WeakSet[Gate]] = WeakSet()
