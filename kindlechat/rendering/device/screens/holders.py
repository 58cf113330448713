"""Lists, quotes and items with blocks in them: cut between what they hold, or within it."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import groupby

from kindlechat.rendering.answer.numbering import VALUE
from kindlechat.rendering.answer.tree import Element, Node, Nodes
from kindlechat.rendering.device.screens.page import (
    GAP_LINES,
    LEAST_LINES,
    Cuttable,
    Page,
    Place,
    fitting,
)
from kindlechat.rendering.device.screens.texts import TextBlock

ITEM_GAP_LINES = GAP_LINES / 3

START = re.compile(r' start="(\d+)"')

BLOCKS = frozenset(("p", "ul", "ol", "pre", "blockquote", "table", "details"))
"""What an item may have in it besides text."""

CuttableOf = Callable[[Node, Page], Cuttable]


class HolderBlock:
    """A node with blocks in it, and maybe text between them.

    `page` is the one that these stand on, `block_of` makes a block of a child.
    """

    def __init__(self, node: Element, page: Page, block_of: CuttableOf) -> None:
        self._node = node
        self._page = page
        self._block_of = block_of
        self._extra = ITEM_GAP_LINES if node.tag == "li" else GAP_LINES
        self._texts = dict(_texts(node))
        within = {child for first, last in self._texts.items() for child in range(first + 1, last)}
        self._firsts = [child for child in range(len(node.children)) if child not in within]
        self._blocks: dict[int, Cuttable] = {}
        self._heights: dict[tuple[int, Place], float] = {}

    def height(self, start: Place = ()) -> float:
        number, within = self._find(start)
        return self._page.total(self._rest(number, within)) + self._extra

    def cut(self, start: Place, room: float, *, must: bool) -> Place | None:
        number, within = self._find(start)
        if number == len(self._firsts) - 1 and self._firsts[number] in self._texts:
            return self._block(number).cut(within, room - self._extra, must=must)
        count, used = fitting(self._rest(number, within), room)
        following, inner, must = number + count, () if count else within, must and not count
        if following == len(self._firsts):
            return None
        if self._height(following, inner) > self._page.lines or must:
            left = max(room - used - GAP_LINES, LEAST_LINES if must else 0)
            place = self._block(following).cut(inner, left, must=must)  # its own, below it
            if place:
                return self._place(following, place)
        rest = following + must
        return (self._firsts[rest],) if number < rest < len(self._firsts) else None

    def part(self, start: Place, stop: Place | None) -> Node:
        if not start and stop is None:
            return self._node
        number, within = self._find(start)
        children: list[Node] = []
        last, end = self._find(stop) if stop else (len(self._firsts), ())
        while number < last:
            children += self._children(number, within, None)
            number, within = number + 1, ()
        if end:
            children += self._children(last, within, end)
        return Element(*_going_on(self._node, start), tuple(children))

    def _children(self, number: int, start: Place, stop: Place | None) -> Nodes:
        """What stands between two places of one of the blocks; a text is several children."""
        part = self._block(number).part(start, stop)
        is_text = self._firsts[number] in self._texts
        return part.children if is_text and isinstance(part, Element) else (part,)

    def _rest(self, number: int, start: Place) -> Iterator[float]:
        for following in range(number, len(self._firsts)):
            yield self._height(following, start if following == number else ())

    def _height(self, number: int, start: Place) -> float:
        place = number, start
        if place not in self._heights:
            self._heights[place] = self._block(number).height(start)
        return self._heights[place]

    def _block(self, number: int) -> Cuttable:
        if number not in self._blocks:
            self._blocks[number] = self._make(self._firsts[number])
        return self._blocks[number]

    def _make(self, first: int) -> Cuttable:
        if first in self._texts:
            last = self._texts[first]
            return TextBlock(self._node, self._page, extra=0, first=first, last=last)
        return self._block_of(self._node.children[first], self._page)

    def _find(self, place: Place) -> tuple[int, Place]:
        """The block in which a place is, and where in it. A text has its places in this node."""
        if not place:
            return 0, ()
        number = bisect_right(self._firsts, place[0]) - 1
        first = self._firsts[number]
        if place == (first,):
            return number, ()
        return number, place if first in self._texts else place[1:]

    def _place(self, number: int, place: Place) -> Place:
        """Where a place of a block is in this node."""
        first = self._firsts[number]
        return place if first in self._texts else (first, *place)


def holds_blocks(item: Element) -> bool:
    """Whether an item has blocks in it."""
    return any(_is_block(child, True) for child in item.children)


def _texts(node: Element) -> Iterator[tuple[int, int]]:
    """The numbers of the children with which a text begins and before which it ends."""
    is_item = node.tag == "li"
    numbers = range(len(node.children))
    for is_block, group in groupby(numbers, lambda n: _is_block(node.children[n], is_item)):
        children = [*group]
        if not is_block:
            yield children[0], children[-1] + 1


def _is_block(node: Node, in_item: bool) -> bool:
    return isinstance(node, Element) and (not in_item or node.tag in BLOCKS)


def _going_on(node: Element, start: Place) -> tuple[str, str]:
    """The tag and the start tag of what goes on from a place."""
    if not start:
        return node.tag, node.start
    if node.tag == "details":  # its summary is gone, and what is said here is to be seen
        return "div", node.start.replace("<details", "<div")
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
