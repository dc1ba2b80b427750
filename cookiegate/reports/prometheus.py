"""Counts for Prometheus, by the library prometheus_client (the extra `prometheus`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, make_asgi_app, make_wsgi_app
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from .counts import Counts

__all__ = ["VerdictCollector", "asgi_endpoint", "wsgi_endpoint"]


class VerdictCollector(Collector):
    """
    `cookiegate_verdicts_total`, with the labels `category` ("" for none) and `reason`.

    Register it where the application's other metrics are: `REGISTRY.register(...)`.

    Args:
        counts: What is plugged into the gate.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One sample for each category and reason that was seen."""
        family = CounterMetricFamily(
            "cookiegate_verdicts", "Set-Cookie headers judged.", labels=("category", "reason")
        )
        for (category, reason), count in sorted(self._counts.totals().items()):
            family.add_metric((category, reason.value), count)
        yield family


def asgi_endpoint(counts: Counts) -> Any:
    """An ASGI application that serves nothing but these counts; mount it where Prometheus looks."""
    return make_asgi_app(_registry_of(counts))


def wsgi_endpoint(counts: Counts) -> Any:
    """The same for WSGI."""
    return make_wsgi_app(_registry_of(counts))


def _registry_of(counts: Counts) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(VerdictCollector(counts))
    return registry
