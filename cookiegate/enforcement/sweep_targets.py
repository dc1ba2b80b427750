"""The domains, paths and partition in which a cookie that a browser sends may have been set.

A browser sends a cookie's name and value, and nothing else (RFC 6265, section 5.4). A deletion must
have the cookie's Domain and Path. The likeliest targets come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cookiegate.http.request import host_name, parent_domains
from cookiegate.registry import Entry
from cookiegate.registry.widest_domain import is_on_widest_domain

__all__ = ["DeletionTarget", "deletion", "deletion_targets"]

_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}")
_PATH: Final = re.compile(rb"/[!-:<-~]*")
# Deeper paths and longer chains of subdomains are rare, and each costs a header.
_MOST_DOMAINS: Final = 4
_MOST_SEGMENTS: Final = 4
_LONGEST_PATH: Final = 256

#: A Domain (None for the request's host alone), a Path, and whether the cookie is partitioned.
DeletionTarget = tuple[str | None, str, bool]


def deletion_targets(
    name: bytes,
    entries: Iterable[Entry],
    *,
    host: str | bytes | None,
    path: bytes,
    domain: str | None,
    secure: bool,
) -> list[DeletionTarget]:
    """
    Return the targets at which a cookie of this name may be.

    Args:
        name: The cookie's name.
        entries: The registry's entries for this name, which declare domains and paths.
        host: The request's host. Domains above it are used only if they are declared, or if the
            name is known from scripts that set their cookies for the widest domain.
        path: The request's path.
        domain: The domain whose hosts share consent, if any; they may share cookies, too.
        secure: Whether the site is served over https.
    """
    partition: list[DeletionTarget] = [(None, "/", True)] if secure else []
    if name.lower().startswith(b"__host-"):
        # Such a name, as "__Host-Http-", allows no other target (RFC 6265bis, section 4.1.3).
        return [(None, "/", False), *partition]
    entries = list(entries)
    declared = [one for entry in entries for one in entry.domains]
    domains = _domains([*declared, *([] if domain is None else [domain])], host_name(host))
    paths = [entry.path for entry in entries]
    found: list[DeletionTarget] = [(None, "/", False), *((one, "/", False) for one in domains)]
    if is_on_widest_domain(name):
        # Browsers ignore a Domain that is a public suffix, such as "co.uk".
        found += [(one, "/", False) for one in reversed(parent_domains(host_name(host)))]
    found += [(one, declared_path, False) for declared_path in paths for one in (None, *domains)]
    found += partition
    found += [(one, above, False) for one in (None, *domains) for above in _prefixes(path)]
    return list(dict.fromkeys(found))


def deletion(name: bytes, target: DeletionTarget) -> bytes:
    """Return the Set-Cookie value that deletes a cookie of this name at one target."""
    domain, path, is_partitioned = target
    parts = [f"Max-Age=0; Path={path}"]
    if domain is not None:
        parts.append(f"Domain={domain}")
    prefix = name.lower()
    if is_partitioned or prefix.startswith((b"__secure-", b"__host-", b"__http-")):
        # Browsers demand it of these names, also in a deletion (RFC 6265bis, section 4.1.3).
        parts.append("Secure")
    if prefix.startswith((b"__http-", b"__host-http-")):
        parts.append("HttpOnly")
    if is_partitioned:
        parts.append("SameSite=None; Partitioned")
    return name + b"=; " + "; ".join(parts).encode()


def _domains(declared: Iterable[str], host: str | None) -> list[str]:
    # Return each declared domain of the host, and those between it and the host.
    if host is None or not _HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():
        return []
    found: list[str] = []
    for domain in declared:
        if host != domain and not host.endswith(f".{domain}"):
            continue
        name = domain
        found.append(name)
        for label in reversed(host.removesuffix(domain).split(".")):
            if label:
                name = f"{label}.{name}"
                found.append(name)
    return list(dict.fromkeys(found))[:_MOST_DOMAINS]


def _prefixes(path: bytes) -> list[str]:
    # "/a/b" -> "/a", "/a/", "/a/b": a Path matches with and without its last slash.
    if len(path) > _LONGEST_PATH or not _PATH.fullmatch(path):
        return []
    text = path.decode()
    found: list[str] = []
    prefix = ""
    for segment in text.removeprefix("/").split("/")[:_MOST_SEGMENTS]:
        if not segment:
            break
        prefix += f"/{segment}"
        found.append(prefix)
        if prefix != text:
            found.append(f"{prefix}/")
    return found
