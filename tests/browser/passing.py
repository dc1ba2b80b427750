"""One Set-Cookie value through the gate, in both adapters."""

import time
from concurrent.futures import ThreadPoolExecutor

from cookiegate import Registry
from tests.adapters import ADAPTERS, nothing
from tests.browser.server import HOST
from tests.registries import gate_for


def leaving(registry: Registry, header: bytes) -> list[bytes]:
    """
    Return what the ASGI and the WSGI adapter send to a visitor without a choice.

    Both must be the same, so that one test in a browser covers both.
    """
    gate = gate_for(registry, clock=time.time)
    request = [(b"host", HOST.encode())]
    # In another thread: in this one, Playwright's event loop is running.
    with ThreadPoolExecutor(1) as thread:
        asgi, wsgi = (
            thread.submit(
                ADAPTERS[adapter], gate, request, [(b"set-cookie", header)], nothing
            ).result()
            for adapter in ("asgi", "wsgi")
        )
    assert asgi == wsgi
    return [value for name, value in asgi if name == b"set-cookie"]
