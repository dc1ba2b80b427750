"""Django's cache, which is inside the gate: it stores no page that asked about the visitor."""

from __future__ import annotations

from typing import Any, Final, SupportsIndex

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
        visit = values["cookiegate"]
        # An unpickled request has no visit.
        if visit is not None and visit.context.is_asked:
            return bool(values[_STORES] and not visit.context.pipeline.changes_responses)
        return bool(values[_STORES])

    def _set(self, value: bool) -> None:
        vars(self)[_STORES] = value

    _cache_update_cache = property(_get, _set)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        # Requests can be copied and pickled. This class is made, so it is found by its base.
        reduced: Any = super().__reduce_ex__(protocol)
        return _make, (type(self).__bases__[1],), *reduced[2:]


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
        request.__class__ = _class_for(kind)


def _class_for(kind: type[HttpRequest]) -> Any:
    if kind not in _MADE:
        namespace = {"__module__": kind.__module__}
        _MADE[kind] = type(kind.__name__, (_UncachedRequest, kind), namespace)
    return _MADE[kind]


def _make(kind: type[HttpRequest]) -> HttpRequest:
    made: HttpRequest = object.__new__(_class_for(kind))
    return made
