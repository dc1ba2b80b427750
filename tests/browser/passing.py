"""One Set-Cookie value through the gate, behind both adapters."""

import time
from concurrent.futures import ThreadPoolExecutor

from cookiegate import Registry
from tests.adapters import ADAPTERS, nothing
from tests.browser.server import HOST
from tests.registries import gate_for


def leaving(registry: Registry, header: bytes) -> list[bytes]:
    """
    What a visitor without a choice is sent: the bytes that the ASGI and the WSGI adapter hand on.

    They are the same, so that a browser that is sent one was sent both.
    """
    gate = gate_for(registry, clock=time.time)
    request = [(b"host", HOST.encode())]
    # A thread of its own: in this one, Playwright's event loop is running.
    with ThreadPoolExecutor(1) as thread:
        asgi, wsgi = (
            thread.submit(
                ADAPTERS[adapter], gate, request, [(b"set-cookie", header)], nothing
            ).result()
            for adapter in ("asgi", "wsgi")
        )
    assert asgi == wsgi
    return [value for name, value in asgi if name == b"set-cookie"]
