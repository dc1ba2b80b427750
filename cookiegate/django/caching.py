"""Django's cache, which is inside the gate: it stores no page that asked about the visitor."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

__all__ = ["keep_uncached"]

# By this attribute of the request, the per-site cache and `cache_page` know whether to store a
# page. It is true if the page was not in the cache.
_STORES: Final = "_cache_update_cache"


class _UncachedRequest:
    # A property, and no value: Django sets it for each view with `cache_page`, also after a
    # middleware has asked. It is read when the page is rendered.

    def _get(self) -> bool:
        values: dict[str, Any] = vars(self)
        if _STORES not in values:
            raise AttributeError(_STORES)
        context = values["cookiegate"].context
        if context.is_asked and context.pipeline.changes_responses:
            return False
        return bool(values[_STORES])

    def _set(self, value: bool) -> None:
        vars(self)[_STORES] = value

    _cache_update_cache = property(_get, _set)


# By class of request. Django has two.
_MADE: Final[dict[type[HttpRequest], Any]] = {}


def keep_uncached(request: HttpRequest) -> None:
    """
    Make Django's cache not store the response to a request once it has asked about the visitor.

    Args:
        request: The request, which has its visit as `cookiegate`.
    """
    kind = type(request)
    if not issubclass(kind, _UncachedRequest):
        if kind not in _MADE:
            namespace = {"__module__": kind.__module__}
            _MADE[kind] = type(kind.__name__, (_UncachedRequest, kind), namespace)
        request.__class__ = _MADE[kind]
