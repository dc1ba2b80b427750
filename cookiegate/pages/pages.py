"""The pages: settings, policy, the API and the files they need, at one path of the site."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from os import PathLike
from typing import Any, Final, Literal

import msgspec

from cookiegate.consent.choice import Presentation
from cookiegate.gate import Gate
from cookiegate.visit import Visit

from .api import answer_state
from .asgi import PagesApp as AsgiPages
from .forms import ChoiceForm, ChoiceRejectedError, read_form, read_json
from .i18n import gettext_noop
from .messages import PageRequest, PageResponse, problem, with_retry
from .openapi import OPENAPI
from .rate_limit import Limiter
from .redirects import is_local, unsign_path
from .state import closing_receipt
from .submit import Chooser
from .views import HtmlPages, Withdrawn
from .well_known import GPC_PATH, acts_on_gpc, answer_gpc
from .wsgi import PagesApp as WsgiPages

__all__ = ["Pages"]

_GET: Final = ("GET", "HEAD")
_TEMPLATES: Final = {"html": "policy.html", "fragment": "policy_text.html", "md": "policy.md"}
_STATIC: Final = "/static/"
# What is down is seldom back sooner.
_RETRY_SECONDS: Final = 30
_BELOW: Final = frozenset(("", "/policy", "/api", "/openapi.json"))


class Pages:
    """
    What a visitor sees: `CookieGateMiddleware(app, gate, pages=Pages(gate))`.

    Args:
        gate: The gate that the pages ask for, and the middleware's.
        path: Where the settings page is, below the mount; the others are below it.
        hosts: The site's own hosts, with a port where it is not the usual one, for where a proxy
            changes the Host header; none for whichever a request was sent to.
        templates: A folder whose templates take the place of those of the same name.
        choices_per_second: How many choices one process takes in the long run.
        choices_at_once: How many it takes at once. Withdrawals are never limited.
        on_banner: Told the language each time that somebody is to be asked, by the banner or by
            the API's answer (which is what reveals a cacheable banner), and nothing of a visitor:
            `cookiegate.reports.Banners`.

    Raises:
        ValueError: The path is none, or a limit is not above 0.
    """

    def __init__(
        self,
        gate: Gate,
        path: str = "/cookies",
        *,
        hosts: Collection[str] = (),
        templates: str | PathLike[str] | None = None,
        choices_per_second: float = 20.0,
        choices_at_once: int = 200,
        on_banner: Callable[[str], None] | None = None,
    ) -> None:
        if not is_local(path) or path.endswith("/") or "?" in path or "#" in path:
            raise ValueError(f"path is {path!r}; give one such as '/cookies'")
        self.gate = gate
        self.path = path
        self._on_banner = on_banner
        limiter = Limiter(choices_per_second, choices_at_once)
        self._chooser = Chooser(gate, tuple(hosts), limiter)
        self._html = HtmlPages(gate, path, templates, self._chooser.token_signer)

    def asgi(self, app: Any) -> Any:
        """Put the pages before an ASGI application."""
        return AsgiPages(app, self)

    def wsgi(self, app: Any) -> Any:
        """Put the pages before a WSGI application."""
        return WsgiPages(app, self)

    def handles_path(self, path: str) -> bool:
        """Whether a path is one of the pages; cheap, since it is asked of each request."""
        if not path.startswith(self.path):
            return path == GPC_PATH and acts_on_gpc(self.gate)
        below = path[len(self.path) :]
        return below.rstrip("/") in _BELOW or below.startswith(_STATIC)

    def answer(self, request: PageRequest, visit: Visit) -> PageResponse:
        """
        The answer to a request for one of the pages.

        Args:
            request: The request.
            visit: The visit that the gate made of it.
        """
        if request.path == GPC_PATH:
            return _only(request, answer_gpc(visit))
        below = request.path.removeprefix(self.path)
        if below.startswith(_STATIC):
            asset = self._html.assets.find(below.removeprefix(_STATIC))
            return _only(request, asset or problem(404, "There is no such file, or no more."))
        match below.rstrip("/"):
            case "/policy":
                return _only(request, self._html.policy(request, visit))
            case "/api":
                return self._api(request, visit)
            case "/openapi.json":
                return _only(request, OPENAPI)
            case _:
                return self._settings(request, visit)

    def not_kept(self, request: PageRequest, visit: Visit) -> PageResponse:
        """
        What takes an answer's place where no proof of the choice could be kept.

        Args:
            request: The request that brought the choice, whatever its path.
            visit: Its visit; where it has a choice, that is what was taken back all the same.
        """
        if visit.choice is None:
            detail = gettext_noop(
                "Your choice could not be saved just now. Please try again shortly."
            )
        else:
            detail = gettext_noop(
                "What you took back is off. What you allowed anew could not be saved just now. "
                "Please try again shortly."
            )
        if request.path.rstrip("/") == f"{self.path}/api":
            return with_retry(problem(503, detail), _RETRY_SECONDS)
        refused = ChoiceRejectedError(503, detail, retry_after=_RETRY_SECONDS)
        return self._html.message(request, visit, refused)

    def banner(
        self,
        request: PageRequest,
        visit: Visit,
        *,
        language: str | None = None,
        cacheable: bool = False,
    ) -> str:
        """
        The banner's HTML, or the permanent link to the settings.

        Args:
            request: The request for the page that it stands in.
            visit: Its visit.
            language: The page's, where it has one of its own.
            cacheable: The same bytes for everyone: the script reveals the banner where it is due.
        """
        html = self._html.banner(request, visit, language=language, cacheable=cacheable)
        # A cacheable one is due when the script asks the API; "" stands in a foreign frame.
        if html and not cacheable:
            self._tell_banner(request, visit, language)
        return html

    def _tell_banner(self, request: PageRequest, visit: Visit, language: str | None = None) -> None:
        is_enforced = visit.context.pipeline.changes_responses
        if self._on_banner is None or not (is_enforced and visit.should_ask):
            return
        try:
            self._on_banner(self._html.texts(request, visit, language).language)
        except Exception as error:
            self.gate.report_error(error)

    def policy(self, form: Literal["html", "fragment", "md"], language: str | None = None) -> str:
        """
        The policy as text: a page, a part for another page, or Markdown.

        Args:
            form: "html", "fragment" or "md".
            language: One of the registry's; its first where this is none of them.
        """
        request = PageRequest(method="GET", path=f"{self.path}/policy")
        visit = self.gate.visit([])
        texts = self._html.texts(request, visit, language)
        return self._html.policy_text(request, visit, texts, _TEMPLATES[form])

    def _settings(self, request: PageRequest, visit: Visit) -> PageResponse:
        if request.method in _GET:
            return self._html.settings(request, visit)
        if request.method != "POST":
            return _not_allowed((*_GET, "POST"))
        try:
            asked = read_form(request)
            self._choose(request, visit, asked)
        except ChoiceRejectedError as refused:
            return self._html.message(request, visit, refused)
        removed = visit.context.sweep()
        if closing := closing_receipt(visit):
            # Not behind a redirect: its address would carry the id into a log.
            return self._html.settings(
                request,
                visit,
                withdrawn=Withdrawn(removed=removed, receipt=closing, language=asked.language),
            )
        return self._see_other(request, asked, removed)

    def _choose(self, request: PageRequest, visit: Visit, asked: ChoiceForm) -> None:
        shown = None
        has_changed = False
        if visit.context.is_recorded or asked.shown:
            shown, digits = self._html.shown(request, visit, asked.surface, asked.language or None)
            has_changed = asked.shown not in ("", digits)
            if has_changed:
                # What the visitor saw is not known any more, and it was not this.
                shown = Presentation(surface=shown.surface, language=shown.language)
        self._chooser.choose(request, visit, asked, shown, has_changed=has_changed)

    def _see_other(
        self, request: PageRequest, asked: ChoiceForm, removed: Sequence[str]
    ) -> PageResponse:
        back = unsign_path(self._html.path_signer, asked.back) if asked.back else None
        if back is None or asked.answer == "withdraw":
            signer = self._html.removed_signer
            back = self._html.settings_url(
                request,
                done="withdrawn" if asked.answer == "withdraw" else "saved",
                removed=signer.sign("\n".join(removed)) if removed else "",
                lang=asked.language,
            )
        return PageResponse(
            status=303,
            headers=(
                (b"location", back.encode("ascii", "ignore")),
                (b"cache-control", b"no-store"),
            ),
        )

    def _api(self, request: PageRequest, visit: Visit) -> PageResponse:
        if request.method == "PUT":
            try:
                asked = read_json(request)
                self._choose(request, visit, asked)
            except ChoiceRejectedError as refused:
                return with_retry(problem(refused.status, refused.detail), refused.retry_after)
            visit.context.sweep()
        elif request.method not in _GET:
            return _not_allowed((*_GET, "PUT"))
        if request.method == "GET":
            self._tell_banner(request, visit)
        texts = self._html.texts(request, visit)
        content = self._html.content(visit, texts)
        return answer_state(visit, content, texts, base=request.root_path + self.path)


def _only(request: PageRequest, response: PageResponse) -> PageResponse:
    return response if request.method in _GET else _not_allowed(_GET)


def _not_allowed(methods: tuple[str, ...]) -> PageResponse:
    answer = problem(405, f"Send {', '.join(methods)}.")
    allow = (b"allow", ", ".join(methods).encode())
    return msgspec.structs.replace(answer, headers=(*answer.headers, allow))
