"""System checks, run by `manage.py check` and before the server starts.

E001  the middleware is not the first
E002  the registry file has a problem, or cannot be opened
E003  a setting is wrong: the key, an option, a dotted path
W001  the middleware is not in MIDDLEWARE
W002  the consent cookie travels over plain http although DEBUG is off
W003  templates have no request, so the tags render nothing
W004  the handshakes of WebSockets do not pass the gate (Channels)
W005  the gate around the ASGI application is another one
W006  the pages answer in place of a view
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.urls import URLResolver, get_resolver
from django.utils.module_loading import import_string

from cookiegate.asgi import CookieGateMiddleware as AsgiMiddleware
from cookiegate.middleware.options import resolve_gates, resolve_pages
from cookiegate.middleware.shadowing import shadowed
from cookiegate.registry import RegistryError

from .conf import find_gates, read

__all__ = ["check_settings", "has_middleware"]

_MIDDLEWARE = ("cookiegate.django.CookieGateMiddleware",)
_MIDDLEWARE_NAMES = (
    *_MIDDLEWARE,
    "cookiegate.django.middleware.CookieGateMiddleware",
)
_TEMPLATES = "django.template.backends.django.DjangoTemplates"
_REQUEST = "django.template.context_processors.request"


def check_settings(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Return what is wrong with the settings."""
    problems = _check_gate()
    shadowed = [] if problems else _check_routes()
    return [
        *_check_position(),
        *problems,
        *shadowed,
        *_check_secure(),
        *_check_templates(),
        *_check_channels(),
    ]


def has_middleware() -> bool:
    """Return whether the middleware is in the settings."""
    return any(name in _MIDDLEWARE_NAMES for name in settings.MIDDLEWARE)


def _check_position() -> list[CheckMessage]:
    positions = [
        position for position, name in enumerate(settings.MIDDLEWARE) if name in _MIDDLEWARE_NAMES
    ]
    if not positions:
        return [
            Warning(
                "cookiegate.django is installed, but no cookie is held back.",
                hint=f"Put {_MIDDLEWARE[0]!r} first in MIDDLEWARE.",
                id="cookiegate.W001",
            )
        ]
    if positions[0] == 0:
        return []
    before = ", ".join(map(repr, settings.MIDDLEWARE[: positions[0]]))
    return [
        Error(
            f"CookieGateMiddleware is number {positions[0] + 1} in MIDDLEWARE: it does not see the "
            f"cookies that are set by {before}.",
            hint=f"Put {settings.MIDDLEWARE[positions[0]]!r} first.",
            id="cookiegate.E001",
        )
    ]


def _check_gate() -> list[CheckMessage]:
    try:
        resolve_pages(read("pages"), resolve_gates(find_gates(), {})[0])
    except RegistryError as error:
        return [
            Error(
                f"{problem.source}:{problem.line}: {problem.what}",
                hint=f"{problem.hint[:1].upper()}{problem.hint[1:]}.",
                id="cookiegate.E002",
            )
            for problem in error.problems
        ]
    except OSError as error:
        return [
            Error(
                f"The registry file {str(error.filename)!r} cannot be opened: "
                f"{(error.strerror or '').partition(';')[0]}.",
                hint="Set COOKIEGATE_REGISTRY, or make a file with: cookiegate init",
                id="cookiegate.E002",
            )
        ]
    except (ValueError, TypeError, ImportError) as error:
        return [
            Error(
                f"A setting of Cookiegate is wrong: {error}",
                hint="docs/django.md lists the settings.",
                id="cookiegate.E003",
            )
        ]
    return []


def _check_routes() -> list[CheckMessage]:
    pages = resolve_pages(read("pages"), resolve_gates(find_gates(), {})[0])
    urlconf = getattr(settings, "ROOT_URLCONF", None)
    if pages is None or not urlconf:
        return []
    found = shadowed(pages, _routes(get_resolver(urlconf).url_patterns))
    return [
        Warning(
            f"The view at {route!r} is never called: Cookiegate's pages are there.",
            hint="Set COOKIEGATE_PAGES to another path, or move the view.",
            id="cookiegate.W006",
        )
        for route in found
    ]


def _routes(patterns: Iterable[Any], prefix: str = "/") -> Iterator[str]:
    for one in patterns:
        # A regular expression without its anchors.
        route = prefix + re.sub(r"^\^|\$$|\\Z$", "", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _routes(one.url_patterns, route)
        else:
            yield route


def _check_secure() -> list[CheckMessage]:
    if settings.DEBUG or read("secure", default=True):
        return []
    return [
        Warning(
            "COOKIEGATE_SECURE is False and DEBUG is off: the consent cookie travels over plain "
            "http.",
            hint="Leave COOKIEGATE_SECURE out where the site is served over https.",
            id="cookiegate.W002",
        )
    ]


def _check_templates() -> list[CheckMessage]:
    engines = [one for one in settings.TEMPLATES if one.get("BACKEND") == _TEMPLATES]
    if all(_REQUEST in one.get("OPTIONS", {}).get("context_processors", ()) for one in engines):
        return []
    return [
        Warning(
            "The context of templates has no request, so the tags of Cookiegate render nothing.",
            hint=f"Put {_REQUEST!r} into the 'context_processors' of TEMPLATES.",
            id="cookiegate.W003",
        )
    ]


def _check_channels() -> list[CheckMessage]:
    path = getattr(settings, "ASGI_APPLICATION", None)
    if not path:
        return [_ungated("of Channels")] if apps.is_installed("channels") else []
    try:
        application = import_string(path)
        gate, _ = resolve_gates(find_gates(), {})
    except Exception:
        return []  # the server, or another check, says so
    # Channels' ProtocolTypeRouter.
    by_protocol = getattr(application, "application_mapping", {})
    found = by_protocol.get("websocket", application)
    if not isinstance(found, AsgiMiddleware):
        return [_ungated(f"of {path}")] if "websocket" in by_protocol else []
    if found.gate is gate:
        return []
    return [
        Warning(
            f"The gate around {path} is not the one of the settings: two gates judge each cookie.",
            hint="Make one gate, and name it by its dotted path in COOKIEGATE_GATE.",
            id="cookiegate.W005",
        )
    ]


def _ungated(whose: str) -> CheckMessage:
    return Warning(
        f"WebSocket handshakes {whose} do not pass Django's middleware: no cookie of "
        "accept(headers=...) is held back.",
        hint="Put cookiegate.asgi.CookieGateMiddleware around the ASGI_APPLICATION, with the same "
        "gate; docs/django.md shows how.",
        id="cookiegate.W004",
    )
