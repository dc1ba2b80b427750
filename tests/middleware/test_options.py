"""Options that all middleware share."""

from typing import Any

import pytest

from cookiegate import asgi, wsgi
from tests.registries import gate_for


@pytest.mark.parametrize("middleware", [asgi.CookieGateMiddleware, wsgi.CookieGateMiddleware])
def test_an_unknown_option_is_an_error_that_lists_the_options(middleware: Any) -> None:
    with pytest.raises(TypeError, match="unknown option 'modus'; there are registry, secret_key"):
        middleware(None, gate_for(), modus="report")


@pytest.mark.parametrize("middleware", [asgi.CookieGateMiddleware, wsgi.CookieGateMiddleware])
def test_a_gate_and_an_option_that_makes_one_are_an_error(middleware: Any) -> None:
    with pytest.raises(TypeError, match="gate and mode are both given"):
        middleware(None, gate_for(), mode="report")
