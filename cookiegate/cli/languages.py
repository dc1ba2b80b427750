"""The languages of a registry, and whether the pages can be shown in them."""

from __future__ import annotations

from cookiegate.registry import Registry
from cookiegate.registry.errors import InvalidValueError

__all__ = ["language_errors"]


def language_errors(registry: Registry) -> dict[str, InvalidValueError]:
    """
    Return why the pages cannot be shown in languages of a registry, by language.

    Without the extra `pages` the site has other pages, and nothing is wrong.
    """
    try:
        # Imported lazily: it brings Jinja2 and Babel.
        from cookiegate.pages.i18n import load_languages
    except ImportError:
        return {}
    return load_languages(registry)[1]
