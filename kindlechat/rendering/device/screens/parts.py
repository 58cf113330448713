"""What stands in an answer between two places."""

import re
from collections.abc import Iterator

from kindlechat.rendering.answer.numbering import VALUE
from kindlechat.rendering.answer.tree import Element, Node, text_of
from kindlechat.rendering.device.screens.page import Place

START = re.compile(r' start="(\d+)"')

BLANKS = " \t\r\n\f"

GOES_ON = "on"
"""The class of an item that has begun on the screen before: it has no number."""


def part_of(node: Element, start: Place, stop: Place) -> Element:
    """The element from one place up to another; () is its beginning as a start, its end as a stop.

    A list goes on with its number, a table with its head.
    """
    children = [*_head(node, start), *_children(node, start, stop)]
    return Element(*_going_on(node, start), tuple(children))


def _children(node: Element, start: Place, stop: Place) -> Iterator[Node]:
    first = start[0] if start else 0
    last = stop[0] if stop else len(node.children)
    is_code = node.tag in ("pre", "code")
    for number in range(first, last):
        yield from _part(node.children[number], start[1:] if number == first else (), (), is_code)
    if stop[1:]:
        within = start[1:] if last == first else ()
        yield from _part(node.children[last], within, stop[1:], is_code)


def _part(node: Node, start: Place, stop: Place, is_code: bool) -> Iterator[Node]:
    """The part, or the node itself where all of it is meant; nothing where no text is left."""
    if not start and not stop:
        yield node
    elif isinstance(node, str):
        text = node[start[0] if start else 0 : stop[0] if stop else None]
        if is_code and stop and text.endswith("\n"):
            text = text.rstrip() + "\n"
        if not is_code:
            text = text.lstrip(BLANKS) if start else text
            text = text.rstrip(BLANKS) if stop else text
        if text:
            yield text
    elif text_of(part := part_of(node, start, stop)):
        yield part


def _head(node: Element, start: Place) -> Iterator[Node]:
    """The head of a table that goes on."""
    if node.tag == "table" and start:
        for child in node.children[: start[0]]:
            if isinstance(child, Element) and child.tag == "thead":
                yield child


def _going_on(node: Element, start: Place) -> tuple[str, str]:
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
    return "ol", f'{others} start="{_number(node, start[0])}">'


def _number(node: Element, place: int) -> int:
    """The number of an item of a list, counted on from the last one before it that says its own."""
    for index in range(place, -1, -1):
        item = node.children[index]
        value = VALUE.search(item.start) if isinstance(item, Element) else None
        if value:
            return int(value[1]) + place - index
    return int((START.search(node.start) or ["", "1"])[1]) + place
