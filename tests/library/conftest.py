"""An application on either store, and browsers of several readers."""

import html
import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from harness.behaviours import answer
from harness.servers import RedisServer
from harness.upstream import Upstream
from harness.waiting import eventually
from kindlechat.settings import Settings
from kindlechat.web.app import Kindlechat, create_app

OpenApp = Callable[..., Kindlechat]
NUMBERS = count()
HERE = {"Origin": "http://localhost"}


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


ON_BOTH_STORES = pytest.mark.parametrize("app", ["sqlite", "redis"], indirect=True)


@pytest.fixture(scope="module")
def open_app(
    site: Path, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenApp]:
    """Open applications that answer the same to every question."""
    apps: list[Kindlechat] = []

    def open_one(**environment: str) -> Kindlechat:
        settings = {
            "GEMINI_BASE_URL": upstream.base_url,
            "KINDLECHAT_RATE_LIMIT": "off",
            "KINDLECHAT_DATA": str(tmp_path_factory.mktemp("data")),
        }
        apps.append(create_app(Settings.from_env(settings | environment)))
        return apps[-1]

    yield open_one
    for app in apps:
        app.close()


@pytest.fixture(scope="module")
def app(request: pytest.FixtureRequest, open_app: OpenApp) -> Kindlechat:
    """One application for the readers of all tests, on SQLite unless a test asks for both stores."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return open_app()
    server = request.getfixturevalue("redis_server")
    return open_app(REDIS_URL=server.url, SECRET_KEY="secret" * 8)


@pytest.fixture(autouse=True)
def answers(upstream: Upstream) -> None:
    """What every question is answered with, unless a test scripts something else."""
    upstream.script(answer("Because of the air."))


class Browser:
    """One reader's browser, which follows links and sends the forms that it sees."""

    def __init__(self, app: Kindlechat, *, cookies: bool = True) -> None:
        self.client = app.test_client(use_cookies=cookies)
        self.client.environ_base |= {"HTTP_USER_AGENT": f"Browser {next(NUMBERS)}"}

    def get(self, address: str, status: int = 200) -> str:
        told = self.client.get(address, follow_redirects=True)
        assert told.status_code == status, told.text
        return told.text

    def send(self, page: str, action: str, status: int = 303, **typed: str) -> str:
        """Send a form of the page; returns where it leads, or the page that refuses it."""
        told = self.client.post(action, data=fields(page, action) | typed)
        assert told.status_code == status, told.text
        return told.headers["Location"] if status == 303 else told.text

    def ask(self, message: str, **form: str) -> str:
        """The address to which a question leads, once it is answered."""
        told = self.client.post("/ask", data={"message": message, **form})
        assert told.status_code == 303, told.text
        address = told.headers["Location"]
        eventually(lambda: "http-equiv" not in self.get(address))
        return address


@pytest.fixture
def reader(app: Kindlechat) -> Browser:
    return Browser(app)


@pytest.fixture
def stranger(app: Kindlechat) -> Browser:
    return Browser(app)


def forms(page: str) -> list[str]:
    """The actions of the forms on a page."""
    return re.findall(r'action="([^"#]*)', page)


def fields(page: str, action: str) -> dict[str, str]:
    """What a form of the page has in it."""
    (form,) = re.findall(rf'action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.DOTALL)[:1]
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form)
    }


def link(page: str, id_: str) -> str:
    """Where the link of this id leads."""
    (address,) = re.findall(rf'<a id="{id_}"[^>]*href="([^"]*)"', page)
    return html.unescape(address)


def has(page: str, id_: str) -> bool:
    """Whether the page has an element of this id."""
    return f'id="{id_}"' in page


def rows(page: str) -> dict[str, str]:
    """The titles and addresses of a list."""
    listed = re.search(r'<ul class="rows"[^>]*>(.*?)</ul>', page, re.DOTALL)
    found = re.findall(r'<a href="([^"]*)">([^<]*)</a><br>', listed[1] if listed else "")
    return {html.unescape(title): address for address, title in found}
