"""Fills screens, one after the other."""

from functools import partial

from kindlechat.rendering.answer.tree import Element, Node, Nodes
from kindlechat.rendering.device.screens.code import CodeBlock
from kindlechat.rendering.device.screens.holders import ITEM_GAP_LINES, HolderBlock, holds_blocks
from kindlechat.rendering.device.screens.page import GAP_LINES, LEAST_LINES, Cuttable, Page, Place
from kindlechat.rendering.device.screens.tables import TableBlock
from kindlechat.rendering.device.screens.texts import TextBlock
from kindlechat.rendering.device.screens.widths import lines_of
from kindlechat.rendering.safety.checkpoint import checkpoint, paced
from kindlechat.rendering.safety.guard import guarded

INDENT_COLUMNS = 3
"""What an item or a quote is set in by."""


def cut_into_screens(nodes: Nodes, page: Page) -> list[Nodes]:
    """The nodes of each screen; at least one. No text is lost or doubled.

    What cannot be cut for a fault of ours is one screen, which has to be scrolled.
    """
    return guarded(partial(_fill, nodes, page), lambda: [nodes])


def _fill(nodes: Nodes, page: Page) -> list[Nodes]:
    screens: list[list[Node]] = [[]]
    room = page.lines
    blocks = [block_of(node, page) for node in paced(nodes)]
    number, start = 0, Place()
    while number < len(nodes):
        checkpoint()
        block, node = blocks[number], nodes[number]
        height = needed = block.height(start)
        if _is_heading(node) and number + 1 < len(nodes):
            needed += min(blocks[number + 1].height(), LEAST_LINES)
        if needed <= room + GAP_LINES:
            screens[-1].append(block.part(start, None))
            room -= height
            number, start = number + 1, ()
            continue
        must = not screens[-1]
        cuts = must or _may_be_cut(node, height, page, room)
        stop = block.cut(start, room, must=must) if cuts else None
        if stop or must:  # what cannot be cut has a screen alone, which has to be scrolled
            screens[-1].append(block.part(start, stop))
            number, start = (number, stop) if stop else (number + 1, ())
        screens.append([])
        room = page.lines
    if len(screens) > 1 and not screens[-1]:
        screens.pop()
    return [tuple(screen) for screen in screens]


def block_of(node: Node, page: Page) -> Cuttable:
    """The node as a block on a page."""
    if isinstance(node, str):
        return Uncut(node, lines_of(node, page.columns, page.most))
    match node.tag:
        case "hr":
            return Uncut(node, 1 + GAP_LINES)
        case "pre":
            return CodeBlock(node, page)
        case "table":
            return TableBlock(node, page)
        case "ul" | "ol" | "blockquote" | "details":
            return HolderBlock(node, page.narrower(INDENT_COLUMNS), block_of)
        case "li" if holds_blocks(node):
            return HolderBlock(node, page, block_of)
        case "li":
            return TextBlock(node, page, extra=ITEM_GAP_LINES)
        case _:
            return TextBlock(node, page)


class Uncut:
    """What is never cut: a rule."""

    def __init__(self, node: Node, height: float) -> None:
        self._node = node
        self._height = height

    def height(self, start: Place = ()) -> float:
        return self._height

    def cut(self, start: Place, room: float, *, must: bool) -> Place | None:
        return None

    def part(self, start: Place, stop: Place | None) -> Node:
        return self._node


def _may_be_cut(node: Node, height: float, page: Page, room: float) -> bool:
    """Tables and code stay whole where a screen can hold them; text is cut where it pays."""
    if isinstance(node, Element) and node.tag in ("table", "pre", "h2"):
        return height > page.lines and room >= page.lines / 2
    return room >= LEAST_LINES


def _is_heading(node: Node) -> bool:
    if isinstance(node, str):
        return False
    first = node.children[0] if len(node.children) == 1 else ""
    is_bold = isinstance(first, Element) and first.tag == "strong"
    return node.tag == "h2" or (node.tag == "p" and is_bold)
