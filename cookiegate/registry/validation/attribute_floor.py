"""Floors: what an entry, its category and the policy say together."""

from cookiegate.registry.model import Floor
from cookiegate.registry.schema.site_tables import FloorShape

from .findings import Findings

__all__ = ["NO_FLOOR", "lay_floor"]

NO_FLOOR = Floor()


def lay_floor(shape: FloorShape, below: Floor, findings: Findings, *path: str | int) -> Floor:
    """Return what the table says, and for the rest what the floor below it says."""
    if shape.partitioned and shape.secure is False:
        findings.add(
            (*path, "floor", "secure"),
            "a floor with partitioned = true needs Secure",
            "leave secure out: browsers store no Partitioned cookie without it",
        )
    return Floor(
        secure=below.secure if shape.secure is None else shape.secure,
        http_only=below.http_only if shape.http_only is None else shape.http_only,
        same_site=below.same_site if shape.same_site is None else shape.same_site,
        partitioned=below.partitioned if shape.partitioned is None else shape.partitioned,
    )
