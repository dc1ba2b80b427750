"""Which entries a cookie is about, where several share its name, and what they say together."""

from __future__ import annotations

from typing import Literal

from cookiegate.http.request import host_name
from cookiegate.http.set_cookie import SetCookie
from cookiegate.registry import Entry

from .verdict import Reason

__all__ = ["longest_lifetime", "matching_entries"]


def matching_entries(
    entries: tuple[Entry, ...], cookie: SetCookie, host: str | bytes | None
) -> tuple[tuple[Entry, ...], tuple[Reason, ...]]:
    """
    Which of the entries that share a name are meant by this cookie, and what is odd about it.

    Args:
        entries: Those of the cookie's name.
        cookie: The cookie; its Domain tells entries apart.
        host: The request's host, which does so too; None where it is not known.
    """
    hosts = [h for h in (cookie.domain, host_name(host)) if h is not None]
    covering = tuple(entry for entry in entries if _covers(entry, hosts))
    notes: tuple[Reason, ...] = ()
    if not covering and hosts:
        notes = (Reason.OTHER_SITE,)
    meant = covering or entries
    if len({entry.category for entry in meant}) > 1:
        notes = (*notes, Reason.AMBIGUOUS)
    return meant, notes


def _covers(entry: Entry, hosts: list[str]) -> bool:
    # An entry without domains is this site's, whatever its host.
    return not entry.domains or any(
        host == domain or host.endswith("." + domain) for domain in entry.domains for host in hosts
    )


def longest_lifetime(entries: tuple[Entry, ...]) -> int | Literal["unlimited"] | None:
    """The longest lifetime that any of the entries declares, in seconds; None: the session."""
    longest: int | None = None
    for entry in entries:
        if entry.expires is None or entry.expires.unit == "never":
            return "unlimited"
        if entry.expires.seconds is not None:
            longest = max(longest or 0, entry.expires.seconds)
    return longest
