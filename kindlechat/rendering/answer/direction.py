"""In which direction a text runs: that of its own letters, told to engines that cannot find it out."""

import re
from collections.abc import Iterator
from html import unescape

from kindlechat.rendering.answer.tree import Element, Node, Nodes
from kindlechat.rendering.safety.checkpoint import paced

DECIDING_WORDS = 6
"""The first of the two to have so many words decides: so text that grows does not turn round late."""

RTL_SIGNS = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff"

RTL_LETTERS = re.compile(f"[{RTL_SIGNS}]")

WORDS = re.compile(rf"(?P<rtl>[{RTL_SIGNS}]+)|[^\W\d_{RTL_SIGNS}]+")

BLOCKS = frozenset(
    ("p", "h2", "ul", "ol", "li", "blockquote", "table", "th", "td", "details", "summary")
)

RTL = 'dir="rtl"'

OPERAND = r"[-−+±√∛(\[|]*[A-Za-z0-9π∞Δ][A-Za-z0-9.,%°²³¹⁰-₟′^_π∞()\[\]{}|!/]{0,60}"
OPERATOR = r"(?:\s?(?:[=+−×÷*·<>≤≥≠≈≡±→⇒]|&[lg]t;=?)\s?|\s-\s)"
CALCULATION = re.compile(rf"(?<![A-Za-z0-9&]){OPERAND}(?:{OPERATOR}{OPERAND})+(?<![.,!])")
"""Numbers and operators, which have no direction of their own: `3 + 4 = 7` would be shown as `7 = 4 + 3`."""

CODE = frozenset(("code", "pre", "kbd"))
"""It runs from left to right in every language, and says nothing of the text around it."""


def is_rtl(text: str) -> bool:
    """Whether a plain text runs from right to left."""
    return bool(RTL_LETTERS.search(text)) and _runs_rtl((text,))


def with_directions(nodes: Nodes, *, rtl: bool = False, early: bool = False) -> Nodes:
    """The nodes with a direction on each block that does not run as the one around it, which `rtl` says.

    `early` has a block's first word decide, which nothing that follows can change, and leaves calculations
    as they are, which may go on.
    """
    if not rtl and not _has_rtl(nodes):
        return nodes
    directed: list[Node] = []
    for node in paced(nodes):
        if isinstance(node, str) and rtl and not early:
            directed += _with_calculations(node)
        else:
            directed.append(_with_direction(node, rtl, early))
    return tuple(directed)


def _with_calculations(text: str) -> Iterator[Node]:
    """A text from right to left, with what is calculated in it from left to right."""
    end = 0
    for match in CALCULATION.finditer(text):
        if end < match.start():
            yield text[end : match.start()]
        yield Element("span", '<span dir="ltr">', (match[0],))
        end = match.end()
    if text[end:]:
        yield text[end:]


def list_with_direction(start: str, items: Nodes) -> Element:
    """The list of that start tag, of items that have their directions: it runs as its first one does."""
    tag = start[1:3]
    first = items[0] if items else ""
    if isinstance(first, str) or RTL not in first.start:
        return Element(tag, start, items)
    return longer_list(_marked(Element(tag, start), (), "rtl"), items)


def longer_list(before: Element, items: Nodes) -> Element:
    """The list with more items at its end."""
    if RTL in before.start:
        items = tuple(map(_with_any_direction, items))
    return Element(before.tag, before.start, before.children + items)


def _with_any_direction(item: Node) -> Node:
    if isinstance(item, str) or RTL in item.start:
        return item
    return _marked(item, item.children, "ltr")


def _with_direction(node: Node, rtl: bool, early: bool) -> Node:
    if isinstance(node, str):
        return node
    if node.tag in CODE:
        return _marked(node, node.children, "ltr") if rtl else node
    if node.tag not in BLOCKS:
        children = with_directions(node.children, rtl=rtl, early=early)
        return Element(node.tag, node.start, children)
    own = _runs_rtl((_first_text(node),), rtl, 1) if early else _direction(node, rtl)
    children = with_directions(node.children, rtl=own, early=early)
    return (
        _marked(node, children, "rtl" if own else "ltr")
        if own != rtl
        else Element(node.tag, node.start, children)
    )


def _first_text(node: Node) -> str:
    """The text that a node begins with, unless that is code."""
    while not isinstance(node, str):
        if node.tag in CODE or not node.children:
            return ""
        node = node.children[0]
    return node


def _direction(node: Element, rtl: bool) -> bool:
    """Whether a block runs from right to left; a list as its first item, what has no letters as `rtl`."""
    children = node.children[:1] if node.tag in ("ul", "ol") else node.children
    own = tuple(
        child for child in children if isinstance(child, str) or child.tag not in ("ul", "ol")
    )
    return _runs_rtl(own, rtl)


def _marked(node: Element, children: Nodes, direction: str) -> Element:
    return Element(node.tag, f'{node.start[:-1]} dir="{direction}">', children)


def _has_rtl(nodes: Nodes) -> bool:
    return any(
        RTL_LETTERS.search(node) is not None if isinstance(node, str) else _has_rtl(node.children)
        for node in nodes
    )


def _runs_rtl(nodes: Nodes, around: bool = False, deciding: int = DECIDING_WORDS) -> bool:
    """Whether as many words as not run from right to left; as what is `around` where there are none.

    Not letters: names in Latin ones are long, and many in an Arabic text.
    """
    counts = {True: 0, False: 0}
    for text in _texts(nodes):
        for word in WORDS.finditer(unescape(text)):
            rtl = word["rtl"] is not None
            counts[rtl] += not rtl or any(map(str.isalpha, word["rtl"]))
            if counts[rtl] == deciding:
                return rtl
    return counts[True] >= counts[False] if any(counts.values()) else around


def _texts(nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif node.tag not in (*CODE, "ul", "ol"):
            yield from _texts(node.children)
