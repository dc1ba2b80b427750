"""The pages and the banner as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from os import PathLike
from secrets import token_urlsafe
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qs, urlencode

import msgspec
from msgspec.structs import replace

from cookiegate.consent.choice import Presentation, Surface
from cookiegate.consent.recording import Kept
from cookiegate.gate import Gate
from cookiegate.http.request import host_name
from cookiegate.http.signals import NO_SIGNALS, SIGNAL_TABLE, Signal
from cookiegate.http.urls import url_path
from cookiegate.registry import Registry
from cookiegate.registry.builtin import form_entry
from cookiegate.visit import Visit

from .assets import Assets
from .content import RECORDS, content_of, text_in
from .csrf_token import LIFETIME_MINUTES, cookie_name, dump_cookie
from .forms import ChoiceForm, ChoiceRejectedError
from .frames import Frame, frame_values
from .i18n import Texts, languages_error, load_languages
from .looks import LAYOUTS, Layout, Looks
from .messages import NO_SNIFF, NO_STORE, Headers, PageRequest, PageResponse
from .negotiation import best_match, pick_language
from .redirects import referring_path, sign_path, unsign_path
from .state import State, blocked_by, closing_receipt, final_signals, state_of, titles
from .submit import MadeChoice
from .templating import Renderer
from .view_models import Content, PartyView
from .web_storage import refused_storage

__all__ = ["HtmlPages", "PageView", "is_again", "is_withdrawal"]

# No inline script or style, nothing from other hosts but the site's style sheet and what it loads,
# and no frame may hold the page.
_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'{origin}; font-src 'self'{origin}; "
    "img-src 'self'{origin} data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-type", b"text/html; charset=utf-8"),
    # For browsers that do not know frame-ancestors.
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    NO_SNIFF,
)
_PUBLIC: Final = ((b"cache-control", b"no-cache"), (b"vary", b"Accept-Language"))
# Enough to tell two pages apart; a visitor who invents digits deceives only themselves.
_DIGITS: Final = 16
# What the settings page says about cookies that are not allowed: that the browser sends them, that
# the response deletes them, that a later one does, and that none can.
_NAMES: Final = ("still_sent", "deleting", "later", "remaining")
# Long enough to find a cookie in the browser's settings.
_MAX_NAME: Final = 80
_FRAMES: Final = frozenset((b"iframe", b"frame", b"embed", b"object", b"fencedframe"))

T = TypeVar("T")


class _PerRegistry(Generic[T]):
    # Remembers what is made of a registry, until the gate gets another one.

    def __init__(self) -> None:
        self._made: dict[Hashable, tuple[Registry, T]] = {}

    def get(self, visit: Visit, key: Hashable, make: Callable[[], T]) -> T:
        # Several gates may share the pages.
        key = (id(visit.context.gate), key)
        found = self._made.get(key)
        if found is None or found[0] is not visit.registry:
            found = self._made[key] = (visit.registry, make())
        return found[1]


class PageView(msgspec.Struct, frozen=True):
    """What each page is rendered from."""

    request: PageRequest
    visit: Visit
    #: The texts of the page's language.
    texts: Texts
    #: The registry in that language.
    content: Content
    #: The language that the visitor asked for, for links and forms; "" if none.
    asked: str


class HtmlPages:
    """
    Renders settings, policy, banner and messages.

    Args:
        gate: The gate whose keys sign the forms' fields.
        path: The path of the settings page, below the mount.
        folder: A folder whose templates replace those of the same name.
        looks: How they look.
    """

    def __init__(
        self, gate: Gate, path: str, folder: str | PathLike[str] | None, looks: Looks
    ) -> None:
        self._path = path
        self.looks: Looks = looks
        origin = looks.stylesheet_origin and f" {looks.stylesheet_origin}"
        self._csp = (b"content-security-policy", _CSP.format(origin=origin).encode())
        self._renderer = Renderer(folder)
        self._token_signer = gate.signer("form")
        self._path_signer = gate.signer("path")
        self.assets: Assets = Assets()
        self._languages = _PerRegistry[Mapping[str, Texts]]()
        self._embeds = _PerRegistry[tuple[str, PageResponse]]()
        self._contents = _PerRegistry[Content]()
        self._presentations = _PerRegistry[tuple[Presentation, str]]()

    def view(self, request: PageRequest, visit: Visit, language: str | None = None) -> PageView:
        """
        Return what the pages are rendered from.

        Args:
            request: The request.
            visit: Its visit.
            language: The page's language, as "sv", "sv-SE" or "sv_SE"; None or "" to pick it by the
                request.
        """
        registry, gate = visit.registry, visit.context.gate
        languages = self._languages_of(visit)
        known = list(languages)
        asked = best_match(known, [language]) if language else ""
        asked = asked or best_match(known, [_query(request, "lang") or ""])
        header = request.header(b"accept-language")
        texts = languages[pick_language(known, asked=asked, header=header)]

        def make() -> Content:
            form = form_entry(registry, cookie_name(gate.is_secure), LIFETIME_MINUTES)
            return content_of(registry, [*gate.builtin_entries, form], texts)

        content = self._contents.get(visit, texts.language, make)
        return PageView(request, visit, texts, content, asked)

    def settings(self, view: PageView, made: MadeChoice | None = None) -> PageResponse:
        """
        Render the settings page.

        Args:
            view: The request.
            made: The choice that the request brought, which the page answers.
        """
        request, visit = view.request, view.visit
        state = state_of(visit)
        values = {
            **self._settings_values(view, state),
            "receipt": closing_receipt(visit) or "",
            "elsewhere": _elsewhere(visit, view.content, state),
            "token": self._token(request, visit),
            "once": token_urlsafe(16),
            "shown": self._presented(view, "settings", final_signals(visit))[1],
            **self._way_back(view, made.form.came_from if made else ""),
        }
        if made is None:
            values["still_sent"] = _readable(visit.context.still_sent())
        else:
            values |= {
                "done": "withdrawn" if is_withdrawal(visit, made) else "saved",
                "deleting": _readable(made.swept.names),
                "later": _readable(made.swept.later),
                "remaining": _readable(made.swept.remaining),
                "found_nothing": (
                    visit.choice is not None
                    and _can_delete(visit)
                    and not (made.swept.names or made.swept.later or made.swept.remaining)
                ),
                "return_path": self.return_path(request, made) or "",
            }
        return self._page("settings.html", view, values)

    def return_path(self, request: PageRequest, made: MadeChoice) -> str | None:
        """Return the path of the page on whose banner a choice was made; None without one."""
        signed = unsign_path(self._path_signer, made.form.back)
        # A script may have inserted the banner: its form then names the address of that part.
        return signed and (referring_path(request) or signed)

    def policy(self, view: PageView) -> PageResponse:
        """Render the policy page. It does not depend on the visitor."""
        values = self._policy_values(view)
        recorder = view.visit.context.recorder
        if recorder is None:
            values["record"] = ""
        elif isinstance(kept := getattr(recorder, "kept", None), Kept):
            values |= {"record": RECORDS[kept.address], "counts_refusals": not kept.refusals}
        # The page is the same for everyone who opens this address.
        values |= self._way_back(view, has_referer=False)
        return self._page("policy.html", view, values, headers=_PUBLIC)

    def policy_text(self, view: PageView, template: str) -> str:
        """
        Render the policy as text.

        Args:
            view: The request; of its visit, only the registry is read.
            template: "policy.html" for the page, "policy_text.html" for a part of another page,
                "policy.md" for Markdown.
        """
        return self._renderer.render(template, view.texts, self._policy_values(view))

    def banner(self, view: PageView, looks: Looks, *, cacheable: bool, nonce: str = "") -> str:
        """
        Render the banner, or the link to the settings; "" in report mode and foreign frames.

        Args:
            view: The request.
            looks: How it looks.
            cacheable: Whether the text is the same for every visitor.
            nonce: The nonce of the page's Content-Security-Policy.
        """
        request, visit = view.request, view.visit
        is_enforced = visit.context.pipeline.changes_responses
        if not is_enforced or (not cacheable and _is_foreign_frame(request)):
            return ""
        here = url_path(request.root_path + request.path).decode()
        here += f"?{request.query}" if request.query else ""
        signals = NO_SIGNALS if cacheable else final_signals(visit)
        values = {
            **self._banner_values(view, signals),
            "layout": looks.layout,
            "settings_button": looks.settings_button,
            "cacheable": cacheable,
            "nonce": nonce,
            "is_again": visit.context.has_banner,
            "back": sign_path(self._path_signer, here),
            "shown": self._presented(view, "banner", signals, looks.layout)[1],
        }
        if not cacheable:
            values |= {
                "is_due": visit.should_ask,
                "refused": refused_storage(visit),
                "allowed": sorted(visit.consent.allowed),
                "blocked": sorted(state_of(visit).blocked),
            }
        html = self._renderer.render("banner.html", view.texts, values)
        # An element's id is unique in a page: a second tag renders the link alone.
        visit.context.has_banner = True
        return html

    def frame(self, view: PageView, frame: Frame, *, cacheable: bool) -> str:
        """
        Render a frame, or what stands for it until its category is allowed.

        Args:
            view: The request.
            frame: The frame.
            cacheable: Whether the text is the same for every visitor.

        Raises:
            ValueError: The registry has no such category or service, or the address is not one of
                the web.
        """
        titles = view.content.titles
        language = view.texts.language
        values = frame_values(view.visit, frame, language, titles, cacheable=cacheable)
        base = view.request.root_path + self._path
        values["settings"] = f"{base}?lang={view.asked}" if view.asked else base
        return self._renderer.render("frame.html", view.texts, values).rstrip()

    def embeds(self, view: PageView) -> PageResponse:
        """Return the script for held-back frames, with the texts of their placeholders."""
        digest, response = self._embeds_of(view)
        # An older page names the script of an older registry.
        if _query(view.request, "v") == digest:
            return response
        headers = [pair for pair in response.headers if pair[0] != NO_STORE[0]]
        return replace(response, headers=(*headers, NO_STORE))

    def message(self, view: PageView, rejected: ChoiceRejectedError) -> PageResponse:
        """Render a page that says why a choice was not made."""
        values = {
            **self._values(view),
            "detail": view.texts.gettext(rejected.detail),
            "is_partly": view.visit.choice is not None,
            **self._way_back(view),
        }
        headers = (NO_STORE, *rejected.headers)
        return self._page("message.html", view, values, status=rejected.status, headers=headers)

    def presentation(
        self, request: PageRequest, visit: Visit, form: ChoiceForm
    ) -> tuple[Presentation, str]:
        """
        Return what a form's page shows to every visitor who sends the same signals, and the start
        of its hash, which the page carries.

        Args:
            request: The request that brought the form.
            visit: Its visit; only the registry and the signals are read.
            form: The form, for its surface and language.
        """
        view = self.view(request, visit, form.language)
        if form.surface not in ("banner", "settings"):
            return Presentation(surface=form.surface, language=view.texts.language), ""
        signals = final_signals(visit)
        if form.surface == "banner" and form.shown:
            # The one that carries this hash: a site may have banners of several layouts.
            for layout in LAYOUTS:
                found = self._presented(view, "banner", signals, layout)
                if found[1] == form.shown:
                    return found
        return self._presented(view, form.surface, signals, self.looks.layout)

    def _languages_of(self, visit: Visit) -> Mapping[str, Texts]:
        def make() -> Mapping[str, Texts]:
            texts, errors = load_languages(visit.registry)
            if errors:
                # A registry that replaced the first one, or belongs to another gate.
                visit.context.report_error(languages_error(visit.registry, errors))
            return texts or {"en": Texts("en")}

        return self._languages.get(visit, "", make)

    def _presented(
        self,
        view: PageView,
        surface: Surface,
        signals: frozenset[Signal],
        layout: Layout = "auto",
    ) -> tuple[Presentation, str]:
        def make() -> tuple[Presentation, str]:
            # Without anything of the request and the visitor.
            plain = replace(view, request=PageRequest(method="GET", path=self._path), asked="")
            if surface == "settings":
                template = "settings.html"
                state = State(
                    allowed=view.visit.registry.required,
                    blocked=blocked_by(view.visit.registry, signals),
                    signals=titles(signals),
                )
                values = self._settings_values(plain, state)
            else:
                template = "banner_shown.html"
                values = self._banner_values(plain, signals)
                values |= {"is_due": True, "layout": layout}
            values |= {"asset": self.assets.inline, "stylesheet": ""}
            html = self._renderer.render(template, view.texts, values)
            presentation = Presentation(surface=surface, language=view.texts.language, html=html)
            return presentation, str(presentation.hash)[:_DIGITS]

        key = surface, layout, view.texts.language, signals
        return self._presentations.get(view.visit, key, make)

    def _page(
        self,
        template: str,
        view: PageView,
        values: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Headers = (NO_STORE,),
    ) -> PageResponse:
        language = (b"content-language", view.texts.language.encode())
        return PageResponse(
            status=status,
            headers=(*_HEADERS, self._csp, language, *headers),
            body=self._renderer.render(template, view.texts, values).encode(),
        )

    def _values(self, view: PageView) -> dict[str, Any]:
        request, visit = view.request, view.visit
        registry, pipeline = visit.registry, visit.context.pipeline
        base = request.root_path + self._path
        offered = view.content.offered
        return {
            # What the site does not do, so that no sentence promises it.
            "unenforced": [one.title for one in offered if not visit.enforces(one.id)],
            "passes_unknown": (
                registry.policy.unknown == "allow" or not pipeline.judge.is_enforced(None)
            ),
            "can_delete": _can_delete(visit),
            "base": base,
            "root": request.root_path,
            "asset": lambda file: f"{base}/static/{self.assets.name(file)}",
            "registry": registry,
            "site": registry.site,
            "content": view.content,
            "said": view.content.said,
            "languages": list(self._languages_of(visit).values()),
            "asked_language": view.asked,
            "stylesheet": self.looks.stylesheet,
            "here": base + request.path.removeprefix(self._path),
            # A page cannot contain its own hash: the presentation has an empty one.
            "shown": "",
            "back": "",
            "once": "",
            "came_from": "",
            "came_from_signed": "",
            "query": _query_of,
        }

    def _way_back(
        self, view: PageView, signed: str = "", *, has_referer: bool = True
    ) -> dict[str, Any]:
        # The page of the site from which the visitor came. The links between the pages carry it,
        # as otherwise it would be lost when the language is switched.
        request = view.request
        path = unsign_path(self._path_signer, signed or _query(request, "from") or "")
        if path is None and has_referer and request.method == "GET":
            path = referring_path(request)
        own = request.root_path + self._path
        if path is None or re.match(rf"{re.escape(own)}(?![^/?])", path):
            return {}
        signed = sign_path(self._path_signer, path)
        query = partial(_query_of, came_from=signed)
        return {"came_from": path, "came_from_signed": signed, "query": query}

    def _settings_values(self, view: PageView, state: State) -> dict[str, Any]:
        values = {"done": "", "receipt": "", "return_path": "", "token": "", "found_nothing": False}
        names: dict[str, Sequence[str]] = dict.fromkeys(_NAMES, ())
        return {**self._values(view), **values, **names, "elsewhere": (), "state": state}

    def _banner_values(self, view: PageView, signals: frozenset[Signal]) -> dict[str, Any]:
        offered = view.content.offered
        blocked = blocked_by(view.visit.registry, signals)
        names = {one.id: one.title for one in offered}
        language = view.texts.language
        values = {
            "offered": [one for one in offered if one.id not in blocked],
            "held_off": [names[id] for id in blocked],
            "signals": list(titles(signals)),
            "layout": "page",
            "settings_button": False,
            "cacheable": False,
            "is_due": False,
            "is_again": False,
            "nonce": "",
            "refused": (),
            "allowed": (),
            "blocked": (),
            "embeds": f"embeds.js?lang={language}&v={self._embeds_of(view)[0]}",
        }
        return {**self._values(view), **values}

    def _embeds_of(self, view: PageView) -> tuple[str, PageResponse]:
        texts = view.texts

        def make() -> tuple[str, PageResponse]:
            values = {
                "lang": texts.language,
                "dir": texts.direction,
                "style": self.assets.name("embeds.css"),
                "titles": view.content.titles,
                "held": texts.gettext(
                    "Content from {host} is shown here once you allow {category}."
                ),
                "once": texts.gettext("Load once"),
                "always": texts.gettext("Always allow {category}"),
                "about": texts.gettext(
                    "“Always allow” allows {category} on the whole site, until you change it."
                ),
                "settings": texts.gettext("Cookie settings"),
            }
            return self.assets.with_texts("embeds.js", values)

        return self._embeds.get(view.visit, texts.language, make)

    def _policy_values(self, view: PageView) -> dict[str, Any]:
        registry = view.visit.registry
        controller = registry.controller
        languages = (view.texts.language, *registry.site.languages)
        return {
            **self._values(view),
            "signals": [(one.title, registry.policy.signals[one.id]) for one in SIGNAL_TABLE],
            "controller": controller,
            # What the registry declares; the recorder may say more.
            "record": RECORDS[None] if registry.ledger.keep else "",
            "counts_refusals": False,
            "privacy_policy": text_in(controller.privacy_policy, languages) if controller else "",
        }

    def _token(self, request: PageRequest, visit: Visit) -> str:
        # Only for a browser that does not name the sender of its form.
        if request.header(b"sec-fetch-site") is not None:
            return ""
        text = token_urlsafe(16)
        visit.context.set_cookie(dump_cookie(text, secure=visit.context.gate.is_secure))
        return self._token_signer.sign(text)


def is_again(request: PageRequest) -> bool:
    """Return whether the script of a page that asked before reads the state again."""
    return _query(request, "again") is not None


def _query_of(language: str, came_from: str = "") -> str:
    given = {key: value for key, value in (("lang", language), ("from", came_from)) if value}
    return f"?{urlencode(given)}" if given else ""


def _query(request: PageRequest, name: str) -> str | None:
    try:
        found = parse_qs(request.query, max_num_fields=20).get(name)
    except ValueError:
        return None
    return found[-1] if found else None


def is_withdrawal(visit: Visit, made: MadeChoice) -> bool:
    """Return whether a choice took everything back, by its button or by what it changed."""
    choice = visit.choice
    return made.form.answer == "withdraw" or (choice is not None and choice.is_withdrawal)


def _can_delete(visit: Visit) -> bool:
    # Whether the site deletes cookies that a choice forbids.
    pipeline = visit.context.pipeline
    return visit.registry.policy.sweep in ("on", "always") and pipeline.changes_responses


def _elsewhere(visit: Visit, content: Content, state: State) -> list[PartyView]:
    # Companies with an opt-out whose cookies are on other sites, and not allowed.
    host = host_name(visit.context.host) or ""

    def is_foreign(domains: Sequence[str]) -> bool:
        return not any(f".{host}".endswith(f".{domain}") for domain in domains)

    return [
        party
        for party in (*content.asked_parties, *content.other_parties)
        if any(id not in state.allowed and is_foreign(domains) for id, domains in party.elsewhere)
    ]


def _readable(names: Sequence[str]) -> list[str]:
    # Visitors and scripts make names up: they get no invisible characters into the page.
    cut = [name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME]}…" for name in names]
    return ["".join(c if c.isprintable() else "\ufffd" for c in name) for name in cut]


def _is_foreign_frame(request: PageRequest) -> bool:
    # Another host of the same site counts as well: it may frame the banner to mislead the visitor.
    return request.header(b"sec-fetch-dest") in _FRAMES and request.header(b"sec-fetch-site") in (
        b"cross-site",
        b"same-site",
    )
