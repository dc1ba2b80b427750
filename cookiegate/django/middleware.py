"""The middleware. It must be the first: what stands before it sets cookies that it never sees."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any
from weakref import ReferenceType, ref

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cookiegate.consent.choice import NotKeptError
from cookiegate.gate import Gate
from cookiegate.middleware.options import (
    keep_choice,
    keep_choice_async,
    not_kept,
    resolve_pages,
    resolve_recorder,
    warn_unused_recorder,
)
from cookiegate.visit import Visit
from cookiegate.wsgi import ENVIRON, hide

from .answering import as_response
from .conf import find, read
from .cookies import written_back

__all__ = ["CookieGateMiddleware"]

_SET_COOKIE = "Set-Cookie"


class CookieGateMiddleware:
    """
    Puts a Django site behind the gate that its settings make.

    Args:
        get_response: The rest of the site, as Django hands it over.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._gate, self._by_host = find()
        # A gate that was made elsewhere counts where it was told to.
        report = read("report") if read("gate") is None else None
        self._pages = resolve_pages(read("pages"), self._gate, report)
        self._is_async = iscoroutinefunction(get_response)
        self._recorder = resolve_recorder(read("recorder"), is_async=self._is_async)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request; a coroutine where Django runs asynchronously."""
        if self._is_async:
            return self._answer(request)
        outer, visit = self._visit(request)
        response: HttpResponseBase | None = self._page(request, visit)
        if response is None:
            response = self._get_response(request)
        if not outer:
            if self._recorder is not None and (choice := visit.choice) is not None:
                try:
                    keep_choice(self._recorder, choice, visit)
                except NotKeptError:
                    response = self._say_so(request, visit, response)
            _respond(visit, response)
        return response

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        outer, visit = self._visit(request)
        response: HttpResponseBase | None = self._page(request, visit)
        if response is None:
            response = await self._get_response(request)
        if not outer:
            if self._recorder is not None and (choice := visit.choice) is not None:
                try:
                    await keep_choice_async(self._recorder, choice, visit)
                except NotKeptError:
                    response = self._say_so(request, visit, response)
            _respond(visit, response)
        return response

    def _page(self, request: HttpRequest, visit: Visit) -> HttpResponseBase | None:
        # The answer, where the request is for one of the pages.
        if self._pages is None:
            return None
        vars(request)["cookiegate_pages"] = self._pages
        if not self._pages.handles_path(request.path_info):
            return None
        # Here, not above: it is in the extra `pages`.
        from .paging import answer

        return answer(self._pages, request, visit)

    def _say_so(
        self, request: HttpRequest, visit: Visit, response: HttpResponseBase
    ) -> HttpResponseBase:
        # What the application says of a choice that took no effect goes nowhere.
        response.close()
        headers, body = not_kept(self._pages, partial(_page_request, request), visit)
        return as_response(request, 503, headers, body)

    def _visit(self, request: HttpRequest) -> tuple[bool, Visit]:
        # Whether a door around Django has made the visit already, and the visit.
        gate = self._gate
        if self._by_host is not None:
            gate = self._by_host.find(request.META.get("HTTP_HOST"))
        outer = _outer(request, gate)
        visit = outer or Visit(gate, gate.snapshot, ENVIRON, request.META)
        if outer is None and gate.snapshot.hides:
            hide(visit, request.META)
        if outer is not None:
            warn_unused_recorder(self._recorder, outer)
        elif self._recorder is not None:
            visit.is_recorded = True
        if gate.on_verdict is not None:
            # The request will hold the visit, which must not hold it in turn.
            visit.find_route = partial(_route, ref(request))
        vars(request)["cookiegate"] = visit
        return outer is not None, visit


def _page_request(request: HttpRequest) -> Any:
    # Here, not above: it is in the extra `pages`.
    from .paging import page_request

    return page_request(request)


def _outer(request: HttpRequest, gate: Gate) -> Visit | None:
    # ASGI requests have a scope; in WSGI, META is the environ.
    around: Any = getattr(request, "scope", request.META)
    visit = around.get("cookiegate")
    return visit if isinstance(visit, Visit) and visit.gate is gate and visit.is_under_way else None


def _route(request: ReferenceType[HttpRequest]) -> str | None:
    return getattr(getattr(request(), "resolver_match", None), "route", None)


def _respond(visit: Visit, response: HttpResponseBase) -> None:
    morsels = [morsel.OutputString() for morsel in response.cookies.values()]
    before = [*response.items(), *((_SET_COOKIE, text) for text in morsels)]
    after = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in visit.respond([(_raw(name), _raw(value)) for name, value in before])
    ]
    visit.has_ended = True
    if after == before:
        return
    cookies = [value for name, value in after if name.lower() == "set-cookie"]
    _write_headers(response, [pair for pair in after if pair[0].lower() != "set-cookie"], cookies)
    response.cookies = written_back(response.cookies, cookies)


def _raw(text: str) -> Any:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text  # a cookie that no header can carry: the gate strips it, and says so


def _write_headers(
    response: HttpResponseBase, headers: Iterable[tuple[str, str]], cookies: list[str]
) -> None:
    # A Set-Cookie that a view wrote as a header stays one where it leaves as it was.
    own = response.headers.get(_SET_COOKIE)
    wanted = dict(headers)
    if own is not None and own in cookies:
        cookies.remove(own)
        wanted[_SET_COOKIE] = own
    for name in [name for name, _ in response.items() if name not in wanted]:
        del response.headers[name]
    for name, value in wanted.items():
        if response.headers.get(name) != value:
            response.headers[name] = value
