"""Tags for templates: scripts that run only if their category is allowed.

To the browser, a script that is held back is plain text; `cookiegate.js` runs it once its category
is allowed (docs/asking.md).
"""

from __future__ import annotations

import json
from html import escape
from typing import Final

from .registry.forms import GOOGLE_SIGNALS
from .visit import Visit

__all__ = ["consent_mode_script", "consent_signals", "gated_script", "google_tag"]

_GOOGLE_TAG: Final = "https://www.googletagmanager.com/gtag/js?id="
# One default for each document, also if a framework swaps its pages and runs the script again; an
# update only if something has changed. The key is a symbol, which no element's id can take.
_CONSENT_MODE: Final = (
    "window.dataLayer=window.dataLayer||[];"
    "window.gtag=window.gtag||function(){dataLayer.push(arguments)};"
    "(function(key,state){"
    "function update(state){var text=JSON.stringify(state);"
    'if(text!==window[key]){window[key]=text;gtag("consent","update",state)}}'
    "if(window[key])return update(state);"
    "window[key]=JSON.stringify(state);"
    'gtag("consent","default",%(state)s);'
    'document.addEventListener("cookiegate",function(event){'
    "var needs=%(needs)s,state={},name;"
    "for(name in needs)state[name]=needs[name].every(function(id){"
    'return event.detail.allowed.indexOf(id)>=0})?"granted":"denied";'
    "update(state)})"
    '})(Symbol.for("cookiegate.consent_mode"),%(state)s);'
)


def gated_script(
    visit: Visit | None,
    category: str,
    *,
    service: str | None = None,
    src: str | None = None,
    text: str | None = None,
    nonce: str | None = None,
    held: bool = True,
    cacheable: bool = False,
    **attributes: str | bool | None,
) -> str:
    """
    Return a script element that runs if its category is allowed.

    Args:
        visit: The request's visit; None outside of a request, as in an error page: then "".
        category: The category's id.
        service: The id of the service that the script belongs to: if visitors choose by service,
            the script runs if this service is allowed in the category.
        src: The script's address; give this or `text`.
        text: The script itself.
        nonce: The nonce of the page's Content-Security-Policy.
        held: Whether a script that is not allowed is held back for `cookiegate.js`; if not, it is
            left out.
        cacheable: Whether the element is the same for every visitor: always held back.
        attributes: More attributes, such as `async_=True` and `data_id="…"`. Underscores become
            dashes; one at the end is removed.

    Raises:
        ValueError: The registry has no such category, the service is not in it, or not exactly one
            of `src` and `text` is given.
    """
    if (src is None) == (text is None):
        raise ValueError("give a script's src, or its text")
    if visit is None:
        return ""
    part = visit.registry.part(category, service)
    runs = not cacheable and (visit.allows(part) or not visit.enforces(part))
    if not (runs or held):
        return ""
    named: dict[str, str | bool | None] = {} if runs else {"data-cookiegate": part}
    if not runs:
        # Its type, so that `cookiegate.js` runs a module as one.
        kind = attributes.pop("type", None)
        named = {"type": "text/plain", **named, "data-type": kind}
    named |= {"src": src, "nonce": nonce}
    named |= {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    written = "".join(_attribute(name, value) for name, value in named.items())
    return f"<script{written}>{_inline(text or '')}</script>"


def consent_signals(visit: Visit) -> dict[str, bool]:
    """
    Return for each name in the registry's `consent_mode` lists whether it is granted.

    A name that several categories list is granted if all of them are allowed. The table suits any
    vendor with a consent mode.
    """
    granted: dict[str, bool] = {}
    for category in visit.registry.categories.values():
        for name in category.consent_mode:
            is_allowed = visit.allows(category.id) or not visit.enforces(category.id)
            granted[name] = granted.get(name, True) and is_allowed
    return granted


def consent_mode_script(visit: Visit | None, *, nonce: str | None = None) -> str:
    """
    Return a script for Google's consent mode, version 2. It must stand before every Google tag.

    It sets the state, and updates it when the visitor chooses. It loads nothing.

    Args:
        visit: The request's visit; None outside of a request: then all of Google's names are
            denied.
        nonce: The nonce of the page's Content-Security-Policy.
    """
    needs: dict[str, list[str]] = {}
    signals = dict.fromkeys(GOOGLE_SIGNALS, False)
    if visit is not None:
        signals = consent_signals(visit)
        for category in visit.registry.categories.values():
            for name in category.consent_mode:
                needs.setdefault(name, [])
                if visit.enforces(category.id):
                    needs[name].append(category.id)
    state = {name: _word(is_on) for name, is_on in signals.items()}
    script = _CONSENT_MODE % {"needs": _json(needs), "state": _json(state)}
    return f"<script{_attribute('nonce', nonce)}>{_inline(script)}</script>"


def google_tag(
    visit: Visit | None,
    id: str,
    *,
    category: str,
    service: str | None = None,
    nonce: str | None = None,
) -> str:
    """
    Return Google's tag behind consent mode, in its basic form: it is loaded only if allowed.

    If the registry gives a reason (`[policy] advanced_consent_mode`), the tag is loaded at once,
    and consent mode denies everything.

    Args:
        visit: The request's visit; None outside of a request: then "".
        id: The tag's id, such as "G-ABC123".
        category: The category that the tag belongs to.
        service: The service that it belongs to; see `gated_script`.
        nonce: The nonce of the page's Content-Security-Policy.

    Raises:
        ValueError: The registry has no such category, or the service is not in it.
    """
    if visit is None:
        return ""
    start = f'gtag("js",new Date());gtag("config",{_json(id)});'
    address = _GOOGLE_TAG + id
    mode = consent_mode_script(visit, nonce=nonce)
    if visit.registry.policy.advanced_consent_mode:
        visit.allows(visit.registry.part(category, service))
        named: dict[str, str | bool | None] = {"async": True, "src": address, "nonce": nonce}
        written = "".join(_attribute(name, value) for name, value in named.items())
        loaded = f"<script{written}></script>"
    else:
        loaded = gated_script(
            visit, category, service=service, src=address, nonce=nonce, async_=True
        )
    return f"{mode}<script{_attribute('nonce', nonce)}>{_inline(start)}</script>{loaded}"


def _word(is_on: bool) -> str:
    return "granted" if is_on else "denied"


def _json(value: object) -> str:
    # For a script element: nothing in it begins a tag.
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _inline(text: str) -> str:
    # In a script element, only its end tag and a comment have a meaning (HTML, 4.12.1.3).
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
