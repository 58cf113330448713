"""HTML as a tree of plain values: to compare two states of a growing answer, and to write them out."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from kindlechat.rendering.safety.checkpoint import checkpoint

VOID = frozenset({"br", "hr"})


@dataclass(frozen=True, slots=True)
class Element:
    """An element; `start` is its start tag as it is written, with its attributes."""

    tag: str
    start: str
    children: "Nodes" = ()


TEXT_BYTES, ELEMENT_BYTES = 60, 100
"""What a text between two tags takes in memory besides its letters, and an element besides its texts. One
without an end tag is shared."""

Node: TypeAlias = str | Element
"""An element, or text as it stands in HTML: escaped."""

Nodes: TypeAlias = tuple[Node, ...]

Change: TypeAlias = tuple[int, int, str]
"""Where a reader's page changes: from the answer `depth` times down to the last child, there keep
the first `keep` children (texts side by side count as one), and append the HTML."""


def append_node(nodes: list[Node], node: Node) -> None:
    """Append to a tree's children, in which no text stands beside another."""
    if isinstance(node, str) and nodes and isinstance(nodes[-1], str):
        nodes[-1] += node
    elif node != "":
        nodes.append(node)


def element(tag: str, *children: Node) -> Element:
    """An element without attributes."""
    return Element(tag, f"<{tag}>", children)


BREAK = element("br")


def escaped(text: str) -> str:
    """The text as it stands in HTML between tags."""
    return escape(text, quote=False).replace("\xa0", "&nbsp;")


def merged(nodes: Iterable[Node]) -> Nodes:
    """The nodes as a tree has them: no text is empty, or stands beside another."""
    parts: list[Node] = []
    texts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            texts.append(node)
            continue
        parts += filter(None, ("".join(texts),))
        texts = []
        parts.append(node)
    return (*parts, *filter(None, ("".join(texts),)))


def to_html(nodes: Sequence[Node]) -> str:
    """The HTML of a tree."""
    return "".join(_parts(nodes))


def to_open_html(nodes: Sequence[Node]) -> str:
    """The HTML without the end tags at its very end, so that a page can still grow in them.

    Where a tree grew only at its end, the HTML of before is a prefix of the new one. Elements at the end
    that hold nothing yet are left out: what comes into them may tell how they look.
    """
    html = []
    while nodes:
        html.append(to_html(nodes[:-1]))
        last = nodes[-1]
        if isinstance(last, str):
            html.append(last)
            break
        if not _holds_anything(last):
            break
        html.append(last.start)
        nodes = last.children
    return "".join(html)


def _holds_anything(node: Node) -> bool:
    """Whether there is something to see in it."""
    if isinstance(node, str):
        return node != ""
    return node.tag in VOID or any(map(_holds_anything, node.children))


def size_bytes(html: str) -> int:
    """About how much memory a tree takes that has this HTML."""
    nodes = TEXT_BYTES * html.count("<") + ELEMENT_BYTES * html.count("</")
    return nodes + sys.getsizeof(html)


def text_of(node: Node) -> str:
    """The text in a node, escaped as it is in HTML; a line break where it has one."""
    if isinstance(node, str):
        return node
    return "\n" if node.tag == "br" else "".join(map(text_of, node.children))


def changes(old: Nodes, new: Nodes, depth: int = 0) -> list[Change]:
    """What turns a page that shows `old` into one that shows `new`, in the order to be applied."""
    same = _same_nodes(old, new)
    rest = new[same:]
    if same == len(old):
        return [(depth, same, to_html(rest))] if rest else []
    if same == len(old) - 1 and rest:
        grew, into = old[same], rest[0]
        if isinstance(grew, str):
            if (
                isinstance(into, str)
                and into.startswith(grew)
                and not _splits_word(into, len(grew))
            ):
                return [(depth, same + 1, into[len(grew) :] + to_html(rest[1:]))]
        elif isinstance(into, Element) and grew.start == into.start:
            within = changes(grew.children, into.children, depth + 1)
            return within + ([(depth, same + 1, to_html(rest[1:]))] if rest[1:] else [])
    return [(depth, same, to_html(rest))]


WORD_BEFORE = re.compile(r"[^\s\u2e80-\ufdff\ufe10-\uffff]{1,60}\Z")
WORD_AFTER = re.compile(r"[^\s\u2e80-\ufdff\ufe10-\uffff]{1,60}")


def _splits_word(text: str, place: int) -> bool:
    """Whether a word goes on there whose signs a device may lack: they are fitted together, as in 1½."""
    before = WORD_BEFORE.search(text, max(0, place - 60), place)
    after = WORD_AFTER.match(text, place)
    return bool(before and after and not (before[0] + after[0]).isascii())


COMPARED = 64
"""So many nodes are compared at once. Mostly they are the very same ones, which takes no time."""


def _same_nodes(old: Nodes, new: Nodes) -> int:
    """How many nodes at the beginning are the same."""
    same, most = 0, min(len(old), len(new))
    while same < most and old[same : same + COMPARED] == new[same : same + COMPARED]:
        checkpoint()
        same = min(most, same + COMPARED)
    while same < most and old[same] == new[same]:
        same += 1
    return same


def _parts(nodes: Sequence[Node]) -> list[str]:
    checkpoint()
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        elif node.tag in VOID:
            parts.append(node.start)
        elif len(node.children) == 1 and isinstance(node.children[0], str):  # most do
            parts.append(f"{node.start}{node.children[0]}</{node.tag}>")
        else:
            parts += (node.start, *_parts(node.children), f"</{node.tag}>")
    return parts
