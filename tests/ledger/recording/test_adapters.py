"""The ledger as the recorder of a middleware, and the address of the request."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cookiegate import Visit
from cookiegate.asgi import CookieGateMiddleware as ASGIMiddleware
from cookiegate.consent.choice import Choice
from cookiegate.ledger import AsyncLedger, Ledger, LedgerError
from cookiegate.ledger.receipts import load_receipt
from cookiegate.ledger.storage.database import open_engine
from cookiegate.ledger.storage.store import Store
from cookiegate.middleware.options import resolve_recorder
from cookiegate.wsgi import CookieGateMiddleware as WSGIMiddleware
from tests.adapters import asgi_headers
from tests.registries import gate_for


class Recorder:
    """A recorder that is not a ledger."""

    def __init__(self) -> None:
        self.choices: list[Choice] = []

    def commit(self, choice: Choice) -> None:
        self.choices.append(choice)


class AsyncRecorder(Recorder):
    """The same for the ASGI middleware."""

    asgi: Any

    def __init__(self) -> None:
        super().__init__()
        keeps = self.choices

        class Awaited:
            async def commit(self, choice: Choice) -> None:
                keeps.append(choice)

        self.asgi = Awaited()


def by_asgi(recorder: Any, **scope: Any) -> list[Visit]:
    visits: list[Visit] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        visits.append(scope["cookiegate"])
        scope["cookiegate"].choose({"analysis"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    headers = asgi_headers(ASGIMiddleware(app, gate_for(), recorder=recorder), [], **scope)
    assert [name for name, _ in headers if name == b"set-cookie"]
    return visits


def by_wsgi(recorder: Any, **environ: Any) -> list[Visit]:
    visits: list[Visit] = []
    started: list[list[tuple[str, str]]] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        visits.append(environ["cookiegate.visit"])
        environ["cookiegate.visit"].choose({"analysis"})
        start_response("200 OK", [])
        return [b""]

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append(headers)

    middleware = WSGIMiddleware(app, gate_for(), recorder=recorder)
    b"".join(middleware({"REQUEST_METHOD": "GET", **environ}, start_response))
    assert [name for name, _ in started[0] if name == "set-cookie"]
    return visits


def bodies(url: str) -> list[bytes]:
    engine = open_engine(url)
    found = list(Store(engine).bodies())
    engine.dispose()
    return found


def test_a_middleware_without_a_recorder_has_none() -> None:
    assert resolve_recorder(None) is None
    assert resolve_recorder(None, is_async=True) is None


def test_a_custom_recorder_is_used_unchanged() -> None:
    recorder = Recorder()
    assert resolve_recorder(recorder) is recorder
    assert resolve_recorder(recorder, is_async=True) is recorder


def test_a_ledger_is_used_in_the_form_that_the_middleware_calls(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/consent.db")
    assert resolve_recorder(ledger) is ledger
    assert resolve_recorder(ledger, is_async=True) is ledger.asgi


def test_a_database_url_makes_a_ledger(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/consent.db"
    assert isinstance(resolve_recorder(url), Ledger)
    assert isinstance(resolve_recorder(url, is_async=True), AsyncLedger)
    with pytest.raises(LedgerError, match="in memory"):
        resolve_recorder("sqlite://")


@pytest.mark.parametrize("name", ["alembic", "cryptography", "filelock", "sqlalchemy"])
def test_the_error_without_the_extra_names_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [one for one in sys.modules if one.startswith("cookiegate.ledger")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=rf"needs {name}: pip install 'cookiegate\[ledger\]'"):
        resolve_recorder("sqlite:///consent.db")


def test_asgi_and_wsgi_write_receipts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/consent.db"
    ledger = Ledger(url, address="truncated")
    by_asgi(ledger, client=("192.0.2.77", 4711))
    by_wsgi(ledger, REMOTE_ADDR="2001:db8:1:2::3")
    ledger.close()
    kept = [load_receipt(body) for body in bodies(url)]
    assert [one.granted for one in kept] == [("analysis",)] * 2
    assert {one.address for one in kept} == {"192.0.2.0/24", "2001:db8:1::/48"}


@pytest.mark.parametrize(
    ("scope", "address"),
    [
        ({}, None),
        ({"client": None}, None),
        ({"client": ("192.0.2.77", 4711)}, "192.0.2.77"),
        ({"client": ["2001:db8::1", 0]}, "2001:db8::1"),
    ],
)
def test_an_asgi_choice_contains_the_address(scope: dict[str, Any], address: str | None) -> None:
    recorder = AsyncRecorder()
    by_asgi(recorder, **scope)
    assert [choice.address for choice in recorder.choices] == [address]


@pytest.mark.parametrize(
    ("environ", "address"), [({}, None), ({"REMOTE_ADDR": "192.0.2.77"}, "192.0.2.77")]
)
def test_a_wsgi_choice_contains_the_address(environ: dict[str, Any], address: str | None) -> None:
    recorder = Recorder()
    by_wsgi(recorder, **environ)
    assert [choice.address for choice in recorder.choices] == [address]
    assert "192.0.2" not in repr(recorder.choices)


def test_a_choice_without_a_recorder_contains_no_address() -> None:
    for visits in (
        by_asgi(None, client=("192.0.2.77", 4711)),
        by_wsgi(None, REMOTE_ADDR="192.0.2.77"),
    ):
        (choice,) = (visit.choice for visit in visits)
        assert choice is not None
        assert choice.address is None
