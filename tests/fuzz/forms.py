"""Claims about the pages' forms: any body, any Cookie header, and a visitor who withdraws."""

import json
from typing import Final
from urllib.parse import parse_qsl

from cookiegate import Gate
from cookiegate.pages import Pages
from cookiegate.pages.messages import PageRequest
from tests.registries import NOON, gate_for

__all__ = ["check_form"]

GATE: Final = gate_for(on_error=lambda error: FAILURES.append(error))
FAILURES: Final[list[Exception]] = []
PAGES: Final = Pages(GATE, choices_per_second=1e9, choices_at_once=10**9)
FORM: Final = (b"content-type", b"application/x-www-form-urlencoded")
JSON: Final = (b"content-type", b"application/json")
GRANTED: Final = {"analysis", "marketing"}
REJECTED: Final = (400, 403, 409, 413, 415, 429)
TAKES_BACK: Final = (b"answer=none", b"answer=withdraw", b"answer=these")


def check_form(data: bytes) -> None:
    """Check a choice: one byte chooses what is sent, the others are a body or cookies."""
    if not data:
        return
    kind, rest = data[0] % 8, data[1:]
    if kind < 3:
        check_withdrawal(TAKES_BACK[kind], cookies=rest)
    elif kind == 3:
        check_body("POST", FORM, rest)
    elif kind == 4:
        check_body("POST", FORM, b"answer=these&" + rest)
    elif kind == 5:
        check_body("PUT", JSON, rest)
    elif kind == 6:
        check_body("PUT", JSON, b'{"granted":["' + rest)
    else:
        check_address(rest)


def check_withdrawal(body: bytes, *, cookies: bytes) -> None:
    """Check that a withdrawal succeeds, whatever else the browser holds."""
    status, granted, head = submit("POST", FORM, body, cookies=cookies)
    assert status in (200, 303)
    assert granted == set()
    assert head.isascii()


def check_body(method: str, content_type: tuple[bytes, bytes], body: bytes) -> None:
    """Check that a body grants no more than it names."""
    status, granted, _ = submit(method, content_type, body)
    assert status in (200, 303, *REJECTED)
    assert (
        granted <= named_in(method, body) & {*GRANTED, "functional", "comfort", "empty"} | GRANTED
    )
    if status in REJECTED:
        assert granted <= GRANTED
    else:
        assert granted <= named_in(method, body)


def check_address(query: bytes) -> None:
    """Check that every query gets the settings, without any of its own text in a header."""
    FAILURES.clear()
    request = request_of("GET", FORM, b"", b"", query=query.decode("latin-1"))
    visit = GATE.visit(request.headers)
    response = PAGES.respond(request, visit)
    assert response.status == 200
    assert FAILURES == []
    assert all(query not in value for _, value in response.headers if len(query) > 20)


def named_in(method: str, body: bytes) -> set[str]:
    """Return the categories that a body names."""
    if method == "PUT":
        return strings_in(body)
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
    answer = dict(pairs).get("answer")
    if answer == "all":
        return set(GATE.registry.offered)
    return {value for name, value in pairs if name == "category" and answer == "these"}


def strings_in(body: bytes) -> set[str]:
    """Return the texts in the list "granted" of a JSON object."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return set()
    granted = read.get("granted") if isinstance(read, dict) else None
    return {one for one in granted if isinstance(one, str)} if isinstance(granted, list) else set()


def submit(
    method: str, content_type: tuple[bytes, bytes], body: bytes, *, cookies: bytes = b""
) -> tuple[int, set[str], bytes]:
    """Send a choice. Return the status, what is granted afterwards, and the response's head."""
    FAILURES.clear()
    request = request_of(method, content_type, body, cookies)
    visit = GATE.visit(request.headers)
    submission = PAGES.submit(request, visit)
    visit.context.commit()
    response = PAGES.respond(request, visit, submission)
    headers = visit.respond(response.headers)
    assert FAILURES == []
    head = b"".join(name + value for name, value in headers)
    return response.status, set(visit.consent.granted), head


def request_of(
    method: str, content_type: tuple[bytes, bytes], body: bytes, cookies: bytes, query: str = ""
) -> PageRequest:
    headers = (
        (b"host", b"shop.example"),
        (b"sec-fetch-site", b"same-origin"),
        content_type,
        (b"cookie", CONSENT),
        (b"cookie", cookies),
    )
    path = "/cookies/api" if method == "PUT" else "/cookies"
    return PageRequest(method=method, path=path, headers=headers, body=body, query=query)


def _consent(gate: Gate) -> bytes:
    return gate.issue(GRANTED, now=NOON).partition(";")[0].encode()


CONSENT: Final = _consent(GATE)
