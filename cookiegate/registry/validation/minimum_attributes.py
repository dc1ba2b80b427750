"""Floors: what an entry, its category and the policy say together."""

from cookiegate.registry.model import MinimumAttributes
from cookiegate.registry.schema.site_tables import MinimumAttributesShape

from .problem_list import ProblemList

__all__ = ["NO_MINIMUM", "resolve_minimum"]

NO_MINIMUM = MinimumAttributes()


def resolve_minimum(
    shape: MinimumAttributesShape,
    below: MinimumAttributes,
    problem_list: ProblemList,
    *path: str | int,
) -> MinimumAttributes:
    """Return what the table says, and for the rest what the floor below it says."""
    if shape.partitioned and shape.secure is False:
        problem_list.add(
            (*path, "floor", "secure"),
            "floor.partitioned = true requires Secure",
            "leave secure out: browsers store no Partitioned cookie without it",
        )
    return MinimumAttributes(
        secure=below.secure if shape.secure is None else shape.secure,
        http_only=below.http_only if shape.http_only is None else shape.http_only,
        same_site=below.same_site if shape.same_site is None else shape.same_site,
        partitioned=below.partitioned if shape.partitioned is None else shape.partitioned,
    )
