"""From templates to HTML, escaped; a site may replace single templates by its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import PathLike
from typing import Any, Final

import msgspec
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from markupsafe import Markup

from .i18n import Texts

__all__ = ["Renderer"]

# The end of a part of a name: `visitor_id`, `js.stripe.com`.
_PARTS: Final = re.compile(r"(?<=[._/-])(?=\w\w)")
# Markdown's special characters, and the one that ends a table's cell.
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#])")
# Blanks and line ends, but not the spaces of French, at which no line ends.
_BLANKS: Final = re.compile(r"[^\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")


class Renderer:
    """
    Renders the pages' templates.

    Args:
        folder: A folder whose templates replace those of the same name.
    """

    def __init__(self, folder: str | PathLike[str] | None = None) -> None:
        packaged = PackageLoader("cookiegate.pages", "templates")
        loader = packaged if folder is None else ChoiceLoader([FileSystemLoader(folder), packaged])
        self._environment = Environment(
            loader=loader,
            autoescape=lambda name: name is None or not name.endswith(".md"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["md"] = _as_markdown
        self._environment.filters["breakable"] = _as_breakable
        self._environment.filters["json"] = lambda value: msgspec.json.encode(value).decode()

    def render(self, template: str, texts: Texts, values: Mapping[str, Any]) -> str:
        """Render a template with these values in a language."""
        return self._environment.get_template(template).render(
            {"_": texts.gettext, "ngettext": texts.ngettext, "texts": texts, **values}
        )


def _as_breakable(text: str) -> Markup:
    # A long name may go on in the next line, but only where a part of it ends.
    return Markup("<wbr>").join(_PARTS.split(text))


def _as_markdown(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(_BLANKS.split(text.strip())))
