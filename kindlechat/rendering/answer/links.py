"""Links as a book has them: a number after the text, and the addresses in a list at the end."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice

from markupsafe import escape

from kindlechat.rendering.answer.addresses import other_host, readable, says_address
from kindlechat.rendering.answer.tree import (
    Element,
    Node,
    Nodes,
    append_node,
    element,
    text_of,
)
from kindlechat.rendering.safety.checkpoint import paced

HREF = re.compile(r'href="([^"]*)"')

REFERENCE = 'class="reference"'
"""On a link whose number the model wrote itself."""

MARK = re.compile(r' id="([^"]*)"')


SOURCE = re.compile(r"\[(\d{1,3})\][:.]?\s*\Z")
"""A number right before the link that it is the source of."""

WRITTEN = re.compile(r"\[(\d{1,3})\]")
"""A number that the model gave a source itself."""


class Links:
    """The links that an answer has had so far: each address with its number, each footnote's mark, and
    each number that the model wrote.

    All are kept in one order, so that the first ones can be had again.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._taken: set[int] = set()
        self._written: set[int] = set()
        self._next = 1

    def __len__(self) -> int:
        return len(self._numbers)

    def first(self, count: int) -> "Links":
        """A copy with the first of them only."""
        links = Links()
        links._numbers = dict(islice(self._numbers.items(), count))
        links._taken = {*links._numbers.values()} - {0}
        links._written = {
            int(key[1:-1]) for key, number in links._numbers.items() if not number and key[0] == "["
        }
        return links

    def number(self, address: str, wanted: int = 0) -> int:
        """The number of an address, given at its first use: `wanted` if it is free, else one that the text
        itself uses for no source."""
        if address not in self._numbers:
            if not wanted or wanted in self._taken:
                while self._next in self._taken or self._next in self._written:
                    self._next += 1
                wanted = self._next
            self._numbers[address] = wanted
            self._taken.add(wanted)
        return self._numbers[address]

    def pass_over(self, written: str) -> None:
        """Give no number from now on that stands in this text, in brackets."""
        for number in WRITTEN.findall(written):
            self._numbers.setdefault(f"[{number}]", 0)
            self._written.add(int(number))

    def first_without_address(self) -> int:
        """The first number that the model wrote and that no address has; 0 where there is none."""
        return min(self._written - self._taken, default=0)

    def is_new(self, mark: str) -> bool:
        """Whether this mark of a footnote is the first of its name. It is not any more from now on."""
        new = f"#{mark}" not in self._numbers
        self._numbers.setdefault(f"#{mark}", 0)
        return new

    def addresses(self) -> Iterator[tuple[int, str]]:
        """The numbers, in order, with their addresses."""
        yield from sorted((number, address) for address, number in self._numbers.items() if number)


def start_tag(address: str) -> str:
    """The start tag of a link that leads out of this site; the address is escaped as it is in HTML."""
    return f'<a href="{address}" rel="nofollow noreferrer">'


def number_links(nodes: Nodes, links: Links, *, in_item: bool = False) -> Nodes:
    """The nodes with a number after each link whose text is not its address; one with none has that.

    Where the text looks like the address of another host, the real one is said after it. A link that
    begins an item, as `in_item` says of the nodes, or stands after a number in brackets is a source that
    the model has numbered.
    """
    numbered: list[Node] = []
    for index, node in enumerate(paced(nodes)):
        if isinstance(node, str):
            links.pass_over(node)
            append_node(numbered, node)
            continue
        begins_item = node.tag == "li" or (in_item and not index)
        children = number_links(node.children, links, in_item=begins_item)
        address = _address(node)
        if not address:
            append_node(numbered, Element(node.tag, _with_first_mark(node.start, links), children))
            continue
        if not text_of(node).strip():
            children = (str(escape(readable(unescape(address)))),)
        append_node(numbered, Element("a", start_tag(address), children))
        if REFERENCE in node.start:
            links.pass_over(f"[{text_of(node)}]")
        else:
            before = numbered[-2] if len(numbered) > 1 else ""
            written = SOURCE.search(before) if isinstance(before, str) else None
            wanted = int(written[1]) if written else begins_item and links.first_without_address()
            append_node(
                numbered, _after(text_of(Element("a", "", children)), address, links, wanted)
            )
    return tuple(numbered)


def list_addresses(links: Links) -> Nodes:
    """The list for the answer's end; nothing where there is nothing to list."""
    nodes: list[Node] = []
    for number, address in links.addresses():
        if nodes:
            nodes.append(Element("br", "<br>"))
        shown = str(escape(readable(unescape(address))))
        nodes += (f"[{number}] ", Element("a", start_tag(address), (shown,)))
    return (element("hr"), element("p", *nodes)) if nodes else ()


def _after(text: str, address: str, links: Links, wanted: int) -> str:
    """What stands after a link, both given as they are in HTML."""
    text, plain = unescape(text), unescape(address)
    if says_address(text, plain):
        return ""
    host = other_host(text, plain)
    return (f" ({escape(host)})" if host else "") + f" [{links.number(address, wanted)}]"


def _with_first_mark(start: str, links: Links) -> str:
    """The start tag with its mark if no other has the same."""
    mark = MARK.search(start)
    return start if mark is None or links.is_new(mark[1]) else MARK.sub("", start)


def _address(node: Element) -> str:
    """The link's web address, escaped as it is in HTML; empty for any other link."""
    match = HREF.search(node.start) if node.tag == "a" else None
    return match[1] if match and not match[1].startswith("#") else ""
