"""A browser in front of each door."""

import pytest

from tests.pages.asking import Browse, Browser


@pytest.fixture(params=["asgi", "wsgi"])
def browse(request: pytest.FixtureRequest) -> Browse:
    return lambda **options: Browser(request.param, **options)
