"""What a visitor sees: banner, settings and policy page, from the registry that enforces.

It needs the extra `pages`: pip install 'cookiegate[pages]'.
"""

try:
    import babel as _babel
    import jinja2 as _jinja2
except ImportError as _error:
    raise ImportError(
        f"cookiegate.pages needs {_error.name}: pip install 'cookiegate[pages]'"
    ) from _error

from .messages import PageRequest, PageResponse
from .pages import Pages

__all__ = ["PageRequest", "PageResponse", "Pages"]

del _babel, _jinja2
