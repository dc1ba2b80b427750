"""The settings `COOKIEGATE_…`, and the gate made from them. docs/django.md describes each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from cookiegate.middleware.options import (
    GATE_OPTIONS,
    OPTIONS,
    Gates,
    MiddlewareOptions,
    Setup,
    make_gate,
)

__all__ = ["find_gates", "find_setup", "read"]

_PREFIX = "COOKIEGATE_"
# Settings that may be dotted paths: while settings are read, little can be imported.
_DOTTED = ("gate", "hook", "on_verdict", "on_error", "on_signal", "pages", "recorder")

_made: list[Gates] = []


def read(name: str, default: Any = None) -> Any:
    """
    Return a setting, or the object that it names by a dotted path.

    Args:
        name: Its name, in lower case and without the prefix.
        default: Returned if the setting is absent or None.

    Raises:
        ImportError: The dotted path leads nowhere.
    """
    value = getattr(settings, _PREFIX + name.upper(), None)
    if value is None:
        return default
    # A path of the site ("/cookies") and a database's URL are not dotted paths.
    is_dotted = name in _DOTTED and isinstance(value, str) and "/" not in value
    return import_string(value) if is_dotted else value


def find_gates() -> Gates:
    """
    Return the gate or the gates by host, made from the settings once for the process.

    Raises:
        RegistryError: The registry file has problems.
        OSError: It cannot be opened.
        ValueError: The secret key is missing or too short, or an option has a wrong value.
        TypeError: A setting is of a wrong type.
        ImportError: A dotted path leads nowhere.
    """
    if not _made:
        given: Gates | None = read("gate")
        gate = _make_gate() if given is None else given
        # So that the system check also finds a gate of a wrong type.
        Setup.resolve(gate, {})
        _made.append(gate)
    return _made[0]


def find_setup(*, is_async: bool) -> Setup:
    """
    Return the middleware's options, resolved from the settings.

    Args:
        is_async: Whether the middleware awaits its recorder.

    Raises:
        LedgerError: The ledger cannot be used as it is; see `find_gates` for other errors.
    """
    # A gate that the site makes itself counts verdicts as the site says.
    report = read("report") if read("gate") is None else None
    names = [name for name in OPTIONS if name not in GATE_OPTIONS]
    options = cast("MiddlewareOptions", {name: read(name) for name in names})
    return Setup.resolve(find_gates(), options, is_async=is_async, report=report)


def _forget(*, setting: str, **_: Any) -> None:
    # Tests change settings: the next middleware is made from the new ones.
    if setting.startswith((_PREFIX, "SECRET_KEY", "BASE_DIR")):
        _made.clear()


setting_changed.connect(_forget, dispatch_uid="cookiegate")


def _make_gate() -> Gates:
    options = {name: value for name in GATE_OPTIONS if (value := read(name)) is not None}
    options.setdefault("registry", Path(getattr(settings, "BASE_DIR", ""), "cookiegate.toml"))
    options["secret_key"] = options.get("secret_key") or _django_keys()
    return make_gate(cast("MiddlewareOptions", options))


def _django_keys() -> Sequence[str]:
    return [key for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if key]
