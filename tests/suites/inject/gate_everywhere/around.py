"""Django middleware around the gate's, which compares what the gate receives and sends."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from . import seen

__all__ = ["inside", "outside"]

Headers = list[tuple[str, str]]
_received: Final[WeakKeyDictionary[HttpRequest, Headers]] = WeakKeyDictionary()


def _note(request: HttpRequest, response: HttpResponseBase) -> None:
    _received[request] = _headers(response)


def _compare(request: HttpRequest, response: HttpResponseBase) -> None:
    seen.compare("django", _received.get(request), _headers(response))


def _headers(response: HttpResponseBase) -> Headers:
    return [*response.headers.items(), *(("", str(one)) for one in response.cookies.values())]


def _acting(act: Callable[[HttpRequest, HttpResponseBase], None], get_response: Any) -> Any:
    async def respond_async(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await get_response(request)
        act(request, response)
        return response

    def respond(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(request)
        act(request, response)
        return response

    return respond_async if iscoroutinefunction(get_response) else respond


#: Notes what the gate receives.
inside = sync_and_async_middleware(partial(_acting, _note))
#: Compares that with what the gate sends.
outside = sync_and_async_middleware(partial(_acting, _compare))
