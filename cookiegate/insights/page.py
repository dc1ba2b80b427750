"""The insights as one page that needs nothing else: no script, no font, no address."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .charts import NARROW, WIDE, draw_bars, draw_days
from .sections import Insights, Section, count_text
from .wording import NOTHING, more_text, period_text, rule_text

__all__ = ["render_page"]

_FOLDER: Final = Path(__file__).with_name("templates")
# What is drawn of each day, one part upon the other: the first of which everything is there.
_ASKED: Final = (("chosen", "ignored"), ("chosen",), ("shown",))
_WITHDRAWN: Final = (("withdrawn",),)


class _Chart(msgspec.Struct, frozen=True, kw_only=True):
    narrow: Markup
    #: The same for a wide window; "" where one drawing fits both.
    wide: Markup = Markup()
    #: What the colours mean.
    keys: tuple[str, ...] = ()


def render_page(insights: Insights) -> str:
    """The page, as HTML."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("insights.html").render(
        insights=insights,
        sections=[(one, _charts(one, insights.threshold)) for one in insights.sections],
        style=Markup((_FOLDER / "insights.css").read_text(encoding="utf-8")),
        period=period_text(insights),
        rule=rule_text(insights.threshold),
        nothing=NOTHING,
        more=more_text,
        told=lambda count, missing: count_text(count, insights.threshold, missing),
    )


def _charts(section: Section, threshold: int) -> list[_Chart]:
    if section.is_empty:
        return []
    if len(section.columns) == 1:
        return [_Chart(narrow=Markup(draw_bars(section, threshold)))]
    there = {column.id: column.title for column in section.columns if not column.missing}
    charts = []
    for wanted in (_ASKED, _WITHDRAWN):
        columns = next((one for one in wanted if there.keys() >= set(one)), None)
        if columns is not None:
            draw = partial(draw_days, section, columns, threshold)
            charts.append(
                _Chart(
                    narrow=Markup(draw(width=NARROW)),
                    wide=Markup(draw(width=WIDE)),
                    keys=tuple(there[id] for id in columns),
                )
            )
    return charts
