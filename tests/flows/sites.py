"""What the flows share: the starter registry, enforced, and a cookie that must not pass."""

from typing import Any

from cookiegate import Gate, Registry
from tests.registries import KEY

#: Each application sets it at "/tracked". It is not in the starter registry.
TRACKER = "_ga"


def starter_gate() -> Gate:
    """Return a gate of the starter registry that enforces, over plain http."""
    return Gate(Registry.load("cookiegate:starter"), KEY, secure=False, mode="enforce")


def names(response: Any) -> list[str]:
    """Return the names of the cookies in a response of werkzeug, Django or httpx."""
    headers = response.headers
    every = headers.getlist if hasattr(headers, "getlist") else headers.get_list
    return [value.partition("=")[0] for value in every("set-cookie")]
