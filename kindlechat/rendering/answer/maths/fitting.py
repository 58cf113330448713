"""Formulas in lines of characters, on screens that are wide enough and have the signs."""

from html import escape, unescape

from kindlechat.rendering.answer.maths.layout.blocks import columns_of
from kindlechat.rendering.answer.maths.lines import CLASS, TALL
from kindlechat.rendering.answer.tree import Element, Node, Nodes, element, text_of
from kindlechat.rendering.safety.checkpoint import paced

HOLDERS = frozenset(("ul", "ol", "li", "blockquote", "details"))
"""What other blocks may stand in."""


def fit_formulas(nodes: Nodes, columns: int) -> Nodes:
    """The nodes with each formula on one line that takes more than so many columns of equal letters."""
    return tuple(_fit(node, columns) for node in paced(nodes))


def _fit(node: Node, columns: int) -> Node:
    if isinstance(node, str):
        return node
    if node.tag in HOLDERS:
        return Element(node.tag, node.start, fit_formulas(node.children, columns))
    label = TALL.match(node.start)
    if label is None:
        return node
    lines = unescape(text_of(node)).split("\n")
    if max(map(columns_of, lines)) <= columns:
        return node
    return Element("p", f'<p class="{CLASS}">', _flat(unescape(label[1])))


def _flat(text: str) -> Nodes:
    first, *others = (escape(line, quote=False) for line in text.split("\n"))
    nodes: list[Node] = [first]
    for line in others:
        nodes += (element("br"), line)
    return tuple(nodes)
