"""Links as a book has them: a number after the text, and the addresses in a list at the end."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice

from markupsafe import escape

from kindlechat.rendering.answer.addresses import other_host, readable, says_address
from kindlechat.rendering.answer.tree import Element, Node, Nodes, element, text_of

HREF = re.compile(r'href="([^"]*)"')

REFERENCE = 'class="reference"'
"""On a link whose number the model wrote itself."""

MARK = re.compile(r' id="([^"]*)"')


class Links:
    """The links that an answer has had so far: each address with its number, and each footnote's mark.

    Both are kept in one order, so that the first ones can be had again.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._numbers)

    def first(self, count: int) -> "Links":
        """A copy with the first of them only."""
        links = Links()
        links._numbers = dict(islice(self._numbers.items(), count))
        links._count = max(links._numbers.values(), default=0)
        return links

    def number(self, address: str) -> int:
        """The number of an address, which has one from now on."""
        if address not in self._numbers:
            self._count += 1
            self._numbers[address] = self._count
        return self._numbers[address]

    def is_new(self, mark: str) -> bool:
        """Whether this mark of a footnote is the first of its name. It is not any more from now on."""
        new = f"#{mark}" not in self._numbers
        self._numbers.setdefault(f"#{mark}", 0)
        return new

    def addresses(self) -> Iterator[str]:
        """The addresses in the order of their numbers."""
        return (address for address, number in self._numbers.items() if number)


def start_tag(address: str) -> str:
    """The start tag of a link that leads out of this site; the address is escaped as it is in HTML."""
    return f'<a href="{address}" rel="nofollow noreferrer">'


def number_links(nodes: Nodes, links: Links) -> Nodes:
    """The nodes with a number after each link whose text is not its address; one with none has that.

    Where the text looks like the address of another host, the real one is said after it.
    """
    numbered: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            append_node(numbered, node)
            continue
        children = number_links(node.children, links)
        address = _address(node)
        if not address:
            append_node(numbered, Element(node.tag, _with_first_mark(node.start, links), children))
            continue
        if not text_of(node).strip():
            children = (str(escape(readable(unescape(address)))),)
        append_node(numbered, Element("a", start_tag(address), children))
        if REFERENCE not in node.start:
            append_node(numbered, _after(text_of(Element("a", "", children)), address, links))
    return tuple(numbered)


def list_addresses(links: Links) -> Nodes:
    """The list for the answer's end; nothing where there is nothing to list."""
    nodes: list[Node] = []
    for number, address in enumerate(links.addresses(), 1):
        if nodes:
            nodes.append(Element("br", "<br>"))
        shown = str(escape(readable(unescape(address))))
        nodes += (f"[{number}] ", Element("a", start_tag(address), (shown,)))
    return (element("hr"), element("p", *nodes)) if nodes else ()


def append_node(nodes: list[Node], node: Node) -> None:
    """Append to a tree's children, in which no text stands beside another."""
    if isinstance(node, str) and nodes and isinstance(nodes[-1], str):
        nodes[-1] += node
    elif node != "":
        nodes.append(node)


def _after(text: str, address: str, links: Links) -> str:
    """What stands after a link, both given as they are in HTML."""
    text, plain = unescape(text), unescape(address)
    if says_address(text, plain):
        return ""
    host = other_host(text, plain)
    return (f" ({escape(host)})" if host else "") + f" [{links.number(address)}]"


def _with_first_mark(start: str, links: Links) -> str:
    """The start tag with its mark if no other has the same."""
    mark = MARK.search(start)
    return start if mark is None or links.is_new(mark[1]) else MARK.sub("", start)


def _address(node: Element) -> str:
    """Where a link leads on the web, escaped as it is in HTML; empty for what is no such link."""
    match = HREF.search(node.start) if node.tag == "a" else None
    return match[1] if match and not match[1].startswith("#") else ""
