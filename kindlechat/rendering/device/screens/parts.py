"""What stands in an answer between two places."""

import re
from collections.abc import Iterator

from kindlechat.rendering.answer.numbering import VALUE
from kindlechat.rendering.answer.tree import Element, Node, Nodes, text_of
from kindlechat.rendering.device.screens.page import Place
from kindlechat.rendering.safety.checkpoint import checkpoint, paced

START = re.compile(r' start="(\d+)"')

BLANKS = " \t\r\n\f"

GOES_ON = "on"
"""The class of an item that has begun on the screen before: it has no number."""


class Parts:
    """Takes parts out of an answer. A list goes on with its number, a table with its head."""

    def __init__(self, whole: Element) -> None:
        self._whole = whole
        self._numbers: dict[int, list[int]] = {}

    def part(self, start: Place, stop: Place) -> Element:
        """The answer from one place up to another; () is its beginning as a start, its end as a stop."""
        return self._part_of(self._whole, start, stop)

    def _part_of(self, node: Element, start: Place, stop: Place, is_code: bool = False) -> Element:
        checkpoint()
        is_code = is_code or node.tag == "pre"
        children = (*_head(node, start), *self._children(node, start, stop, is_code))
        if node.tag == "pre" and stop:
            children = _without_blank_end(children)
        return Element(*self._going_on(node, start), children)

    def _children(self, node: Element, start: Place, stop: Place, is_code: bool) -> Iterator[Node]:
        first = start[0] if start else 0
        last = stop[0] if stop else len(node.children)
        for number in range(first, last):
            within = start[1:] if number == first else ()
            yield from self._part(node.children[number], within, (), is_code)
        if stop[1:]:
            within = start[1:] if last == first else ()
            yield from self._part(node.children[last], within, stop[1:], is_code)

    def _part(self, node: Node, start: Place, stop: Place, is_code: bool) -> Iterator[Node]:
        """The part, or the node itself where all of it is meant; nothing where no text is left."""
        if not start and not stop:
            yield node
        elif isinstance(node, str):
            text = node[start[0] if start else 0 : stop[0] if stop else None]
            if not is_code:
                text = text.lstrip(BLANKS) if start else text
                text = text.rstrip(BLANKS) if stop else text
            if text:
                yield text
        elif text_of(part := self._part_of(node, start, stop, is_code)):
            yield part

    def _going_on(self, node: Element, start: Place) -> tuple[str, str]:
        """The tag and the start tag of what goes on from a place."""
        if not start:
            return node.tag, node.start
        if node.tag == "details":  # its summary is gone, and what is said here is to be seen
            return "div", node.start.replace("<details", "<div")
        if node.tag == "li":
            return "li", f'{node.start[:-1]} class="{GOES_ON}">'
        if node.tag != "ol":
            return node.tag, node.start
        others = START.sub("", node.start)[:-1]
        return "ol", f'{others} start="{self._number(node, start[0])}">'

    def _number(self, node: Element, place: int) -> int:
        """The number of an item of a list; those of a list are counted once for all its parts."""
        numbers = self._numbers.setdefault(id(node), [])
        if not numbers:
            numbers += _numbers(node)
        return numbers[place]


def _head(node: Element, start: Place) -> Iterator[Node]:
    """The head of a table that goes on."""
    if node.tag == "table" and start:
        for child in node.children[: start[0]]:
            if isinstance(child, Element) and child.tag == "thead":
                yield child


def _without_blank_end(nodes: Nodes) -> Nodes:
    """Code without the empty lines at its end: no room was kept for them."""
    kept = [*nodes]
    while kept:
        last = kept.pop()
        if isinstance(last, str):
            text = last.rstrip()
            end: Node | None = f"{text}\n" if text else None
        else:
            children = _without_blank_end(last.children)
            end = Element(last.tag, last.start, children) if children else None
        if end is not None:
            return (*kept, end)
    return ()


def _numbers(node: Element) -> Iterator[int]:
    """The numbers of a list's items, counted on where an item does not say its own."""
    number = int((START.search(node.start) or ["", "1"])[1])
    for item in paced(node.children):
        value = VALUE.search(item.start) if isinstance(item, Element) else None
        number = int(value[1]) if value else number
        yield number
        number += 1
