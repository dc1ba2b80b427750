"""`{% load cookiegate %}`: what the visitor allows, in templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Library
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from cookiegate import tags
from cookiegate.django.checks import has_middleware
from cookiegate.visit import Visit

if TYPE_CHECKING:
    from cookiegate.pages.looks import Layout

register: Library = Library()


# An error page such as 500.html is rendered without a request. There, no tag raises: nothing is
# allowed and nothing is asked.


@register.simple_tag(takes_context=True)
def cookie_allows(context: Context, category: str) -> bool:
    """
    Return whether cookies of a category may be set: `{% cookie_allows "analysis" as analysis %}`.

    Raises:
        ValueError: The registry has no such category. The message suggests one that it has.
    """
    visit = _visit(context)
    return visit is not None and visit.allows(category)


@register.simple_tag(takes_context=True)
def cookie_should_ask(context: Context) -> bool:
    """Return whether to show the banner: `{% cookie_should_ask as due %}`."""
    visit = _visit(context)
    return visit is not None and visit.should_ask


@register.simple_tag(takes_context=True)
def cookie_banner(
    context: Context,
    lang: str | None = None,
    layout: Layout | None = None,
    settings_button: bool | None = None,
    cacheable: bool = False,
    nonce: str | None = None,
) -> str:
    """
    Return the banner, or the link to the settings: `{% cookie_banner %}`.

    Args:
        context: The template's context. Without a request, the banner is "".
        lang: The page's language; None for Django's active one, or else the visitor's.
        layout: "bar" at the bottom edge of the screen, "page" as a part of the page, "auto" as a
            bar on screens of up to 640 pixels; None for the pages' `layout`.
        settings_button: Whether the link to the settings is a button in a corner of the screen;
            None for the pages' `settings_button`.
        cacheable: Whether every visitor gets the same bytes; see docs/asking.md.
        nonce: The nonce of the page's Content-Security-Policy; None for `csp_nonce` of the context
            or the request. A cacheable banner has only the one that is given.

    Raises:
        ImproperlyConfigured: The setting COOKIEGATE_PAGES is missing.
        ValueError: There is no such layout.
    """
    visit = _visit(context)
    if visit is None:
        return ""
    pages, call = _pages(context)
    banner: str = pages.banner(
        call,
        visit,
        # A cacheable banner has nothing of the request.
        language=lang if cacheable else lang or get_language(),
        layout=layout,
        settings_button=settings_button,
        cacheable=cacheable,
        nonce=nonce if cacheable else _nonce(context, nonce),
    )
    return mark_safe(banner)


@register.simple_tag(takes_context=True)
def gated_script(context: Context, category: str, **options: Any) -> str:
    """
    Return a script that runs if its category is allowed: `{% gated_script "analysis" src="…" %}`.

    The nonce is found as in `cookie_banner`. See `cookiegate.tags.gated_script`.
    """
    if not options.get("cacheable"):
        options["nonce"] = _nonce(context, options.get("nonce"))
    return mark_safe(tags.gated_script(_visit(context), category, **options))


@register.simple_tag(takes_context=True)
def gated_frame(
    context: Context,
    category: str,
    src: str,
    title: str,
    service: str | None = None,
    picture: str | None = None,
    lang: str | None = None,
    cacheable: bool = False,
    **attributes: str | bool | None,
) -> str:
    """
    Return an iframe that loads if its category is allowed.

    `{% gated_frame "marketing" src="…" title="The film" service="filmhouse" width="560" %}`; see
    `cookiegate.pages.Pages.frame`. Without a request it is "".

    Args:
        context: The template's context.
        category: The category's id.
        src: The frame's address.
        title: What it shows.
        service: The id of the service that it contacts.
        picture: The address of a picture of the site's own, for the placeholder.
        lang: The page's language, as in `cookie_banner`.
        cacheable: Whether the element is the same for every visitor.
        attributes: More attributes, such as `width="560"`.

    Raises:
        ImproperlyConfigured: The setting COOKIEGATE_PAGES is missing.
        ValueError: The registry has no such category or service, the address is not one of
            the web, or an attribute would change what is held back.
    """
    visit = _visit(context)
    if visit is None:
        return ""
    pages, call = _pages(context)
    frame: str = pages.frame(
        call,
        visit,
        category,
        src=src,
        title=title,
        service=service,
        picture=picture,
        language=lang if cacheable else lang or get_language(),
        cacheable=cacheable,
        attributes=attributes,
    )
    return mark_safe(frame)


@register.simple_tag(takes_context=True)
def consent_mode_script(context: Context, nonce: str | None = None) -> str:
    """Return a script for Google's consent mode; see `cookiegate.tags.consent_mode_script`."""
    nonce = _nonce(context, nonce)
    return mark_safe(tags.consent_mode_script(_visit(context), nonce=nonce))


@register.simple_tag(takes_context=True)
def google_tag(
    context: Context,
    id: str,
    category: str,
    service: str | None = None,
    nonce: str | None = None,
) -> str:
    """Return Google's tag behind consent mode; see `cookiegate.tags.google_tag`."""
    nonce = _nonce(context, nonce)
    visit = _visit(context)
    return mark_safe(tags.google_tag(visit, id, category=category, service=service, nonce=nonce))


def _visit(context: Context) -> Visit | None:
    request: Any = context.get("request")
    visit = getattr(request, "cookiegate", None)
    if isinstance(visit, Visit):
        return visit
    if request is not None and not has_middleware():
        raise ImproperlyConfigured(
            "there is no visit in this template; put CookieGateMiddleware first in MIDDLEWARE"
        )
    return None


def _pages(context: Context) -> tuple[Any, Any]:
    # The pages, and the request as they have it.
    request: Any = context["request"]
    pages = getattr(request, "cookiegate_pages", None)
    if pages is None:
        raise ImproperlyConfigured('the gate has no pages; write COOKIEGATE_PAGES = "/cookies"')
    # Imported lazily: it is in the extra `pages`.
    from cookiegate.django.paging import page_request

    return pages, page_request(request)


def _nonce(context: Context, given: str | None) -> str | None:
    # Django 6 has it in the context, and django-csp on the request. Both make it when it is
    # rendered, and are false until then.
    if given is not None:
        return given
    found = context.get("csp_nonce")
    if found is None:
        found = getattr(context.get("request"), "csp_nonce", None)
    return None if found is None else str(found)
