"""Counts for Prometheus (the extra `prometheus`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, make_asgi_app, make_wsgi_app
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from .counts import Counts

__all__ = ["VerdictCollector", "asgi_endpoint", "wsgi_endpoint"]


class VerdictCollector(Collector):
    """
    Collect `cookiegate_verdicts_total`, with the labels `category` ("" for none) and `reason`.

    Register it with the application's other metrics: `REGISTRY.register(...)`.

    Args:
        counts: The gate's `on_verdict`.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield one sample for each category and reason."""
        family = CounterMetricFamily(
            "cookiegate_verdicts", "Set-Cookie headers judged.", labels=("category", "reason")
        )
        for (category, reason), count in sorted(self._counts.totals().items()):
            family.add_metric((category, reason.value), count)
        yield family


def asgi_endpoint(counts: Counts) -> Callable[..., Awaitable[None]]:
    """Return an ASGI application that serves these counts alone, for Prometheus to scrape."""
    return make_asgi_app(_registry_of(counts))


def wsgi_endpoint(counts: Counts) -> WSGIApplication:
    """Return a WSGI application that serves these counts alone, for Prometheus to scrape."""
    return make_wsgi_app(_registry_of(counts))


def _registry_of(counts: Counts) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(VerdictCollector(counts))
    return registry
