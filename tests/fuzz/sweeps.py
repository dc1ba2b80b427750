"""Claims about the sweep: any Cookie header, against the model."""

from cookiegate.enforcement.sweep import MOST_COOKIES
from tests.fuzz import model
from tests.fuzz.headers import GRANTS, SIGNALS, Pair, allowed_by, request_of
from tests.registries import NOON, gate_for, shop

__all__ = ["check_sweep"]

REGISTRY = shop()
OPENS_PAGE = [(b"sec-fetch-dest", b"document"), (b"sec-fetch-site", b"same-origin")]
# nginx reads a response's head into 4 KB.
MOST_BYTES = 4096


def check_sweep(data: bytes) -> None:
    """Check a page load: one byte chooses the visitor, one what the response weighs."""
    if len(data) < 2:
        return
    grant, signals = data[0] % len(GRANTS), (data[0] >> 4) % len(SIGNALS)
    response = [(b"x", b"y" * (data[1] * 20))]
    cookies = data[2:]
    gate = gate_for(REGISTRY)
    request = [*request_of(gate, grant, signals, 1), *OPENS_PAGE, (b"cookie", cookies)]
    leaves = gate.visit(request).respond(response)

    assert leaves[: len(response)] == response
    deletions = [value for name, value in leaves if name == b"set-cookie"]
    assert not deletions or has_reason(grant, signals)
    assert len(deletions) <= MOST_COOKIES
    assert not deletions or weight(leaves) <= MOST_BYTES
    sent = [model.trim(name) for name in names_in(cookies.decode("latin-1"))]
    allowed = allowed_by(grant, signals)
    deleted = set()
    for deletion in deletions:
        cookie = model.read(deletion.decode("latin-1"))
        assert cookie.deletes(NOON)
        assert deletion.partition(b"=")[2].startswith(b";")
        assert deletion.isascii()
        (name,) = cookie.names
        deleted.add(name)
        assert name in sent
        assert is_refused(name, allowed)
    # A few names fit into a light response, so no plain one is left. Of more than 256 pairs, empty
    # ones included, the rest is not read. Planted consent cookies may hide the visitor's choice,
    # and then nothing is swept.
    refused = {name for name in sent if is_refused(name, allowed)}
    due = set(filter(is_plain, refused))
    is_light = data[1] < 10 and len(refused) <= 3 and cookies.count(b";") <= 200
    if is_light and has_reason(grant, signals) and b"cookiegate" not in cookies:
        assert due <= deleted


def has_reason(grant: int, signals: int) -> bool:
    """Return whether the visitor has chosen, or sends a signal."""
    return GRANTS[grant] is not None or bool(SIGNALS[signals])


def is_refused(name: str, allowed: set[str]) -> bool:
    """Return whether the name is registered, and no entry of it is allowed."""
    rows = [row for row in model.ROWS if row[0] == name] or [
        row for row in model.ROWS if not isinstance(row[0], str) and row[0](name)
    ]
    return bool(rows) and all(row[1] not in allowed for row in rows)


def is_plain(name: str) -> bool:
    """Return whether every server and browser takes the name in a Set-Cookie."""
    return len(name) <= 60 and all(
        one.isascii() and (one.isalnum() or one in "_-.") for one in name
    )


def names_in(header: str) -> list[str]:
    """Return what stands before the first "=" of each pair."""
    found, rest = [], header
    while True:
        pair, more = model.cut(rest, ";")
        name, value = model.cut(pair, "=")
        if value is not None:
            found.append(name)
        if more is None:
            return found
        rest = more


def weight(headers: list[Pair]) -> int:
    """Return the bytes of a response's head, with a short status line."""
    return len("HTTP/1.1 200 OK\r\n\r\n") + sum(len(n) + len(v) + 4 for n, v in headers)
