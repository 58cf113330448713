"""An answer cut into screens, for readers who turn pages instead of scrolling.

No browser tells a server how it breaks lines, so heights are estimated from the number of letters,
and cuts are made where a line ends anyway: between blocks, items, rows and, in a long paragraph,
sentences. Screens are filled from the first on, so that text which comes later moves none of them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from math import ceil

from kindlechat.rendering.tree import Element, Node, Nodes, text_of

GAP_LINES = 0.5
"""Between two blocks."""

INDENT_COLUMNS = 3
"""What an item or a quote is set in by."""

HEADING_SCALE = 1.25
CODE_COLUMNS = 0.92
"""How many letters of code stand in the place of one of text: they are wider, in a smaller size."""

CODE_LINE = 0.85
ROW_GAP_LINES = 0.4

LEAST_LINES = 2.5
"""With less than this left on a screen nothing is cut: the next one takes it whole."""

SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Page:
    """The measures of a screen: letters in a line, lines for text."""

    columns: float
    lines: float

    def narrower(self, columns: float) -> "Page":
        """The page that is left where the text is set in."""
        return Page(max(8, self.columns - columns), self.lines)


def cut_into_screens(nodes: Nodes, page: Page) -> list[Nodes]:
    """The nodes of each screen; at least one. No text is lost or doubled."""
    screens: list[list[Node]] = [[]]
    room = page.lines
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        height = _height(node, page)
        after = _height(waiting[-1], page) if waiting else 0
        needed = height + min(after, LEAST_LINES) if _is_heading(node) else height
        if needed <= room + GAP_LINES:
            screens[-1].append(node)
            room -= height
            continue
        head, tail = (
            _cut(node, page, room) if _may_be_cut(node, height, page, room) else (None, node)
        )
        if head is not None:
            screens[-1].append(head)
        elif not screens[-1]:  # it fits nowhere and cannot be cut: this screen has to be scrolled
            screens[-1].append(node)
            continue
        if tail is not None:
            waiting.append(tail)
        screens.append([])
        room = page.lines
    if len(screens) > 1 and not screens[-1]:
        screens.pop()
    return [tuple(screen) for screen in screens]


def _may_be_cut(node: Node, height: float, page: Page, room: float) -> bool:
    """Tables and code stay whole where a screen can hold them; text is cut where it pays."""
    if isinstance(node, Element) and node.tag in ("table", "pre", "h2"):
        return height > page.lines and room >= page.lines / 2
    return room >= LEAST_LINES


def _is_heading(node: Node) -> bool:
    if isinstance(node, str):
        return False
    small = node.tag == "p" and [part.tag for part in node.children if not isinstance(part, str)]
    return node.tag == "h2" or (small == ["strong"] and len(node.children) == 1)


# Heights, in lines


def _height(node: Node, page: Page) -> float:
    if isinstance(node, str):
        return _lines(node, page.columns)
    match node.tag:
        case "h2":
            return (
                HEADING_SCALE * _lines(text_of(node), page.columns / HEADING_SCALE) + 2 * GAP_LINES
            )
        case "pre":
            return CODE_LINE * _lines(text_of(node), page.columns * CODE_COLUMNS) + GAP_LINES
        case "span":
            return _lines(text_of(node), page.columns)
        case "hr":
            return 1 + GAP_LINES
        case "table":
            return sum(_row_height(row, page.columns) for row in _rows(node)) + GAP_LINES
        case "ul" | "ol" | "blockquote":
            inner = page.narrower(INDENT_COLUMNS)
            return sum(_height(child, inner) for child in node.children) + GAP_LINES
        case "li":
            return sum(_height(part, page) for part in _paragraphs(node.children)) + GAP_LINES / 3
        case _:
            return _lines(text_of(node), page.columns) + GAP_LINES


def _lines(text: str, columns: float) -> int:
    return sum(_wrapped(unescape(line), columns) for line in text.strip("\n").split("\n"))


def _wrapped(line: str, columns: float) -> int:
    """How many lines the words take; one that is longer than a line is broken."""
    lines, used = 1, 0.0
    for word in line.split():
        # An ideograph is twice as wide as a letter.
        width = sum(2 if letter >= "\u2e80" else 1 for letter in word)
        if used and used + 1 + width > columns:
            lines, used = lines + 1, 0.0
        used += width + (1 if used else 0)
        if used > columns:
            lines += ceil(used / columns) - 1
            used %= columns
    return lines


def _row_height(row: Element, columns: float) -> float:
    cells = [child for child in row.children if isinstance(child, Element)]
    wishes = [max(4, len(text_of(cell))) for cell in cells]
    shares = [columns * wish / sum(wishes) for wish in wishes]
    heights = [_lines(text_of(cell), share) for cell, share in zip(cells, shares, strict=True)]
    return max(heights, default=1) + ROW_GAP_LINES


def _rows(node: Element) -> Iterator[Element]:
    for child in node.children:
        if isinstance(child, Element):
            if child.tag == "tr":
                yield child
            else:
                yield from _rows(child)


def _paragraphs(nodes: Nodes) -> Iterator[Node]:
    """The blocks among the nodes, with the text between them as paragraphs."""
    text: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and node.tag in (
            "p",
            "ul",
            "ol",
            "pre",
            "blockquote",
            "table",
        ):
            if text:
                yield Element("span", "<span>", tuple(text))
            text = []
            yield node
        else:
            text.append(node)
    if text:
        yield Element("span", "<span>", tuple(text))


# Cuts


def _cut(node: Node, page: Page, room: float) -> tuple[Node | None, Node | None]:
    """What fits into `room` lines of the node, and the rest."""
    if isinstance(node, str):
        return None, node
    if node.tag in ("ul", "ol", "blockquote"):
        return _cut_between(node, page.narrower(INDENT_COLUMNS), room)
    if node.tag == "table":
        return _cut_table(node, page, room)
    if node.tag == "pre":
        return _cut_code(node, page, room)
    return _cut_text(node, page, room)


def _cut_between(node: Element, page: Page, room: float) -> tuple[Node | None, Node | None]:
    """A list between its items, a quote between its blocks."""
    count, used = _fitting([_height(child, page) for child in node.children], room)
    head, tail = node.children[:count], node.children[count:]
    if tail and _height(tail[0], page) > page.lines:
        part, rest = _cut(tail[0], page, room - used)
        if part is not None:
            head, tail = (*head, part), ((rest,) if rest is not None else ()) + tail[1:]
    if not head:
        return None, node
    start = node.start
    if node.tag == "ol":
        first = int((re.search(r'start="(\d+)"', start) or ["", "1"])[1])
        start = f'<ol start="{first + count}">'
    return (
        Element(node.tag, node.start, head),
        Element(node.tag, start, tail) if tail else None,
    )


def _cut_table(node: Element, page: Page, room: float) -> tuple[Node | None, Node | None]:
    """Between rows; the head stands on each screen."""
    head = [part for part in node.children if isinstance(part, Element) and part.tag == "thead"]
    head_height = sum(_row_height(row, page.columns) for part in head for row in _rows(part))
    body = [row for row in _rows(node) if not any(row in part.children for part in head)]
    count, _ = _fitting([_row_height(row, page.columns) for row in body], room - head_height)
    if not count or count == len(body):
        return None, node

    def part(rows: Sequence[Element]) -> Element:
        return Element("table", node.start, (*head, Element("tbody", "<tbody>", tuple(rows))))

    return part(body[:count]), part(body[count:])


def _cut_code(node: Element, page: Page, room: float) -> tuple[Node | None, Node | None]:
    """Between lines; what is marked over several lines is not cut."""
    (code,) = node.children
    assert isinstance(code, Element)
    lines = _code_lines(code.children)
    heights = [CODE_LINE * _lines("".join(map(text_of, line)), page.columns) for line in lines]
    count, _ = _fitting(heights, room)
    if not count or count == len(lines):
        return None, node

    def part(lines: list[list[Node]]) -> Element:
        children = tuple(node for line in lines for node in line)
        return Element("pre", node.start, (Element("code", code.start, children),))

    return part(lines[:count]), part(lines[count:])


def _code_lines(nodes: Nodes) -> list[list[Node]]:
    lines: list[list[Node]] = [[]]
    for node in nodes:
        if not isinstance(node, str):
            lines[-1].append(node)
            continue
        first, *others = node.split("\n")
        lines[-1].append(first)
        for other in others:
            lines[-1].append("\n")
            lines.append([other] if other else [])
    return [line for line in lines if line]


def _fitting(heights: Sequence[float], room: float) -> tuple[int, float]:
    """How many of the heights fit, and how much they use."""
    used = 0.0
    for count, height in enumerate(heights):
        if used + height > room:
            return count, used
        used += height
    return len(heights), used


def _cut_text(node: Element, page: Page, room: float) -> tuple[Node | None, Node | None]:
    """After a sentence or a line; after a word where there is no such place."""
    sentences = [*_places(node.children, SENTENCE_END)]
    found = _last_fitting(node, sentences, page, room)
    if found is None and _height(node, page) > page.lines:
        found = _last_fitting(node, [*_places(node.children, re.compile(r"\s+"))], page, room)
    if found is None:
        return None, node
    return found


def _last_fitting(
    node: Element, places: list[tuple[int, int]], page: Page, room: float
) -> tuple[Element, Element] | None:
    low, high = 0, len(places)  # places[:low] fit, places[high:] do not
    while low < high:
        middle = (low + high + 1) // 2
        head, _ = _cut_at(node, places[middle - 1])
        if _height(head, page) <= room + GAP_LINES:
            low = middle
        else:
            high = middle - 1
    return _cut_at(node, places[low - 1]) if low else None


def _places(children: Nodes, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where the text may be cut: (child, place in its text); never at the very end."""
    for number, child in enumerate(children):
        if isinstance(child, str):
            for match in pattern.finditer(child):
                if (number, match.end()) != (len(children) - 1, len(child)):
                    yield number, match.end()
        elif child.tag == "br" and number < len(children) - 1:
            yield number + 1, 0


def _cut_at(node: Element, place: tuple[int, int]) -> tuple[Element, Element]:
    number, offset = place
    before, after = node.children[:number], node.children[number + 1 :]
    child = node.children[number]
    if isinstance(child, str):
        before += (child[:offset].rstrip(),) if child[:offset].strip() else ()
        after = ((child[offset:].lstrip(),) if child[offset:].strip() else ()) + after
    else:
        after = (child, *after)
    if before and isinstance(before[-1], Element) and before[-1].tag == "br":
        before = before[:-1]
    return Element(node.tag, node.start, before), Element(node.tag, node.start, after)
