"""An answer's nodes as XHTML that both e-readers and browsers accept (pure).

Headings have marks, so that contents can lead to them; what only a page of ours can do becomes plain.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape, unescape

from kindlechat.export.book import Book, Chapter, section_mark
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.rendering.answer.tree import Element, Node, Nodes, element, text_of, to_html
from kindlechat.rendering.safety.checkpoint import checkpoint

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')

KEPT = frozenset(("dir", "start", "value"))

STYLED = frozenset(("maths", "minor"))
"""Classes that the style of a book knows."""

LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
NAMED = rf"(?:{LABEL}\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?\.?"
SIGN = "(?:[a-z0-9_.~:/?@!$&'()*+,;=-]|%[0-9a-f]{2})"

URI = re.compile(
    rf"https?://(?:{NAMED}|\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\[[0-9a-f:.]+\])(?::\d{{1,5}})?"
    rf"(?:[/?]{SIGN}*)?(?:#{SIGN}*)?",
    re.IGNORECASE,
)
"""An address as RFC 3986 has it: readers refuse a whole book for another one."""

PLAIN_TAGS = {"details": "div"}
"""Few e-readers can open what is closed."""


def cut_xhtml(name: str, nodes: Nodes) -> list[str]:
    """The answer as XHTML, then the titles of its sections; `name` is for their marks."""
    plain = _Plain(name, nodes)
    return [sound(to_html(plain.nodes(nodes))), *plain.titles]


def chapter_xhtml(book: Book, chapter: Chapter, mark: str) -> str:
    """A chapter as XHTML: its question as a heading with that mark, its answer, and how that ended."""
    title = escaped_text(chapter.title)
    asked = f"{book.words.question} {chapter.asked}" if chapter.asked else ""
    return (
        f'<h1 id="{mark}" dir="{direction_of(chapter.title)}">{title}</h1>\n'
        f"{paragraphs(asked, 'question')}"
        f'<div dir="ltr">\n{chapter.answer}\n</div>\n'
        f"{paragraphs(chapter.note, 'note')}"
    )


def sound(text: str) -> str:
    """The text with no sign that XML does not allow."""
    return NOT_XML.sub("\ufffd", text)


def escaped_text(text: str) -> str:
    """A text as it stands in XML, between tags or within quotation marks."""
    return sound(escape(text))


def paragraphs(text: str, style: str = "") -> str:
    """A plain text as XHTML, with its line breaks."""
    kind = f' class="{style}"' if style else ""
    return "".join(
        f'<p{kind} dir="{direction_of(part)}">'
        + "<br/>\n".join(map(escaped_text, part.splitlines()))
        + "</p>\n"
        for part in re.split(r"\n\s*\n", text.strip())
        if part
    )


def direction_of(text: str) -> str:
    """The value of a `dir` attribute for a text."""
    return "rtl" if is_rtl(text) else "ltr"


@dataclass
class _Plain:
    """Makes nodes plain; `whole` are all that there are, in which links may lead to each other."""

    name: str
    whole: Nodes

    def __post_init__(self) -> None:
        self.titles: list[str] = []
        self._rules: dict[str, Callable[[Element], Nodes]] = {
            "a": self._link,
            "br": lambda node: (Element("br", "<br/>"),),
            "hr": lambda node: (Element("hr", "<hr/>"),),
            "h2": self._heading,
            "summary": lambda node: (element("p", element("strong", *self.nodes(node.children))),),
        }

    @cached_property
    def marks(self) -> frozenset[str]:
        """Those that links may lead to."""
        return frozenset(_marks(self.whole))

    def nodes(self, nodes: Iterable[Node]) -> Nodes:
        return tuple(plain for node in nodes for plain in self._node(node))

    def _node(self, node: Node) -> Nodes:
        if isinstance(node, str):
            return (node.replace("&nbsp;", "\xa0"),)
        checkpoint()
        return self._rules.get(node.tag, self._other)(node)

    def _other(self, node: Element) -> Nodes:
        children = self.nodes(node.children)
        if " " not in node.start and node.tag not in PLAIN_TAGS:
            return (Element(node.tag, node.start, children),)
        tag = PLAIN_TAGS.get(node.tag, node.tag)
        return (_tagged(tag, _plain_attributes(node), children),)

    def _heading(self, node: Element) -> Nodes:
        title = " ".join(text_of(node).replace("&nbsp;", " ").split())
        attributes = _plain_attributes(node)
        if title:
            self.titles.append(sound(title))
            attributes["id"] = section_mark(self.name, len(self.titles))
        return (_tagged("h2", attributes, self.nodes(node.children)),)

    def _link(self, node: Element) -> Nodes:
        given, children = _attributes(node), self.nodes(node.children)
        kept = {}
        if "id" in given:
            kept["id"] = _mark(given["id"])
        address = given.get("href", "")
        if address.startswith("#") and address[1:] in self.marks:
            kept["href"] = f"#{_mark(address[1:])}"
        elif URI.fullmatch(unescape(address)):
            kept["href"] = address
        return (_tagged("a", kept, children),) if kept else children


def _attributes(node: Element) -> dict[str, str]:
    return dict(ATTRIBUTE.findall(node.start))


def _plain_attributes(node: Element) -> dict[str, str]:
    """The attributes that have a meaning anywhere; a cell's alignment is a class."""
    given = _attributes(node)
    kept = {name: value for name, value in given.items() if name in KEPT}
    style = given.get("align") or given.get("class")
    if "align" in given or style in STYLED:
        kept["class"] = str(style)
    return kept


def _tagged(tag: str, attributes: dict[str, str], children: Sequence[Node]) -> Element:
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return Element(tag, f"<{tag}{written}>", tuple(children))


def _mark(written: str) -> str:
    """A mark in letters that any reader takes; footnotes may have names in any."""
    return "".join(sign if sign.isascii() else f"u{ord(sign):x}" for sign in unescape(written))


def _marks(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == "a" and (mark := _attributes(node).get("id")):
                yield mark
            yield from _marks(node.children)
