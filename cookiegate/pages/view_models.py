"""What the templates get of a registry, in one language; nothing here depends on a visitor."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from markupsafe import Markup, escape

from .i18n import direction_of

__all__ = [
    "AuthorityView",
    "CategoryView",
    "Content",
    "EntryView",
    "GroupView",
    "LinkView",
    "PartyView",
]


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a table."""

    #: The display name, or the names on the wire.
    title: str
    #: The display name; "" without one.
    label: str
    #: The names and patterns on the wire.
    names: tuple[str, ...]
    #: The names for visitors: of a pattern, what is fixed in it, such as "_ga_…".
    readable_names: tuple[str, ...]
    kind: str
    #: The company's name, or the site's.
    owner: str
    #: Where it is stored; empty for the host that was visited.
    domains: tuple[str, ...]
    #: The owner and the domains together.
    belongs_to: str
    expires: str
    #: Its purposes, one sentence each.
    purposes: tuple[str, ...]
    when: str | None
    necessary: str | None
    set_by: str | None
    is_unconfirmed: bool


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """What one company stores in a category, or the site itself; or one service, see `part`."""

    name: str
    #: The id of the service in the category, if visitors choose it by itself; "" for a company.
    part: str = ""
    #: Who runs the service, if its name does not say it.
    provider: str = ""
    policies: tuple[LinkView, ...]
    opt_outs: tuple[LinkView, ...]
    rows: tuple[EntryView, ...]


class CategoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A category with the rows of its tables."""

    id: str
    title: str
    description: str
    without: str
    is_required: bool
    #: Whether a visitor can switch it on: it is optional and has entries.
    is_offered: bool
    #: Names of the signals under which it stays allowed.
    survives: tuple[str, ...]
    rows: tuple[EntryView, ...]
    #: The same rows, by whom they belong to; by service if each has a switch of its own.
    groups: tuple[GroupView, ...]

    @property
    def parts(self) -> tuple[GroupView, ...]:
        """The groups that have a switch of their own."""
        return tuple(group for group in self.groups if group.part)


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link of a company."""

    url: str
    #: The company's name if the address has it, or else the host that the link leads to.
    name: str


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """A company that stores or reads something, with all of its services."""

    name: str
    policies: tuple[LinkView, ...]
    opt_outs: tuple[LinkView, ...]
    #: Ids of its entries' categories.
    categories: frozenset[str]
    #: Of its services with an opt-out: the domains of the cookies, by the ids that must be allowed.
    elsewhere: tuple[tuple[str, tuple[str, ...]], ...]


class AuthorityView(msgspec.Struct, frozen=True, kw_only=True):
    """An authority that a visitor can turn to."""

    name: str
    #: "" if it has none.
    url: str
    #: The country's name; "" if it is not stated.
    country: str


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A registry written out in one language."""

    site: str
    categories: tuple[CategoryView, ...]
    #: The companies that receive data if the visitor allows everything.
    asked_parties: tuple[PartyView, ...]
    #: The companies that receive data for required categories alone.
    other_parties: tuple[PartyView, ...]
    #: By what they are for.
    authorities: tuple[tuple[str, tuple[AuthorityView, ...]], ...]
    #: The languages of texts that the registry lacks in this one.
    foreign: Mapping[str, str]

    def said(self, text: str, html: Markup | None = None) -> Markup:
        """
        Return a text of the registry as HTML, with its language if that is another one.

        Args:
            text: The text.
            html: The same as HTML; None to escape it.
        """
        html = escape(text) if html is None else html
        language = self.foreign.get(text)
        if language is None:
            return html
        marked = Markup('<span lang="{}" dir="{}">{}</span>')
        return marked.format(language, direction_of(language), html)

    @property
    def offered(self) -> tuple[CategoryView, ...]:
        """The categories that a visitor can choose."""
        return tuple(one for one in self.categories if one.is_offered)

    @property
    def titles(self) -> dict[str, str]:
        """By id the titles of categories, and the names of services that are chosen."""
        titles = {one.id: one.title for one in self.categories}
        return titles | {part.part: part.name for one in self.categories for part in one.parts}
