"""The browsers that judge, one after the other."""

from collections.abc import Iterator

import pytest

from tests.browser.judges import JUDGES, Judge
from tests.browser.server import serve


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("chromium", marks=pytest.mark.needs("chromium")),
        pytest.param("firefox", marks=[pytest.mark.needs("firefox"), pytest.mark.long]),
    ],
)
def judge(request: pytest.FixtureRequest) -> Iterator[Judge]:
    with serve() as server, JUDGES[request.param](server) as judge:
        yield judge
