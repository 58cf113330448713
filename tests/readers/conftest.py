"""Applications and browsers for the tests of readers' own pages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.behaviours import answer
from harness.upstream import Upstream
from kindlechat.settings import Settings
from kindlechat.web.app import Kindlechat, create_app
from tests.readers.browsers import Browser

OpenApp = Callable[..., Kindlechat]


@pytest.fixture(scope="module")
def open_app(
    site: Path, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenApp]:
    apps: list[Kindlechat] = []
    upstream.script(answer("Because of the **air**."))

    def open_one(**environment: str) -> Kindlechat:
        settings = {
            "GEMINI_BASE_URL": upstream.base_url,
            "KINDLECHAT_DATA": str(tmp_path_factory.mktemp("data")),
            "KINDLECHAT_RATE_LIMIT": "off",
        }
        apps.append(create_app(Settings.from_env(settings | environment)))
        return apps[-1]

    yield open_one
    for app in apps:
        app.close()


@pytest.fixture(scope="module")
def app(open_app: OpenApp) -> Kindlechat:
    return open_app()


@pytest.fixture
def reader(app: Kindlechat) -> Browser:
    """A reader who has asked something, in a browser that keeps cookies."""
    browser = Browser(app)
    browser.ask()
    return browser


@pytest.fixture
def stranger(app: Kindlechat) -> Browser:
    return Browser(app)
