"""A browser without scripts, and the pages that it is served."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urlsplit

import requests
from PIL import Image

from harness.waiting import eventually
from kindlechat.rendering.device.reading import Face, Order, Reading, View
from kindlechat.web.conversation.streams import LIVE_HEARTBEAT
from tests.pictures.made import saved

TIMEOUT_S = 20

HEARTBEAT_TAG = LIVE_HEARTBEAT.decode().strip("</>")
"""The end tag that a page which grows has here and there, and that ends nothing."""

READINGS = {
    "dark": Reading(dark=True),
    "bare": Reading(bare=True),
    "large": Reading(size=5, face=Face.SANS, margins=1, leading=3),
    "small": Reading(size=1, margins=3, leading=1, order=Order.LAST),
    "screens": Reading(view=View.PAGES),
    "bare-screens": Reading(bare=True, view=View.PAGES),
    "large-dark-screens": Reading(size=5, dark=True, view=View.PAGES),
}
"""What readers may have set. Every kind of page in it that looks different then is looked at."""

VOID = {"br", "hr", "img", "input", "link", "meta"}


@dataclass(frozen=True)
class Page:
    """A page as it was served; what a form's sending led to has the form's address."""

    name: str
    path: str
    status: int
    html: str


@dataclass
class Element:
    """An element of a page; `text` is all that is in it."""

    tag: str
    attrs: dict[str, str | None]
    text: str = ""


@dataclass
class Elements(HTMLParser):
    """The elements of well-formed HTML, in their order."""

    html: str
    found: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Element] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.found.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag != HEARTBEAT_TAG:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data


class Reader:
    """A browser without scripts, of a few lines; a context manager."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(self, name: str, path: str) -> Page:
        """The page at the address."""
        return self._page(name, path, self._session.get(self._url + path, timeout=TIMEOUT_S))

    def get_in_each_reading(self, name: str, path: str) -> Iterator[Page]:
        """The page at the address (which has no query) with each of READINGS."""
        for reading, settings in READINGS.items():
            yield self.get(f"{name}-{reading}", f"{path}?r={settings.code}")

    def post(
        self, name: str, path: str, /, headers: dict[str, str] | None = None, **form: str
    ) -> Page:
        """The page that a form leads to."""
        return self._page(name, path, self._send(path, form, headers))

    def attach(self, path: str, headers: dict[str, str], shown: Image.Image, **form: str) -> None:
        """Send a form with a picture."""
        files = {"picture": ("page.jpg", saved(shown, "JPEG"))}
        sent = self._session.post(
            self._url + path, form, files=files, headers=headers, timeout=TIMEOUT_S
        )
        assert sent.ok, sent.text

    def ask(self, question: str, conversation: str = "") -> str:
        """Ask, and return the conversation's address."""
        form = {"message": question, "conversation": conversation.removeprefix("/c/")}
        response = self._send("/ask", form)
        assert response.status_code == 303, response.text
        return urlsplit(response.headers["Location"]).path

    def until_ended(self, conversation: str) -> str:
        """Wait for the answer's end; returns the address again."""
        page = self._url + conversation
        eventually(lambda: 'id="again"' in self._session.get(page, timeout=TIMEOUT_S).text)
        return conversation

    def _send(
        self, path: str, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> requests.Response:
        return self._session.post(
            self._url + path, form, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )

    @staticmethod
    def _page(name: str, path: str, response: requests.Response) -> Page:
        if response.status_code != 303:
            assert response.headers["Content-Type"].startswith("text/html"), path
        return Page(name, path, response.status_code, response.content.decode())
