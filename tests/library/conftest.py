"""An application on either store, and browsers of several readers."""

import html
import re
from itertools import count

import pytest

from harness.waiting import eventually
from kindlechat.web.app import Kindlechat
from tests.apps import answers, app, open_app, redis_server

__all__ = ["answers", "app", "open_app", "redis_server"]

NUMBERS = count()


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


def rows(page: str) -> dict[str, str]:
    """The titles and addresses of a list."""
    listed = re.search(r'<ul class="rows"[^>]*>(.*?)</ul>', page, re.DOTALL)
    found = re.findall(r'<a href="([^"]*)">([^<]*)</a><br>', listed[1] if listed else "")
    return {html.unescape(title): address for address, title in found}
