"""Several sites in one process: which gate answers for a host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cookiegate.gate import Gate
from cookiegate.http.request import host_name

__all__ = ["ByHost", "host_of"]

#: The key of the gate for every host that is not named.
OTHERS: Final = "*"


class ByHost:
    """
    The gates of several sites.

    Args:
        gates: By host name, without a port; "*" for every other host. Without "*", the first gate
            answers for hosts that are not named, so that every response is judged.

    Raises:
        ValueError: There are no gates, or a key is not a host name.
        TypeError: A value is not a gate.
    """

    def __init__(self, gates: Mapping[str, Gate]) -> None:
        if not gates:
            raise ValueError("gate is an empty mapping; give at least one host and its gate")
        self._gates: dict[str, Gate] = {}
        for host, gate in gates.items():
            if not isinstance(gate, Gate):
                kind = type(gate).__name__
                raise TypeError(f"the gate of {host!r} is {kind}; give Gate(registry, secret_key)")
            name = host_name(host)
            if name is None or name != host.lower().removesuffix("."):
                raise ValueError(f"{host!r} is not a host name; write one such as 'shop.example'")
            if self._gates.setdefault(name, gate) is not gate:
                raise ValueError(f"{host!r} has two gates; give it one")
        #: Answers for hosts that are not named.
        self.other: Gate = self._gates.get(OTHERS) or next(iter(self._gates.values()))

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates, each once."""
        return tuple(dict.fromkeys(self._gates.values()))

    def find(self, host: str | bytes | None) -> Gate:
        """
        Return the gate that answers for a host.

        Args:
            host: The request's host, with or without a port; None if it is not known.
        """
        name = host_name(host)
        return self.other if name is None else self._gates.get(name, self.other)


def host_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """Return the first Host header of an ASGI request; None if it was not sent."""
    for name, value in headers:
        if bytes(name).strip().lower() == b"host":
            return bytes(value)
    return None
