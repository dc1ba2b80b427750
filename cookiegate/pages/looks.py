"""How the banner and the pages look, where the site has a say."""

from __future__ import annotations

import re
from typing import Final, Literal, Self, get_args

import msgspec

__all__ = ["LAYOUTS", "Layout", "Looks"]

#: Where the banner stands: "bar" at the bottom edge of the screen, "page" as a part of the page,
#: "auto" as a bar on screens of up to 640 pixels.
Layout = Literal["auto", "bar", "page"]
LAYOUTS: Final[tuple[Layout, ...]] = get_args(Layout)

# A path of this site, or the origin and the rest of an address elsewhere.
_STYLESHEET: Final = re.compile(r"(https://[\w.-]+(?::\d+)?)?/(?!/)[!#-;=?-\[\]-~]*", re.ASCII)


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """How the banner and the pages look, where the site has a say."""

    layout: Layout = "auto"
    #: Whether the link to the settings is a button in a corner of the screen.
    settings_button: bool = False
    #: The address of a style sheet of the site for the pages; "" for none.
    stylesheet: str = ""

    def with_those_of_a_tag(self, layout: Layout | None, settings_button: bool | None) -> Self:
        """Return the looks of one banner; what is None is as it was."""
        given = {"layout": layout, "settings_button": settings_button}
        known = {key: value for key, value in given.items() if value is not None}
        return msgspec.structs.replace(self, **known)

    @property
    def stylesheet_origin(self) -> str:
        """The origin of the style sheet, if it is not this site's; else ""."""
        found = _STYLESHEET.fullmatch(self.stylesheet)
        return (found and found[1]) or ""

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise ValueError(f"layout is {self.layout!r}; give one of {', '.join(LAYOUTS)}")
        if self.settings_button not in (True, False):
            raise ValueError(f"settings_button is {self.settings_button!r}; give True or False")
        is_text = isinstance(self.stylesheet, str)
        if not is_text or (self.stylesheet and not _STYLESHEET.fullmatch(self.stylesheet)):
            raise ValueError(
                f"stylesheet is {self.stylesheet!r}; give a path such as '/static/theme.css', or "
                "an https address"
            )
