"""The engines that pages are proven in, each a row of docs/compatibility.md."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from harness.browsers.devtools import AS_ON_KINDLE, Chromium
from harness.browsers.dillo import DilloPage
from harness.browsers.display import DisplayBrowser
from harness.browsers.edbrowse import Edbrowse
from harness.browsers.firefox import Firefox
from harness.browsers.netsurf import NetSurfPage
from harness.browsers.phantom import Phantom
from harness.browsers.programs import CHROMIUM_75, PHANTOMJS_1, PHANTOMJS_2
from harness.browsers.terminal import ELINKS, LINKS2, LYNX, W3M, TextBrowser
from harness.browsers.webkit import WebKitPage

NO_SCRIPT = "no script"


class Page(Protocol):
    """A page of an engine. An element is named by its id or, a radio button, by `name=value`."""

    refreshes: bool
    """Whether the engine follows a page's refresh by itself."""

    keeps_pages: bool
    """Whether it may show its own copy of a page, which was not to be stored, in place of a new one."""

    def open(self, url: str) -> None: ...

    def text(self) -> str:
        """The words it shows, one space apart. Raises NotThere while the page changes."""

    def fill(self, element: str, text: str) -> None: ...

    def press(self, element: str) -> None: ...

    def reload(self) -> None:
        """Load the page anew, as by its key."""

    def complaints(self) -> list[str]:
        """Errors of the page's scripts and loads, and whatever else must not be."""


class Browser(Protocol):
    """An engine that runs."""

    def page(self) -> AbstractContextManager[Page]: ...


Start = Callable[[Path, tuple[int, int]], AbstractContextManager[Browser]]
"""Starts an engine, which keeps its files in a folder, at a screen's size."""


@dataclass(frozen=True)
class Engine:
    """A row of the table.

    `screen` is in `unit`s. `lacks` says why a page's script does not run, where that is so. An `extra`
    engine is tried by `make engines` alone.
    """

    name: str
    stands_for: str
    screen: tuple[int, int]
    start: Start
    lacks: str = ""
    extra: bool = False
    unit: str = "pixels"


# What WebKit 528 lacks; classList, too, but that cannot be taken away: a test of the scripts forbids it.
KINDLE_3_LACKS = (
    "EventSource",
    "FormData",
    "WebSocket",
    "matchMedia",
    "history.pushState",
    "history.replaceState",
)
REQUESTS = ("XMLHttpRequest", "fetch")


def today(folder: Path, screen: tuple[int, int], *, scripts: bool = True) -> Chromium:
    """The newest browser."""
    return Chromium("chromium", folder, screen, scripts=scripts)


def _text(name: str, start: Start, *, extra: bool = False) -> Engine:
    """A text browser."""
    return Engine(
        name,
        "text, no script",
        (100, 60),
        start,
        lacks=NO_SCRIPT,
        extra=extra,
        unit="characters",
    )


ENGINES = [
    Engine(
        "PhantomJS 1.9.8, reduced to WebKit 528",
        "Kindle 2, 3, 4, DX",
        (582, 706),
        partial(Phantom, PHANTOMJS_1, lacking=KINDLE_3_LACKS),
    ),
    Engine(
        "PhantomJS 1.9.8 (WebKit 534)",
        "Kindle Touch, Paperwhite 1 and 2; PocketBook",
        (758, 899),
        partial(Phantom, PHANTOMJS_1),
    ),
    Engine(
        "PhantomJS 1.9.8, scripts off",
        "the same with scripts off",
        (758, 899),
        partial(Phantom, PHANTOMJS_1, scripts=False),
        lacks=NO_SCRIPT,
    ),
    Engine(
        "PhantomJS 2.1.1 (WebKit 538)",
        "Kobo; Paperwhite 3 and others before 2023",
        (1072, 1231),
        partial(Phantom, PHANTOMJS_2),
    ),
    Engine(
        "PhantomJS 2.1.1 without XMLHttpRequest",
        "a Kobo that has neither that nor fetch",
        (1072, 1231),
        partial(Phantom, PHANTOMJS_2, lacking=REQUESTS),
        lacks="no XMLHttpRequest",
    ),
    Engine(
        "Chromium 75, jitless",
        "Kindle since 2023",
        (1072, 1231),
        partial(Chromium, CHROMIUM_75, flags=AS_ON_KINDLE),
    ),
    Engine("Chromium of today", "phones, tablets, computers", (758, 1024), today),
    Engine(
        "Chromium of today, scripts off",
        "the same with scripts off",
        (758, 1024),
        partial(today, scripts=False),
        lacks=NO_SCRIPT,
    ),
    Engine(
        "Dillo",
        "graphical, no script",
        (600, 1000),
        partial(DisplayBrowser, DilloPage),
        lacks=NO_SCRIPT,
    ),
    _text("w3m", partial(TextBrowser, W3M)),
    _text("lynx", partial(TextBrowser, LYNX)),
    _text("links2", partial(TextBrowser, LINKS2)),
    _text("elinks", partial(TextBrowser, ELINKS), extra=True),
    _text("edbrowse", Edbrowse, extra=True),
    _text("edbrowse, scripts off", partial(Edbrowse, scripts=False), extra=True),
    Engine("Firefox ESR", "phones, tablets, computers", (758, 1024), Firefox, extra=True),
    Engine(
        "WebKitGTK (MiniBrowser)",
        "Safari and the browsers of GNOME",
        (758, 1024),
        partial(DisplayBrowser, WebKitPage),
        extra=True,
    ),
    Engine(
        "NetSurf",
        "graphical, no script",
        (600, 800),
        partial(DisplayBrowser, NetSurfPage),
        lacks=NO_SCRIPT,
        extra=True,
    ),
]
