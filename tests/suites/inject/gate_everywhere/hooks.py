"""How each module is changed, so that the applications in it are behind a gate."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final

from . import seen
from .settings import INTEGRATION, VARIANT
from .wrappers import asgi, gate, wsgi

__all__ = ["HOOKS"]

Function = Callable[..., Any]
Change = Callable[[Any], None]


def _replace(owner: Any, name: str, make: Callable[[Function], Function]) -> None:
    # Replace a function by what `make` returns for it.
    function = getattr(owner, name)
    setattr(owner, name, wraps(function)(make(function)))


def _held(cls: str, attribute: str, wrap: Function) -> Change:
    # Wrap the application that an instance holds in an attribute once it is made.
    def make(init: Function) -> Function:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            init(self, *args, **kwargs)
            if hasattr(self, attribute):
                setattr(self, attribute, wrap(getattr(self, attribute)))

        return __init__

    return lambda module: _replace(getattr(module, cls), "__init__", make)


def _given(name: str, wrap: Function) -> Change:
    # Wrap the application that a function is given, as its first argument.
    def make(function: Function) -> Function:
        return lambda app, *args, **kwargs: function(wrap(app), *args, **kwargs)

    return lambda module: _replace(module, name, make)


def _asgi_class(cls: str) -> Change:
    # Put each instance, which is an ASGI application, behind the gate.
    def make(call: Function) -> Function:
        async def __call__(self: Any, scope: Any, receive: Any, send: Any) -> None:
            await asgi(partial(call, self))(scope, receive, send)

        return __call__

    return lambda module: _replace(getattr(module, cls), "__call__", make)


def _wsgi_class(cls: str) -> Change:
    def make(call: Function) -> Function:
        return lambda self, environ, start: wsgi(partial(call, self))(environ, start)

    return lambda module: _replace(getattr(module, cls), "__call__", make)


def _starlette(module: Any) -> None:
    def make(init: Function) -> Function:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            init(self, *args, **kwargs)
            from cookiegate.starlette import install

            install(self, gate())

        return __init__

    if INTEGRATION == "starlette":
        _replace(module.Starlette, "__init__", make)


def _starlette_client(module: Any) -> None:
    if INTEGRATION != "starlette":
        _held("_TestClientTransport", "app", asgi)(module)


def _flask(module: Any) -> None:
    def make(init: Function) -> Function:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            init(self, *args, **kwargs)
            if INTEGRATION == "flask":
                from cookiegate.flask import CookieGate

                CookieGate(self, gate())
            self.wsgi_app = wsgi(self.wsgi_app)

        return __init__

    _replace(module.Flask, "__init__", make)


def _django(module: Any) -> None:
    ours = "cookiegate.django.CookieGateMiddleware"
    added = ["gate_everywhere.around.outside", ours, "gate_everywhere.around.inside"]

    def make(load: Function) -> Function:
        def load_middleware(self: Any, *args: Any, **kwargs: Any) -> Any:
            from django.conf import settings
            from django.test.utils import override_settings

            middleware = [one for one in settings.MIDDLEWARE if one not in added]
            with override_settings(MIDDLEWARE=[*added, *middleware], COOKIEGATE_GATE=gate()):
                return load(self, *args, **kwargs)

        return load_middleware

    _replace(module.BaseHandler, "load_middleware", make)


def _webob(module: Any) -> None:
    def make(call: Function) -> Function:
        return lambda self, app, *args, **kwargs: call(self, wsgi(app), *args, **kwargs)

    _replace(module.BaseRequest, "call_application", make)


def _waitress(module: Any) -> None:
    def make(execute: Function) -> Function:
        def gated(self: Any) -> None:
            server = self.channel.server
            server.application = wsgi(server.application)
            execute(self)

        return gated

    _replace(module.WSGITask, "execute", make)


def _uvicorn(module: Any) -> None:
    def make(load: Function) -> Function:
        def gated(self: Any) -> None:
            load(self)
            self.loaded_app = asgi(self.loaded_app)

        return gated

    _replace(module.Config, "load", make)


def _asgiref(module: Any) -> None:
    def make(init: Function) -> Function:
        def __init__(self: Any, app: Any, *args: Any, **kwargs: Any) -> None:
            from asgiref.compatibility import guarantee_single_callable

            as_asgi3: Function = guarantee_single_callable  # it has no types
            init(self, asgi(as_asgi3(app)), *args, **kwargs)

        return __init__

    _replace(module.ApplicationCommunicator, "__init__", make)


def _unittest(module: Any) -> None:
    # Suites that do not run with pytest.
    for name in ("Success", "Error", "Failure", "Skip", "ExpectedFailure", "UnexpectedSuccess"):
        _replace(module.TestResult, f"add{name}", partial(_noted, name.lower()))


def _noted(result: str, add: Function) -> Function:
    def noted(self: Any, test: Any, *args: Any) -> None:
        seen.outcome(test.id(), result)
        add(self, test, *args)

    return noted


#: What is changed in a module when it is imported.
_GATED: Final[dict[str, Change]] = {
    "a2wsgi.asgi": _held("ASGIMiddleware", "app", asgi),
    "a2wsgi.wsgi": _held("WSGIMiddleware", "app", wsgi),
    "apig_wsgi": _given("make_lambda_handler", wsgi),
    "asgiref.testing": _asgiref,
    "asgiref.wsgi": _held("WsgiToAsgi", "wsgi_application", wsgi),
    "blacksheep.server.application": _asgi_class("Application"),
    "bottle": _wsgi_class("Bottle"),
    "django.core.handlers.base": _django,
    "falcon.app": _wsgi_class("App"),
    "falcon.asgi.app": _asgi_class("App"),
    "flask.app": _flask,
    "httpx._transports.asgi": _held("ASGITransport", "app", asgi),
    "httpx._transports.wsgi": _held("WSGITransport", "app", wsgi),
    "httpx2._transports.asgi": _held("ASGITransport", "app", asgi),
    "httpx2._transports.wsgi": _held("WSGITransport", "app", wsgi),
    "hypercorn.app_wrappers": _held("ASGIWrapper", "app", asgi),
    "mangum.adapter": _held("Mangum", "app", asgi),
    "pyramid.router": _wsgi_class("Router"),
    "starlette.applications": _starlette,
    "starlette.testclient": _starlette_client,
    "uvicorn.config": _uvicorn,
    "waitress.task": _waitress,
    "webob.request": _webob,
    # Another gate, since one gate acts once for each request.
    "webtest.lint": _given("middleware", partial(wsgi, number=1)),
    "werkzeug.serving": _held("BaseWSGIServer", "app", wsgi),
    "werkzeug.test": _given("run_wsgi_app", wsgi),
}
HOOKS: Final[dict[str, Change]] = {
    "unittest.result": _unittest,
    **({} if VARIANT == "base" else _GATED),
}
