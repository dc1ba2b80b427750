"""Tags for templates: scripts that run only where their category is allowed.

Held back, a script is text to the browser; `cookiegate.js` brings it to life once its category is
allowed (docs/asking.md).
"""

from __future__ import annotations

import json
from html import escape
from typing import Final

from .visit import Visit

__all__ = ["consent_mode_script", "consent_signals", "gated_script", "google_tag"]

_GOOGLE_TAG: Final = "https://www.googletagmanager.com/gtag/js?id="


def gated_script(
    visit: Visit,
    category: str,
    *,
    src: str | None = None,
    text: str | None = None,
    nonce: str | None = None,
    held: bool = True,
    cacheable: bool = False,
    **attributes: str | bool | None,
) -> str:
    """
    A script element that runs where its category is allowed.

    Args:
        visit: The request's.
        category: The category's id.
        src: The script's address; or
        text: the script itself.
        nonce: The nonce of the page's Content-Security-Policy.
        held: Whether to render it held back where it is not allowed, for `cookiegate.js`, and
            not to leave it out.
        cacheable: The same for everyone, always held back; nothing is asked of the visit.
        attributes: More attributes: `async_=True`, `data_id="…"` (underscores become dashes, one
            at the end goes).

    Raises:
        ValueError: The registry has no such category, or there is not one of `src` and `text`.
    """
    if (src is None) == (text is None):
        raise ValueError("give a script's src, or its text")
    is_live = not cacheable and (visit.allows(category) or not visit.enforces(category))
    if cacheable:
        visit.registry.check_ids([category])
    if not (is_live or held):
        return ""
    named: dict[str, str | bool | None] = {} if is_live else {"data-cookiegate": category}
    if not is_live:
        # What the script is, so that a module comes to life as one.
        kind = attributes.pop("type", None)
        named = {"type": "text/plain", **named, "data-type": kind}
    named |= {"src": src, "nonce": nonce}
    named |= {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    written = "".join(_attribute(name, value) for name, value in named.items())
    return f"<script{written}>{_inline(text or '')}</script>"


def consent_signals(visit: Visit) -> dict[str, bool]:
    """
    What each name in the registry's `consent_mode` lists is to be told: granted, or denied.

    A name that several categories list is granted when all of them are allowed. This is the table
    for any vendor that wants to be told.
    """
    granted: dict[str, bool] = {}
    for category in visit.registry.categories.values():
        for name in category.consent_mode:
            is_allowed = visit.allows(category.id) or not visit.enforces(category.id)
            granted[name] = granted.get(name, True) and is_allowed
    return granted


def consent_mode_script(visit: Visit, *, nonce: str | None = None) -> str:
    """
    Google's consent mode, version 2: the state as it is, and an update when the visitor chooses.

    It loads nothing. It has to stand before every Google tag.
    """
    needs: dict[str, list[str]] = {}
    for category in visit.registry.categories.values():
        for name in category.consent_mode:
            needs.setdefault(name, []).append(category.id)
    state = {name: _word(is_on) for name, is_on in consent_signals(visit).items()}
    script = (
        "window.dataLayer=window.dataLayer||[];"
        "window.gtag=window.gtag||function(){dataLayer.push(arguments)};"
        f'gtag("consent","default",{_json(state)});'
        'document.addEventListener("cookiegate",function(event){'
        f"var needs={_json(needs)},state={{}},name;"
        "for(name in needs)state[name]=needs[name].every(function(id){"
        'return event.detail.allowed.indexOf(id)>=0})?"granted":"denied";'
        'gtag("consent","update",state)});'
    )
    return f"<script{_attribute('nonce', nonce)}>{_inline(script)}</script>"


def google_tag(visit: Visit, id: str, *, category: str, nonce: str | None = None) -> str:
    """
    Google's tag behind consent mode, in its basic form: nothing is loaded before it is allowed.

    Where the registry gives a reason (`[policy] advanced_consent_mode`), the tag is loaded at
    once, and told that everything is denied.

    Args:
        visit: The request's.
        id: The tag's, such as "G-ABC123".
        category: The category that the tag belongs to.
        nonce: The nonce of the page's Content-Security-Policy.

    Raises:
        ValueError: The registry has no such category.
    """
    start = f'gtag("js",new Date());gtag("config",{_json(id)});'
    address = _GOOGLE_TAG + id
    mode = consent_mode_script(visit, nonce=nonce)
    if visit.registry.policy.advanced_consent_mode:
        visit.allows(category)
        named: dict[str, str | bool | None] = {"async": True, "src": address, "nonce": nonce}
        written = "".join(_attribute(name, value) for name, value in named.items())
        loaded = f"<script{written}></script>"
    else:
        loaded = gated_script(visit, category, src=address, nonce=nonce, async_=True)
    return f"{mode}<script{_attribute('nonce', nonce)}>{_inline(start)}</script>{loaded}"


def _word(is_on: bool) -> str:
    return "granted" if is_on else "denied"


def _json(value: object) -> str:
    # Fit for a script element: nothing in it begins a tag.
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _inline(text: str) -> str:
    # Inside a script element only its own end tag and a comment mean something (HTML, 4.12.1.3).
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
