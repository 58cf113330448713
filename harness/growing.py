"""Readers of a growing answer in the three ways that show HTML, without a server in between."""

import json
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kindlechat.conversation import Excerpt, Outline, ReplyOutline
from kindlechat.rendering.answer.tree import (
    VOID,
    Change,
    Element,
    Node,
    Nodes,
    append_node,
    element,
    to_html,
)
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.reply import Progress, Reply, State
from kindlechat.web.conversation.growing_page import GrowingPage
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.outside_links import OutsideLinks
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.streams import growing_html, html_updates
from kindlechat.web.conversation.updates import Updates

REPLY = "a-reply"
BLOCKS = frozenset("p li ul ol blockquote pre table tr td th h2 hr br dt dd div".split())


def reader(templates: LocalizedTemplates, reading: Reading | None = None) -> Reader:
    """A reader with these settings, or with none; links lead straight out."""
    links = OutsideLinks("/out", sign=lambda address: "signature")
    return Reader(
        templates=templates,
        reading=reading or Reading(),
        carried="",
        outside_links=links,
        conversation="c",
        shared="c",
        may_write=True,
    )


def finished(text: str, reader: Reader) -> str:
    """The answer as the finished page has it."""
    return reader.fit(LiveAnswers().html(REPLY, text, reader.reading, ended=True))


def growing(pieces: Iterable[str], reader: Reader) -> Iterator[bytes]:
    """What is sent of the answer to a page that grows, after the page's head."""
    reply = Reply(REPLY, "c", "", "", State.STREAMING, None)
    outline = Outline("c", (ReplyOutline(REPLY, "", 0, State.STREAMING, None),))
    page = GrowingPage(LiveAnswers(), reader, Excerpt(outline, {REPLY: reply}))
    parts = growing_html("", progresses(pieces), page.show, lambda *_: "")
    return islice(parts, 1, None)


def polled(pieces: Iterable[str], reader: Reader) -> Iterator[list[Change]]:
    """What each poll of a page brings, one after each piece."""
    live_answers, text, cursor = LiveAnswers(), "", 0
    for progress in progresses(pieces):
        text += progress.text
        updates = Updates(live_answers, reader, REPLY, cursor)
        told: dict[str, Any] = updates.tell(text, progress, still=not progress.text)
        cursor = int(told["cursor"])
        yield told["html"]


def streamed(pieces: Iterable[str], reader: Reader) -> Iterator[list[Change]]:
    """What each line of a stream of changes brings."""
    updates = Updates(LiveAnswers(), reader, REPLY, 0)
    for line in html_updates(progresses(pieces), updates.news):
        yield json.loads(line)["html"] if line.strip() else []


def changed(looks: Iterable[Iterable[Change]]) -> str:
    """What a page shows that was changed so, look after look."""
    nodes: Nodes = ()
    for changes in looks:
        for depth, keep, html in changes:
            nodes = apply(nodes, (depth, keep, html))
    return to_html(nodes)


def progresses(pieces: Iterable[str]) -> Iterator[Progress]:
    """What a follower learns of an answer that comes in these pieces; an empty one is a silence."""
    cursor = 0
    for piece in pieces:
        cursor += len(piece)
        yield Progress(piece, cursor, State.STREAMING, None)
    yield Progress("", cursor, State.DONE, None)


def apply(nodes: Nodes, change: Change) -> Nodes:
    """What reader.js does with a page's nodes."""
    depth, keep, html = change
    if depth:
        *before, last = nodes
        assert isinstance(last, Element), "the script goes down into elements only"
        return (
            *before,
            Element(last.tag, last.start, apply(last.children, (depth - 1, keep, html))),
        )
    shown = list(nodes[:keep])
    for node in _parse(html):
        append_node(shown, node)
    return tuple(shown)


def _parse(html: str) -> Nodes:
    """The nodes that a browser makes of a piece of HTML, with every letter of its text."""
    parser = _Nodes()
    parser.feed(html)
    parser.close()
    ((_, children),) = parser.stack
    return tuple(children)


class _Nodes(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.stack: list[tuple[Element, list[Node]]] = [(element(""), [])]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        opened = Element(tag, self.get_starttag_text() or "")
        if tag in VOID:
            self.stack[-1][1].append(opened)
        else:
            self.stack.append((opened, []))

    def handle_endtag(self, tag: str) -> None:
        opened, children = self.stack.pop()
        assert opened.tag == tag, "what is sent is well-formed"
        self.stack[-1][1].append(Element(opened.tag, opened.start, tuple(children)))

    def handle_data(self, data: str) -> None:
        append_node(self.stack[-1][1], data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def words(html: str) -> list[str]:
    """What is read on a page: its words in their order, and the numbers and dots of its lists."""
    body = LexborHTMLParser(html).body
    return "".join(_text(body)).split() if body is not None else []


def _text(node: LexborNode) -> Iterator[str]:
    """Everything in a node that a reader sees, with blanks around blocks."""
    number = int(node.attributes.get("start") or 1) if node.tag == "ol" else 0
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            yield child.text_content or ""
            continue
        apart = " " * (child.tag in BLOCKS)
        yield apart
        if child.tag == "li":
            number = int(child.attributes.get("value") or number)
            yield f"{number}. " if node.tag == "ol" else "• "
            number += 1
        yield from _text(child)
        yield apart
