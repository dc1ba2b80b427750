"""What the shipped starter registry knows beyond its own entries: the presets that it comments out.

`packages.json` beside it has the cookies that packages were seen to set; `python -m tests.packages`
writes it. The starter is in English; the folder `starter` beside it has its texts in other
languages, one file for each.
"""

import re
import tomllib
from collections.abc import Sequence
from typing import Final

import msgspec

from .registry import Registry, read_source

__all__ = [
    "Package",
    "PackageCookie",
    "enable",
    "load_packages",
    "load_presets",
    "load_texts",
    "translate",
]

_STARTER: Final = "cookiegate:starter"
_SWITCH: Final = re.compile(r"^#(?=\S)", re.MULTILINE)
_TEXT: Final = re.compile(r'^(#?)(\S+\.)en = "(.*)"$', re.MULTILINE)
_LANGUAGES: Final = 'languages = ["en"]'


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


def load_texts() -> dict[str, dict[str, str]]:
    """Return the starter's texts in other languages, by language and English text."""
    # Imported lazily, as in `read_source`.
    from importlib.resources import files

    folder = files("cookiegate._registry_data").joinpath("starter")
    return {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }


def translate(text: str, languages: Sequence[str]) -> str:
    """
    Return a part of the starter with each text in other languages than English.

    Args:
        text: The part.
        languages: Codes. Those without a translation get the English text, commented out.
    """
    known = load_texts()

    def lines(match: re.Match[str]) -> str:
        switch, key, english = match.groups()
        made = []
        for language in languages:
            base = language.partition("-")[0]
            found = english if base == "en" else known.get(base, {}).get(english)
            is_off = "#" if found is None else switch
            made.append(f'{is_off}{key}{language} = "{found or english}"')
        return "\n".join(made)

    return _TEXT.sub(lines, text)


def load_presets() -> Registry:
    """Return the shipped starter with all entries enabled, in all languages."""
    languages = ["en", *load_texts()]
    text = translate(enable(read_source(_STARTER).decode()), languages)
    listed = ", ".join(f'"{language}"' for language in languages)
    return Registry.parse(text.replace(_LANGUAGES, f"languages = [{listed}]", 1), source=_STARTER)


def load_packages() -> dict[str, Package]:
    """Return the packages that were tried, by their normalized names."""
    # Imported lazily, as in `read_source`.
    from importlib.resources import files

    data = files("cookiegate._registry_data").joinpath("packages.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, Package])
