"""What the shipped starter registry knows beyond its own entries: the presets that it comments out.

`packages.json` beside it has the cookies that packages were seen to set; `python -m tests.packages`
writes it.
"""

import re
from typing import Final

import msgspec

from .registry import Registry, read_source

__all__ = ["Package", "PackageCookie", "enable", "load_packages", "load_presets"]

_STARTER: Final = "cookiegate:starter"
_SWITCH: Final = re.compile(r"^#(?=\S)", re.MULTILINE)


class PackageCookie(msgspec.Struct, frozen=True, kw_only=True):
    """A cookie as a package was seen to set it, without its value."""

    #: All but Expires and Max-Age.
    attributes: str
    #: As in a registry.
    expires: str


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package that sets cookies."""

    #: The version that was tried.
    version: str
    #: A key of the command line's frameworks; empty if no gate can be around it.
    framework: str
    #: What to import.
    modules: tuple[str, ...]
    #: By a name or pattern of the starter's entries.
    cookies: dict[str, PackageCookie]


def enable(text: str) -> str:
    """Return a part of the starter with each entry enabled that it comments out."""
    return _SWITCH.sub("", text)


def load_presets() -> Registry:
    """Return the shipped starter with all entries enabled: general knowledge about names."""
    return Registry.parse(enable(read_source(_STARTER).decode()), source=_STARTER)


def load_packages() -> dict[str, Package]:
    """Return the packages that were tried, by their normalized names."""
    # Imported lazily, as in `read_source`.
    from importlib.resources import files

    data = files("cookiegate._registry_data").joinpath("packages.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, Package])
