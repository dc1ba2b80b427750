"""A real server for an example shop, on a free port of the loopback."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from werkzeug.serving import make_server

import flask_shop
import starlette_shop
from cookiegate import Gate
from cookiegate.ledger import Ledger

HOST = "127.0.0.1"


@contextmanager
def serve_wsgi(app: Any, port: int = 0) -> Iterator[int]:
    """Serve a WSGI application while the context lasts. Yield the port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(HOST, port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serve_asgi(app: Any, port: int = 0) -> Iterator[int]:
    """Serve an ASGI application while the context lasts. Yield the port."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    with socket.create_server((HOST, port)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def serve_flask(
    gate: Gate, port: int = 0, recorder: Ledger | None = None
) -> Iterator[tuple[str, int]]:
    """Serve the Flask shop while the context lasts. Yield the address."""
    with serve_wsgi(flask_shop.make_site(gate, recorder), port) as taken:
        yield HOST, taken


@contextmanager
def serve_starlette(
    gate: Gate, port: int = 0, recorder: Ledger | None = None
) -> Iterator[tuple[str, int]]:
    """Serve the Starlette shop while the context lasts. Yield the address."""
    with serve_asgi(starlette_shop.make_site(gate, recorder), port) as taken:
        yield HOST, taken


SITES = {"flask": serve_flask, "starlette": serve_starlette}
