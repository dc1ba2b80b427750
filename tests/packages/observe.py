"""Run one package's application in this process, and print the cookies that it sets as JSON.

`python -m tests.packages.observe PACKAGE [REGISTRY]`: with a registry, the gate is around the
application, enforces it, and no visitor has consented.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any

from cookiegate import Gate, Registry

from .browser import Site
from .trials import KEY, loaded

__all__ = ["main", "without_values"]


def main(package: str, registry: str | None = None) -> None:
    """Print the package's version, its cookies, and those that the gate stripped."""
    stripped: list[str] = []
    gate = None
    if registry is not None:
        gate = Gate(
            Registry.load(registry),
            KEY,
            secure=False,
            mode="enforce",
            on_verdict=lambda one: None if one.allowed else stripped.append(one.name or ""),
        )
    site = Site(gate)
    loaded()[package].run(site)
    cookies = [fact for one in site.seen if (fact := without_values(one)) is not None]
    unique = {one["name"]: one for one in reversed(cookies)}
    json.dump(
        {
            "version": version(package),
            "cookies": [unique[name] for name in sorted(unique)],
            "stripped": stripped,
        },
        sys.stdout,
    )


def without_values(header: str) -> dict[str, Any] | None:
    """
    Return a cookie's name, attributes and lifetime in seconds; None if the header deletes it.

    The lifetime is None if the cookie ends with the browser's session.
    """
    first, *parts = (part.strip() for part in header.split(";"))
    lasts: int | None = None
    attributes = []
    for part in parts:
        key, _, value = part.partition("=")
        if key.lower() == "max-age":
            lasts = int(value) if value.lstrip("-").isdigit() else None
        elif key.lower() == "expires":
            if lasts is None:
                # Both forms of a date: with blanks, and with hyphens.
                date = parsedate_to_datetime(re.sub(r"(\d)-(\w{3})-(\d)", r"\1 \2 \3", value))
                left = date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)
                lasts = round(left.total_seconds() / 60) * 60
        elif part:
            attributes.append(part)
    if lasts is not None and lasts <= 0:
        return None
    return {
        "name": first.partition("=")[0].strip(),
        "attributes": "; ".join(sorted(attributes, key=str.lower)),
        "lasts": lasts,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
