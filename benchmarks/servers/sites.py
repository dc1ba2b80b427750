"""The sites that servers serve, each with nothing, with the gate, or with other middleware.

None has a database: the less an application does, the more its middleware counts. Each sends
cookies with new values, and always as many bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.servers.padding import AsgiPadding, WsgiPadding
from benchmarks.servers.traffic import SESSION
from benchmarks.subjects import ATTRIBUTES, COMMON, KEPT, KEY, STRIPPED, registry
from cookiegate import Gate

__all__ = ["BARE", "CACHE_HEADERS", "GATE", "SITES", "Site"]

#: What each site can have around it. The last is a wrapper that does nothing but set what the gate
#: sets for caches: the least that a response which depends on the visitor costs.
BARE, GATE, CACHE_HEADERS = "nothing", "the gate", "the headers for caches alone"
_HERE = Path(__file__).parent
_TEMPLATE = "invoices.html"
_numbers = itertools.count()


@dataclass(frozen=True)
class Site:
    """A site, its requests, and what stands around it."""

    #: Make the application with nothing, with the gate, or with other middleware.
    make: Callable[[str], Any]
    is_asgi: bool
    #: A key of `traffic.KINDS`.
    kind: str
    #: The number of Set-Cookie headers of a response.
    cookies: int
    #: Other middleware that it can have around it, by name.
    peers: tuple[str, ...] = ()

    def application(self, around: str, stripped: Sequence[int]) -> Any:
        """
        Return the application, whose responses have the same size with the gate and without.

        Args:
            around: `BARE`, `GATE`, `CACHE_HEADERS`, or one of `peers`.
            stripped: The lengths of the Set-Cookie values that the gate strips.
        """
        padding: Any = AsgiPadding if self.is_asgi else WsgiPadding
        app = self.make(around)
        if around == CACHE_HEADERS:
            app = _asgi_cache_headers(app) if self.is_asgi else _wsgi_cache_headers(app)
        return padding(app, self.cookies, stripped)


def set_cookies(cookies: int, n: int) -> list[tuple[str, str]]:
    """Return Set-Cookie headers of the n-th response: every other one is not allowed."""
    found = []
    for index in range(cookies):
        names = STRIPPED if index % 2 else KEPT
        value = f"{n % 10_000_000:07d}.{index}{ATTRIBUTES[index % len(ATTRIBUTES)]}"
        found.append(("set-cookie", f"{names[index // 2]}={value}"))
    return found


_FOR_CACHES = [("cache-control", "private, max-age=0"), ("vary", "Cookie, DNT, Sec-GPC")]


def _asgi_cache_headers(app: Any) -> Any:
    added = [(name.encode(), value.encode()) for name, value in _FOR_CACHES]

    async def wrapper(scope: Any, receive: Any, send: Any) -> None:
        async def send_more(message: Any) -> None:
            if message["type"] == "http.response.start":
                others = [pair for pair in message["headers"] if pair[0] != b"cache-control"]
                message["headers"] = others + added
            await send(message)

        await app(scope, receive, send_more)

    return wrapper


def _wsgi_cache_headers(app: Any) -> Any:
    def wrapper(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            others = [pair for pair in headers if pair[0].lower() != "cache-control"]
            return start_response(status, others + _FOR_CACHES, exc_info)

        return app(environ, start)

    return wrapper


@cache
def _gate() -> Gate:
    return Gate(registry(), KEY)


def _bare_headers() -> list[tuple[str, str]]:
    n = next(_numbers)
    size = {"content-length": "2000"}
    common = [(name, size.get(name, value.format(n=f"{n:07d}"))) for name, value in COMMON]
    return common + set_cookies(5, n)


def _bare(around: str) -> Any:
    from cookiegate.asgi import CookieGateMiddleware

    async def site(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError(scope["type"])
        headers = [(n.encode(), v.encode()) for n, v in _bare_headers()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok" * 1000})

    return CookieGateMiddleware(site, _gate()) if around == GATE else site


def _wsgi_bare(around: str) -> Any:
    from cookiegate.wsgi import CookieGateMiddleware

    def site(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", _bare_headers())
        return [b"ok" * 1000]

    return CookieGateMiddleware(site, _gate()) if around == GATE else site


def _content() -> dict[str, Any]:
    invoices = [
        {
            "number": 100_000 + row,
            "customer": f"Smörgås & Söner <{row}>",
            "amount": f"{row * 1234.5:.2f}",
            "state": "paid" if row % 3 else "sent",
            "overdue": row % 5 == 0,
        }
        for row in range(20)
    ]
    return {"language": "sv", "title": "Invoices", "site": "Billogram", "invoices": invoices}


def _send_cookies(response: Any) -> Any:
    # Starlette's, Flask's and Django's responses have the same method.
    n = f"{next(_numbers) % 10_000_000:07d}"
    response.set_cookie("language", n, max_age=2592000, path="/", samesite="lax")
    response.set_cookie("_fbp", n, max_age=7776000, path="/", samesite="lax")
    return response


def _starlette(answer: Callable[[], Any]) -> Callable[[str], Any]:
    def make(around: str) -> Any:
        from starlette.applications import Starlette
        from starlette.middleware.cors import CORSMiddleware
        from starlette.middleware.gzip import GZipMiddleware
        from starlette.middleware.sessions import SessionMiddleware
        from starlette.routing import Route

        from cookiegate.starlette import install

        respond = answer()

        async def view(request: Any) -> Any:
            return _send_cookies(respond(request))

        app = Starlette(routes=[Route("/", view)])
        if around == GATE:
            install(app, _gate())
        elif around == "SessionMiddleware":
            app.add_middleware(SessionMiddleware, secret_key=KEY, session_cookie=SESSION)
        elif around == "CORSMiddleware":
            app.add_middleware(CORSMiddleware, allow_origins=["https://www.billogram.com"])
        elif around == "GZipMiddleware":
            app.add_middleware(GZipMiddleware)
        elif around == "asgi-csrf":
            return import_module("asgi_csrf").asgi_csrf(app, signing_secret=KEY)
        return app

    return make


def _json() -> Callable[[Any], Any]:
    from starlette.responses import JSONResponse

    content = {**_content(), "invoices": _content()["invoices"][:3]}
    return lambda request: JSONResponse(content)


def _jinja_page() -> Callable[[Any], Any]:
    from starlette.templating import Jinja2Templates

    pages = Jinja2Templates(directory=_HERE / "templates")
    return lambda request: pages.TemplateResponse(request, _TEMPLATE, _content())


def _flask(around: str) -> Any:
    from flask import Flask, make_response, render_template

    from cookiegate.flask import CookieGate

    app = Flask(__name__, template_folder=str(_HERE / "templates"))

    @app.get("/")
    def view() -> Any:
        return _send_cookies(make_response(render_template(_TEMPLATE, **_content())))

    if around == GATE:
        CookieGate(app, _gate())
    elif around == "whitenoise":
        return import_module("whitenoise").WhiteNoise(app.wsgi_app, root=str(_HERE))
    return app


_DJANGO: Mapping[str, Sequence[str]] = {
    GATE: ("cookiegate.django.CookieGateMiddleware",),
    "SessionMiddleware and CsrfViewMiddleware": (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ),
    "whitenoise": ("whitenoise.middleware.WhiteNoiseMiddleware",),
}


def _django(around: str) -> Any:
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.shortcuts import render
    from django.urls import path

    def view(request: Any) -> Any:
        return _send_cookies(render(request, _TEMPLATE, _content()))

    settings.configure(
        ALLOWED_HOSTS=["*"],
        COOKIEGATE_GATE=_gate(),
        INSTALLED_APPS=["cookiegate.django"] if around == GATE else [],
        MIDDLEWARE=[
            *_DJANGO.get(around, ()),
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
        ],
        ROOT_URLCONF=type("urls", (), {"urlpatterns": [path("", view)]}),
        SECRET_KEY=KEY,
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        STATIC_ROOT=str(_HERE / "templates"),
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [_HERE / "templates"],
            }
        ],
    )
    django.setup()
    return get_wsgi_application()


SITES: Mapping[str, Site] = {
    "bare": Site(_bare, is_asgi=True, kind="plain", cookies=5),
    "Starlette JSON": Site(
        _starlette(_json),
        is_asgi=True,
        kind="script",
        cookies=2,
        peers=("SessionMiddleware", "CORSMiddleware", "GZipMiddleware", "asgi-csrf"),
    ),
    "Starlette page": Site(_starlette(_jinja_page), is_asgi=True, kind="page", cookies=2),
    "bare WSGI": Site(_wsgi_bare, is_asgi=False, kind="plain", cookies=5),
    "Flask page": Site(_flask, is_asgi=False, kind="page", cookies=2, peers=("whitenoise",)),
    "Django page": Site(
        _django,
        is_asgi=False,
        kind="page",
        cookies=2,
        peers=("SessionMiddleware and CsrfViewMiddleware", "whitenoise"),
    ),
}
