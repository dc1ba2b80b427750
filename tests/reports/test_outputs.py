"""Counts reach the log, Prometheus and OpenTelemetry."""

import logging
from collections.abc import Iterable
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from webtest import TestApp

from cookiegate import Reason
from cookiegate.reports import Counts, opentelemetry, prometheus
from cookiegate.reports.log import log_findings
from tests.registries import gate_for
from tests.reports.rows import row


@pytest.fixture
def counts() -> Counts:
    counts = Counts()
    gate = gate_for(on_verdict=counts)
    for _ in range(2):
        gate.visit([]).respond([(b"set-cookie", b"sid=1"), (b"set-cookie", b"_ga=1")])
    gate.visit([]).respond([(b"set-cookie", b"who=1")])
    return counts


SAMPLES = (
    'cookiegate_verdicts_total{category="",reason="unknown"} 1.0\n'
    'cookiegate_verdicts_total{category="analysis",reason="no_consent"} 2.0\n'
    'cookiegate_verdicts_total{category="essential",reason="required"} 2.0\n'
)


def test_prometheus_reads_totals_by_category_and_reason_alone(counts: Counts) -> None:
    registry = CollectorRegistry()
    registry.register(prometheus.VerdictCollector(counts))
    assert SAMPLES in generate_latest(registry).decode()


def test_prometheus_has_an_endpoint_in_asgi(counts: Counts) -> None:
    app = Starlette(routes=[Mount("/metrics", prometheus.asgi_endpoint(counts))])
    with TestClient(app) as client:
        assert SAMPLES in client.get("/metrics/").text


def test_prometheus_has_an_endpoint_in_wsgi(counts: Counts) -> None:
    assert SAMPLES in TestApp(prometheus.wsgi_endpoint(counts), lint=False).get("/").text


def points(reader: InMemoryMetricReader) -> Iterable[tuple[str, object, object, int | float]]:
    data = reader.get_metrics_data()
    assert data is not None
    for resource in data.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    assert isinstance(point, NumberDataPoint)
                    found = point.attributes or {}
                    yield metric.name, found["category"], found["reason"], point.value


def test_opentelemetry_observes_totals_by_category_and_reason_alone(counts: Counts) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    opentelemetry.observe(counts, provider.get_meter("shop"))
    assert sorted(points(reader)) == [
        ("cookiegate.verdicts", "", "unknown", 1),
        ("cookiegate.verdicts", "analysis", "no_consent", 2),
        ("cookiegate.verdicts", "essential", "required", 2),
    ]
    provider.shutdown()


def test_opentelemetry_without_a_meter_takes_the_global_one(counts: Counts) -> None:
    opentelemetry.observe(counts)


def test_a_finding_is_logged_with_its_facts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookiegate.report")
    facts: dict[str, Any] = {
        "category": "analysis",
        "reason": Reason.NO_CONSENT,
        "notes": (Reason.REPORT_MODE,),
    }
    log_findings([row("_ga", 12, action="keep", route="/users/<id>", **facts), row("who", 3, 60.0)])
    first, second = caplog.records
    assert first.getMessage() == (
        "cookie _ga (analysis): no_consent, report_mode, keep, 12 times at /users/<id>"
    )
    assert second.getMessage() == "cookie who (no category): unknown, strip, 3 times"
    assert first.__dict__["cookiegate"] == {
        "cookie": "_ga",
        "category": "analysis",
        "reason": "no_consent",
        "action": "keep",
        "allowed": False,
        "notes": ["report_mode"],
        "route": "/users/<id>",
        "count": 12,
        "lifetime": None,
    }
    assert second.__dict__["cookiegate"]["lifetime"] == 60.0


def test_what_is_as_it_should_be_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookiegate.report")
    fine: dict[str, Any] = {"category": "essential", "reason": Reason.REQUIRED, "allowed": True}
    log_findings([row("sid", **fine)])
    assert caplog.records == []
    log_findings([row("sid", notes=(Reason.OUTLIVES,), **fine)])
    log_findings([row("who", allowed=True, action="keep", reason=Reason.UNKNOWN_ALLOWED)])
    assert len(caplog.records) == 2
