"""The supported frameworks, and the lines of code that install the gate in each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

__all__ = ["COUNTS_FILE", "FRAMEWORKS", "Snippet", "install_line", "snippet_for"]

#: The file in which the gate counts verdicts, and which `cookiegate report` reads.
COUNTS_FILE: Final = "cookiegate-report.db"

_WITH_GATE: Final = """\
import os

from cookiegate import Gate, Registry
from cookiegate.reports import Counts
from cookiegate.{module} import {name}

gate = Gate(
    Registry.load({registry}),
    secret_key=os.environ["COOKIEGATE_SECRET_KEY"],
    on_verdict=Counts("{counts}"),
)
"""
_FLASK: Final = """\
from cookiegate.flask import CookieGate

{setting}app.config["COOKIEGATE_REPORT"] = "{counts}"
CookieGate(app)
"""
_DJANGO: Final = """\
INSTALLED_APPS += ["cookiegate.django"]
MIDDLEWARE.insert(0, "cookiegate.django.CookieGateMiddleware")  # it must be the first
{setting}COOKIEGATE_REPORT = "{counts}"
"""
_OUTERMOST: Final = "where the application is made, around all other middleware"


class Framework(NamedTuple):
    """A framework, and how the gate is installed in it."""

    title: str
    code: str
    #: The module and name to import, for a framework that needs a Gate.
    module: str = ""
    name: str = "CookieGateMiddleware"
    where: str = _OUTERMOST
    #: The line that sets another registry file, for a framework with settings.
    setting: str = ""
    #: The extra of the package that the integration needs.
    extra: str = ""


_INSTALL: Final = (f"{_WITH_GATE}install(app, gate)\n", "starlette", "install")
_WRAP: Final = f"{_WITH_GATE}app = CookieGateMiddleware(app, gate)\n"
_MADE: Final = "where the application is made"

#: By the values of --framework. The last two stand for all other frameworks.
FRAMEWORKS: Final = {
    "flask": Framework(
        "Flask",
        _FLASK,
        where=_MADE,
        setting='app.config["COOKIEGATE_REGISTRY"] = {}\n',
        extra="flask",
    ),
    "django": Framework(
        "Django",
        _DJANGO,
        where="at the end of settings.py",
        setting="COOKIEGATE_REGISTRY = {}\n",
        extra="django",
    ),
    "fastapi": Framework("FastAPI", *_INSTALL, where=_MADE, extra="starlette"),
    "starlette": Framework("Starlette", *_INSTALL, where=_MADE, extra="starlette"),
    "quart": Framework(
        "Quart",
        f"{_WITH_GATE}app.asgi_app = CookieGateMiddleware(app.asgi_app, gate)\n",
        "asgi",
        where=_MADE,
    ),
    "litestar": Framework("Litestar", _WRAP, "asgi"),
    "asgi": Framework("any ASGI application", _WRAP, "asgi"),
    "wsgi": Framework("any WSGI application", _WRAP, "wsgi"),
}


class Snippet(NamedTuple):
    """Code to add to an application, and the command for the key that it needs."""

    framework: str
    #: The place where the code goes.
    where: str
    code: str
    #: Where the secret key comes from.
    key: str
    #: The command that makes a key.
    make_key: str


def install_line(frameworks: Iterable[str]) -> str:
    """Return the command that installs Cookiegate for frameworks, with its pages and ledger."""
    extras = sorted({FRAMEWORKS[one].extra for one in frameworks} - {""})
    return f"pip install 'cookiegate[{','.join(('cli', *extras, 'pages', 'ledger'))}]'"


def snippet_for(framework: str, registry: str, *, is_default: bool) -> Snippet:
    """
    Return the code for a framework.

    Args:
        framework: A key of FRAMEWORKS.
        registry: The registry file.
        is_default: Whether that is the file that is used without a setting.
    """
    path = f'"{registry}"' if '"' not in registry and "\\" not in registry else repr(registry)
    one = FRAMEWORKS[framework]
    code = one.code.format(
        module=one.module,
        name=one.name,
        registry=path,
        counts=COUNTS_FILE,
        setting="" if is_default else one.setting.format(path),
    )
    if one.setting:
        key = (
            "SECRET_KEY signs visitors' choices, unless COOKIEGATE_SECRET_KEY is set. "
            "If the site has neither, create one:"
        )
        return Snippet(framework, one.where, code, key, "cookiegate keygen")
    key = "The key that signs visitors' choices comes from the environment. To create one:"
    command = "export COOKIEGATE_SECRET_KEY=$(cookiegate keygen)"
    return Snippet(framework, one.where, code, key, command)
