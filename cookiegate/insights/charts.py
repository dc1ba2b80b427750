"""Charts as inline SVG, drawn by Vega-Lite (vl-convert) and coloured by the page.

No colour is in them, only the page's custom properties: one drawing serves light and dark.
"""

from __future__ import annotations

import json
from typing import Any, Final
from xml.etree import ElementTree

import vl_convert

from .sections import Section, count_text

__all__ = ["CHOSEN", "IGNORED", "NARROW", "WIDE", "draw_bars", "draw_days"]

#: Pixels; text keeps its size where a drawing is as wide as its place.
NARROW: Final = 280
WIDE: Final = 720
#: What the page gives a colour to.
CHOSEN: Final = "var(--chosen)"
IGNORED: Final = "var(--ignored)"

_SVG: Final = "http://www.w3.org/2000/svg"
_FONT: Final = "system-ui, sans-serif"
_TEXT: Final = 13
_ROW: Final = 44
_HEIGHT: Final = 200
# The room that a day's name needs.
_LABEL: Final = 65
# So many days are named by their months.
_LONG: Final = 300
_CONFIG: Final[dict[str, Any]] = {
    "background": None,
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "domainColor": "var(--line)",
        "gridColor": "var(--line)",
        "labelColor": "currentColor",
        "labelFontSize": _TEXT,
        "tickColor": "var(--line)",
        "title": None,
    },
    "text": {"color": "currentColor", "fontSize": _TEXT},
}
# Attributes for screen readers: the page has a text for the whole, and a table.
_SPOKEN: Final = ("role", "aria-label", "aria-roledescription", "aria-hidden")


def draw_bars(section: Section, threshold: int) -> str:
    """
    A bar for each row, its name and its count above it.

    Args:
        section: What is drawn; of its columns the first.
        threshold: Counts below it are suppressed, and have no bar.
    """
    rows = [
        {
            "place": place,
            "title": _drawable(line.title),
            "count": line.counts[0] or 0,
            "text": count_text(line.counts[0], threshold),
        }
        for place, line in enumerate(section.lines)
    ]
    place: dict[str, Any] = {"field": "place", "type": "ordinal", "axis": None}
    above: dict[str, Any] = {"type": "text", "yOffset": -8, "baseline": "middle"}
    bar: dict[str, Any] = {"type": "bar", "height": 10, "yOffset": 8}
    most = max(1, *(line.counts[0] or 0 for line in section.lines))
    length = {"field": "count", "type": "quantitative", "axis": None}
    spec = {
        "width": NARROW,
        "height": {"step": _ROW},
        "padding": 1,
        "data": {"values": rows},
        "encoding": {"y": place},
        "layer": [
            {"mark": {**bar, "color": "var(--line)", "x": 0, "x2": NARROW}},
            {
                "mark": {**bar, "color": CHOSEN},
                "encoding": {"x": {**length, "scale": {"domain": [0, most]}}},
            },
            {
                "mark": {**above, "align": "left", "x": 0, "limit": NARROW - 76},
                "encoding": {"text": {"field": "title"}},
            },
            {
                "mark": {**above, "align": "right", "x": NARROW},
                "encoding": {"text": {"field": "text"}},
            },
        ],
    }
    told = "; ".join(f"{one['title']}: {one['text']}" for one in rows)
    return _drawn(spec, section.id, section.title, told)


def draw_days(section: Section, columns: tuple[str, ...], threshold: int, *, width: int) -> str:
    """
    A column for each day, in as many parts as there are columns.

    Args:
        section: What is drawn.
        columns: The columns' ids, the lowest part first.
        threshold: Counts below it are suppressed, and are not drawn.
        width: `NARROW` or `WIDE`.
    """
    places = {column.id: place for place, column in enumerate(section.columns)}
    colours = dict(zip(columns, (CHOSEN, IGNORED), strict=False))
    rows = [
        {"day": line.id, "part": number, "count": line.counts[places[id]] or 0}
        for line in section.lines
        for number, id in enumerate(columns)
    ]
    form = "%b %Y" if len(section.lines) > _LONG else "%-d %b"
    most = max(sum(line.counts[places[id]] or 0 for id in columns) for line in section.lines)
    spec = {
        "width": width,
        "height": _HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        # The last day's name is wider than its column.
        "padding": {"bottom": 1, "left": 1, "right": 16, "top": 8},
        "data": {"values": rows},
        "mark": "bar",
        "encoding": {
            "x": {
                "field": "day",
                "type": "ordinal",
                "scale": {"paddingInner": 0.2, "paddingOuter": 0.1},
                "axis": {
                    "labelAngle": 0,
                    "labelExpr": f"utcFormat(toDate(datum.value), '{form}')",
                    "values": [line.id for line in section.lines[:: _every(section, width)]],
                },
            },
            "y": {
                "field": "count",
                "type": "quantitative",
                "aggregate": "sum",
                "axis": {
                    "domain": False,
                    "format": ",d",
                    "minExtent": 32,
                    "tickCount": 4,
                    "tickMinStep": 1,
                },
                "scale": {"domain": [0, max(threshold, most)]},
            },
            "color": {
                "field": "part",
                "type": "nominal",
                "legend": None,
                "scale": {
                    "domain": list(range(len(columns))),
                    "range": [colours[id] for id in columns],
                },
            },
            "order": {"field": "part"},
        },
    }
    titles = [section.columns[places[id]].title for id in columns]
    told = (
        f"{' and '.join(titles)} by day, from {section.lines[0].title} to "
        f"{section.lines[-1].title}; at most {count_text(most, threshold)} a day. "
        "The table below has each day."
    )
    return _drawn(spec, f"{section.id}-{columns[0]}-{width}", " and ".join(titles), told)


def _drawable(text: str) -> str:
    # XML has no place for control characters; vl-convert ends the whole process at one.
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _every(section: Section, width: int) -> int:
    # Of so many days one has a label.
    return -(-len(section.lines) // (width // _LABEL))


def _drawn(spec: dict[str, Any], id: str, title: str, told: str) -> str:
    spec = {"config": _CONFIG, **spec}
    text = vl_convert.vegalite_to_svg(json.dumps(spec))
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(text)
    for element in root.iter():
        for name in _SPOKEN:
            element.attrib.pop(name, None)
    for name in ("class", "width", "height", "version"):
        root.attrib.pop(name, None)
    ids = f"chart-{id}-title", f"chart-{id}-text"
    root.set("role", "img")
    root.set("aria-labelledby", " ".join(ids))
    for place, (name, said) in enumerate((("title", title), ("desc", told))):
        element = ElementTree.Element(f"{{{_SVG}}}{name}", {"id": ids[place]})
        element.text = said
        root.insert(place, element)
    return ElementTree.tostring(root, encoding="unicode")
