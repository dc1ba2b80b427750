"""What holds an entry back, where its category is not allowed."""

from __future__ import annotations

from typing import Literal

from cookiegate.registry import Entry

__all__ = ["Holder", "holder_of"]

Holder = Literal["header gate", "nothing"]


def holder_of(entry: Entry) -> Holder:
    """
    What holds an entry back: the gate, for what this site's own responses set; else nothing yet.

    An entry that does not say who sets it could be set by the server.
    """
    is_on_the_wire = entry.kind == "cookie" and entry.set_by in ("server", None)
    return "header gate" if is_on_the_wire else "nothing"
