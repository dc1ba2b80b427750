"""What the flows share: the shipped registry, enforced, and a cookie that must not pass."""

from typing import Any

from cookiegate import Gate, Registry
from tests.registries import KEY

#: An application of each flow sets it at "/tracked"; the starter registry does not know it.
TRACKER = "_ga"


def starter_gate() -> Gate:
    """A gate of the starter registry, enforcing, over plain http."""
    return Gate(Registry.load("cookiegate:starter"), KEY, secure=False, mode="enforce")


def names(response: Any) -> list[str]:
    """The names of a response's cookies, of werkzeug, Django or httpx."""
    headers = response.headers
    every = headers.getlist if hasattr(headers, "getlist") else headers.get_list
    return [value.partition("=")[0] for value in every("set-cookie")]
