"""Flask: `CookieGate(app)`, configured by `COOKIEGATE_*`; and `current_visit` in views."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Flask, has_request_context, request
from markupsafe import Markup
from werkzeug.local import LocalProxy

from . import tags
from .gate import Gate
from .middleware.options import Gates, has_verdict_callback, listeners, resolve_pages
from .registry import Registry
from .visit import Visit
from .wsgi import CookieGateMiddleware

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = [
    "CookieGate",
    "consent_mode_script",
    "cookie_banner",
    "current_visit",
    "gated_script",
    "google_tag",
]

_EXTENSION = "cookiegate"
# Options of Gate that the configuration holds under the same name in capitals.
_OPTIONS = ("mode", "secure", "domain", "hook", "on_verdict", "on_error", "on_signal")


class CookieGate:
    """
    Puts Flask applications behind the gate. It holds nothing of an application itself.

    The configuration of the application, where an argument does not say otherwise:

    * `COOKIEGATE_REGISTRY`: the registry file, "cookiegate.toml" if absent; a relative path is
      looked for beside the application (`app.root_path`), then in the working directory.
    * `COOKIEGATE_SECRET_KEY`: one key or several, newest first; `SECRET_KEY` with
      `SECRET_KEY_FALLBACKS` if absent.
    * `COOKIEGATE_MODE`, `COOKIEGATE_SECURE`, `COOKIEGATE_DOMAIN`, `COOKIEGATE_HOOK`,
      `COOKIEGATE_ON_VERDICT`, `COOKIEGATE_ON_ERROR`,
      `COOKIEGATE_ON_SIGNAL`: see `Gate`.
    * `COOKIEGATE_REPORT`: a file in which verdicts and banners are counted, for `cookiegate
      report` and `cookiegate insights`; or a `cookiegate.reports.Counts`.
    * `COOKIEGATE_GATE`: a gate, or several by host name, in the place of all of these.
    * `COOKIEGATE_PAGES`, `COOKIEGATE_RECORDER`: see `cookiegate.wsgi.CookieGateMiddleware`.

    Args:
        app: The application; or call `init_app` later.
        gate: A gate, or several by host name.
        pages: Banner, settings and policy.
        recorder: Keeps proof of each choice: `Ledger(url)`, the url alone, or a `Recorder`.
        options: Any of `registry`, `secret_key`, `report` and the options of `Gate`.

    Raises:
        TypeError: There is no such option.
        RegistryError: The registry file has problems.
        ValueError: The secret key is missing or too short, or an option has a wrong value.
    """

    def __init__(
        self,
        app: Flask | None = None,
        gate: Gates | None = None,
        *,
        pages: Any = None,
        recorder: Any = None,
        **options: Any,
    ) -> None:
        known = ("registry", "secret_key", "report", *_OPTIONS)
        if unknown := [name for name in options if name not in known]:
            raise TypeError(f"unknown option {unknown[0]!r}; there are {', '.join(known)}")
        self._given = {"gate": gate, "pages": pages, "recorder": recorder, **options}
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """
        Put an application behind the gate.

        Raises:
            RuntimeError: It is behind one already.
        """
        if _EXTENSION in app.extensions:
            raise RuntimeError("this application is behind a gate already; call init_app once")
        read = partial(_setting, app, self._given)
        gate, pages = read("gate"), read("pages")
        if gate is None:
            gate = _make_gate(app, read)
            pages = resolve_pages(pages, gate, read("report"))
        door = CookieGateMiddleware(
            _Routed(app.wsgi_app) if has_verdict_callback(gate) else app.wsgi_app,
            gate,
            pages=pages,
            recorder=read("recorder"),
        )
        app.extensions[_EXTENSION] = door
        # Flask's documented place for middleware; typed as the method that it is by default.
        vars(app)["wsgi_app"] = door
        app.context_processor(lambda: dict(_IN_TEMPLATES))


def _find_visit() -> Visit:
    if not has_request_context():
        raise RuntimeError("current_visit is for views: there is no request here")
    visit = request.environ.get("cookiegate")
    if visit is None:
        raise RuntimeError(
            "this application is behind no gate; call CookieGate(app) where it is made"
        )
    return cast("Visit", visit)


#: The visit of the request that is being answered.
current_visit: Visit = cast("Visit", LocalProxy(_find_visit))


def cookie_banner(*, lang: str | None = None, cacheable: bool = False) -> Markup:
    """
    The banner, or the link to the settings: `{{ cookie_banner() }}` in a template.

    Args:
        lang: The page's language, where it has one of its own.
        cacheable: The same bytes for everyone; see docs/asking.md.

    Raises:
        RuntimeError: The gate has no pages.
    """
    visit = _find_visit()
    pages: Any = request.environ.get("cookiegate.pages")
    if pages is None:
        raise RuntimeError("the gate has no pages; give CookieGate(app, pages=Pages(gate))")
    # Here, not above: it is in the extra `pages`.
    from .pages.wsgi import request_of

    asked = request_of(request.environ)
    return Markup(pages.banner(asked, visit, language=lang, cacheable=cacheable))


def gated_script(category: str, **options: Any) -> Markup:
    """A script that runs where its category is allowed; see `cookiegate.tags.gated_script`."""
    return Markup(tags.gated_script(_find_visit(), category, **options))


def consent_mode_script(*, nonce: str | None = None) -> Markup:
    """Google's consent mode; see `cookiegate.tags.consent_mode_script`."""
    return Markup(tags.consent_mode_script(_find_visit(), nonce=nonce))


def google_tag(id: str, *, category: str, nonce: str | None = None) -> Markup:
    """Google's tag behind consent mode; see `cookiegate.tags.google_tag`."""
    return Markup(tags.google_tag(_find_visit(), id, category=category, nonce=nonce))


_IN_TEMPLATES: Final = {
    "consent_mode_script": consent_mode_script,
    "cookie_banner": cookie_banner,
    "current_visit": current_visit,
    "gated_script": gated_script,
    "google_tag": google_tag,
}


def _setting(app: Flask, given: Mapping[str, Any], name: str, default: Any = None) -> Any:
    if given.get(name) is not None:
        return given[name]
    found = app.config.get(f"COOKIEGATE_{name.upper()}")
    return default if found is None else found


def _make_gate(app: Flask, read: Callable[..., Any]) -> Gate:
    registry = read("registry", "cookiegate.toml")
    if not isinstance(registry, Registry):
        registry = Registry.load(_find_file(app, registry))
    options = {name: value for name in _OPTIONS if (value := read(name)) is not None}
    options["on_verdict"] = listeners(read("report"), options.get("on_verdict"))
    return Gate(registry, read("secret_key") or _flask_keys(app), **options)


def _find_file(app: Flask, path: str | os.PathLike[str]) -> str:
    text = os.fspath(path)
    beside = Path(app.root_path, text)
    return str(beside) if not text.startswith("cookiegate:") and beside.exists() else text


def _flask_keys(app: Flask) -> Sequence[str | bytes]:
    keys = [app.config.get("SECRET_KEY"), *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return [key for key in keys if key]


class _Routed:
    # Tells the visit which route answers, for whoever listens to verdicts.

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self._wsgi_app = wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        visit = environ["cookiegate"]
        visit.find_route = partial(_template, environ)
        try:
            return self._wsgi_app(environ, start_response)
        finally:
            # The environ holds the visit. What starts its response later asks for the route yet.
            if not visit.is_under_way:
                visit.find_route = None


def _template(environ: WSGIEnvironment) -> str | None:
    # Where Flask keeps it (werkzeug's own request leaves itself there).
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return None if rule is None else str(rule.rule)
