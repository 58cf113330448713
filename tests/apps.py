"""Applications in the tests' own process, on either store: fixtures that a conftest takes, and helpers."""

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.behaviours import answer
from harness.quick_start import start_app
from harness.servers import RedisServer
from harness.upstream import Upstream
from kindlechat.web.app import Kindlechat

OpenApp = Callable[..., Kindlechat]

HERE = {"Origin": "http://localhost"}
"""What a browser says that sends a form of ours."""

ON_BOTH_STORES = pytest.mark.parametrize("app", ["sqlite", "redis"], indirect=True)


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def open_app(
    site: Path, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenApp]:
    """Open applications with no limit on questions; keywords are more of their settings."""
    apps: list[Kindlechat] = []

    def open_one(**environment: str) -> Kindlechat:
        settings = {
            "GEMINI_BASE_URL": upstream.base_url,
            "KINDLECHAT_RATE_LIMIT": "off",
            "KINDLECHAT_DATA": str(tmp_path_factory.mktemp("data")),
        }
        apps.append(start_app(settings | environment))
        return apps[-1]

    yield open_one
    for app in apps:
        app.relay.drain(grace_s=10)  # what is still written would find a closed store
        app.close()


@pytest.fixture(scope="module")
def app(request: pytest.FixtureRequest, open_app: OpenApp) -> Kindlechat:
    """One application for all tests of a module, on SQLite unless a test asks for both stores."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return open_app()
    server = request.getfixturevalue("redis_server")
    return open_app(REDIS_URL=server.url, SECRET_KEY="secret" * 8)


@pytest.fixture(autouse=True)
def answers(upstream: Upstream) -> None:
    """What every question is answered with, unless a test scripts something else."""
    upstream.script(answer("Because of the air."))


def link(page: str, id_: str) -> str:
    """Where the link of this id leads."""
    (address,) = re.findall(rf'<a(?: class="button")? id="{id_}"[^>]*href="([^"]*)"', page)
    return html.unescape(address)


def has(page: str, id_: str) -> bool:
    """Whether the page has an element of this id."""
    return f'id="{id_}"' in page
