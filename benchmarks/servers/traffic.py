"""The requests that a server gets: those of many returning visitors, no two alike.

A request is a template with the field {n}, the request's number, in the values of its cookies. A
header that comes twice would favour code that remembers headers.
"""

from __future__ import annotations

import json
from base64 import b64encode

from itsdangerous import TimestampSigner

from benchmarks.subjects import GRANTED, KEPT, KEY, registry
from cookiegate import Gate

__all__ = ["KINDS", "NUMBER", "SESSION", "VISITORS", "fill", "lua_script", "templates"]

#: The visitors, each with their own consent.
VISITORS = 64
#: The field of a template. A number has seven digits, so that all requests have one length.
NUMBER = "{n}"
#: The name of the session cookie, for middleware that reads one.
SESSION = "sid"

# Of other software on the same host: registered nowhere.
_OTHERS = [
    *("theme", "timezone", "currency", "remember_me", "cart_id", "locale_hint", "ajs_user_id"),
    *("ajs_anonymous_id", "intercom-id", "intercom-session", "mp_mixpanel", "optimizelyEndUserId"),
    *("ph_posthog", "__cf_bm", "cf_clearance", "AWSALB", "AWSALBCORS", "incap_ses", "visid_incap"),
]
_BROWSER = [
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0"),
    ("Accept-Language", "sv,en;q=0.8"),
]
#: What a browser sends beside its cookies, by the kind of request.
KINDS: dict[str, list[tuple[str, str]]] = {
    # Few headers, so that the server's work is small. It is a page load all the same.
    "plain": [("Accept", "text/html,application/xhtml+xml")],
    "page": [
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Upgrade-Insecure-Requests", "1"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-User", "?1"),
        ("Sec-Fetch-Dest", "document"),
    ],
    "script": [
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Origin", "https://www.billogram.com"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Dest", "empty"),
    ],
}


def templates(kind: str, cookies: int) -> list[str]:
    """
    Return the request of each visitor.

    Args:
        kind: A key of `KINDS`.
        cookies: The number of cookies that each sends, at least 6: the consent, a session, one that
            has the visitor's number in its name, and others. From 20 on, the name of one is new
            with each request.
    """
    gate = Gate(registry(), KEY)
    session = TimestampSigner(KEY).sign(b64encode(json.dumps({"user": 4711}).encode())).decode()
    names = [name for pair in zip(KEPT, _OTHERS, strict=False) for name in pair]
    names += _OTHERS[len(KEPT) :]
    found = []
    for visitor in range(VISITORS):
        crumbs = [
            gate.issue(GRANTED).partition(";")[0],
            f"{SESSION}={session}",
            f"wp-settings-{visitor}={NUMBER}",
            *(f"{name}={visitor}.{NUMBER}" for name in names[: cookies - 3]),
        ]
        if cookies >= 20:
            crumbs[-1] = f"cart_{NUMBER}={visitor}"
        # Each visitor's browser sends them in another order.
        first = visitor % cookies
        lines = ["GET / HTTP/1.1", "Host: billogram.com"]
        lines += [f"{name}: {value}" for name, value in [*_BROWSER, *KINDS[kind]]]
        lines += [f"Cookie: {'; '.join(crumbs[first:] + crumbs[:first])}", "", ""]
        found.append("\r\n".join(lines))
    return found


def fill(template: str, number: int) -> bytes:
    """Return the request of this number, below ten million."""
    return template.replace(NUMBER, f"{number:07d}").encode()


def lua_script(requests: list[str]) -> str:
    """
    Return a script for wrk that sends these templates in turn, numbered.

    Its one argument is the number of the first request.
    """
    pieces = [[_quoted(piece) for piece in one.split(NUMBER)] for one in requests]
    tables = ",\n".join("{" + ", ".join(one) + "}" for one in pieces)
    return f"""local requests = {{
{tables}
}}
local number

function init(arguments)
  number = tonumber(arguments[1])
end

function request()
  number = number + 1
  return table.concat(requests[number % #requests + 1], string.format("%07d", number % 10000000))
end
"""


def _quoted(text: str) -> str:
    # JSON's strings are Lua's, as long as nothing needs a \u escape.
    return json.dumps(text)
