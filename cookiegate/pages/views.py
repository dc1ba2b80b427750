"""The pages that people see, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

import msgspec

from cookiegate.consent.choice import Presentation, Surface
from cookiegate.consent.signing import TokenSigner
from cookiegate.gate import Gate
from cookiegate.http.signals import SIGNALS
from cookiegate.http.urls import url_path
from cookiegate.registry import Registry
from cookiegate.registry.builtin import form_entry
from cookiegate.visit import Visit

from .assets import Assets
from .csrf_token import LIFETIME_MINUTES, cookie_name, dump_cookie
from .forms import ChoiceRejectedError
from .i18n import Texts, texts_for
from .messages import PageRequest, PageResponse, with_retry
from .negotiation import pick_language
from .redirects import sign_path
from .state import SIGNAL_NAMES, blank_state, state_of
from .templating import Renderer
from .view_models import Content, content_of, text_in
from .web_storage import refused_storage

__all__ = ["HtmlPages", "Withdrawn"]

# No inline script or style, nothing from elsewhere, in nobody's frame.
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
_NO_STORE: Final = (b"cache-control", b"no-store")
# Enough to tell two pages apart; whoever makes one up fools themselves alone.
_DIGITS: Final = 16
# A frame on another site's page: there, nobody is asked.
_FRAMES: Final = frozenset((b"iframe", b"frame", b"embed", b"object", b"fencedframe"))


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """A withdrawal that is answered at once, with what is to be seen this one time."""

    #: Names of the cookies that go with the answer.
    removed: tuple[str, ...]
    #: The id of the receipt that closes the consent.
    receipt: str
    #: The form's language; "" where it had none of its own.
    language: str


class HtmlPages:
    """
    Renders settings, policy, banner and messages.

    Args:
        gate: The gate whose keys seal what the pages hand out.
        path: Where the pages are, below the mount.
        folder: Templates of the site's own, which take the place of those of the same name.
        token_seal: Seals form tokens.
    """

    def __init__(
        self, gate: Gate, path: str, folder: str | PathLike[str] | None, token_signer: TokenSigner
    ) -> None:
        self._path = path
        self._renderer = Renderer(folder)
        self._token_signer = token_signer
        self.path_signer = gate.signer("path")
        self.removed_signer = gate.signer("removed")
        self.assets = Assets()
        # Content by gate and language: several gates may share the pages, each with a registry
        # that another may take the place of.
        self._contents: dict[tuple[int, str], tuple[Registry, Content]] = {}
        self._shown: dict[tuple[int, Surface, str], tuple[Registry, Presentation, str]] = {}

    def texts(self, request: PageRequest, visit: Visit, language: str | None = None) -> Texts:
        """The language to answer in."""
        asked = language or _query(request, "lang")
        header = request.header(b"accept-language")
        return texts_for(pick_language(visit.registry.site.languages, asked=asked, header=header))

    def content(self, visit: Visit, texts: Texts) -> Content:
        """The registry's content in a language, made once for each."""
        registry = visit.registry
        key = (id(visit.context.gate), texts.language)
        made = self._contents.get(key)
        if made is not None and made[0] is registry:
            return made[1]
        gate = visit.context.gate
        form = form_entry(registry, cookie_name(gate.is_secure), LIFETIME_MINUTES)
        content = content_of(registry, [*gate.builtin_entries, form], texts)
        self._contents[key] = (registry, content)
        return content

    def settings(
        self, request: PageRequest, visit: Visit, *, withdrawn: Withdrawn | None = None
    ) -> PageResponse:
        """
        The settings page.

        Args:
            request: The request.
            visit: Its visit.
            withdrawn: Where this answers a withdrawal.
        """
        texts = self.texts(request, visit, withdrawn.language if withdrawn else None)
        content = self.content(visit, texts)
        done = "withdrawn" if withdrawn else _query(request, "done") or ""
        state = state_of(visit)
        removed: Sequence[str] = ()
        if withdrawn:
            removed = withdrawn.removed
        elif done and state.has_chosen:
            removed = self._removed(request, visit)
        values = {
            **self._values(request, visit, texts),
            "state": state,
            "done": done,
            "removed": removed,
            "receipt": withdrawn.receipt if withdrawn else "",
            "elsewhere": [
                party
                for party in content.parties
                if party.opt_outs and not state.allowed.intersection(party.categories)
            ],
            "token": self._token(request, visit),
            "back": "",
            "shown": self._presented(visit, texts, "settings")[1],
        }
        return self._page("settings.html", texts, values)

    def _removed(self, request: PageRequest, visit: Visit) -> list[str]:
        # What the answer to the choice expired, and what was too much for that one.
        sealed = self.removed_signer.unsign((_query(request, "removed") or "").encode())
        if sealed is None:
            # A link from anywhere may lead here, and removes nothing.
            return []
        names = [*sealed.decode("utf-8", "replace").split("\n"), *visit.context.sweep()]
        return [name for name in dict.fromkeys(names) if name and name.isprintable()]

    def policy(self, request: PageRequest, visit: Visit) -> PageResponse:
        """The policy page. It is the same for everyone."""
        texts = self.texts(request, visit)
        body = self.policy_text(request, visit, texts)
        language = (b"content-language", texts.language.encode())
        return PageResponse(
            status=200,
            headers=(*_HEADERS, language, (b"cache-control", b"no-cache"), _VARY),
            body=body.encode(),
        )

    def policy_text(
        self, request: PageRequest, visit: Visit, texts: Texts, template: str = "policy.html"
    ) -> str:
        """
        The policy as text.

        Args:
            request: Where it is asked for.
            visit: Whose registry it is about; nothing else of it is read.
            texts: The language.
            template: "policy.html" for the page, "policy_text.html" for what another page
                includes, "policy.md" for Markdown.
        """
        registry = visit.registry
        controller = registry.controller
        languages = (texts.language, *registry.site.languages)
        values = {
            **self._values(request, visit, texts),
            "signals": [
                (SIGNAL_NAMES[signal], registry.policy.signals[signal]) for signal in SIGNALS
            ],
            "controller": controller,
            "authorities": registry.authorities,
            "privacy_policy": text_in(controller.privacy_policy, languages) if controller else "",
        }
        return self._renderer.render(template, texts, values)

    def banner(
        self, request: PageRequest, visit: Visit, *, language: str | None, cacheable: bool
    ) -> str:
        """
        The banner, or the link to the settings where nobody is to be asked; "" where there is
        nothing to say.
        """
        is_enforced = visit.context.pipeline.changes_responses
        if not is_enforced or (not cacheable and _is_foreign_frame(request)):
            return ""
        texts = self.texts(request, visit, language)
        here = url_path(request.root_path + request.path).decode()
        here += f"?{request.query}" if request.query else ""
        values = {
            **self._values(request, visit, texts),
            **self._banner_values(visit, texts),
            "cacheable": cacheable,
            "back": sign_path(self.path_signer, here),
            "shown": self._presented(visit, texts, "banner")[1],
        }
        if not cacheable:
            values |= {
                "is_due": visit.should_ask,
                "refused": refused_storage(visit),
                "allowed": sorted(visit.consent.allowed),
            }
        return self._renderer.render("banner.html", texts, values)

    def shown(
        self, request: PageRequest, visit: Visit, surface: Surface, language: str | None = None
    ) -> tuple[Presentation, str]:
        """
        What a visitor is shown on one of the pages, as one file and without anything of a visitor;
        and what the page itself carries of it, the first digits of its hash.

        Args:
            request: The request that brought the choice.
            visit: Whose registry the page is about; nothing else of it is read.
            surface: Where the choice was made.
            language: The page's, if that is known.
        """
        texts = self.texts(request, visit, language)
        if surface not in ("banner", "settings"):
            return Presentation(surface=surface, language=texts.language), ""
        return self._presented(visit, texts, surface)

    def _presented(self, visit: Visit, texts: Texts, surface: Surface) -> tuple[Presentation, str]:
        registry = visit.registry
        key = (id(visit.context.gate), surface, texts.language)
        made = self._shown.get(key)
        if made is not None and made[0] is registry:
            return made[1], made[2]
        nobody = PageRequest(method="GET", path=self._path)
        values = {
            **self._values(nobody, visit, texts),
            "asset": self.assets.inline,
            "token": "",
            "back": "",
            # The hash of a page cannot stand in it.
            "shown": "",
        }
        if surface == "settings":
            values |= {"state": blank_state(registry), "done": "", "elsewhere": []}
            values |= {"removed": [], "receipt": ""}
        else:
            values |= self._banner_values(visit, texts) | {"is_due": True}
        template = "settings.html" if surface == "settings" else "banner_shown.html"
        html = self._renderer.render(template, texts, values)
        shown = Presentation(surface=surface, language=texts.language, html=html)
        digits = str(shown.hash)[:_DIGITS]
        self._shown[key] = registry, shown, digits
        return shown, digits

    def message(
        self, request: PageRequest, visit: Visit, refused: ChoiceRejectedError
    ) -> PageResponse:
        """A page that says why something was not done."""
        texts = self.texts(request, visit)
        values = {
            **self._values(request, visit, texts),
            "detail": texts.gettext(refused.detail),
            "is_partly": visit.choice is not None,
        }
        page = self._page("message.html", texts, values, status=refused.status)
        return with_retry(page, refused.retry_after)

    def settings_url(self, request: PageRequest, **query: str) -> str:
        """The settings page's path, with what it is to say."""
        asked = {name: value for name, value in query.items() if value}
        return request.root_path + self._path + (f"?{urlencode(asked)}" if asked else "")

    def _page(
        self, template: str, texts: Texts, values: Mapping[str, Any], *, status: int = 200
    ) -> PageResponse:
        return PageResponse(
            status=status,
            headers=(*_HEADERS, (b"content-language", texts.language.encode()), _NO_STORE),
            body=self._renderer.render(template, texts, values).encode(),
        )

    def _values(self, request: PageRequest, visit: Visit, texts: Texts) -> dict[str, Any]:
        base = request.root_path + self._path
        registry = visit.registry
        return {
            "base": base,
            "root": request.root_path,
            "asset": lambda file: f"{base}/static/{self.assets.name(file)}",
            "registry": registry,
            "site": registry.site,
            "content": self.content(visit, texts),
            "languages": [texts_for(one) for one in registry.site.languages],
            "asked_language": _query(request, "lang") or "",
            "here": base + request.path.removeprefix(self._path),
        }

    def _banner_values(self, visit: Visit, texts: Texts) -> dict[str, Any]:
        # The same for everyone.
        titles = {one.id: one.title for one in self.content(visit, texts).offered}
        return {
            "cacheable": False,
            "is_due": False,
            "refused": [],
            "allowed": (),
            "titles": msgspec.json.encode(titles).decode(),
        }

    def _token(self, request: PageRequest, visit: Visit) -> str:
        # Only for a browser that will not say where its form comes from.
        if request.header(b"sec-fetch-site") is not None:
            return ""
        text = token_urlsafe(16)
        visit.context.set_cookie(dump_cookie(text, secure=visit.context.gate.is_secure))
        return self._token_signer.sign(text)


_VARY: Final = (b"vary", b"Accept-Language")


def _query(request: PageRequest, name: str) -> str | None:
    try:
        found = parse_qs(request.query, max_num_fields=20).get(name)
    except ValueError:
        return None
    return found[-1] if found else None


def _is_foreign_frame(request: PageRequest) -> bool:
    return (
        request.header(b"sec-fetch-dest") in _FRAMES
        and request.header(b"sec-fetch-site") == b"cross-site"
    )
