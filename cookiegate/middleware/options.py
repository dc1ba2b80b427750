"""What both doors do when they are put in: find the gate, and plug the log in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, Final, Protocol
from weakref import WeakSet

from cookiegate.consent.choice import Choice, NotKeptError
from cookiegate.enforcement.verdict import Verdict
from cookiegate.gate import Gate
from cookiegate.registry import Registry, RegistryError
from cookiegate.visit import Visit

from .hosts import ByHost

__all__ = [
    "Answer",
    "AsyncRecorder",
    "Gates",
    "Recorder",
    "has_verdict_callback",
    "keep_choice",
    "keep_choice_async",
    "listeners",
    "not_kept",
    "resolve_gates",
    "resolve_pages",
    "resolve_recorder",
    "warn_unused_recorder",
]

logger = logging.getLogger("cookiegate")


#: One gate, or several by host name.
Gates = Gate | Mapping[str, Gate]
#: What a response is made of beside its status: headers and body.
Answer = tuple[list[tuple[bytes, bytes]], bytes]


class Recorder(Protocol):
    """Keeps proof of choices. The ledger is one."""

    def commit(self, choice: Choice) -> None:
        """
        Return when the choice may take effect; raise, and it does not.

        Raises:
            NotKeptError: No proof can be kept now. Whoever chose is told so, by a page with status
                503; what the choice takes back takes effect all the same.
        """


class AsyncRecorder(Protocol):
    """The same for the ASGI door."""

    async def commit(self, choice: Choice) -> None:
        """Return when the choice may take effect; raise, and it does not."""


def resolve_gates(
    gate: Gates | None,
    registry: str | PathLike[str] | None,
    secret_key: str | bytes | Sequence[str | bytes] | None,
) -> tuple[Gate, ByHost | None]:
    """
    The gate a door was given, or one made of a registry file and a key; and all, by host, where
    it was given several.

    Raises:
        TypeError: Both or neither were given, or something else than gates.
        ValueError: A mapping of gates is empty, or a key of it is no host name.
        RegistryError: The file has problems.
    """
    by_host = None
    if gate is not None:
        if isinstance(gate, Mapping):
            by_host = ByHost(gate)
            gate = by_host.other
        if not isinstance(gate, Gate):
            raise TypeError(
                f"gate is {type(gate).__name__}; give Gate(registry, secret_key), "
                "or registry='cookiegate.toml', secret_key='...'"
            )
        given = {"registry": registry, "secret_key": secret_key}
        if extra := [name for name, value in given.items() if value is not None]:
            raise TypeError(f"gate and {extra[0]} are both given; give a gate, or what makes one")
    elif registry is None:
        raise TypeError("give gate=Gate(...), or registry='cookiegate.toml', secret_key='...'")
    else:
        gate = Gate(Registry.load(registry), secret_key)
    for one in (gate,) if by_host is None else by_host.gates:
        if one.on_error is None:
            one.on_error = _log_error
        for note in one.take_notes():
            logger.warning("%s", note)
    return gate, by_host


def resolve_pages(pages: Any, gate: Gate, report: Any = None) -> Any:
    """
    The pages a door was given, or those at a path of the site.

    Args:
        pages: Pages, the path of the settings page ("/cookies"), or None for none.
        gate: The gate that they ask for.
        report: What counts verdicts, as `listeners` takes it: pages that are made here count their
            banners in the same file.

    Raises:
        ImportError: The extra `pages` is not installed.
        ValueError: The path is none.
    """
    if not isinstance(pages, str):
        return pages
    # Here, not above: most doors have none, and they bring Jinja2 and Babel.
    from cookiegate.pages import Pages

    return Pages(gate, pages, on_banner=_banners(report))


def _banners(report: Any) -> Callable[[str], None] | None:
    if report is None:
        return None
    # Here, not above: most sites need none of it.
    from cookiegate.reports import Banners, Counts

    path = report.path if isinstance(report, Counts) else report
    return None if path is None else Banners(path)


def resolve_recorder(recorder: Any, *, is_async: bool = False) -> Any:
    """
    The recorder a door was given, in the form that it calls; or a ledger in a database.

    Args:
        recorder: A recorder, a database's URL ("sqlite:///consent.db"), or None for none.
        is_async: Whether the door awaits it.

    Raises:
        ImportError: The extra `ledger` is not installed.
        LedgerError: A ledger cannot be used as it is.
    """
    if isinstance(recorder, str):
        # Here, not above: most of a site's processes have none, and it brings SQLAlchemy.
        from cookiegate.ledger import Ledger

        recorder = Ledger(recorder)
    return getattr(recorder, "asgi", recorder) if is_async else recorder


def warn_unused_recorder(recorder: Any, outer: Visit) -> None:
    """
    Tell the log, once for each gate, of a recorder that is never handed anything.

    Args:
        recorder: That of a door inside of another one of the same gate, if it has one.
        outer: The other one's visit; what is chosen in it goes to that door's recorder alone.
    """
    gate = outer.gate
    if recorder is not None and not outer.is_recorded and gate not in _UNUSED:
        _UNUSED.add(gate)
        logger.error(
            "no choice is recorded: the recorder is that of an inner door, and the door around "
            "it, which is of the same gate, has none; give the recorder to the outermost door"
        )


_UNUSED: Final[WeakSet[Any]] = WeakSet()


def has_verdict_callback(gates: Gates) -> bool:
    """Whether somebody is told of verdicts, so that routes are worth finding out."""
    every = gates.values() if isinstance(gates, Mapping) else (gates,)
    return any(gate.on_verdict is not None for gate in every)


def listeners(
    report: Any, on_verdict: Callable[[Verdict], None] | None
) -> Callable[[Verdict], None] | None:
    """
    Who is told of verdicts: what counts them, another listener, both, or nobody.

    Args:
        report: The file in which verdicts are counted, a `cookiegate.reports.Counts`, or None.
        on_verdict: The other listener, if any.
    """
    if report is None:
        return on_verdict
    # Here, not above: most sites need none of it.
    from cookiegate.reports import Counts

    counts = report if isinstance(report, Counts) else Counts(report)
    if on_verdict is None:
        return counts

    def tell(verdict: Verdict) -> None:
        counts(verdict)
        on_verdict(verdict)

    return tell


def keep_choice(recorder: Recorder, choice: Choice, visit: Visit) -> None:
    """
    Have a choice kept before it takes effect; where that fails, it takes none.

    Raises:
        NotKeptError: There is no proof of it. What it takes back is in effect then: `visit.choice`.
    """
    try:
        recorder.commit(choice)
    except BaseException as error:
        visit.drop_choice(but_reductions=isinstance(error, NotKeptError))
        if (left := visit.choice) is not None:
            keep_choice(recorder, left, visit)
        raise


async def keep_choice_async(recorder: AsyncRecorder, choice: Choice, visit: Visit) -> None:
    """The same; what another task chooses meanwhile comes too late: nobody would keep it."""
    visit.close()
    try:
        await recorder.commit(choice)
    except BaseException as error:
        visit.drop_choice(but_reductions=isinstance(error, NotKeptError))
        if (left := visit.choice) is not None:
            await keep_choice_async(recorder, left, visit)
        raise


def not_kept(pages: Any, read_request: Callable[[], Any], visit: Visit) -> Answer:
    """
    What takes the response's place where a choice could not be kept, with status 503.

    Args:
        pages: The door's, which say it in the visitor's language; None for a line of text.
        read_request: Makes the request that they want.
        visit: The request's; where it has a choice, that is what was taken back all the same.
    """
    if pages is not None:
        try:
            found = pages.not_kept(read_request(), visit)
            return list(found.headers), found.body
        except Exception as error:
            # A template of the site's own, say: what was taken back is to hold all the same.
            visit.gate.snapshot.on_error(error)
    return list(_NOT_KEPT), _NOT_KEPT_TEXT


_NOT_KEPT: Final = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"retry-after", b"30"),
)
_NOT_KEPT_TEXT: Final = (
    b"Your choice could not be kept just now, so nothing more is allowed than before. "
    b"Please try again in a minute.\n"
)


def _log_error(error: Exception) -> None:
    if isinstance(error, RegistryError):
        logger.error("the registry in force stays, since another was refused: %s", error)
        return
    # The type and the place, never the text: it may quote a cookie.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" in {place.tb_frame.f_code.co_name}:{place.tb_lineno}"
    logger.error(
        "%s%s while a response was looked at; a cookie that could not be judged was stripped",
        type(error).__name__,
        where,
    )
