"""`{% load cookiegate %}`: what the visitor allows, in templates."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Library
from django.utils.safestring import mark_safe

from cookiegate import tags
from cookiegate.visit import Visit

register: Library = Library()


@register.simple_tag(takes_context=True)
def cookie_allows(context: Context, category: str) -> bool:
    """
    Return whether cookies of a category may be set: `{% cookie_allows "analysis" as analysis %}`.

    Raises:
        ValueError: The registry has no such category. The message suggests one that it has.
    """
    return _visit(context).allows(category)


@register.simple_tag(takes_context=True)
def cookie_should_ask(context: Context) -> bool:
    """Return whether to show the banner: `{% cookie_should_ask as due %}`."""
    return _visit(context).should_ask


@register.simple_tag(takes_context=True)
def cookie_banner(context: Context, lang: str | None = None, cacheable: bool = False) -> str:
    """
    Return the banner, or the link to the settings: `{% cookie_banner %}`.

    Args:
        context: The template's context.
        lang: The page's language; None for the visitor's.
        cacheable: Whether every visitor gets the same bytes; see docs/asking.md.

    Raises:
        ImproperlyConfigured: The setting COOKIEGATE_PAGES is missing.
    """
    visit = _visit(context)
    request: Any = context["request"]
    pages = getattr(request, "cookiegate_pages", None)
    if pages is None:
        raise ImproperlyConfigured('the gate has no pages; write COOKIEGATE_PAGES = "/cookies"')
    # Imported lazily: it is in the extra `pages`.
    from cookiegate.django.paging import page_request

    call = page_request(request)
    banner: str = pages.banner(call, visit, language=lang, cacheable=cacheable)
    return mark_safe(banner)


@register.simple_tag(takes_context=True)
def gated_script(context: Context, category: str, **options: Any) -> str:
    """
    Return a script that runs if its category is allowed: `{% gated_script "analysis" src="…" %}`.

    See `cookiegate.tags.gated_script`.
    """
    return mark_safe(tags.gated_script(_visit(context), category, **options))


@register.simple_tag(takes_context=True)
def consent_mode_script(context: Context, nonce: str | None = None) -> str:
    """Return a script for Google's consent mode; see `cookiegate.tags.consent_mode_script`."""
    return mark_safe(tags.consent_mode_script(_visit(context), nonce=nonce))


@register.simple_tag(takes_context=True)
def google_tag(context: Context, id: str, category: str, nonce: str | None = None) -> str:
    """Return Google's tag behind consent mode; see `cookiegate.tags.google_tag`."""
    return mark_safe(tags.google_tag(_visit(context), id, category=category, nonce=nonce))


def _visit(context: Context) -> Visit:
    request: Any = context.get("request")
    visit = getattr(request, "cookiegate", None)
    if not isinstance(visit, Visit):
        raise ImproperlyConfigured(
            "there is no visit in this template; put CookieGateMiddleware first in MIDDLEWARE, and "
            "'django.template.context_processors.request' into the template's context processors"
        )
    return visit
