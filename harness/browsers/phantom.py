"""PhantomJS: 1.9.8 is a WebKit 534 as in e-readers before 2016, 2.1.1 a WebKit 538 as in Kobos."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import requests

from harness.browsers.programs import CENTRE, NotThere, installed, until
from harness.servers import ServerProcess, free_port

SCRIPT = Path(__file__).with_name("phantom.js")

NEW_PAGE = """
    var page = pages[NAME] = require("webpage").create();
    page.viewportSize = { width: WIDTH, height: HEIGHT };
    page.settings.javascriptEnabled = SCRIPTS;
    page.complaints = [];
    page.onError = function (message, trace) {
        var at = trace[0] || {};
        page.complaints.push(message + " at " + at.file + ":" + at.line);
    };
    /* Before any script of the page's: take away what an older engine does not have. */
    page.onInitialized = function () {
        page.evaluate(function (names) {
            names.forEach(function (name) {
                var path = name.split("."), last = path.pop();
                path.reduce(function (owner, part) { return owner[part]; }, window)[last] = undefined;
            });
        }, LACKING);
    };
"""
STILL_THERE = """return page.evaluate(function (names) {
    return names.filter(function (name) {
        return name.split(".").reduce(function (owner, part) { return owner[part]; }, window);
    });
}, LACKING)"""


class Phantom(ServerProcess):
    """The engine; a context manager that ends it. Its pages lack what `lacking` names."""

    def __init__(
        self,
        program: Path,
        folder: Path,
        screen: tuple[int, int],
        *,
        scripts: bool = True,
        lacking: tuple[str, ...] = (),
    ) -> None:
        self._port = free_port()
        self._names = count()
        values = {"SCRIPTS": scripts, "LACKING": lacking, "WIDTH": screen[0], "HEIGHT": screen[1]}
        self._values = {name: json.dumps(value) for name, value in values.items()}
        self._kind = PhantomPage if scripts else PlainPhantomPage
        # The older one stumbles over today's OpenSSL unless there are no certificates to load.
        command = [installed(program), f"--ssl-certificates-path={folder}"]
        super().__init__(
            [*command, str(SCRIPT), str(self._port)],
            folder / "phantomjs.log",
            {"OPENSSL_CONF": "/dev/null", "HOME": str(folder)},
        )
        self.wait_until_ready()

    def ready(self) -> bool:
        try:
            return bool(self.run("return true"))
        except requests.ConnectionError:
            return False

    @contextmanager
    def page(self) -> Iterator["PhantomPage"]:
        name = json.dumps(next(self._names))
        self.run(NEW_PAGE, NAME=name)
        try:
            yield self._kind(self, f"var page = pages[{name}]; ")
        finally:
            self.run(f"pages[{name}].close()")

    def run(self, code: str, **values: str) -> Any:
        """Run the code, and return its value. Raises NotThere."""
        for name, value in (self._values | values).items():
            code = code.replace(name, value)
        url = f"http://127.0.0.1:{self._port}/"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(url, code.encode(), timeout=20).json()
        if "error" in answer:
            raise NotThere(answer["error"])
        return answer.get("value")


class PhantomPage:
    """A page with scripts, pressed by clicks."""

    refreshes = True
    keeps_pages = False

    def __init__(self, phantom: Phantom, this: str) -> None:
        self._phantom = phantom
        self._this = this

    def open(self, url: str) -> None:
        self.run(f"page.open({json.dumps(url)}, function () {{ page.opened = true; }})")
        until(lambda: self.run("return page.opened"), url)

    def text(self) -> str:
        return " ".join(self.run("return page.plainText").split())

    def fill(self, element: str, text: str) -> None:
        self.press(element)
        self.run(f'page.sendEvent("keypress", {json.dumps(text)})')

    def press(self, element: str) -> None:
        # In one call: words that come in between would move the element.
        click = (
            f"var place = page.evaluate({CENTRE}, {json.dumps(element)});"
            'if (place) { page.sendEvent("click", place[0], place[1]); }'
            "return !!place"
        )
        until(lambda: self.run(click), f"#{element}")

    def reload(self) -> None:
        self.run("page.reload()")

    def complaints(self) -> list[str]:
        """Errors of the page's scripts, and names that it has but should lack."""
        return [*self.run("return page.complaints"), *self.run(STILL_THERE)]

    def run(self, code: str) -> Any:
        return self._phantom.run(self._this + code)


class PlainPhantomPage(PhantomPage):
    """A page without scripts. Nothing tells where an element is, so the keyboard leads to it."""

    def press(self, element: str) -> None:
        name, _, value = element.partition("=")
        choices = self._go_to(name)
        if value:
            self._keys("Down", choices.index(value))
        else:
            self._keys("Enter")

    def fill(self, element: str, text: str) -> None:
        self._go_to(element)
        self.run(f'page.sendEvent("keypress", {json.dumps(text)})')

    def complaints(self) -> list[str]:
        return []

    def _go_to(self, element: str) -> list[str]:
        """Press Tab from the top of the page up to the element. Returns its choices."""

        def found() -> dict[str, list[str]]:
            stops = _Stops(self.run("return page.content")).found
            return stops if element in stops else {}

        stops: dict[str, list[str]] = until(found, f"#{element}")
        self.run("page.sendEvent('click', page.viewportSize.width - 1, 1)")
        self._keys("Tab", list(stops).index(element) + 1)
        return stops[element]

    def _keys(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.run(f"page.sendEvent('keypress', page.event.key.{key})")


class _Stops(HTMLParser):
    """The stops of the Tab key, in order: by id; radio buttons once by name, with their values.

    The first of these buttons is taken to be the one that is on.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        kind = values.get("type")
        if tag in ("a", "button", "textarea", "input") and kind != "hidden":
            name = values["name"] if kind == "radio" else values.get("id", f"#{len(self.found)}")
            self.found.setdefault(name, []).append(values.get("value", ""))
