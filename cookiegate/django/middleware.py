"""Django middleware. It must be first: it does not see the cookies of middleware before it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any
from weakref import ReferenceType, ref

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase, ResponseHeaders

from cookiegate.asgi import headers_with
from cookiegate.consent.choice import NotKeptError
from cookiegate.enforcement.context import RequestContext
from cookiegate.gate import Gate
from cookiegate.http.request import RequestFacts, read_request
from cookiegate.middleware.options import Setup, log_error, outer_visit
from cookiegate.middleware.recording import unavailable
from cookiegate.visit import ENVIRON_KEY, SCOPE_KEY, Visit
from cookiegate.wsgi import (
    EnvironContext,
    decode_headers,
    encode_headers,
    environ_with,
    restored_environ,
)

from .answering import as_response
from .caching import keep_uncached
from .conf import find_setup
from .cookies import write, write_back

__all__ = ["CookieGateMiddleware"]

_SET_COOKIE = "Set-Cookie"


class _ScopeContext(EnvironContext, eq=False):
    # The context of a request under ASGI. Django joins the Cookie fields of HTTP/2 with commas, so
    # that no cookie but the first can be read in META.

    scope: Any = None

    def read_facts(self) -> RequestFacts:
        return read_request(self.scope["headers"], method=self.source["REQUEST_METHOD"])

    def plain_cookies(self) -> None:
        return None


class CookieGateMiddleware:
    """
    Puts a Django site behind the gate of its settings.

    Args:
        get_response: The next middleware or the view.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        self.setup: Setup = find_setup(is_async=self._is_async)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request; a coroutine where Django runs asynchronously."""
        if self._is_async:
            return self._answer(request)
        visit, is_outermost = self._visit(request)
        render = self._submit(request, visit)
        response: Any = None if render else self._get_response(request)
        if is_outermost and visit.context.close():
            try:
                visit.context.commit()
            except NotKeptError:
                render = partial(self._unavailable, request, visit.context, response)
        return _finish(visit.context, is_outermost, render, response)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        visit, is_outermost = self._visit(request)
        render = self._submit(request, visit)
        response: Any = None if render else await self._get_response(request)
        if is_outermost and visit.context.close():
            try:
                await visit.context.commit_async()
            except NotKeptError:
                render = partial(self._unavailable, request, visit.context, response)
        return _finish(visit.context, is_outermost, render, response)

    def _submit(self, request: HttpRequest, visit: Visit) -> Callable[[], HttpResponseBase] | None:
        # Return what renders the response, if the request is for one of the pages.
        pages = self.setup.pages
        if pages is None:
            return None
        vars(request)["cookiegate_pages"] = pages
        if not pages.handles_path(request.path_info):
            return None
        # Imported lazily: it is in the extra `pages`.
        from .paging import submit

        return submit(pages, request, visit)

    def _unavailable(
        self, request: HttpRequest, context: RequestContext, response: HttpResponseBase | None
    ) -> HttpResponseBase:
        # It replaces the application's response, which speaks of a choice that took no effect.
        if response is not None:
            response.close()
        headers, body = unavailable(self.setup.pages, partial(_page_request, request), context)
        return as_response(request, 503, headers, body)

    def _visit(self, request: HttpRequest) -> tuple[Visit, bool]:
        # Return the visit, and whether this middleware made it: one around Django may have.
        setup = self.setup
        gate = setup.find(request.META.get("HTTP_HOST"))
        # ASGI requests have a scope; in WSGI, META is the environ.
        scope = getattr(request, "scope", None)
        found = request.META.get(ENVIRON_KEY) if scope is None else scope.get(SCOPE_KEY)
        visit = outer_visit(found, gate, setup.recorder)
        is_outermost = visit is None
        if visit is None:
            context = _context(request, scope, gate, setup)
            visit = Visit(context)
        if gate.on_verdict is not None:
            # A weak reference: the request will hold the visit.
            visit.context.find_route = partial(_route, ref(request))
        vars(request)["cookiegate"] = visit
        keep_uncached(request)
        return visit, is_outermost


def _context(request: HttpRequest, scope: Any, gate: Gate, setup: Setup) -> EnvironContext:
    pipeline = gate.pipeline
    meta = request.META
    if scope is None:
        context = EnvironContext(gate, pipeline, meta, log_error, setup.recorder)
    else:
        context = _ScopeContext(gate, pipeline, meta, log_error, setup.recorder, scope=scope)
    seen = pipeline.visible_cookies(context) if pipeline.hides else None
    if seen is not None:
        request.META = environ_with(seen, request.META)
        # From these, Django and the application read cookies, too.
        if scope is None:
            vars(request)["environ"] = request.META
        else:
            headers = headers_with(seen, scope["headers"])
            vars(request)["scope"] = {**scope, "headers": headers}
    if "HTTP_IF_NONE_MATCH" in meta or "HTTP_IF_MATCH" in meta or "HTTP_IF_RANGE" in meta:
        request.META = restored_environ(context, request.META)
        if scope is None:
            vars(request)["environ"] = request.META
    return context


def _page_request(request: HttpRequest) -> Any:
    # Imported lazily: it is in the extra `pages`.
    from .paging import page_request

    return page_request(request)


def _route(request: ReferenceType[HttpRequest]) -> str | None:
    route: str | None = getattr(getattr(request(), "resolver_match", None), "route", None)
    # The template of path("", view) is empty, which elsewhere means that no route is known.
    return "/" if route == "" else route


def _finish(
    context: RequestContext,
    is_outermost: bool,
    render: Callable[[], HttpResponseBase] | None,
    response: Any,
) -> HttpResponseBase:
    finished: HttpResponseBase = response if render is None else render()
    if is_outermost:
        _respond(context, finished)
    return finished


def _respond(context: RequestContext, response: HttpResponseBase) -> None:
    context.status = response.status_code
    headers, jar = response.headers, response.cookies
    texts = write(jar)
    before = [(name, headers[name]) for name in headers]
    before += [(_SET_COOKIE, text) for text in texts]
    pipeline = context.pipeline
    after = pipeline.respond_in_text(before, context)
    if after is None:
        after = decode_headers(pipeline.respond(encode_headers(before), context))
    # The body of a streamed response comes later, and may still ask.
    context.has_ended = not getattr(response, "streaming", False)
    if after == before:
        return
    values = _write_headers(headers, dict(before), after)
    if values != texts:
        is_async = isinstance(context, _ScopeContext)
        response.cookies = write_back(jar, texts, values, is_async=is_async)


def _write_headers(
    headers: ResponseHeaders, before: dict[str, str], after: Iterable[tuple[str, str]]
) -> list[str]:
    # Write what has changed; return the Set-Cookie values that are not among the headers.
    wanted: dict[str, str] = {}
    values: list[str] = []
    for name, value in after:
        if name.lower() == "set-cookie":
            values.append(value)
        else:
            wanted[name] = value
    # A Set-Cookie that a view set as a header stays a header if the gate kept it.
    view_cookie = headers.pop(_SET_COOKIE)
    before.pop(_SET_COOKIE, None)
    if view_cookie is not None and view_cookie[1] in values:
        values.remove(view_cookie[1])
        wanted[_SET_COOKIE] = view_cookie[1]
    for name in before:
        if name not in wanted:
            headers.pop(name)
    for name, value in wanted.items():
        if before.get(name) != value:
            headers[name] = value
    return values
