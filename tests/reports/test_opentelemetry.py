"""OpenTelemetry observes the totals by category and reason."""

from collections.abc import Iterable

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from cookiegate.reports import Counts, opentelemetry


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


def test_a_meter_observes_totals_by_category_and_reason(counts: Counts) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    opentelemetry.observe(counts, provider.get_meter("shop"))
    assert sorted(points(reader)) == [
        ("cookiegate.verdicts", "", "unknown", 1),
        ("cookiegate.verdicts", "analysis", "no_consent", 2),
        ("cookiegate.verdicts", "essential", "required", 2),
    ]
    provider.shutdown()


def test_without_a_meter_the_global_one_is_used(counts: Counts) -> None:
    opentelemetry.observe(counts)
