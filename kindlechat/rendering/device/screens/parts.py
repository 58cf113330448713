"""What stands in a text between two places."""

from collections.abc import Iterator

from kindlechat.rendering.answer.tree import Element, Node, text_of
from kindlechat.rendering.device.screens.page import Place


def part_of(node: Node, start: Place, stop: Place | None) -> Node:
    """The part of a text with its marks from one place up to another, None meaning its end.

    It loses the blanks and the line break at which it is cut; marks go on in both parts.
    """
    if isinstance(node, str):
        text = node[start[0] if start else 0 : stop[0] if stop else None]
        text = text.lstrip() if start else text
        return text.rstrip() if stop else text
    children = [*_children(node, start, stop)]
    if len(start) == 1 and children and _is_break(children[0]):
        children = children[1:]
    if stop and children and _is_break(children[-1]):
        children = children[:-1]
    return Element(node.tag, node.start, tuple(children))


def _children(node: Element, start: Place, stop: Place | None) -> Iterator[Node]:
    first = start[0] if start else 0
    last = stop[0] if stop else len(node.children)
    for number in range(first, last):
        yield from _part(node.children[number], start[1:] if number == first else (), None)
    if stop and stop[1:]:
        yield from _part(node.children[last], start[1:] if last == first else (), stop[1:])


def _part(node: Node, start: Place, stop: Place | None) -> Iterator[Node]:
    """The part, or the node itself where all of it is meant; nothing where no text is left."""
    if not start and not stop:
        yield node
    elif text_of(part := part_of(node, start, stop)):
        yield part


def _is_break(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "br"
