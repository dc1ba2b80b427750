"""The entries of a cookie: which of those with its name apply to it."""

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
    Return the entries that apply to a cookie, and notes for a report.

    Args:
        entries: The entries with the cookie's name; at least one.
        cookie: The cookie; its Domain distinguishes entries of one name.
        host: The request's host, which does so, too; None if it is not known.

    Returns:
        The entries whose domains cover the cookie's Domain or the host; if there are none, all.
    """
    hosts = [h for h in (cookie.domain, host_name(host)) if h is not None]
    covering = tuple(entry for entry in entries if _covers(entry, hosts))
    notes: tuple[Reason, ...] = ()
    if not covering and hosts:
        notes = (Reason.OTHER_SITE,)
    matching = covering or entries
    if len({entry.part for entry in matching}) > 1:
        notes = (*notes, Reason.AMBIGUOUS)
    return matching, notes


def _covers(entry: Entry, hosts: list[str]) -> bool:
    # An entry without domains is this site's, whatever its host.
    return not entry.domains or any(
        host == domain or host.endswith("." + domain) for domain in entry.domains for host in hosts
    )


def longest_lifetime(entries: tuple[Entry, ...]) -> int | Literal["unlimited"] | None:
    """
    Return the longest lifetime that any of the entries declares, in seconds; None for the session.
    """
    longest: int | None = None
    for entry in entries:
        if entry.expires is None or entry.expires.unit == "never":
            return "unlimited"
        if entry.expires.seconds is not None:
            longest = max(longest or 0, entry.expires.seconds)
    return longest
