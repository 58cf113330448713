"""Whole conversations in every engine; what each can do is the table in docs/compatibility.md.

`make engines` tries them all, and makes the table anew from the run. `make test` tries those that fit into
its time.
"""

import fcntl
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import gevent
import pytest
import requests
from gevent.pool import Pool
from gevent.server import StreamServer

from harness.browsers.engines import ENGINES, NO_SCRIPT, Browser, Engine, Page
from harness.browsers.programs import LOOK_EVERY_S, NotThere, until
from harness.line import Line
from harness.servers import ROOT, AppServer
from harness.waiting import at_most
from harness.words import answered, count, counted

TABLE = ROOT / "docs/compatibility.md"
HASTE = 5
"""A page waits for an answer's end for so many times less than 5 s; a refresh still takes 5 s."""

YES = "yes"
POLLS = "polls"
BY_LINK = "by its link"
BY_RELOAD = "by Reload"
WITH_RELOAD = "with Reload"
AT_ITS_END = "shown at its end"

LOADS_WITHIN_S = 4.0

WORDS_OF_SCREENS = 800
"""More than the largest screen holds in small type."""

END = "Translate…"
"""A link on every page whose answer has ended."""


@dataclass(frozen=True)
class Visit:
    """A page, the line that it comes in by, and the engine that shows it."""

    page: Page
    line: Line
    engine: Engine

    def open(self, path: str) -> None:
        """Open a page that has a question box."""
        self.page.open(self.line.url + path)
        self.until_shown("Ask anything")

    def ask(self, question: str) -> bool:
        """Ask; tells what `press` does."""
        self.page.fill("message", question)
        return self.press("send")

    def ask_more(self, question: str) -> bool:
        """Ask the next question: with a script a link stands above the answer for the box."""
        if not self.engine.lacks:
            self.page.press("follow-up-above")
        return self.ask(question)

    def press(self, element: str) -> bool:
        """Press what leads to the conversation's page; tells whether only Reload brought that anew."""
        before = self.loads()
        self.page.press(element)
        if not self.page.keeps_pages:
            return False
        with at_most(LOADS_WITHIN_S):
            while self.loads() == before:
                gevent.sleep(LOOK_EVERY_S)
            return False
        self.page.reload()
        return True

    def loads(self) -> int:
        """How often the page of a conversation was loaded."""
        return sum(each.startswith("GET /c/") for each in self.line.asked)

    def until_shown(self, words: str) -> str:
        """The text with these words in it."""
        return until(lambda: words in (text := self.page.text()) and text, f'"{words}"')

    def follow(self, question: str, words: int) -> list[str]:
        """Read until the answer's end; returns the different texts seen before that, oldest first.

        Every text seen is a beginning of the answer.
        """
        whole, parts = counted(words), [""]

        def ended() -> bool:
            text = self.page.text()
            shown = answered(text, question)
            if shown is None:
                return False
            assert whole.startswith(shown), f"wrong words: {shown}"
            if shown not in (whole, parts[-1]):
                parts.append(shown)
            return shown == whole and END in text

        until(ended, lambda: f"whole answer; the last words seen: {parts[-1][-60:]!r}")
        return parts[1:]

    def way(self) -> str:
        """How the script fetched the answer, or why none did, from what the server was asked."""
        asked = self.line.asked
        if "POST /ask" in asked:
            return self.engine.lacks
        assert "POST /api/replies" in asked, asked
        return YES if any(each.split("?")[0].endswith("/stream") for each in asked) else POLLS


# What readers do: each returns "yes" or the engine's limit in a few words, and fails where the reader
# would not get the answer, word for word. An entry in CONVERSATION or ALONE makes a column of it.


def home(visit: Visit) -> str:
    visit.open("/")
    return YES


def ask(visit: Visit) -> str:
    """A question and a follow-up; both stay on the conversation's page."""
    first, second = count(20, 20), count(12, 20)
    visit.ask(first)
    visit.follow(first, 20)
    stale = visit.ask_more(second)
    visit.follow(second, 12)
    (conversation,) = visit.line.conversations
    stored = requests.get(f"{visit.line.url}/c/{conversation}", timeout=10).text
    assert stored.index(second) < stored.index(counted(12)) < stored.index(first)
    assert stored.index(first) < stored.index(counted(20))
    return WITH_RELOAD if stale else YES


def stop(visit: Visit) -> str:
    """Stop a long answer; what came is kept.

    Where a script writes, words come slowly: each new line pushes the button away from under the mouse.
    """
    words = 400
    question = count(words, 60 if visit.engine.lacks else 500)
    visit.ask_more(question)
    until(lambda: len(answered(visit.page.text(), question) or "") > 30, "beginning")
    stale = visit.press("stop")
    kept = answered(visit.until_shown("Stopped."), question)
    assert kept
    assert counted(words).startswith(kept)
    assert len(kept) < len(counted(words))
    assert len(visit.line.conversations) == 1
    return WITH_RELOAD if stale else YES


def stream(visit: Visit) -> str:
    return _written("/stream/", visit, 60)


def poll(visit: Visit) -> str:
    way = _written("/poll/", visit, 61)
    return YES if way == POLLS else way


def _written(page: str, visit: Visit, words: int) -> str:
    """Ask on a page with a script, and see the words come; with no script the form leads to them.

    No two actions ask the same: forms without a key would lead to one answer.
    """
    question = count(words, 100)
    visit.open(page)
    visit.ask(question)
    if visit.engine.lacks:
        _refresh_to_the_end(visit, question, words)
        assert visit.way() == visit.engine.lacks
    else:
        parts = visit.follow(question, words)
        assert len(parts) >= 3
        assert all(later.startswith(sooner) for sooner, later in pairwise(parts))
    assert visit.way() != YES or page == "/stream/"
    return visit.way()


def refresh(visit: Visit) -> str:
    """The plain page that waits, then refreshes itself or by its link."""
    question = count(62, 90)
    visit.open("/plain/")
    visit.ask(question)
    stale = _refresh_to_the_end(visit, question, 62)
    return YES if visit.page.refreshes else BY_RELOAD if stale else BY_LINK


def _refresh_to_the_end(visit: Visit, question: str, words: int) -> bool:
    """Whether it took Reload."""
    text = visit.until_shown("Still writing.")
    stale = False
    while END not in text and not visit.page.refreshes:
        before = answered(text, question)
        stale = visit.press("refresh")
        # The page waits a while for more before it comes, so its answer is longer then.
        text = until(partial(_changed, visit.page, question, before), "refreshed page")
    visit.follow(question, words)
    return stale


def _changed(page: Page, question: str, before: str | None) -> str:
    """The page's text, if it has the answer's end or a longer part of it than before."""
    text = page.text()
    longer = "Still writing." in text and answered(text, question) not in (None, before)
    return text if longer or END in text else ""


def live(visit: Visit) -> str:
    """The plain page that grows. Where it is read by a mouse, a busy machine takes seconds for a look."""
    question = count(63, 250 if visit.page.keeps_pages else 120)
    visit.open("/plain/")
    visit.page.fill("message", question)
    visit.page.press("mode=live")
    visit.press("send")
    parts = visit.follow(question, 63)
    assert any(each.endswith("/live") for each in visit.line.asked)
    return YES if len(parts) >= 3 else AT_ITS_END


IN_THE_ADDRESS = "in the address"


def settings(visit: Visit) -> str:
    """Choose page view and save it; whether a cookie keeps it on the next page or the address does."""
    _choose_pages(visit)
    visit.ask(count(3, 1))
    visit.until_shown("Page 1 of 1")
    (asked,) = (each for each in visit.line.asked if each.startswith("POST /ask"))
    return IN_THE_ADDRESS if "?r=" in asked else YES


def page_view(visit: Visit) -> str:
    """Read an answer of several screens by the link on each; a script has measured the screen before."""
    _choose_pages(visit)
    if visit.engine.lacks != NO_SCRIPT:
        visit.ask(count(3, 1))
        until(lambda: visit.loads() >= 2, "answer cut anew")
        _choose_pages(visit)
    visit.ask(count(WORDS_OF_SCREENS, 0))
    whole = counted(WORDS_OF_SCREENS).split()
    words, number = _words_of(_first_screen(visit)), 1
    while len(words) < len(whole):  # there may be more screens than the first one knew of
        number += 1
        visit.press("next")
        words += _words_of(visit.until_shown(f"Page {number} of "))
    assert number >= 2
    assert words == whole
    return YES


def _first_screen(visit: Visit) -> str:
    """What it shows once the answer has ended: on a busy machine the page may come before that."""
    while "%" not in (text := visit.until_shown("Page 1 of ")):
        before = visit.loads()
        visit.page.reload()
        until(lambda: visit.loads() > before, "page loaded anew")  # noqa: B023 (called at once)
    return text


def _choose_pages(visit: Visit) -> None:
    visit.page.open(visit.line.url + "/settings")
    visit.until_shown("Text size")
    visit.page.press("view=pages")
    visit.page.press("save")
    visit.until_shown("Ask anything")


def _words_of(text: str) -> list[str]:
    return re.findall(r"\bword\d+\b", text)


CONVERSATION = {"home": home, "ask": ask, "stop": stop}
"""One page, one after the other."""

ALONE = {"stream": stream, "poll": poll, "refresh": refresh, "live": live, "page view": page_view}
ALONE |= {"settings": settings}
"""Each in a page of its own, all at the same time."""

COLUMNS = ("home", "ask", "stream", "poll", "refresh", "live", "page view", "settings", "stop")


COMPLAINING = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<script>nosuch()</script>"


def assert_that_complaints_are_heard(browser: Browser) -> None:
    """Open a page with an error in its script: no complaints elsewhere then means no errors."""

    def answer(reader: socket.socket, _: object) -> None:
        reader.recv(65536)
        reader.sendall(COMPLAINING)

    server = StreamServer(("127.0.0.1", 0), answer)
    server.start()
    try:
        with browser.page() as page:
            page.open(f"http://127.0.0.1:{server.server_port}/")
            assert any("nosuch" in each for each in until(page.complaints, "complaint"))
    finally:
        server.stop(timeout=0)


def converse(engine: Engine, app: AppServer, folder: Path) -> dict[str, str]:
    """What each action came to; fails with the names of all that failed, and why."""
    jobs = [CONVERSATION, *({name: action} for name, action in ALONE.items())]
    seen: dict[str, str] = {}
    failed: dict[str, str] = {}

    def carry_out(number: int) -> None:
        """A page of its own, come in by an address of its own: no cookie is another page's."""
        with browser.page() as page, Line(app.port, f"127.0.0.{number + 2}") as line:
            for name, action in jobs[number].items():
                try:
                    seen[name] = action(Visit(page, line, engine))
                    assert page.complaints() == []
                except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
                    told = f"{engine.name}: {name}: {type(error).__name__}: {error}"
                    failed[name] = f"{told}\nasked: {line.asked}\nshown: {_shown(page)}"
                    return

    with engine.start(folder, engine.screen) as browser:
        # Those that time does not matter for are not hurried: a page in the background may be slow.
        pool = Pool(1 if engine.extra else len(jobs))
        gevent.joinall(
            [pool.spawn(carry_out, number) for number in range(len(jobs))], raise_error=True
        )
        if engine.lacks != NO_SCRIPT:
            assert_that_complaints_are_heard(browser)
    assert not failed, "\n\n".join(failed.values())
    return seen


def _shown(page: Page) -> str:
    try:
        return page.text()
    except NotThere as error:
        return str(error)


# The table


def table(rows: Mapping[str, str]) -> str:
    """docs/compatibility.md, of the rows that there are, by the engines' names."""
    columns = f"| stands for | engine | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 2)}\n"
    return HEAD + columns + "".join(rows[each.name] for each in ENGINES if each.name in rows)


def row(engine: Engine, seen: Mapping[str, str]) -> str:
    size = f"{engine.screen[0]}×{engine.screen[1]} {engine.unit}"
    cells = [engine.stands_for, f"{engine.name}, {size}", *(seen[name] for name in COLUMNS)]
    return f"| {' | '.join(cells)} |\n"


def written_rows() -> dict[str, str]:
    """The rows of the file, by the engines' names."""
    lines = TABLE.read_text().splitlines(keepends=True) if TABLE.exists() else []
    cells = [line.split(" | ") for line in lines]
    return {
        each.name: line
        for each in ENGINES
        for line, cell in zip(lines, cells, strict=True)
        if len(cell) > 2 and cell[1].startswith(f"{each.name}, {each.screen[0]}×")
    }


HEAD = """# What each engine can do

Made by a test run (`make engines`): in each engine, at its device's size, a reader opens the first page,
asks by its form, reads the whole answer, asks a follow-up in the same conversation, and stops a long one;
then asks on the page of each way. Every answer was there word for word. An engine that runs scripts told of
no error in a page, and told of the one in a page that was made with an error; the others have none to tell.
A cell says "yes" or the engine's limit:

- *polls*: it has no `fetch`, so the words are fetched twice a second.
- *no script*, *no XMLHttpRequest*: the form works by itself and leads to the page that refreshes.
  edbrowse has scripts, but its pages lack what the one that follows answers needs.
- *by its link*: it does not refresh a page by itself.
- *by Reload*, *with Reload*: it shows its own copy of the page, against the server's word; its Reload key
  brings the new one.
- *in the address*: it keeps no cookie, so the settings stay in the addresses of the pages.
- *shown at its end*: it paints a growing page when that is whole.

"""


@pytest.fixture(scope="session")
def app(site, upstream_process, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    with AppServer(folder, haste=HASTE, GEMINI_BASE_URL=upstream_process.url) as server:
        yield server


def pytest_generate_tests(metafunc):
    """`make engines` tries more engines than fit into the time of `make test`."""
    if "engine" in metafunc.fixturenames:
        more = metafunc.config.getoption("--engines")
        engines = [engine for engine in ENGINES if more or not engine.extra]
        metafunc.parametrize("engine", engines, ids=lambda engine: engine.name)


def test_the_engine_does_what_the_table_says(engine, app, tmp_path, write_table):
    mine = {engine.name: row(engine, converse(engine, app, tmp_path))}
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # others of xdist's workers write their rows
        write_table(TABLE, table(written_rows() | mine))
        assert TABLE.read_text() == table(written_rows() | mine)
