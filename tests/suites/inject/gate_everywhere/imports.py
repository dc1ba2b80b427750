"""Changes to modules, made when a suite imports them."""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from . import seen
from .hooks import HOOKS
from .settings import WITHOUT

__all__ = ["install"]


def install() -> None:
    """Change the modules that are imported from now on, and those that are loaded already."""
    seen.start()
    sys.meta_path.insert(0, _Finder())
    for name in HOOKS.keys() & sys.modules.keys():
        _change(sys.modules[name])


def _change(module: ModuleType) -> None:
    if module.__name__ not in WITHOUT:
        HOOKS[module.__name__](module)


class _Finder:
    def __init__(self) -> None:
        self._searching: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in HOOKS or name in self._searching:
            return None
        self._searching.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._searching.discard(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                _change(module)

            vars(spec.loader)["exec_module"] = exec_module
        return spec
