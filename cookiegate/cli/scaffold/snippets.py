"""The lines that put the gate into an application, for each framework."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["COUNTS_FILE", "Snippet", "snippet_for"]

#: The file into which verdicts are counted, and from which `cookiegate report` reads.
COUNTS_FILE: Final = "cookiegate-report.db"


class Snippet(NamedTuple):
    """Snippet to add to an application, and what else it needs."""

    framework: str
    #: Where they are added.
    where: str
    code: str
    #: Where the key comes from that signs visitors' choices.
    key: str
    #: The command that makes one.
    make_key: str


_OWN_KEY: Final = (
    "The key that signs visitors' choices comes from the environment; this makes one:",
    "export COOKIEGATE_SECRET_KEY=$(cookiegate keygen)",
)
_SECRET_KEY: Final = (
    "SECRET_KEY signs visitors' choices, unless the setting COOKIEGATE_SECRET_KEY is there. "
    "If the site has neither, this makes one:",
    "cookiegate keygen",
)

_GATE: Final = """\
import os

from cookiegate import Gate, Registry
from cookiegate.reports import Counts
{door}

gate = Gate(
    Registry.load({registry}),
    secret_key=os.environ["COOKIEGATE_SECRET_KEY"],
    on_verdict=Counts("{counts}"),
)
{call}
"""
# Framework: where it is put, the import, and the call.
_DOORS: Final = {
    "starlette": (
        "where the application is made",
        "from cookiegate.starlette import install",
        "install(app, gate)",
    ),
    "fastapi": (
        "where the application is made",
        "from cookiegate.starlette import install",
        "install(app, gate)",
    ),
    "quart": (
        "where the application is made",
        "from cookiegate.asgi import CookieGateMiddleware",
        "app.asgi_app = CookieGateMiddleware(app.asgi_app, gate)",
    ),
    "litestar": (
        "where the application is made, around all other middleware",
        "from cookiegate.asgi import CookieGateMiddleware",
        "app = CookieGateMiddleware(app, gate)",
    ),
    "asgi": (
        "where the application is made, around all other middleware",
        "from cookiegate.asgi import CookieGateMiddleware",
        "app = CookieGateMiddleware(app, gate)",
    ),
    "wsgi": (
        "where the application is made, around all other middleware",
        "from cookiegate.wsgi import CookieGateMiddleware",
        "app = CookieGateMiddleware(app, gate)",
    ),
}
_FLASK: Final = """\
from cookiegate.flask import CookieGate

{registry}app.config["COOKIEGATE_REPORT"] = "{counts}"
CookieGate(app)
"""
_DJANGO: Final = """\
INSTALLED_APPS += ["cookiegate.django"]
MIDDLEWARE.insert(0, "cookiegate.django.CookieGateMiddleware")  # it must be the first
{registry}COOKIEGATE_REPORT = "{counts}"
"""


def snippet_for(framework: str, registry: str, *, is_default: bool) -> Snippet:
    """
    The lines for one framework.

    Args:
        framework: A key of FRAMEWORKS.
        registry: The registry file.
        is_default: Whether it is the one that is found without a word.
    """
    path = f'"{registry}"' if '"' not in registry and "\\" not in registry else repr(registry)
    if framework == "flask":
        config = "" if is_default else f'app.config["COOKIEGATE_REGISTRY"] = {path}\n'
        code = _FLASK.format(registry=config, counts=COUNTS_FILE)
        return Snippet(framework, "where the application is made", code, *_SECRET_KEY)
    if framework == "django":
        config = "" if is_default else f"COOKIEGATE_REGISTRY = {path}\n"
        code = _DJANGO.format(registry=config, counts=COUNTS_FILE)
        return Snippet(framework, "at the end of settings.py", code, *_SECRET_KEY)
    where, door, call = _DOORS[framework]
    code = _GATE.format(door=door, registry=path, counts=COUNTS_FILE, call=call)
    return Snippet(framework, where, code, *_OWN_KEY)
