"""Counts for OpenTelemetry, by its API alone (the extra `opentelemetry`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, Meter, Observation, get_meter

if TYPE_CHECKING:
    from .counts import Counts

__all__ = ["observe"]


def observe(counts: Counts, meter: Meter | None = None) -> None:
    """
    Let a meter observe `cookiegate.verdicts`, with the attributes `category` and `reason`.

    Args:
        counts: What is plugged into the gate.
        meter: None for the global one's, named "cookiegate".
    """

    def read(options: CallbackOptions) -> Iterator[Observation]:
        for (category, reason), count in counts.totals().items():
            yield Observation(count, {"category": category, "reason": reason.value})

    (meter or get_meter("cookiegate")).create_observable_counter(
        "cookiegate.verdicts", [read], unit="{header}", description="Set-Cookie headers judged."
    )
