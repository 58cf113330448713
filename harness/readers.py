"""Readers for tests: each follows one reply in one of five ways, and records what it saw."""

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gevent
import requests

from kindlechat.upstream.sse import Decoder

TIMEOUT_S = 20
BEFORE, AFTER = "<!--answer-->", "<!--/answer-->"
HELD_WORDS = 1
"""How many words plain text lags behind a model that counts ("word1 "): its last characters are held back."""

HELD_AT_FIRST = 2
"""How many words of a line wait on a page that only grows: they may yet be the headings of a table."""

PAGE_AGAIN_S = 0.1
"""A page reloads after 5 s, but a reader may press Refresh sooner."""


@dataclass
class Seen:
    """What a reader has seen of an answer so far, and how it ended for the reader."""

    text: str = ""
    state: str = ""
    sentence: str = ""  # the status line
    page: str = ""  # the whole page, where the reader sees one
    complete: bool = True  # whether the response ended properly

    @property
    def words(self) -> list[str]:
        """The words of the answer, without markup."""
        return self.text.split()


Get = Callable[..., requests.Response]
"""Asks for a path."""


def at(url: str, elsewhere: str = "") -> Get:
    """Ask the server at `url`, and another one where that takes no more requests, as a router would."""

    def get(path: str, **options: Any) -> requests.Response:
        try:
            return requests.get(url + path, timeout=TIMEOUT_S, **options)
        except requests.ConnectionError:
            if not elsewhere:
                raise
        return requests.get(elsewhere + path, timeout=TIMEOUT_S, **options)

    return get


def poll(get: Get, reply: dict[str, str]) -> Iterator[Seen]:
    """Poll for the text after the cursor."""
    seen = Seen()
    cursor = None
    while seen.state in ("", "waiting", "streaming"):
        after: dict[str, str] = {"after": cursor} if cursor else {}
        answer = get(reply["poll"], params=after).json()
        cursor = answer["cursor"]
        seen.text += answer["text"]
        seen.state = answer["state"]
        seen.sentence = answer["reason"] or ""
        yield seen
        gevent.sleep(min(answer["next_ms"] / 1000, PAGE_AGAIN_S))


def stream(get: Get, reply: dict[str, str]) -> Iterator[Seen]:
    """Read plain text as it comes."""
    seen = Seen()
    data = b""
    for data in _growing(get, reply["stream"], seen):
        seen.text = data.decode(errors="replace").lstrip(" ")
        yield seen
    yield seen


def events(get: Get, reply: dict[str, str]) -> Iterator[Seen]:
    """Read server-sent events."""
    seen = Seen()
    decoder = Decoder()
    read = 0
    for data in _growing(get, reply["stream"], seen, Accept="text/event-stream"):
        for event in decoder.feed(data[read:]):
            if event.event == "message":
                seen.text += event.data
            else:
                told = json.loads(event.data)
                seen.state = told["state"]
                seen.sentence = told["reason"] or ""
        read = len(data)
        yield seen
    yield seen


def live(get: Get, reply: dict[str, str]) -> Iterator[Seen]:
    """Read the page that grows."""
    seen = Seen()
    for data in _growing(get, f"{reply['page']}/live", seen):
        seen.page = data.decode(errors="replace")
        seen.text = _answer_in(seen.page)
        seen.sentence = _status_in(seen.page)
        yield seen
    yield seen


def page(get: Get, reply: dict[str, str]) -> Iterator[Seen]:
    """Load the page that refreshes, again and again."""
    seen = Seen(page='http-equiv="refresh"')
    while 'http-equiv="refresh"' in seen.page:
        seen.page = get(reply["page"]).text
        seen.text = _answer_in(seen.page) or seen.text  # an error page has no answer
        seen.sentence = _status_in(seen.page)
        yield seen
        gevent.sleep(PAGE_AGAIN_S)


MODES = {"poll": poll, "stream": stream, "events": events, "live": live, "page": page}


class Reader:
    """Follows a reply in the background. `seen` is what it has seen so far."""

    def __init__(self, mode: str, url: str, reply: dict[str, str], elsewhere: str = "") -> None:
        self.mode = mode
        self.seen = Seen()
        self._left = False
        self._greenlet = gevent.spawn(self._run, MODES[mode](at(url, elsewhere), reply))

    def _run(self, following: Iterator[Seen]) -> None:
        for self.seen in following:
            if self._left:
                return

    def has_words(self, count: int) -> bool:
        """Whether it has seen so many words, less those that its way of following holds back."""
        if self.mode == "live" and count <= HELD_AT_FIRST:
            return True
        return len(self.seen.words) >= count - HELD_WORDS * (self.mode == "stream")

    def wait(self) -> Seen:
        """Wait for the end of the answer, and return what was seen. Raises what went wrong."""
        self._greenlet.get(timeout=TIMEOUT_S)
        return self.seen

    def leave(self) -> Seen:
        """Leave at the next word. Returns what was seen until now."""
        self._left = True
        return self.seen


def _growing(get: Get, path: str, seen: Seen, **headers: str) -> Iterator[bytes]:
    """Yield the whole body received so far, each time that more has come."""
    with get(path, stream=True, headers=headers) as response:
        if not response.ok:
            seen.sentence = response.json()["error"]["message"]
            seen.complete = False
            return
        data = b""
        try:
            for part in response.iter_content(None):
                data += part
                yield data
        except requests.exceptions.ChunkedEncodingError:
            seen.complete = False


def _answer_in(document: str) -> str:
    """The text of the answer in a page, which may have come only in part."""
    answer = document.partition(BEFORE)[2].partition(AFTER)[0]
    return html.unescape(re.sub(r"<!--.*?(-->|$)|<[^>]*(>|$)", "", answer)).strip("\n")


def _status_in(document: str) -> str:
    """The status line under the answer."""
    status = re.search(r'<p id="status">(.*?)</p>', document)
    return html.unescape(status[1]) if status else ""
