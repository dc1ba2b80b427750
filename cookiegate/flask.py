"""Flask: `CookieGate(app)`, configured by `COOKIEGATE_*`; and `current_visit` in views."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

from flask import Flask, current_app, g, has_request_context, request
from flask.templating import Environment
from markupsafe import Markup
from werkzeug.local import LocalProxy

from . import tags
from .middleware.options import (
    GATE_OPTIONS,
    OPTIONS,
    Gates,
    MiddlewareOptions,
    has_verdict_callback,
)
from .middleware.shadowing import warn_of_shadowed
from .registry import Registry
from .visit import ENVIRON_KEY, PAGES_KEY, Visit
from .wsgi import CookieGateMiddleware

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from .pages import Pages
    from .pages.looks import Layout

__all__ = [
    "CookieGate",
    "consent_mode_script",
    "cookie_banner",
    "current_visit",
    "gated_frame",
    "gated_script",
    "google_tag",
]

_EXTENSION = "cookiegate"


class CookieGate:
    """
    Puts Flask applications behind a gate. It keeps no state of an application.

    Each option is an argument, or `COOKIEGATE_{NAME}` in the application's configuration; the
    argument takes precedence. The defaults:

    * `registry` is "cookiegate.toml"; a relative path is looked up beside the application
      (`app.root_path`), then in the working directory.
    * `secret_key` is `SECRET_KEY` with `SECRET_KEY_FALLBACKS`.

    `COOKIEGATE_GATE`, a gate or several by host name, replaces the options that make a gate.

    Args:
        app: The application; or call `init_app` later.
        gate: A gate, or several by host name.
        options: See `cookiegate.middleware.options.MiddlewareOptions`.

    Raises:
        TypeError: There is no such option; or a gate and an argument that makes one are both given.
        RegistryError: The registry file has problems.
        ValueError: The secret key is missing or too short, or an option has a wrong value.
    """

    def __init__(
        self,
        app: Flask | None = None,
        gate: Gates | None = None,
        **options: Unpack[MiddlewareOptions],
    ) -> None:
        if unknown := [name for name in options if name not in OPTIONS]:
            raise TypeError(f"unknown option {unknown[0]!r}; there are {', '.join(OPTIONS)}")
        self._gate = gate
        self._options = options
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """
        Put an application behind the gate.

        Args:
            app: The application.

        Raises:
            RuntimeError: The application is behind a gate already.
        """
        if _EXTENSION in app.extensions:
            raise RuntimeError("this application is behind a gate already; call init_app once")
        gate: Gates | None = self._gate
        if gate is None:
            gate = app.config.get("COOKIEGATE_GATE")
        options = self._read_options(app, makes_gate=gate is None)
        middleware = CookieGateMiddleware(app.wsgi_app, gate, **options)
        if has_verdict_callback(middleware.setup):
            middleware.app = _RouteFinder(middleware.app)
        if (pages := middleware.setup.pages) is not None:
            middleware.app = _FirstRequest(middleware, app, pages)
        app.extensions[_EXTENSION] = middleware
        # Flask's documented place for middleware; typed as the method that it is by default.
        vars(app)["wsgi_app"] = middleware
        _add_globals(app)

    def _read_options(self, app: Flask, *, makes_gate: bool) -> MiddlewareOptions:
        names = OPTIONS if makes_gate else [name for name in OPTIONS if name not in GATE_OPTIONS]
        read: dict[str, Any] = {
            name: value
            for name in names
            if (value := app.config.get(f"COOKIEGATE_{name.upper()}")) is not None
        }
        read |= {name: value for name, value in self._options.items() if value is not None}
        if makes_gate:
            read["registry"] = _find_registry(app, read.get("registry", "cookiegate.toml"))
            read["secret_key"] = read.get("secret_key") or _flask_keys(app)
        return cast("MiddlewareOptions", read)


class _FirstRequest:
    # Looks at the routes once, when the application has all of them, and gets out of the way.

    def __init__(self, middleware: CookieGateMiddleware, app: Flask, pages: Pages) -> None:
        self._middleware = middleware
        self._inner = middleware.app
        self._flask = app
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._middleware.app = self._inner
        warn_of_shadowed(self._pages, (rule.rule for rule in self._flask.url_map.iter_rules()))
        return self._inner(environ, start_response)


def _find_visit() -> Visit:
    if not has_request_context():
        raise RuntimeError("current_visit works only in views: there is no request here")
    visit = request.environ.get(ENVIRON_KEY)
    if visit is None:
        raise RuntimeError(
            "this application is not behind a gate; call CookieGate(app) where it is made"
        )
    return cast("Visit", visit)


#: The visit of the request that is being answered.
current_visit: Visit = cast("Visit", LocalProxy(_find_visit))


def _visit_of_page() -> Visit | None:
    # An error page, or a template of a task, may be rendered outside of a request.
    if not has_request_context():
        return None
    if ENVIRON_KEY not in request.environ and _EXTENSION in current_app.extensions:
        return None
    return _find_visit()


def _nonce(given: str | None) -> str | None:
    # Flask-Talisman has it on the request.
    if given is not None or not has_request_context():
        return given
    found = getattr(request, "csp_nonce", None) or g.get("csp_nonce")
    return None if found is None else str(found)


def _language(given: str | None) -> str | None:
    # Flask-Babel's locale for this request, if the application uses that extension.
    babel: Any = sys.modules.get("flask_babel")
    if given is not None or babel is None or "babel" not in current_app.extensions:
        return given
    found = babel.get_locale()
    return None if found is None else str(found)


def _pages_of_page() -> tuple[Any, Any]:
    # The pages, and the request as they have it.
    pages = request.environ.get(PAGES_KEY)
    if pages is None:
        raise RuntimeError("the gate has no pages; give CookieGate(app, pages=Pages(gate))")
    # Imported lazily: it is in the extra `pages`.
    from .pages.wsgi import request_of

    return pages, request_of(request.environ)


def cookie_banner(
    *,
    lang: str | None = None,
    layout: Layout | None = None,
    settings_button: bool | None = None,
    cacheable: bool = False,
    nonce: str | None = None,
) -> Markup:
    """
    Return the banner, or the link to the settings: `{{ cookie_banner() }}` in a template.

    Outside of a request, as in some error pages, it is "".

    Args:
        lang: The page's language; None for Flask-Babel's locale, or else the visitor's.
        layout: "bar" at the bottom edge of the screen, "page" as a part of the page, "auto" as a
            bar on screens of up to 640 pixels; None for the pages' `layout`.
        settings_button: Whether the link to the settings is a button in a corner of the screen;
            None for the pages' `settings_button`.
        cacheable: Whether every visitor gets the same bytes; see docs/asking.md.
        nonce: The nonce of the page's Content-Security-Policy; None for `request.csp_nonce` or
            `g.csp_nonce`. A cacheable banner has only the one that is given.

    Raises:
        RuntimeError: The gate has no pages, or the application is not behind one.
        ValueError: There is no such layout.
    """
    visit = _visit_of_page()
    if visit is None:
        return Markup()
    pages, call = _pages_of_page()
    banner = pages.banner(
        call,
        visit,
        # A cacheable banner has nothing of the request.
        language=lang if cacheable else _language(lang),
        layout=layout,
        settings_button=settings_button,
        cacheable=cacheable,
        nonce=nonce if cacheable else _nonce(nonce),
    )
    return Markup(banner)


def gated_script(
    category: str,
    *,
    service: str | None = None,
    src: str | None = None,
    text: str | None = None,
    nonce: str | None = None,
    held: bool = True,
    cacheable: bool = False,
    **attributes: str | bool | None,
) -> Markup:
    """
    Return a script that runs if its category is allowed; see `cookiegate.tags.gated_script`.

    The nonce is found as in `cookie_banner`.
    """
    return Markup(
        tags.gated_script(
            _visit_of_page(),
            category,
            service=service,
            src=src,
            text=text,
            nonce=nonce if cacheable else _nonce(nonce),
            held=held,
            cacheable=cacheable,
            **attributes,
        )
    )


def gated_frame(
    category: str,
    *,
    src: str,
    title: str,
    service: str | None = None,
    picture: str | None = None,
    lang: str | None = None,
    cacheable: bool = False,
    **attributes: str | bool | None,
) -> Markup:
    """
    Return an iframe that loads if its category is allowed; see `cookiegate.pages.Pages.frame`.

    Outside of a request it is "".

    Args:
        category: The category's id.
        src: The frame's address.
        title: What it shows.
        service: The id of the service that it contacts.
        picture: The address of a picture of the site's own, for the placeholder.
        lang: The page's language, as in `cookie_banner`.
        cacheable: Whether the element is the same for every visitor.
        attributes: More attributes, such as `width="560"`.

    Raises:
        RuntimeError: The gate has no pages, or the application is not behind one.
        ValueError: The registry has no such category or service, the address is not one of
            the web, or an attribute would change what is held back.
    """
    visit = _visit_of_page()
    if visit is None:
        return Markup()
    pages, call = _pages_of_page()
    frame = pages.frame(
        call,
        visit,
        category,
        src=src,
        title=title,
        service=service,
        picture=picture,
        language=lang if cacheable else _language(lang),
        cacheable=cacheable,
        attributes=attributes,
    )
    return Markup(frame)


def consent_mode_script(*, nonce: str | None = None) -> Markup:
    """Return a script for Google's consent mode; see `cookiegate.tags.consent_mode_script`."""
    return Markup(tags.consent_mode_script(_visit_of_page(), nonce=_nonce(nonce)))


def google_tag(
    id: str, *, category: str, service: str | None = None, nonce: str | None = None
) -> Markup:
    """Return Google's tag behind consent mode; see `cookiegate.tags.google_tag`."""
    visit = _visit_of_page()
    return Markup(
        tags.google_tag(visit, id, category=category, service=service, nonce=_nonce(nonce))
    )


_GLOBALS: Final = {
    "consent_mode_script": consent_mode_script,
    "cookie_banner": cookie_banner,
    "current_visit": current_visit,
    "gated_frame": gated_frame,
    "gated_script": gated_script,
    "google_tag": google_tag,
}


def _add_globals(app: Flask) -> None:
    # Globals of Jinja, so that macros have them which are imported without the context. The
    # environment is made on first use, and then no option of it can be changed: do not make it.
    if "jinja_env" in vars(app):
        app.jinja_env.globals.update(_GLOBALS)
        return
    make = app.create_jinja_environment

    def make_with_globals() -> Environment:
        environment = make()
        environment.globals.update(_GLOBALS)
        return environment

    vars(app)["create_jinja_environment"] = make_with_globals


def _find_registry(app: Flask, registry: Registry | str | os.PathLike[str]) -> Registry | str:
    if isinstance(registry, Registry):
        return registry
    text = os.fspath(registry)
    beside = Path(app.root_path, text)
    return str(beside) if not text.startswith("cookiegate:") and beside.exists() else text


def _flask_keys(app: Flask) -> Sequence[str | bytes]:
    keys = [app.config.get("SECRET_KEY"), *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return [key for key in keys if key]


class _RouteFinder:
    # Gives the request's context the route that answers, for the verdict callback.

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self._wsgi_app = wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        context = environ[ENVIRON_KEY].context
        context.find_route = partial(_template, environ)
        try:
            return self._wsgi_app(environ, start_response)
        finally:
            # The environ holds the visit. A response that starts later still needs the route.
            if not context.is_in_progress:
                context.find_route = None


def _template(environ: WSGIEnvironment) -> str | None:
    # werkzeug's request stores itself in the environ.
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return None if rule is None else str(rule.rule)
