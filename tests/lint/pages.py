"""Every kind of page that readers are served, fetched from applications.

To have every check look at a new page, add its address to ADDRESSES, a conversation's to
OF_A_CONVERSATION, or a reader's settings to READINGS in reader.py.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from harness.behaviours import answer, behaviour_for
from harness.connection import Behaviour
from harness.local_app import LocalApp
from harness.mailbox import Mailbox
from harness.servers import ROOT, RedisServer
from harness.upstream import Upstream
from kindlechat.stores.contract import KeyKind
from tests.lint.reader import READINGS, Elements, Page, Reader
from tests.pictures.made import quarters

SCREENS = f"r={READINGS['screens'].code}"

ADDRESSES = {
    "settings": "/settings",
    "settings-back": "/settings?back=/how/",
    "passcode": "/passcode",
    "not-found": "/nothing",
    "unknown-conversation": "/c/nothing",
}
"""Pages that are there before anybody has asked, beside those that are built."""

OF_A_CONVERSATION = {
    "edit": "/edit",
    "about": "/about",
    "delete": "/delete",
    "branch": "/branch?turn=1",
    "first-turn": "?turn=1",
    "first-turn-screens": f"?turn=1&screen=9&{SCREENS}",
    "middle-screen": f"?turn=2&screen=2&{SCREENS}",
    "last-screen": f"?turn=3&screen=9&{SCREENS}",
    "more": f"?turn=2&more=1&{SCREENS}",
    "asking": f"?ask=1&{SCREENS}",
}
"""Other pages of a conversation of several turns, after its address."""

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

Press <kbd>Alt</kbd>, H<sub>2</sub>O, x<sup>2</sup>, ~~old~~, <small>small</small>,
[a reference][there], so[^1] again.

| left | centred | right |
|:-----|:-------:|------:|
| 1 | 2 | 3 |

<details>
<summary>What is *hidden*</summary>

- a list

</details>

שלום לכם, `code` וגם [קישור](https://example.com/).

- אחד
- two

| א | ב |
|---|---|
| ג | d |

[^1]: What the note says.
[there]: https://example.com/there "Title"
"""

ANSWERS = {
    "markdown": MARKDOWN,
    "deep headings": "#### A step before anything\n\nText.\n\n# A heading\n\nText.",
    "long": "Sunlight is a mix of all colours, and air scatters the short waves more.\n\n" * 200,
    "chinese": "阳光是各种颜色的混合，空气对短波的散射更强。" * 160,
}
"""Whole answers, by the question; what asks for a behaviour gets that of harness/behaviours.py."""

ASKS_FOR_BEHAVIOUR = re.compile("fault:|count:")

HASTE = 20
"""A page that waits for an answer does so for a quarter of a second instead of five."""

PASSCODE = "0000-0000"

ALIKE = tuple(path.stem for path in (ROOT / "site/translations").glob("*.po") if path.stem != "ar")
"""Languages whose pages are made as the English ones; the Arabic ones run from right to left."""


def collect(public: Path, folder: Path, left_out: Collection[str] = ()) -> Iterator[Page]:
    """Every kind of page; `public` is the built site, `folder` an empty one for the servers.

    Built pages in the languages `left_out` are not among them.
    """
    with Upstream(choose=lambda request: _behaviour(request.question)) as upstream:
        settings = {"GEMINI_BASE_URL": upstream.base_url}
        with (
            Mailbox(_made(folder / "mailbox")) as mailbox,
            LocalApp(
                _made(folder / "open"),
                settings,
                haste=HASTE,
                KINDLECHAT_SMTP_URL=f"smtp://127.0.0.1:{mailbox.port}",
                KINDLECHAT_MAIL_FROM="chat@site.example",
            ) as server,
            Reader(server.url) as reader,
        ):
            yield from _built(reader, public, left_out)
            yield from (reader.get(name, path) for name, path in ADDRESSES.items())
            yield from reader.get_in_each_reading("home", "/")
            yield reader.get("settings-dark", f"/settings?r={READINGS['dark'].code}")
            yield from _kept(reader, mailbox)
            yield from _under_way(reader)
            yield from _ended(reader)
            yield from _own(reader)
            with Reader(server.url) as phone:
                yield from _paired(reader, phone)
            yield from _refused(reader)
        with RedisServer(_made(folder / "redis")) as redis:
            settings |= {"REDIS_URL": redis.url, "SECRET_KEY": "secret" * 8}
            settings |= {"KINDLECHAT_PASSCODE": PASSCODE, "KINDLECHAT_RATE_LIMIT": "1/hour"}
            with (
                LocalApp(_made(folder / "strict"), settings) as server,
                Reader(server.url) as reader,
            ):
                yield from _refused_by_a_strict_server(reader, redis)


def _behaviour(question: str) -> Behaviour:
    if question in ANSWERS:
        return answer(ANSWERS[question])
    return behaviour_for(question) if ASKS_FOR_BEHAVIOUR.search(question) else answer()


def _built(reader: Reader, public: Path, left_out: Collection[str]) -> Iterator[Page]:
    for file in sorted(public.rglob("*.html")):
        place = file.relative_to(public)
        if place.parts[0] in left_out:
            continue
        path = "/" + place.as_posix().removesuffix("index.html")
        name = path.strip("/").removesuffix(".html").replace("/", "-")
        yield reader.get(name or "home", path)


def _under_way(reader: Reader) -> Iterator[Page]:
    for name, question in {"waiting": "fault:stall_early", "streaming": "count:2000:50"}.items():
        page = reader.ask(question)
        yield reader.get(name, page)
        yield reader.get(f"{name}-screens", f"{page}?{SCREENS}")
        reader.post("stop", f"{page}/stop")
        yield reader.get(f"{name}-stopped", page)
    yield reader.get("live", reader.ask("count:40:10") + "/live")


def _ended(reader: Reader) -> Iterator[Page]:
    for name, question in {
        "cut": "fault:length",
        "interrupted": "fault:cut",
        "failed": "fault:bad_key",
        "blocked": "fault:safety",
        "deep-headings": "deep headings",
    }.items():
        page = reader.until_ended(reader.ask(question))
        yield reader.get(name, page)
    yield reader.get("deep-headings-screens", f"{page}?{SCREENS}")

    page = reader.until_ended(reader.ask("Why is <the> sky blue & red? " * 9 + "count:3:0"))
    for question in ("long", "deep headings", "markdown"):
        reader.until_ended(reader.ask(question, page))
    done = reader.get("done", page)
    yield done
    yield reader.get("out", _address_out(done))
    yield from reader.get_in_each_reading("done", page)
    for name, rest in OF_A_CONVERSATION.items():
        yield reader.get(name, page + rest)

    page = ""
    for _ in range(4):
        page = reader.until_ended(reader.ask("chinese", page))
    reader.until_ended(reader.ask("count:3:0", page))
    yield reader.get("chinese", page)


def _own(reader: Reader) -> Iterator[Page]:
    """What a reader's own conversations are listed, shared and deleted on."""
    page = reader.until_ended(reader.ask("What is to be <shared> & found?"))
    reader.post("share", f"{page}/share", share="1")
    reader.post("star", f"{page}/star", starred="1")
    about = reader.get("about-shared", f"{page}/about")
    yield about
    yield reader.post("title-too-long", f"{page}/title", title="long " * 50)
    yield reader.get("shared-links", "/conversations/shared")
    (link,) = re.findall(r'href="(/s/[^"]+)"', about.html)
    yield reader.get("read-by-link", link)
    yield reader.get("read-by-link-screens", f"{link}?{SCREENS}")
    yield reader.get("conversations", "/conversations")
    yield reader.get("conversations-found", "/conversations?q=sky")
    yield reader.get("conversations-not-found", "/conversations?q=albatross")
    yield reader.get("delete-all", "/conversations/delete")
    for deleted in (page, reader.until_ended(reader.ask("What is to be deleted?"))):
        reader.post("delete", f"{deleted}/delete", token="")
    yield reader.get("deleted", f"{page}/deleted")
    yield reader.get("deleted-lately", "/conversations/deleted")
    yield reader.get("conversations-after", "/conversations")
    yield reader.get("withdrawn", link)


def _paired(reader: Reader, phone: Reader) -> Iterator[Page]:
    """The pages of a reader and of the phone beside it."""
    here = {"Sec-Fetch-Site": "same-origin"}
    conversation = reader.until_ended(reader.ask("long"))
    yield phone.get("join", "/pair")
    code = reader.get("code", f"{conversation}/phone")
    yield code
    yield phone.post("code-unknown", "/pair", here, code="000 000")
    (typed,) = (each.text for each in Elements(code.html).found if each.attrs.get("id") == "code")
    phone.post("joined", "/pair", here, code=typed)
    yield phone.get("typing", "/pair")
    yield reader.get("joined", f"{conversation}/phone")
    phone.post("asked", "/pair/ask", here, message="deep headings")
    yield phone.get("phone-sent", "/pair?sent=1")
    yield reader.get("paired", reader.until_ended(conversation))
    phone.attach("/pair/ask", here, quarters(size=(600, 800)), message="What is it?")
    yield reader.get("pictured", reader.until_ended(conversation))
    yield reader.get("paired-home", "/")
    yield reader.get("paired-screens", f"{conversation}?{SCREENS}")
    yield reader.get("paired-last-screen", f"{conversation}?screen=9&{SCREENS}")
    phone.post("ended", "/pair/end", here)
    yield reader.get("unpaired", "/pair/at/nothing")


def _kept(reader: Reader, mailbox: Mailbox) -> Iterator[Page]:
    """The pages of a reader's keys and mail."""
    here = {"Sec-Fetch-Site": "same-origin"}
    page = reader.until_ended(reader.ask("count:3:0"))
    yield reader.get("me-with-nothing", "/me")
    for kind in KeyKind:
        reader.post(kind, f"/me/keys/{kind}", here)
    yield reader.get("find", "/me/find")
    yield reader.get("forget", "/me/forget")
    yield reader.get("mailbox", "/me/mailbox")
    yield reader.post("mailbox-code", "/me/mailbox", here, mailbox="me@kindle.com")
    (mail,) = mailbox.mails
    code = str(mail["Subject"])[: len("1234 5678")]
    reader.post("confirm", "/me/mailbox/confirm", here, mailbox="me@kindle.com", code=code)
    yield reader.get("send", f"{page}/1/send")
    yield reader.post("sent", f"{page}/1/send", here, format="epub")
    yield reader.get("me", "/me")


def _address_out(page: Page) -> str:
    """Where the first link to another site leads."""
    addresses = (element.attrs.get("href") or "" for element in Elements(page.html).found)
    return next(address for address in addresses if address.startswith("/out?"))


def _refused(reader: Reader) -> Iterator[Page]:
    yield reader.post("empty", "/ask", message="", mode="refresh")
    yield reader.post("too-long", "/ask", message="long " * 2000, mode="refresh")
    yield reader.post("too-large", "/ask", message="large " * 30_000)
    yield reader.post("forgotten", "/ask", message="Why?", conversation="nothing")
    yield reader.post("cross-site", "/ask", {"Sec-Fetch-Site": "cross-site"}, message="Why?")
    yield reader.get("wrong-method", "/c/none/stop")


def _refused_by_a_strict_server(reader: Reader, redis: RedisServer) -> Iterator[Page]:
    yield reader.post("passcode-wanted", "/ask", message="Why?", mode="refresh")
    yield reader.post("passcode-wrong", "/passcode", message="Why?", passcode="1")
    reader.post("passcode-right", "/passcode", message="count:3:0", passcode=PASSCODE)
    yield reader.post("rate-limited", "/ask", message="Why?", mode="refresh")
    redis.kill()
    yield reader.get("store-down", "/c/nothing")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
