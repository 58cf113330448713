"""Books as plain text: an answer's nodes as lines that any device can show (pure)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape

from kindlechat.export.book import Book, Chapter
from kindlechat.rendering.answer.tables import fit_tables, rows_of
from kindlechat.rendering.answer.tree import Element, Node, Nodes, text_of
from kindlechat.rendering.safety.checkpoint import checkpoint

TABLE_COLUMNS = 60
"""A wider table is made a list."""

RULE = "-" * 20

INLINE = frozenset(("a", "br", "code", "em", "kbd", "q", "s", "small", "strong", "sub", "sup", "u"))

RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")

NUMBER = re.compile(r' (?:start|value)="(\d+)"')
"""Of a list that begins with it, or of an item."""


def cut_text(_: str, nodes: Nodes) -> list[str]:
    """The answer as plain text, in one piece."""
    return ["\n".join(_lines(nodes))]


def write_text(book: Book, chapters: Iterable[Chapter]) -> Iterator[bytes]:
    """The book as plain text in UTF-8, chapter by chapter."""
    parts = [book.preface] if book.preface else []
    for chapter in chapters:
        parts += [f"{book.words.question} {chapter.question.strip()}", chapter.answer.rstrip()]
        yield "\n\n".join(filter(None, (*parts, chapter.note))).encode() + b"\n"
        parts = [f"\n{RULE}"]


def _lines(nodes: Sequence[Node]) -> list[str]:
    """The lines of blocks, an empty one between two of them; text beside blocks is one of its own."""
    lines: list[str] = []
    for block in _blocks(nodes):
        if lines and block:
            lines.append("")
        lines += block
    return lines


def _blocks(nodes: Sequence[Node]) -> Iterator[list[str]]:
    words: list[Node] = []
    for node in nodes:
        if isinstance(node, str) or node.tag in INLINE:
            words.append(node)
            continue
        yield _written(words)
        words = []
        yield _block(node)
    yield _written(words)


def _block(node: Element) -> list[str]:
    checkpoint()
    match node.tag:
        case "ul" | "ol":
            return _list(node)
        case "blockquote":
            return [f"> {line}".rstrip() for line in _lines(node.children)]
        case "pre":
            code = unescape(text_of(node)).rstrip("\n").split("\n")
            return [f"    {line}".rstrip() for line in code]
        case "table":
            return _table(node)
        case "hr":
            return [RULE]
        case "details":
            return _lines(node.children)
        case _:
            return _written(node.children)


def _list(node: Element) -> list[str]:
    """The items below each other, what an item holds below its text."""
    number = _number(node, 1)
    lines: list[str] = []
    for item in node.children:
        if not isinstance(item, Element):
            continue
        number = _number(item, number)
        mark = f"{number}. " if node.tag == "ol" else "- "
        number += 1
        within = [line for block in _blocks(item.children) for line in block]
        first, *others = within or [""]
        lines.append(f"{mark}{first}".rstrip())
        lines += [f"{' ' * len(mark)}{line}".rstrip() for line in others]
    return lines


def _number(node: Element, instead: int) -> int:
    given = NUMBER.search(node.start)
    return int(given[1]) if given else instead


def _table(node: Element) -> list[str]:
    rows = [[" ".join(_written(cell)) for cell in row] for row in rows_of(node)]
    if not rows:
        return []
    columns = max(map(len, rows))
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(columns)]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]
    if len(rows) > 1 and max(map(len, lines)) > TABLE_COLUMNS:
        return _lines(fit_tables((node,), -1, ended=True))
    return [lines[0], "-+-".join("-" * width for width in widths), *lines[1:]]


def _written(nodes: Sequence[Node]) -> list[str]:
    """The lines of a paragraph."""
    text = unescape("".join(map(_inline, nodes))).replace("\xa0", " ").strip()
    return [line.strip() for line in text.split("\n")] if text else []


def _inline(node: Node) -> str:
    """The text of a node, still escaped, with signs in the place of what type can show."""
    if isinstance(node, str):
        return node
    within = "".join(map(_inline, node.children))
    match node.tag:
        case "br":
            return "\n"
        case "q":
            return f"“{within}”"
        case "s":
            return f"~~{within}~~"
        case "sub":
            return _moved(within, LOWERED, "")
        case "sup" if isinstance(node.children[0] if node.children else "", Element):
            return f"[{within}]"  # the mark of a footnote
        case "sup":
            return _moved(within, RAISED, "^")
        case _:
            return within


def _moved(text: str, signs: dict[int, int], instead: str) -> str:
    """A text in raised or lowered signs where there are such, else after another sign."""
    if all(ord(sign) in signs for sign in text):
        return text.translate(signs)
    return f"{instead}{text}"
