"""The insights as one HTML page that loads nothing: no script, no font, no image."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from .charts import bar_width, step_chart
from .sections import Insights, cell_text, count_text
from .wording import (
    definitions,
    empty_text,
    more_text,
    needs_text,
    period_text,
    rule_text,
    small_text,
)

__all__ = ["render_page"]

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_FOLDER: Final = Path(__file__).with_name("templates")


def render_page(insights: Insights) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        finalize=_replace_controls,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("insights.html").render(
        insights=insights,
        style=Markup((_FOLDER / "insights.css").read_text(encoding="utf-8")),
        period=period_text(insights),
        rule=rule_text(insights.threshold),
        small=small_text(insights),
        empty=empty_text(insights),
        definitions=tuple(definitions(insights)),
        over_time=[one for one in insights.over_time if not one.is_empty],
        lists=[one for one in insights.sections if not one.is_empty],
        more_text=more_text,
        mark_dates=_mark_dates,
        bar_width=bar_width,
        step_chart=lambda section: step_chart(section, insights.threshold),
        needs_text=lambda group: needs_text(group, insights.threshold),
        cell_text=lambda cell, column: cell_text(cell, insights.threshold, column),
        count_text=lambda count: count_text(count, insights.threshold, "left out"),
    )


def _replace_controls(value: object) -> object:
    # HTML has no place for control characters, and a bidirectional one would reorder its line.
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in value)
    return value


def _mark_dates(text: str) -> Markup:
    # So that no line ends inside of one.
    return Markup(_DATE.sub(r"<time>\g<0></time>", str(escape(text))))
