"""Checks that sites call in their tests."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask, request

from cookiegate import Gate
from cookiegate.flask import CookieGate, current_visit
from cookiegate.testing import find_shared_pages
from tests.registries import gate_for, shop

Key = Callable[[], str]


def site(gate: Gate) -> Callable[[str, dict[str, str]], Mapping[str, str]]:
    """Return what opens the pages of a site with a view cache."""
    app = Flask(__name__)
    CookieGate(app, gate)
    stored: dict[str, str] = {}

    def cached(key: Key, view: Key) -> Key:
        def answer() -> str:
            found = key()
            if found not in stored:
                stored[found] = view()
            return stored[found]

        return answer

    def asks() -> str:
        return str(current_visit.allows("analysis"))

    def by_path() -> str:
        return request.path

    def by_state() -> str:
        return f"{request.path} {current_visit.cache_key}"

    views: dict[str, Any] = {
        "/shared": cached(by_path, asks),
        "/keyed": cached(by_state, asks),
        "/plain": cached(by_path, lambda: "the same"),
        "/uncached": asks,
    }
    for path, view in views.items():
        app.add_url_rule(path, path, view)
    client = app.test_client(use_cookies=False)
    return lambda path, headers: dict(client.get(path, headers=headers).headers)


def test_a_page_whose_key_lacks_the_state_is_found() -> None:
    gate = gate_for()
    paths = ["/plain", "/shared", "/keyed", "/uncached"]
    assert find_shared_pages(gate, site(gate), paths) == ["/shared"]


def test_a_gate_that_only_reports_cannot_find_any() -> None:
    gate = gate_for(shop('mode = "report"'))
    with pytest.raises(ValueError, match="report mode"):
        find_shared_pages(gate, site(gate), ["/shared"])
