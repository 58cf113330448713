"""An application, readers and phones."""

import re
from itertools import count

import pytest
from werkzeug.test import TestResponse

from harness.waiting import eventually
from kindlechat.web.app import Kindlechat
from tests.apps import answers, app, open_app, redis_server

__all__ = ["answers", "app", "open_app", "redis_server"]

NUMBERS = count(1)


class Browser:
    """A browser in a network of its own, which follows links and sends the forms that it sees."""

    def __init__(self, app: Kindlechat, *, cookies: bool = True, network: str = "") -> None:
        self.client = app.test_client(use_cookies=cookies)
        number = next(NUMBERS)
        self.client.environ_base |= {
            "HTTP_USER_AGENT": f"Browser {number}",
            "REMOTE_ADDR": network or f"10.{number // 250}.{number % 250}.7",
        }

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, buffered=True)

    def page(self, address: str, status: int = 200) -> str:
        told = self.client.get(address, follow_redirects=True, buffered=True)
        assert told.status_code == status, told.text
        return told.text

    def press(self, page: str, action: str, **typed: object) -> TestResponse:
        """Send a form of a page with what is typed into it."""
        (form,) = re.findall(rf'action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.DOTALL)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        return self.client.post(action, data={**fields, **typed}, buffered=True)


class Reader(Browser):
    """A reader's side."""

    def show_code(self, start: str = "/pair/keyboard") -> str:
        """The address of the page with the code."""
        told = self.get(start)
        assert told.status_code == 303, told.text
        return told.headers["Location"]

    def ask(self, message: str = "Why?") -> str:
        address = self.client.post("/ask", data={"message": message}).headers["Location"]
        eventually(
            lambda: "http-equiv" not in self.page(address).replace("<noscript><meta http", "")
        )
        return address


class Phone(Browser):
    """A phone's side."""

    def type_code(self, code: str) -> TestResponse:
        return self.press(self.page("/pair"), "/pair", code=code)

    def send(self, message: str, **more: object) -> TestResponse:
        return self.press(self.page("/pair"), "/pair/ask", message=message, **more)


def code_on(page: str) -> str:
    (code,) = re.findall(r'id="code">([^<]+)<', page)
    return str(code)


@pytest.fixture
def reader(app: Kindlechat) -> Reader:
    return Reader(app)


@pytest.fixture
def phone(app: Kindlechat) -> Phone:
    return Phone(app)


def pair(reader: Reader, phone: Phone, start: str = "/pair/keyboard") -> str:
    """Pair both; returns the address of the reader's page."""
    address = reader.show_code(start)
    told = phone.type_code(code_on(reader.page(address)))
    assert told.status_code == 303, told.text
    return address
