"""The settings, and the gate that they make.

`COOKIEGATE_REGISTRY`, `COOKIEGATE_SECRET_KEY`, `COOKIEGATE_MODE`, `COOKIEGATE_SECURE`,
`COOKIEGATE_DOMAIN`, `COOKIEGATE_HOOK`, `COOKIEGATE_ON_VERDICT`, `COOKIEGATE_ON_ERROR`,
`COOKIEGATE_REPORT`; or `COOKIEGATE_GATE` in the place of all of them. docs/django.md describes
each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from cookiegate.gate import Gate
from cookiegate.middleware.hosts import ByHost
from cookiegate.middleware.options import listeners, resolve_gates
from cookiegate.registry import Registry

__all__ = ["find", "read"]

_PREFIX = "COOKIEGATE_"
# What may be named by its dotted path, since settings are read before much can be imported.
_DOTTED = ("gate", "hook", "on_verdict", "on_error", "on_signal", "pages", "recorder")
_OPTIONS = ("mode", "secure", "domain", "hook", "on_verdict", "on_error", "on_signal")

_made: list[tuple[Gate, ByHost | None]] = []


def read(name: str, default: Any = None) -> Any:
    """
    A setting of ours; what a dotted path names, where one stands in the place of an object.

    Args:
        name: In lower case, without the prefix.
        default: Where the setting is absent or None.
    """
    value = getattr(settings, _PREFIX + name.upper(), None)
    if value is None:
        return default
    # A path of the site, or a database's URL, is none.
    is_dotted = name in _DOTTED and isinstance(value, str) and "/" not in value
    return import_string(value) if is_dotted else value


def find() -> tuple[Gate, ByHost | None]:
    """
    The gate that the settings make, once for the process; and all by host where there are several.

    Raises:
        RegistryError: The registry file has problems.
        OSError: It cannot be opened.
        ValueError: The secret key is missing or too short, or an option has a wrong value.
        TypeError: A setting is of a wrong type.
        ImportError: A dotted path leads nowhere.
    """
    if not _made:
        gate = read("gate")
        _made.append(resolve_gates(_make() if gate is None else gate, None, None))
    return _made[0]


def _forget(*, setting: str, **_: Any) -> None:
    # Tests change settings: the next handler makes a gate of the new ones.
    if setting.startswith((_PREFIX, "SECRET_KEY", "BASE_DIR")):
        _made.clear()


setting_changed.connect(_forget, dispatch_uid="cookiegate")


def _make() -> Gate:
    registry = read("registry")
    if registry is None:
        registry = Path(getattr(settings, "BASE_DIR", ""), "cookiegate.toml")
    if not isinstance(registry, Registry):
        registry = Registry.load(registry)
    options = {name: value for name in _OPTIONS if (value := read(name)) is not None}
    options["on_verdict"] = listeners(read("report"), options.get("on_verdict"))
    return Gate(registry, read("secret_key") or _django_keys(), **options)


def _django_keys() -> Sequence[str]:
    return [key for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if key]
