"""Applications and browsers for the tests of readers' own pages."""

import pytest

from harness.behaviours import answer
from harness.upstream import Upstream
from kindlechat.web.app import Kindlechat
from tests.apps import app, open_app, redis_server
from tests.readers.browsers import Browser

__all__ = ["app", "open_app", "redis_server"]


@pytest.fixture(autouse=True, scope="module")
def answers(upstream: Upstream) -> None:
    upstream.script(answer("Because of the **air**."))


@pytest.fixture
def reader(app: Kindlechat) -> Browser:
    """A reader who has asked something, in a browser that keeps cookies."""
    browser = Browser(app)
    browser.ask()
    return browser


@pytest.fixture
def stranger(app: Kindlechat) -> Browser:
    return Browser(app)
