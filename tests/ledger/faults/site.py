"""A real site with a ledger, in a process that tests may kill at any time.

As a program it serves ASGI with uvicorn, in a process that is restarted whenever it has ended, as
systemd would do; `make_wsgi` is for gunicorn, which does the same. The options are in an
environment variable, and the socket is inherited.
"""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import msgspec
import uvicorn

from cookiegate import Gate
from cookiegate.asgi import CookieGateMiddleware as ASGIMiddleware
from cookiegate.ledger import Ledger
from cookiegate.pages import Pages
from cookiegate.wsgi import CookieGateMiddleware as WSGIMiddleware
from tests.registries import KEY, shop

__all__ = ["HEALTH", "OPTIONS", "PROCESS", "SiteOptions", "gate_of", "make_wsgi"]

#: The environment variable.
OPTIONS: Final = "COOKIEGATE_FAULTS_SITE"
#: A header of each response: the id of the process.
PROCESS: Final = "x-process"
HEALTH: Final = "/health"


class SiteOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the site's ledger."""

    url: str
    spool: str
    timeout: float = 2.0
    min_free_bytes: int = 0
    spool_bytes: int = 1 << 26


def gate_of() -> Gate:
    """Return the site's gate, which can also read its consent cookies in tests."""
    return Gate(shop(), KEY)


def make_wsgi() -> Any:
    """The site, for WSGI."""
    options = _options()
    ledger, gate = _ledger(options), gate_of()

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [msgspec.json.encode(ledger.health()) if environ["PATH_INFO"] == HEALTH else b"."]

    middleware = WSGIMiddleware(app, gate, pages=_pages(gate), recorder=ledger)

    def named(environ: Any, start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, (PROCESS, str(os.getpid()))], exc_info)

        return middleware(environ, start)

    return named


def make_asgi(ledger: Ledger) -> Any:
    """
    The site, for ASGI.

    Args:
        ledger: Its recorder.
    """
    gate = gate_of()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = b"."
        if scope["path"] == HEALTH:
            body = msgspec.json.encode(await asyncio.to_thread(ledger.health))
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    middleware = ASGIMiddleware(app, gate, pages=_pages(gate), recorder=ledger)
    name = (PROCESS.encode(), str(os.getpid()).encode())

    async def named(scope: Any, receive: Any, send: Any) -> None:
        async def pass_on(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], name]}
            await send(message)

        await middleware(scope, receive, pass_on)

    return named


def main(descriptor: int) -> None:
    """
    Serve until SIGTERM.

    Args:
        descriptor: The listening socket's.
    """
    options = _options()
    # Signals are waited for, not handled, so that none interrupts other code.
    awaited = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    with socket.socket(fileno=descriptor) as listener:
        serve_one = partial(_serve, listener, options)
        child = _fork(serve_one)
        while signal.sigwait(awaited) != signal.SIGTERM:
            # One signal may stand for several ended processes.
            while os.waitpid(child, os.WNOHANG)[0]:
                child = _fork(serve_one)
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _fork(work: Any) -> int:
    child = os.fork()
    if child:
        return child
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
        work()
    finally:
        os._exit(0)


def _serve(listener: socket.socket, options: SiteOptions) -> None:
    ledger = _ledger(options)
    # Start now, not with the first choice, to take over other processes' spools at once.
    ledger.start()
    config = uvicorn.Config(make_asgi(ledger), log_level="error", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])
    ledger.close()


def _options() -> SiteOptions:
    return msgspec.json.decode(os.environ[OPTIONS], type=SiteOptions)


def _pages(gate: Gate) -> Pages:
    return Pages(gate, choices_per_second=1e6, choices_at_once=1_000_000)


def _ledger(options: SiteOptions) -> Ledger:
    return Ledger(
        options.url,
        spool=options.spool,
        timeout=options.timeout,
        min_free_bytes=options.min_free_bytes,
        spool_bytes=options.spool_bytes,
        refusals="keep",
        on_error=_say,
    )


def _say(error: Exception) -> None:
    text = str(error).partition("\n")[0]
    print(f"{time.time():.3f} {os.getpid()} {type(error).__name__}: {text}", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]))
