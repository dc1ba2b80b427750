"""Starlette and FastAPI: `install(app, gate)`, outermost whatever else is added, and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Match

from . import tags
from .asgi import CookieGateMiddleware
from .middleware.options import Gates, has_verdict_callback, resolve_gates

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["consent_mode_script", "cookie_banner", "gated_script", "google_tag", "install"]


def install(
    app: Starlette,
    gate: Gates | None = None,
    *,
    registry: str | PathLike[str] | None = None,
    secret_key: str | bytes | Sequence[str | bytes] | None = None,
    pages: Any = None,
    recorder: Any = None,
) -> None:
    """
    Put an application behind the gate, before or after its other middleware is added.

    `add_middleware` puts what comes last outermost, so that a session middleware added afterwards
    would set a cookie that the gate never sees. This wraps the finished stack instead.

    Args:
        app: A Starlette or FastAPI application that has not started yet.
        gate: See `cookiegate.asgi.CookieGateMiddleware`; so for all that follow.
        registry: A registry file.
        secret_key: Signs the consent cookie.
        pages: Banner, settings and policy.
        recorder: Keeps proof of each choice: `Ledger(url)`, the url alone, or an `AsyncRecorder`.

    Raises:
        RuntimeError: The application has started: its stack is built.
    """
    if app.middleware_stack is not None:
        raise RuntimeError(
            "the application has started, and its middleware cannot be changed any more; "
            "call install(app, gate) where the application is made"
        )
    # Mistakes are told here, where they were made, and not at the first request.
    first, by_host = resolve_gates(gate, registry, secret_key)
    found = first if by_host is None or gate is None else gate
    build = app.build_middleware_stack

    def build_behind_gate() -> CookieGateMiddleware:
        inner = build()
        if has_verdict_callback(found):
            inner = _Routed(inner, app.router.routes)
        return CookieGateMiddleware(inner, found, pages=pages, recorder=recorder)

    # On this application alone, not on its class.
    vars(app)["build_middleware_stack"] = build_behind_gate


def cookie_banner(request: Request, *, lang: str | None = None, cacheable: bool = False) -> Markup:
    """
    The banner, or the link to the settings: `{{ cookie_banner(request) }}` in a template.

    Put it among the templates' globals: `templates.env.globals["cookie_banner"] = cookie_banner`.

    Args:
        request: The request that is being answered.
        lang: The page's language, where it has one of its own.
        cacheable: The same bytes for everyone; see docs/asking.md.

    Raises:
        RuntimeError: The gate has no pages.
    """
    pages: Any = request.scope.get("cookiegate.pages")
    if pages is None:
        raise RuntimeError("the gate has no pages; give install(app, gate, pages=Pages(gate))")
    # Here, not above: it is in the extra `pages`.
    from .pages.asgi import request_of

    visit = request.scope["cookiegate"]
    banner = pages.banner(request_of(request.scope), visit, language=lang, cacheable=cacheable)
    return _markup(banner)


def gated_script(request: Request, category: str, **options: Any) -> Markup:
    """A script that runs where its category is allowed; see `cookiegate.tags.gated_script`."""
    return _markup(tags.gated_script(request.scope["cookiegate"], category, **options))


def consent_mode_script(request: Request, *, nonce: str | None = None) -> Markup:
    """Google's consent mode; see `cookiegate.tags.consent_mode_script`."""
    return _markup(tags.consent_mode_script(request.scope["cookiegate"], nonce=nonce))


def google_tag(request: Request, id: str, *, category: str, nonce: str | None = None) -> Markup:
    """Google's tag behind consent mode; see `cookiegate.tags.google_tag`."""
    visit = request.scope["cookiegate"]
    return _markup(tags.google_tag(visit, id, category=category, nonce=nonce))


def _markup(text: str) -> Markup:
    # Here, not above: whoever has templates has it.
    from markupsafe import Markup

    return Markup(text)


class _Routed:
    # Tells the visit which route answers, for whoever listens to verdicts.

    def __init__(self, app: Callable[..., Awaitable[None]], routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        visit = scope.get("cookiegate")
        if visit is not None:
            # Mounts change these while the request goes down.
            before = {"root_path": scope.get("root_path", ""), "path": scope["path"]}
            visit.find_route = partial(_template, self._routes, scope, before)
        try:
            await self._app(scope, receive, send)
        finally:
            if visit is not None:
                # The response has left, and the scope holds the visit.
                visit.find_route = None


def _template(routes: Iterable[BaseRoute], scope: Any, before: dict[str, str]) -> str | None:
    scope = {**scope, **before}
    for route in routes:
        match, child = route.matches(scope)
        if match is Match.NONE:
            continue
        path: str = getattr(route, "path", "")
        inner = getattr(route, "routes", None)
        if inner:
            seen = {**scope, **child}
            below = {"root_path": seen["root_path"], "path": seen["path"]}
            return path + (_template(inner, seen, below) or "")
        return path
    return None
