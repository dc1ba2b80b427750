"""Starlette and FastAPI: `install(app, gate)`, outermost whenever other middleware is added."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Unpack

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.routing import BaseRoute, Match

from . import tags
from .asgi import ASGIApp, CookieGateMiddleware, Receive, Scope, Send
from .middleware.options import Gates, MiddlewareOptions, Setup, has_verdict_callback
from .middleware.shadowing import warn_of_shadowed
from .visit import PAGES_KEY, SCOPE_KEY, Visit

if TYPE_CHECKING:
    from markupsafe import Markup
    from starlette.templating import Jinja2Templates

    from .pages.looks import Layout

__all__ = [
    "add_tags",
    "consent_mode_script",
    "cookie_banner",
    "gated_frame",
    "gated_script",
    "google_tag",
    "install",
]

_LOG: Final = logging.getLogger("cookiegate")

_STACK: Final = "middleware_stack"


def install(
    app: Starlette, gate: Gates | None = None, **options: Unpack[MiddlewareOptions]
) -> None:
    """
    Put an application behind a gate, before or after its other middleware is added.

    The last middleware that `add_middleware` adds is the outermost: the gate would not see the
    cookie of a session middleware that is added later. This wraps the finished stack instead.

    Args:
        app: A Starlette or FastAPI application that has not started yet.
        gate: The gate; or several by host name; or None to make one of the options.
        options: See `cookiegate.middleware.options.MiddlewareOptions`.

    Raises:
        RuntimeError: The application has started: its stack is built.
        TypeError: An option does not exist or is of a wrong type; a gate and what makes one are
            both given, or neither.
        ValueError: An option has a wrong value.
        RegistryError: The registry file has problems.
    """
    if app.middleware_stack is not None:
        raise RuntimeError(
            "the application has started, and its middleware cannot be changed any more; "
            "call install(app, gate) where the application is made"
        )
    # Mistakes are reported here, where they were made, and not at the first request.
    setup = Setup.resolve(gate, options, is_async=True)

    def put_behind_gate(stack: ASGIApp) -> ASGIApp:
        if setup.pages is not None:
            warn_of_shadowed(setup.pages, _paths(app.router.routes))
        if has_verdict_callback(setup):
            stack = _RouteFinder(stack, app.router.routes)
        return CookieGateMiddleware.from_setup(stack, setup)

    app.__class__ = _with_stack(type(app), put_behind_gate)


class _Quiet:
    # A base that keeps a site's `__init_subclass__` from running for a class that it did not write.

    def __init_subclass__(cls, **_: object) -> None:
        pass


def _with_stack(cls: type[Starlette], wrap: Callable[[ASGIApp], ASGIApp]) -> type[Starlette]:
    # Return a subclass whose `middleware_stack` is wrapped when it is set. Tools that instrument an
    # application replace its `build_middleware_stack`, and expect Starlette's own stack from it.
    outer = getattr(cls, _STACK, None)

    def get(app: Starlette) -> ASGIApp | None:
        own: dict[str, Any] = vars(app)
        stack: ASGIApp | None = outer.__get__(app) if isinstance(outer, property) else own[_STACK]
        return stack

    def set(app: Starlette, stack: ASGIApp | None) -> None:
        stack = stack and wrap(stack)
        if isinstance(outer, property):  # of an earlier `install`, or of the site
            outer.__set__(app, stack)
        else:
            vars(app)[_STACK] = stack

    names = {name: getattr(cls, name) for name in ("__doc__", "__module__", "__qualname__")}
    bases = (cls,) if issubclass(cls, _Quiet) else (_Quiet, cls)
    return type(cls.__name__, bases, {**names, _STACK: property(get, set)})


def _paths(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Yield the paths of routes, and of the routes that they mount."""
    for route in _included(routes):
        path = prefix + getattr(route, "path", "")
        yield path
        yield from _paths(getattr(route, "routes", None) or (), path)


def add_tags(templates: Jinja2Templates) -> None:
    """
    Add the tags of this module to templates, so that `{{ cookie_banner(request) }}` works.

    They are globals, which macros have too. A macro that is imported without the context gets the
    request as an argument.

    Args:
        templates: The application's templates.
    """
    templates.env.globals.update(
        consent_mode_script=consent_mode_script,
        cookie_banner=cookie_banner,
        gated_frame=gated_frame,
        gated_script=gated_script,
        google_tag=google_tag,
    )


def _pages_of(request: Request) -> tuple[Any, Any]:
    # The pages, and the request as they have it.
    pages = request.scope.get(PAGES_KEY)
    if pages is None:
        raise RuntimeError("the gate has no pages; give install(app, gate, pages=Pages(gate))")
    # Imported lazily: it is in the extra `pages`.
    from .pages.asgi import request_of

    return pages, request_of(request.scope)


def cookie_banner(
    request: Request,
    *,
    lang: str | None = None,
    layout: Layout | None = None,
    settings_button: bool | None = None,
    cacheable: bool = False,
    nonce: str | None = None,
) -> Markup:
    """
    Return the banner, or the link to the settings: `{{ cookie_banner(request) }}` in a template.

    Without a visit, as in an error page that is rendered outside of the gate, it is "".

    Args:
        request: The request.
        lang: The page's language; None for `request.state.locale`, or else the visitor's.
        layout: "bar" at the bottom edge of the screen, "page" as a part of the page, "auto" as a
            bar on screens of up to 640 pixels; None for the pages' `layout`.
        settings_button: Whether the link to the settings is a button in a corner of the screen;
            None for the pages' `settings_button`.
        cacheable: Whether every visitor gets the same bytes; see docs/asking.md.
        nonce: The nonce of the page's Content-Security-Policy; None for
            `request.state.csp_nonce`. A cacheable banner has only the one that is given.

    Raises:
        RuntimeError: The gate has no pages.
        ValueError: There is no such layout.
    """
    visit = _visit_of(request)
    if visit is None:
        return _markup("")
    pages, call = _pages_of(request)
    banner = pages.banner(
        call,
        visit,
        # A cacheable banner has nothing of the request.
        language=lang if cacheable else _language(request, lang),
        layout=layout,
        settings_button=settings_button,
        cacheable=cacheable,
        nonce=nonce if cacheable else _nonce(request, nonce),
    )
    return _markup(banner)


def gated_script(
    request: Request,
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
    return _markup(
        tags.gated_script(
            _visit_of(request),
            category,
            service=service,
            src=src,
            text=text,
            nonce=nonce if cacheable else _nonce(request, nonce),
            held=held,
            cacheable=cacheable,
            **attributes,
        )
    )


def gated_frame(
    request: Request,
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

    Without a visit it is "".

    Args:
        request: The request.
        category: The category's id.
        src: The frame's address.
        title: What it shows.
        service: The id of the service that it contacts.
        picture: The address of a picture of the site's own, for the placeholder.
        lang: The page's language, as in `cookie_banner`.
        cacheable: Whether the element is the same for every visitor.
        attributes: More attributes, such as `width="560"`.

    Raises:
        RuntimeError: The gate has no pages.
        ValueError: The registry has no such category or service, the address is not one of
            the web, or an attribute would change what is held back.
    """
    visit = _visit_of(request)
    if visit is None:
        return _markup("")
    pages, call = _pages_of(request)
    frame = pages.frame(
        call,
        visit,
        category,
        src=src,
        title=title,
        service=service,
        picture=picture,
        language=lang if cacheable else _language(request, lang),
        cacheable=cacheable,
        attributes=attributes,
    )
    return _markup(frame)


def consent_mode_script(request: Request, *, nonce: str | None = None) -> Markup:
    """Return a script for Google's consent mode; see `cookiegate.tags.consent_mode_script`."""
    return _markup(tags.consent_mode_script(_visit_of(request), nonce=_nonce(request, nonce)))


def google_tag(
    request: Request,
    id: str,
    *,
    category: str,
    service: str | None = None,
    nonce: str | None = None,
) -> Markup:
    """Return Google's tag behind consent mode; see `cookiegate.tags.google_tag`."""
    visit, nonce = _visit_of(request), _nonce(request, nonce)
    return _markup(tags.google_tag(visit, id, category=category, service=service, nonce=nonce))


def _visit_of(request: object) -> Visit | None:
    # A template that is rendered without a request passes Jinja's `Undefined`.
    if not isinstance(request, HTTPConnection):
        return None
    visit: Visit | None = request.scope.get(SCOPE_KEY)
    if visit is None:
        # An error page of an application that is behind the gate; or `install` is missing.
        _LOG.warning("a tag renders nothing: this request has no visit; see install(app, gate)")
    return visit


def _language(request: Request, given: str | None) -> str | None:
    # Where middleware for languages leaves it: a code, or a locale of Babel.
    found = getattr(request.state, "locale", None) if given is None else given
    return None if found is None else str(found)


def _nonce(request: object, given: str | None) -> str | None:
    if given is not None or not isinstance(request, HTTPConnection):
        return given
    found = getattr(request.state, "csp_nonce", None)
    return None if found is None else str(found)


def _markup(text: str) -> Markup:
    # Imported lazily: it comes with Jinja2.
    from markupsafe import Markup

    return Markup(text)


class _RouteFinder:
    # Gives the request's context the route that answers, for the verdict callback.

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit: Visit | None = scope.get(SCOPE_KEY)
        if visit is not None:
            # Mounts change these while the request is routed.
            before = {"root_path": scope.get("root_path", ""), "path": scope["path"]}
            visit.context.find_route = partial(_template, self._routes, scope, before)
        try:
            await self._app(scope, receive, send)
        finally:
            if visit is not None:
                # The response has left, and the scope holds the visit.
                visit.context.find_route = None


def _template(routes: Iterable[BaseRoute], scope: Any, before: dict[str, str]) -> str | None:
    scope = {**scope, **before}
    partial: str | None = None
    for route in _included(routes):
        match, child = route.matches(scope)
        if match is Match.NONE:
            continue
        path: str = getattr(route, "path", "")
        if inner := getattr(route, "routes", None):
            seen = {**scope, **child}
            below = {"root_path": seen["root_path"], "path": seen["path"]}
            path += _template(inner, seen, below) or ""
        if match is Match.FULL:
            return path or "/"
        # The path alone matches. As in Starlette, a later route may match the method as well.
        partial = partial or path
    return partial


def _included(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    # FastAPI keeps a router that was included as one route without a path. It lists the routes in
    # it with their whole paths, and those of Starlette as routes of their own.
    for route in routes:
        contexts = getattr(route, "effective_route_contexts", None)
        if contexts is None:
            yield route
        else:
            yield from (getattr(one, "starlette_route", None) or one for one in contexts())
