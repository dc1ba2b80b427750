"""The choice of one of the registry's languages for a visitor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from babel.core import get_global

from .translations import parent_names

__all__ = ["accepted", "best_match", "pick_language"]

_MAX_HEADER_BYTES: Final = 1000
_MAX_RANGES: Final = 20
# A longer tag is no language: whoever writes an address must not make a site compare all its parts.
_MAX_TAG: Final = 64


def pick_language(
    known: Sequence[str], *, asked: str | None = None, header: bytes | None = None
) -> str:
    """
    Return the language of a response: the one asked for, else what the browser prefers, else the
    registry's first.

    Args:
        known: The registry's languages, in its order.
        asked: What a switch in the page says; an unknown language is ignored.
        header: Accept-Language (RFC 9110, section 12.5.4).
    """
    if asked in known:
        return str(asked)
    return best_match(known, accepted(header or b"")) or known[0]


def best_match(known: Sequence[str], wanted: Sequence[str]) -> str:
    """
    Return the first wanted language that is known, itself, without its region or of another
    region; "" if none is.

    Args:
        known: The registry's languages, in its order.
        wanted: Language tags, best first: "sv", "sv-SE", "sv_SE".
    """
    names = {_locale_name(one): one for one in known}
    for tag in wanted:
        if len(tag) > _MAX_TAG:
            continue
        name = _locale_name(tag)
        language, script = name.partition("_")[0], _script(name)
        nearest = [name, *parent_names(_LIKELY.get(name, name)), *_ALIASES.get(language, ())]
        # As written in another region.
        nearest += (one for one in names if one.startswith(f"{language}_"))
        for one in nearest:
            if one in names and (one == name or _script(one) == script):
                return names[one]
    return ""


# Browsers set to Norwegian send "no", "nb" or "nn"; sites have "nb".
_ALIASES: Final = {"no": ("nb",), "nn": ("nb",)}
# The script and region that a language is most often written in: "zh_TW" is "zh_Hant_TW".
_LIKELY: Final = get_global("likely_subtags")


def _locale_name(tag: str) -> str:
    language, *subtags = tag.replace("-", "_").split("_")
    return "_".join(
        [language.lower(), *(one.title() if len(one) == 4 else one.upper() for one in subtags)]
    )


def _script(name: str) -> str:
    for one in (name, _LIKELY.get(name, ""), _LIKELY.get(name.partition("_")[0], "")):
        for subtag in one.split("_")[1:]:
            if len(subtag) == 4:
                return subtag
    return ""


def accepted(header: bytes) -> list[str]:
    """Return the language tags of an Accept-Language header, best first, without `*` and `q=0`."""
    ranges: list[tuple[float, str]] = []
    for part in header[:_MAX_HEADER_BYTES].decode("latin-1").split(",")[:_MAX_RANGES]:
        tag, _, parameter = part.partition(";")
        tag = tag.strip()
        weight = _weight(parameter)
        if weight > 0 and tag.replace("-", "").isalnum() and tag.isascii():
            ranges.append((weight, tag))
    # The sort is stable: of equal weight, the first comes first.
    return [tag for _, tag in sorted(ranges, key=lambda one: -one[0])]


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    value = value.strip()
    is_number = value[:1] in ("0", "1") and value.replace(".", "", 1).isdecimal() and len(value) < 6
    return float(value) if is_number else 0.0
