"""The pages: settings, policy, the API and their static files, below one path of the site."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Final, Literal, Self

from cookiegate.gate import Gate
from cookiegate.visit import Visit

from .api import render_state
from .asgi import ASGIApp
from .asgi import PagesApp as AsgiPages
from .forms import ChoiceRejectedError, read_form, read_json
from .frames import Frame
from .i18n import gettext_noop, languages_error, load_languages
from .looks import Layout, Looks
from .messages import NO_STORE, Headers, PageRequest, PageResponse, problem
from .openapi import OPENAPI
from .rate_limit import Limiter
from .redirects import is_local
from .submit import ChoiceHandler, MadeChoice, Submission
from .views import HtmlPages, PageView, is_again, is_withdrawal
from .well_known import GPC_PATH, acts_on_gpc, render_gpc
from .wsgi import PagesApp as WsgiPages

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

__all__ = ["Pages"]

_GET: Final = ("GET", "HEAD")
_TEMPLATES: Final = {"html": "policy.html", "fragment": "policy_text.html", "md": "policy.md"}
_STATIC: Final = "/static/"
# A recorder that is down seldom comes back sooner.
_RETRY_SECONDS: Final = 30
# The pages by their path below the settings page, and the methods that each of them takes.
_METHODS: Final = {
    "": (*_GET, "POST"),
    "/api": (*_GET, "PUT"),
    "/policy": _GET,
    "/openapi.json": _GET,
}


class Pages:
    """
    Banner, settings and policy: `CookieGateMiddleware(app, gate, pages=Pages(gate))`.

    An adapter answers a request in three steps: `submit` makes the choice that it brings, the
    adapter commits it (`visit.context.commit`), and `respond` renders the outcome.

    Args:
        gate: The middleware's gate.
        path: The path of the settings page, below the mount; the others are below it.
        hosts: The site's hosts, with a port where it is not the default one, if a proxy changes
            the Host header; if empty, the host that a request was sent to.
        templates: A folder whose templates replace those of the same name.
        layout: Where the banner stands: "bar" at the bottom edge of the screen, "page" as a part
            of the page, "auto" as a bar on screens of up to 640 pixels.
        settings_button: Whether the link to the settings is a button in a corner of the screen.
        stylesheet: The address of a style sheet of the site for settings, policy and messages:
            a path such as "/static/theme.css", or an https address; see docs/theming.md.
        choices_per_second: How many choices that allow more one process takes of one client in the
            long run; of all clients, ten times as many. A client is an address (of IPv6, a /64
            network) as the server reports it: behind a proxy, the proxy's, unless the server takes
            the visitor's from a header of that proxy.
        choices_at_once: How many it takes at once. Withdrawals and refusals are not limited.
        on_banner: Called with the language, and nothing about the visitor, each time that the
            banner or the API asks for a choice: `cookiegate.reports.Banners`.

    Raises:
        ValueError: The path, the layout or the style sheet is not valid, or a limit is not above 0.
        RegistryError: A language of the registry has no complete catalogue.
    """

    def __init__(
        self,
        gate: Gate,
        path: str = "/cookies",
        *,
        hosts: Collection[str] = (),
        templates: str | PathLike[str] | None = None,
        layout: Layout = "auto",
        settings_button: bool = False,
        stylesheet: str = "",
        choices_per_second: float = 20.0,
        choices_at_once: int = 200,
        on_banner: Callable[[str], None] | None = None,
    ) -> None:
        if not is_local(path) or path.endswith("/") or "?" in path or "#" in path:
            raise ValueError(f"path is {path!r}; give one such as '/cookies'")
        if errors := load_languages(gate.registry)[1]:
            raise languages_error(gate.registry, errors)
        self.gate = gate
        self.path = path
        self.on_banner = on_banner
        looks = Looks(layout=layout, settings_button=settings_button, stylesheet=stylesheet)
        self._html = HtmlPages(gate, path, templates, looks)
        limiter = Limiter(choices_per_second, choices_at_once)
        self._choices = ChoiceHandler(gate, tuple(hosts), limiter, self._html.presentation)

    def __deepcopy__(self, memo: object) -> Self:
        # They stand in the scope of each request, which applications copy.
        return self

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        # Pickled, they are None: they hold a secret key.
        return type(None), ()

    def asgi(self, app: ASGIApp) -> AsgiPages:
        """Return an ASGI application that serves the pages, and everything else by `app`."""
        return AsgiPages(app, self)

    def wsgi(self, app: WSGIApplication) -> WsgiPages:
        """Return a WSGI application that serves the pages, and everything else by `app`."""
        return WsgiPages(app, self)

    def handles_path(self, path: str) -> bool:
        """Return True if a path is one of the pages. It is called for each request."""
        if not path.startswith(self.path):
            return path == GPC_PATH and acts_on_gpc(self.gate)
        below = path[len(self.path) :]
        return below.rstrip("/") in _METHODS or below.startswith(_STATIC)

    def submit(self, request: PageRequest, visit: Visit) -> Submission | None:
        """
        Make the choice that a request brings; return None if it brings none.

        Args:
            request: The request.
            visit: Its visit, which receives the choice. Commit it before `respond`.
        """
        match request.method, self._below(request):
            case "POST", "":
                return self._choices.submit(request, visit, read_form)
            case "PUT", "/api":
                return self._choices.submit(request, visit, read_json)
        return None

    def respond(
        self, request: PageRequest, visit: Visit, submission: Submission | None = None
    ) -> PageResponse:
        """
        Render the response to a request for one of the pages.

        Args:
            request: The request.
            visit: Its visit.
            submission: What `submit` returned.
        """
        below = self._below(request)
        methods = _METHODS.get(below, _GET)
        if request.method not in methods:
            allowed = ", ".join(methods)
            return problem(405, f"Send {allowed}.", ((b"allow", allowed.encode()),))
        match below:
            case "":
                return self._settings(request, visit, submission)
            case "/api":
                return self._api(request, visit, submission)
            case "/policy":
                return self._html.policy(self._html.view(request, visit))
            case "/openapi.json":
                return OPENAPI
        if request.path == GPC_PATH:
            return render_gpc(visit)
        if below == f"{_STATIC}embeds.js":
            return self._html.embeds(self._html.view(request, visit))
        asset = self._html.assets.find(below.removeprefix(_STATIC))
        return asset or problem(404, "There is no such file, or no more.")

    def not_kept(self, request: PageRequest, visit: Visit) -> PageResponse:
        """
        Render the response to a choice of which no proof could be kept.

        Args:
            request: The request that brought the choice, whatever its path.
            visit: Its visit; if it has a choice, that is what was withdrawn all the same.
        """
        if visit.choice is None:
            detail = gettext_noop(
                "Your choice could not be saved just now. Please try again shortly."
            )
        else:
            detail = gettext_noop(
                "Your withdrawal took effect. What you newly allowed could not be saved just now. "
                "Please try again shortly."
            )
        rejected = ChoiceRejectedError(503, detail, retry_after=_RETRY_SECONDS)
        if request.path.rstrip("/") == f"{self.path}/api":
            return _rejection(rejected)
        return self._message(request, visit, rejected)

    def banner(
        self,
        request: PageRequest,
        visit: Visit,
        *,
        language: str | None = None,
        layout: Layout | None = None,
        settings_button: bool | None = None,
        cacheable: bool = False,
        nonce: str | None = None,
    ) -> str:
        """
        Return the banner's HTML, or the permanent link to the settings.

        The second time for one response it is the link: one page has one banner.

        Args:
            request: The request for the page that includes it.
            visit: Its visit.
            language: The page's language; None to pick it by the request. If `cacheable`, None is
                the registry's first.
            layout: Where the banner stands; None for that of the pages.
            settings_button: Whether the link to the settings is a button in a corner; None for
                that of the pages.
            cacheable: Return the same text for every request of a path; the script reveals the
                banner.
            nonce: The nonce of the page's Content-Security-Policy, for the script and the style.

        Raises:
            ValueError: There is no such layout.
        """
        looks = self._html.looks.with_those_of_a_tag(layout, settings_button)
        if cacheable:
            # Nothing of this request but its path: whoever fills a cache would choose for all.
            request = PageRequest(method="GET", path=request.path, root_path=request.root_path)
        view = self._html.view(request, visit, language)
        is_first = not visit.context.has_banner
        html = self._html.banner(view, looks, cacheable=cacheable, nonce=nonce or "")
        # A cacheable banner counts when the script asks the API. A foreign frame gets "".
        if html and is_first and not cacheable:
            self._count_banner(view)
        return html

    def frame(
        self,
        request: PageRequest,
        visit: Visit,
        category: str,
        *,
        src: str,
        title: str,
        service: str | None = None,
        picture: str | None = None,
        language: str | None = None,
        cacheable: bool = False,
        attributes: Mapping[str, str | bool | None] | None = None,
    ) -> str:
        """
        Return an iframe that loads if its category is allowed.

        Otherwise `cookiegate.js` shows a placeholder. Without JavaScript, a sentence links to the
        frame's address and to the settings.

        Args:
            request: The request for the page that includes it.
            visit: Its visit.
            category: The category's id.
            src: The frame's address.
            title: What it shows.
            service: The id of the service that it contacts, whose provider and purpose the
                placeholder names.
            picture: The address of a picture of the site's own, for the placeholder.
            language: The page's language; None to pick it by the request. If `cacheable`, None is
                the registry's first.
            cacheable: Whether the element is the same for every visitor: always held back.
            attributes: More attributes, such as `{"width": "560"}`. Underscores become dashes; one
                at the end is removed.

        Raises:
            ValueError: The registry has no such category or service, the address is not one of
                the web, or an attribute would change what is held back.
        """
        if cacheable:
            request = PageRequest(method="GET", path=request.path, root_path=request.root_path)
        frame = Frame(
            category=category,
            src=src,
            title=title,
            service=service,
            picture=picture,
            attributes=attributes or {},
        )
        view = self._html.view(request, visit, language)
        return self._html.frame(view, frame, cacheable=cacheable)

    def policy(self, form: Literal["html", "fragment", "md"], language: str | None = None) -> str:
        """
        Return the policy as text: a page, a part of another page, or Markdown.

        Args:
            form: "html", "fragment" or "md".
            language: One of the registry's; the first of them if this is None or unknown.
        """
        request = PageRequest(method="GET", path=f"{self.path}/policy")
        view = self._html.view(request, self.gate.visit([]), language)
        return self._html.policy_text(view, _TEMPLATES[form])

    def _below(self, request: PageRequest) -> str:
        below = request.path.removeprefix(self.path)
        return below if below.startswith(_STATIC) else below.rstrip("/")

    def _settings(
        self, request: PageRequest, visit: Visit, submission: Submission | None
    ) -> PageResponse:
        html = self._html
        if submission is None:
            return html.settings(html.view(request, visit))
        if isinstance(submission, ChoiceRejectedError):
            return self._message(request, visit, submission)
        return self._answer(request, visit, submission)

    def _answer(self, request: PageRequest, visit: Visit, made: MadeChoice) -> PageResponse:
        # Rendered, so that nothing about the visitor is in a URL, and no URL claims that something
        # was done. A reload sends the same choice again, which changes nothing.
        html, form = self._html, made.form
        path = html.return_path(request, made)
        is_silent = not (is_withdrawal(visit, made) or made.swept.remaining)
        if path is not None and is_silent:
            # Back to the page with the banner, since there is nothing to say.
            return PageResponse(status=303, headers=((b"location", path.encode()), NO_STORE))
        view = html.view(request, visit, form.language)
        try:
            return html.settings(view, made)
        except Exception as error:
            # A custom template may fail; the choice is committed and must take effect.
            visit.context.report_error(error)
        return _plain(200, view.texts.gettext("Your choice is saved."))

    def _message(
        self, request: PageRequest, visit: Visit, rejected: ChoiceRejectedError
    ) -> PageResponse:
        view = self._html.view(request, visit)
        try:
            return self._html.message(view, rejected)
        except Exception as error:
            # As above: the rejected choice may have withdrawn something.
            visit.context.report_error(error)
        return _plain(rejected.status, view.texts.gettext(rejected.detail), rejected.headers)

    def _api(
        self, request: PageRequest, visit: Visit, submission: Submission | None
    ) -> PageResponse:
        if isinstance(submission, ChoiceRejectedError):
            return _rejection(submission)
        view = self._html.view(request, visit)
        # The script says so if the banner was counted before.
        if request.method == "GET" and not is_again(request):
            self._count_banner(view)
        base = request.root_path + self.path
        return render_state(view, base=base, swept=None if submission is None else submission.swept)

    def _count_banner(self, view: PageView) -> None:
        context = view.visit.context
        if self.on_banner is None or not context.pipeline.changes_responses:
            return
        if b"prefetch" in (view.request.header(b"sec-purpose") or b""):
            return  # the browser loads the page in advance; the visitor may never see it
        try:
            if view.visit.should_ask:
                self.on_banner(view.texts.language)
        except Exception as error:
            context.report_error(error)


def _plain(status: int, text: str, headers: Headers = ()) -> PageResponse:
    # A line of text, for when a custom template fails.
    content_type = (b"content-type", b"text/plain; charset=utf-8")
    return PageResponse(
        status=status, headers=(content_type, NO_STORE, *headers), body=f"{text}\n".encode()
    )


def _rejection(rejected: ChoiceRejectedError) -> PageResponse:
    return problem(rejected.status, rejected.detail, rejected.headers)
