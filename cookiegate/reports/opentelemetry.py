"""Counts for OpenTelemetry (the extra `opentelemetry`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, Meter, Observation, get_meter

if TYPE_CHECKING:
    from .counts import Counts

__all__ = ["observe"]


def observe(counts: Counts, meter: Meter | None = None) -> None:
    """
    Register the counter `cookiegate.verdicts`, with the attributes `category` and `reason`.

    Args:
        counts: The gate's `on_verdict`.
        meter: None for the global provider's meter "cookiegate".
    """

    def read(options: CallbackOptions) -> Iterator[Observation]:
        for (category, reason), count in counts.totals().items():
            yield Observation(count, {"category": category, "reason": reason.value})

    (meter or get_meter("cookiegate")).create_observable_counter(
        "cookiegate.verdicts", [read], unit="{header}", description="Set-Cookie headers judged."
    )
