"""Browsers of a few lines, each in a network of its own."""

import html
import itertools
import re
from typing import Any

from harness.waiting import eventually
from kindlechat.web.app import Kindlechat

NUMBERS = itertools.count(1)

Response = Any
"""What Flask's client gives."""


class Browser:
    """A browser without scripts."""

    def __init__(self, app: Kindlechat, *, cookies: bool = True) -> None:
        number = next(NUMBERS)
        self.app = app
        self.client = app.test_client(use_cookies=cookies)
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        self.client.environ_base |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": f"No {number}"}

    def get(self, address: str, **about: Any) -> Response:
        """What is at an address."""
        return self.client.get(address, **about)

    def page(self, address: str) -> str:
        """The page to which an address leads."""
        told = self.client.get(address, follow_redirects=True)
        assert told.status_code == 200, told.text
        return told.text

    def ask(self, message: str = "Why?", **form: str) -> str:
        """The address to which a question leads, once it is answered."""
        told = self.client.post("/ask", data={"message": message, **form})
        assert told.status_code == 303, told.text
        address = told.headers["Location"]
        eventually(lambda: "http-equiv" not in self.page(address))
        return address

    def press(self, address: str, button: str, **form: str) -> Response:
        """Send the form of a page whose action ends as `button` says."""
        found = re.search(
            rf'<form[^>]*action="([^"]*{re.escape(button)})"[^>]*>(.*?)</form>',
            self.page(address),
            re.DOTALL,
        )
        assert found, button
        fields = re.findall(r'name="(\w+)" value="([^"]*)"', found[2])
        data = {name: html.unescape(value) for name, value in fields}
        return self.client.post(found[1], data=data | form)

    def key(self, kind: str) -> str:
        """The address or the words of a key, made where there is none yet."""
        page = self.page("/me")
        if f'id="make-{kind}"' in page:
            assert self.press("/me", f"/me/keys/{kind}").status_code == 303
            page = self.page("/me")
        found = re.search(rf'id="own-{kind}"(?: href="([^"]+)"| lang="en">([^<]+))', page)
        assert found
        return found[1] or found[2]

    @property
    def owned(self) -> list[str]:
        """The questions of the reader's conversations."""
        return links(self.page("/conversations"))


def links(page: str) -> list[str]:
    """The titles of the conversations that a page lists."""
    found = re.search(r'<ul[^>]* id="(?:owned|rows)"[^>]*>(.*?)</ul>', page, re.DOTALL)
    return re.findall(r'<a href="[^"]*/c/[\w-]+">([^<]*)</a>', found[1]) if found else []
