"""A browser for each adapter."""

import pytest

from tests.pages.support import Browse, Browser


@pytest.fixture(params=["asgi", "wsgi"])
def browse(request: pytest.FixtureRequest) -> Browse:
    return lambda **options: Browser(request.param, **options)
