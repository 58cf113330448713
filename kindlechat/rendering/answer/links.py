"""Links as a book has them: a number after the text, and the addresses in a list at the end."""

import re
from collections.abc import Sequence

from kindlechat.rendering.answer.tree import Element, Node, Nodes, element, text_of

HREF = re.compile(r'href="([^"]*)"')


def number_links(nodes: Nodes, addresses: list[str]) -> Nodes:
    """The nodes with a number after each link whose text is not its address; one with none has that.

    `addresses` are those that the answer had before; new ones are added to it.
    """
    numbered: list[Node] = []
    for node in nodes:
        address = _address(node)
        if isinstance(node, Element):
            children = number_links(node.children, addresses)
            if address and not text_of(node).strip():
                children = (address,)
            node = Element(node.tag, node.start, children)
        append_node(numbered, node)
        if address and text_of(node) != address:
            if address not in addresses:
                addresses.append(address)
            append_node(numbered, f" [{addresses.index(address) + 1}]")
    return tuple(numbered)


def list_addresses(addresses: Sequence[str]) -> Nodes:
    """The list for the answer's end; nothing where there is nothing to list."""
    if not addresses:
        return ()
    nodes: list[Node] = []
    for number, address in enumerate(addresses, 1):
        if nodes:
            nodes.append(Element("br", "<br>"))
        link = Element("a", f'<a href="{address}" rel="nofollow noreferrer">', (address,))
        nodes += (f"[{number}] ", link)
    return (element("hr"), element("p", *nodes))


def append_node(nodes: list[Node], node: Node) -> None:
    """Append to a tree's children, in which no text stands beside another."""
    if isinstance(node, str) and nodes and isinstance(nodes[-1], str):
        nodes[-1] += node
    else:
        nodes.append(node)


def _address(node: Node) -> str:
    """Where a link leads, escaped as it is in HTML; empty for what is no link."""
    if isinstance(node, str) or node.tag != "a":
        return ""
    match = HREF.search(node.start)
    return match[1] if match else ""
