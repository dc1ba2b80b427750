"""The insights as one HTML page that loads nothing: no script, no font, no image."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .charts import bar_width, day_charts
from .sections import Insights, count_text
from .wording import NOTHING, more_text, period_text, rule_text, small_text

__all__ = ["render_page"]

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
        nothing=NOTHING,
        more_text=more_text,
        bar_width=bar_width,
        day_charts=lambda section: day_charts(section, insights.threshold),
        count_text=lambda count, missing="": count_text(count, insights.threshold, missing),
    )


def _replace_controls(value: object) -> object:
    # HTML has no place for control characters, and a bidirectional one would reorder its line.
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in value)
    return value
