"""Prometheus reads the totals by category and reason."""

from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from webtest import TestApp

from cookiegate.reports import Counts, prometheus

SAMPLES = (
    'cookiegate_verdicts_total{category="",reason="unknown"} 1.0\n'
    'cookiegate_verdicts_total{category="analysis",reason="no_consent"} 2.0\n'
    'cookiegate_verdicts_total{category="essential",reason="required"} 2.0\n'
)


def test_the_collector_has_totals_by_category_and_reason(counts: Counts) -> None:
    registry = CollectorRegistry()
    registry.register(prometheus.VerdictCollector(counts))
    assert SAMPLES in generate_latest(registry).decode()


def test_the_asgi_endpoint_serves_the_totals(counts: Counts) -> None:
    app = Starlette(routes=[Mount("/metrics", prometheus.asgi_endpoint(counts))])
    with TestClient(app) as client:
        assert SAMPLES in client.get("/metrics/").text


def test_the_wsgi_endpoint_serves_the_totals(counts: Counts) -> None:
    assert SAMPLES in TestApp(prometheus.wsgi_endpoint(counts), lint=False).get("/").text
