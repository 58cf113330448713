"""Every kind of page that readers are served, fetched from real servers, statuses and all.

To have a new page looked at by every check, add its address to ADDRESSES, a conversation's to
OF_A_CONVERSATION, or a set of reading settings to READINGS.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from kindlechat.rendering.reading import Face, Order, Reading, View
from tests.servers import AppServer, RedisServer, eventually
from tests.upstream import Upstream, answer, behaviour_for

ADDRESSES = {
    "settings": "/settings",
    "settings-back": "/settings?back=/how/",
    "passcode": "/passcode",
    "not-found": "/nothing",
    "unknown-conversation": "/c/nothing",
}
"""Pages that are there before anybody has asked, beside those that are built."""

OF_A_CONVERSATION = {
    "": "",
    "-edit": "/edit",
    "-first-turn": "?turn=1",
    "-asking": "?ask=1",
}
"""Pages of a conversation of several turns, after its address."""

READINGS = {
    "dark": Reading(dark=True),
    "bare": Reading(bare=True),
    "large": Reading(size=5, face=Face.SANS, margins=1, leading=3),
    "small": Reading(size=1, margins=3, leading=1, order=Order.LAST),
    "screens": Reading(view=View.PAGES),
    "large-dark-screens": Reading(size=5, dark=True, view=View.PAGES),
}
"""Settings, carried by the address, in which the pages of `_in_each_reading` are looked at."""

MARKDOWN = """# A heading

Text with **strong**, *emphasised*, `code` and a [link](https://example.com/ "title").

## A step

1. one
2. two
   - deeper
   - still

### Another step

- a list

  of paragraphs
- and its second item

> quoted
>
> ##### A heading in a quotation

| wide | table | of | seven | columns | that | does not fit |
|---|---|---|---|---|---|---|
| something long | something longer | three | four | five | six | seven and more |

| a | b |
|---|---|
| 1 | 2 |

```python
def answer(question: str) -> str:
    return f"<b>{question}</b>"
```

---

A note[^1], a picture ![of a hill](https://example.com/hill.png), <script>alert("raw")</script>,
Небо синее потому же, a & b, https://example.com/?a=1&b=2

[^1]: What the note says.
"""
LONG = "Sunlight is a mix of all colours, and air scatters the short waves more.\n\n" * 200

TIMEOUT_S = 20
HASTE = 20
"""A page that waits for an answer does so for a quarter of a second instead of five."""

KEY = "0000"


@dataclass(frozen=True)
class Page:
    """A page as it was served. `path` has the query; of a form's answer it is the form's."""

    name: str
    path: str
    status: int
    html: str


def collect(public: Path, folder: Path) -> Iterator[Page]:
    """Every kind of page; `public` is the built site, `folder` an empty one."""
    with Upstream(choose=lambda request: behaviour(request.question)) as upstream:
        settings = {"GEMINI_BASE_URL": upstream.base_url}
        with AppServer(_made(folder / "open"), haste=HASTE, **settings) as server:
            reader = Reader(server.url)
            yield from _built(reader, public)
            yield from (reader.get(name, path) for name, path in ADDRESSES.items())
            yield from _conversations(reader)
            yield from _refused(reader)
        with RedisServer(_made(folder / "redis")) as redis:
            strict = {"KINDLECHAT_PASSCODE": KEY, "KINDLECHAT_RATE_LIMIT": "1/hour"}
            strict |= {"REDIS_URL": redis.url, "SECRET_KEY": "secret" * 8}
            with AppServer(_made(folder / "strict"), **settings, **strict) as server:
                yield from _refused_by_a_strict_server(Reader(server.url), redis)


def behaviour(question: str):
    """What a question gets: the answers above, or what tests/upstream.py has for it."""
    answers = {"markdown": MARKDOWN, "long": LONG}
    return answer(answers[question]) if question in answers else behaviour_for(question)


class Reader:
    """A browser without scripts, of a few lines."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()

    def get(self, name: str, path: str) -> Page:
        """The page at the address."""
        return self._page(name, path, self._session.get(self.url + path, timeout=TIMEOUT_S))

    def post(self, name: str, path: str, headers=None, **form: str) -> Page:
        """The page that a form leads to, without following a redirection."""
        response = self._session.post(
            self.url + path, form, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )
        return self._page(name, path, response)

    def ask(self, question: str, conversation: str = "") -> str:
        """Ask, and return the conversation's address."""
        form = {"message": question, "conversation": conversation.removeprefix("/c/")}
        response = self._session.post(
            f"{self.url}/ask", form, timeout=TIMEOUT_S, allow_redirects=False
        )
        assert response.status_code == 303, response.text
        return urlsplit(response.headers["Location"]).path

    def until_ended(self, conversation: str) -> str:
        """Wait for the answer's end; returns the address again."""
        page = self.url + conversation
        eventually(lambda: 'id="again"' in self._session.get(page, timeout=TIMEOUT_S).text)
        return conversation

    @staticmethod
    def _page(name: str, path: str, response: requests.Response) -> Page:
        assert response.headers["Content-Type"].startswith("text/html"), path
        return Page(name, path, response.status_code, response.content.decode())


def _built(reader: Reader, public: Path) -> Iterator[Page]:
    for file in sorted(public.rglob("*.html")):
        path = "/" + file.relative_to(public).as_posix().removesuffix("index.html")
        name = path.strip("/").removesuffix(".html") or "home"
        yield reader.get(name, path)
        if path.endswith("/"):
            yield from _in_each_reading(reader, name, path)


def _in_each_reading(reader: Reader, name: str, path: str) -> Iterator[Page]:
    for reading, settings in READINGS.items():
        joint = "&" if "?" in path else "?"
        yield reader.get(f"{name}-{reading}", f"{path}{joint}r={settings.code}")


def _conversations(reader: Reader) -> Iterator[Page]:
    """One in each state, and one with several turns."""
    for name, question in (("waiting", "fault:stall_early"), ("streaming", "count:2000:50")):
        page = reader.ask(question)
        yield reader.get(name, page)
        yield from _in_each_reading(reader, name, page)
        reader.post("stop", f"{page}/stop")
        yield reader.get(f"{name}-stopped", page)
    yield reader.get("live", reader.ask("count:10:20") + "/live")
    for name, question in {
        "cut": "fault:length",
        "interrupted": "fault:cut",
        "failed": "fault:bad_key",
        "blocked": "fault:safety",
    }.items():
        yield reader.get(name, reader.until_ended(reader.ask(question)))

    page = reader.until_ended(reader.ask("Why is <the> sky blue & red? " * 9))
    for question in ("long", "count:3:0", "markdown"):
        reader.until_ended(reader.ask(question, page))
    for name, rest in OF_A_CONVERSATION.items():
        yield reader.get(f"done{name}", page + rest)
        yield from _in_each_reading(reader, f"done{name}", page + rest)


def _refused(reader: Reader) -> Iterator[Page]:
    yield reader.post("empty", "/ask", message="", mode="refresh")
    yield reader.post("too-long", "/ask", message="long " * 2000, mode="refresh")
    yield reader.post("too-large", "/ask", message="large " * 20_000)
    yield reader.post("forgotten", "/ask", message="Why?", conversation="nothing")
    yield reader.post("cross-site", "/ask", {"Sec-Fetch-Site": "cross-site"}, message="Why?")
    yield reader.get("wrong-method", "/ask")


def _refused_by_a_strict_server(reader: Reader, redis: RedisServer) -> Iterator[Page]:
    yield reader.post("passcode-wanted", "/ask", message="Why?", mode="refresh")
    yield reader.post("passcode-wrong", "/passcode", message="Why?", passcode="1")
    reader.post("passcode-right", "/passcode", message="count:3:0", passcode=KEY)
    yield reader.post("rate-limited", "/ask", message="Why?", mode="refresh")
    redis.kill()
    yield reader.get("store-down", "/c/nothing")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
