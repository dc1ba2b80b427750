"""Applications of packages that are neither ASGI nor WSGI: no gate can be around them.

Their cookies are judged one by one, as an edge does it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .browser import Browser, Site
from .trials import KEY, load, trial


@contextmanager
def _loop(site: Site, serve: Callable[[socket.socket], Any]) -> Iterator[Browser]:
    """Run a coroutine that serves a socket in a thread, until the end of the block."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(listening), loop).result(60)
    try:
        yield site.server(port)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@contextmanager
def _process(site: Site, *command: str, **environ: str) -> Iterator[Browser]:
    """Run `python -m …` with a free port for PORT, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", *(part.replace("PORT", str(port)) for part in command)]
    with subprocess.Popen(
        argv,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environ},
        cwd=tempfile.mkdtemp(),
    ) as process:
        try:
            browser = site.server(port)
            end = time.monotonic() + 60
            while True:
                try:
                    browser.get("/")
                    break
                except OSError:
                    if time.monotonic() > end or process.poll() is not None:
                        raise
                    time.sleep(0.2)
            yield browser
        finally:
            process.terminate()
            process.wait(20)


@trial("tornado")
def tornado(site: Site) -> None:
    web = load("tornado.web")

    def get(self: Any) -> None:
        self.write(self.xsrf_form_html())

    page = type("Page", (web.RequestHandler,), {"get": get})
    app = web.Application([("/", page)], cookie_secret=KEY, xsrf_cookies=True)

    async def serve(listening: socket.socket) -> None:
        listening.setblocking(False)
        load("tornado.httpserver").HTTPServer(app).add_socket(listening)

    with _loop(site, serve) as browser:
        assert browser.get("/").status == 200


def _aiohttp(setup: Callable[[Any], None], page: Callable[[Any], Any]) -> Callable[..., Any]:
    web = load("aiohttp.web")

    async def serve(listening: socket.socket) -> None:
        app = web.Application()
        setup(app)
        app.router.add_get("/", page)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.SockSite(runner, listening).start()

    return serve


@trial("aiohttp-session", "cryptography")
def aiohttp_session(site: Site) -> None:
    module, web = load("aiohttp_session"), load("aiohttp.web")
    storage = load("aiohttp_session.cookie_storage").EncryptedCookieStorage(b"0" * 32)

    async def page(request: Any) -> Any:
        session = await module.get_session(request)
        session["seen"] = session.get("seen", 0) + 1
        return web.Response(text=str(session["seen"]))

    with _loop(site, _aiohttp(lambda app: module.setup(app, storage), page)) as browser:
        browser.get("/")
        assert browser.get("/").text == "2"


@trial("aiohttp-security")
def aiohttp_security(site: Site) -> None:
    module, web = load("aiohttp_security"), load("aiohttp.web")
    policy = module.AbstractAuthorizationPolicy

    async def authorized_userid(self: Any, identity: str) -> str:
        return identity

    async def permits(self: Any, identity: str, permission: str, context: Any = None) -> bool:
        return True

    traits = {"authorized_userid": authorized_userid, "permits": permits}
    made = type("Policy", (policy,), traits)()

    async def page(request: Any) -> Any:
        response = web.Response(text=str(await module.authorized_userid(request)))
        await module.remember(request, response, "ann")
        return response

    def setup(app: Any) -> None:
        module.setup(app, module.CookiesIdentityPolicy(), made)

    with _loop(site, _aiohttp(setup, page)) as browser:
        browser.get("/")
        assert browser.get("/").text == "ann"


@trial("jupyter-server")
def jupyter_server(site: Site) -> None:
    options = ["--ServerApp.port=PORT", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    with _process(site, "jupyter_server", *options, "--IdentityProvider.token=secret") as browser:
        browser.get("/login")
        assert browser.get("/tree?token=secret").status in (200, 302, 404)
        assert browser.get("/api/sessions?token=secret").status == 200


@trial("streamlit")
def streamlit(site: Site) -> None:
    page = Path(tempfile.mkdtemp(), "page.py")
    page.write_text("import streamlit\nstreamlit.write('hello')\n")
    options = ["--server.port=PORT", "--server.headless=true", "--server.address=127.0.0.1"]
    with _process(site, "streamlit", "run", str(page), *options) as browser:
        browser.get("/_stcore/host-config")
        browser.get("/_stcore/health")


@trial("panel")
def panel(site: Site) -> None:
    page = Path(tempfile.mkdtemp(), "page.py")
    page.write_text("import panel\npanel.pane.Markdown('hello').servable()\n")
    options = ["--port=PORT", "--basic-auth=secret", f"--cookie-secret={KEY}"]
    with _process(site, "panel", "serve", str(page), *options) as browser:
        browser.get("/login")
        browser.post("/login", {"username": "ann", "password": "secret"})
