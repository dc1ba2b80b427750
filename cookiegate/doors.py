"""What both doors do when they are put in: find the gate, and plug the log in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from os import PathLike
from typing import Protocol

from .gate import Gate
from .registry import Registry, RegistryError
from .visit import Choice

__all__ = ["AsyncRecorder", "Recorder", "find_gate"]

logger = logging.getLogger("cookiegate")


class Recorder(Protocol):
    """Keeps proof of choices. The ledger is one."""

    def commit(self, choice: Choice) -> None:
        """Return when the choice may take effect; raise, and it does not."""


class AsyncRecorder(Protocol):
    """The same for the ASGI door."""

    async def commit(self, choice: Choice) -> None:
        """Return when the choice may take effect; raise, and it does not."""


def find_gate(
    gate: Gate | None,
    registry: str | PathLike[str] | None,
    secret_key: str | bytes | Sequence[str | bytes] | None,
) -> Gate:
    """
    The gate a door was given, or one made of a registry file and a key.

    Raises:
        TypeError: Both or neither were given.
        RegistryError: The file has problems.
    """
    if gate is not None:
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
    if gate.on_error is None:
        gate.on_error = _log_error
    for note in gate.take_notes():
        logger.warning("%s", note)
    return gate


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
