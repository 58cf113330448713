"""An answer cut into screens, for readers who turn pages instead of scrolling.

No browser tells a server how it breaks lines, so heights are estimated from the number of letters,
and cuts are made where a line ends anyway: between blocks, items, rows and, in a long paragraph,
sentences. Screens are filled from the first on, so that text which comes later moves none of them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import chain, groupby, islice
from math import ceil

from kindlechat.rendering.answer.scripts import BREAK
from kindlechat.rendering.answer.tree import Element, Node, Nodes, text_of

GAP_LINES = 0.5
"""Between two blocks."""

INDENT_COLUMNS = 3
"""What an item or a quote is set in by."""

HEADING_SCALE = 1.25
CODE_COLUMNS = 0.92
"""How many letters of code stand in the place of one of text: they are wider, in a smaller size."""

BOLD_SCALE = 1.15
"""How much wider bold letters are."""

CODE_LINE = 0.85
CODE_INDENT_COLUMNS = 2
ROW_GAP_LINES = 0.4
CELL_GAP_COLUMNS = 1

LEAST_LINES = 2.5
"""With less than this left on a screen nothing is cut: the next one takes it whole."""

SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*\s+|(?<=[。！？])")
WORD_END = re.compile(rf"\s+|{BREAK.pattern}")


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


# Widths, in letters of Reading.columns: those of DejaVu Serif, the widest of the common faces

SPACE_WIDTH = 0.7
NARROW, NARROW_WIDTH = frozenset("fijltIJ.,:;'|!()[]/\\-`\"²³¹₀₁₂"), 0.8
WIDE, WIDE_WIDTH = frozenset("mwMWæœÆŒ%@—…ЖШЩЮЫ"), 2.15
IDEOGRAPH_WIDTH = 2.15
CYRILLIC_WIDTH, CYRILLIC_CAPITAL_WIDTH = 1.42, 1.75
LETTER_WIDTH, CAPITAL_WIDTH, DIGIT_WIDTH, SYMBOL_WIDTH = 1.25, 1.6, 1.35, 1.75


@cache
def _letter_width(letter: str) -> float:
    if letter in NARROW:
        return NARROW_WIDTH
    if letter in WIDE:
        return WIDE_WIDTH
    if letter >= "\u2e80":
        return IDEOGRAPH_WIDTH
    if "\u0400" <= letter <= "\u052f":
        return CYRILLIC_CAPITAL_WIDTH if letter.isupper() else CYRILLIC_WIDTH
    if letter.isalpha():
        return CAPITAL_WIDTH if letter.isupper() else LETTER_WIDTH
    return DIGIT_WIDTH if letter.isdigit() else SYMBOL_WIDTH


def _width(text: str) -> float:
    return sum(map(_letter_width, text))


# Heights, in lines; of what is higher than a screen only that it is


def _height(node: Node, page: Page) -> float:
    if isinstance(node, str):
        return _lines(node, page.columns, page)
    match node.tag:
        case "h2":
            columns = page.columns / HEADING_SCALE / BOLD_SCALE
            return HEADING_SCALE * _lines(text_of(node), columns, page) + 2 * GAP_LINES
        case "pre":
            return _code_height(text_of(node), page) + GAP_LINES
        case "span":
            return _text_height(node, page)
        case "hr":
            return 1 + GAP_LINES
        case "table":
            return _total((_row_height(row, page) for row in _rows(node)), page) + GAP_LINES
        case "ul" | "ol" | "blockquote" | "details":
            inner = page.narrower(INDENT_COLUMNS)
            return _total((_height(child, inner) for child in node.children), page) + GAP_LINES
        case "li":
            parts = (_height(part, page) for part in _paragraphs(node.children))
            return _total(parts, page) + GAP_LINES / 3
        case _:
            return _text_height(node, page) + GAP_LINES


def _total(heights: Iterable[float], page: Page) -> float:
    total = 0.0
    for height in heights:
        total += height
        if total > 2 * page.lines:
            break
    return total


def _text_height(node: Element, page: Page) -> float:
    text = text_of(node)
    bold = sum(len(text_of(part)) for part in node.children if _is_strong(part))
    wider = 1 + (BOLD_SCALE - 1) * bold / max(1, len(text))
    return _lines(text, page.columns / wider, page)


def _is_strong(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "strong"


def _lines(text: str, columns: float, page: Page) -> float:
    lines = text.strip("\n")[: _most_letters(columns, 2 * page.lines)].split("\n")
    return _total((_wrapped(unescape(line), columns) for line in lines), page)


def _most_letters(columns: float, lines: float) -> int:
    """What no more letters than these fit into."""
    return ceil(columns / SPACE_WIDTH) * ceil(lines)


def _wrapped(line: str, columns: float) -> int:
    """How many lines the words take; one that is longer than a line is broken."""
    lines, used = 1, 0.0
    for word in line.split():
        width = _width(word)
        if used and used + SPACE_WIDTH + width > columns:
            lines, used = lines + 1, 0.0
        used += width + (SPACE_WIDTH if used else 0)
        if used > columns:
            lines += ceil(used / columns) - 1
            used %= columns
    return lines


def _code_height(text: str, page: Page) -> float:
    """All letters of code are as wide, and blanks count."""
    columns = max(8, page.columns - CODE_INDENT_COLUMNS) * CODE_COLUMNS
    lines = text.strip("\n").split("\n")
    return CODE_LINE * _total((_code_wrapped(unescape(line), columns) for line in lines), page)


def _code_wrapped(line: str, columns: float) -> int:
    width = sum(2 if letter >= "\u2e80" else 1 for letter in line)
    return max(1, ceil(width / columns))


def _row_height(row: Element, page: Page) -> float:
    cells = [unescape(text_of(cell)) for cell in row.children if isinstance(cell, Element)]
    wishes = [max(4, _width(cell)) for cell in cells]
    room = max(1, page.columns - CELL_GAP_COLUMNS * len(cells))
    heights = [
        _total((_wrapped(line, room * wish / sum(wishes)) for line in cell.split("\n")), page)
        for cell, wish in zip(cells, wishes, strict=True)
    ]
    return max(heights, default=1) + ROW_GAP_LINES


def _rows(node: Element) -> Iterator[Element]:
    for child in node.children:
        if isinstance(child, Element):
            if child.tag == "tr":
                yield child
            else:
                yield from _rows(child)


BLOCKS = ("p", "ul", "ol", "pre", "blockquote", "table", "details")
"""What an item may have in it besides text."""


def _paragraphs(nodes: Nodes) -> Iterator[Element]:
    """The blocks among the nodes, with the text between them in elements named span."""
    text: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and node.tag in BLOCKS:
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
    if node.tag in ("ul", "ol", "blockquote", "details"):
        return _cut_between(node, page.narrower(INDENT_COLUMNS), room)
    if node.tag == "li":
        return _cut_item(node, page, room)
    if node.tag == "table":
        return _cut_table(node, page, room)
    if node.tag == "pre":
        return _cut_code(node, page, room)
    return _cut_text(node, page, room)


def _cut_between(node: Element, page: Page, room: float) -> tuple[Element | None, Element | None]:
    """A list between its items, a quote between its blocks."""
    count, used = _fitting((_height(child, page) for child in node.children), room)
    head, tail = node.children[:count], node.children[count:]
    if tail and _height(tail[0], page) > page.lines:
        part, rest = _cut(tail[0], page, room - used - GAP_LINES)  # its own, below it
        if part is not None:
            head, tail = (*head, part), ((rest,) if rest is not None else ()) + tail[1:]
        elif not head:
            count = _least(page, room)
            head, tail = tail[:count], tail[count:]
    if not head:
        return None, node
    return Element(node.tag, node.start, head), _going_on(node, count, tail) if tail else None


START = re.compile(r' start="(\d+)"')


def _going_on(node: Element, count: int, children: Nodes) -> Element:
    """The rest of a list or another block of which the first `count` children stand before."""
    if node.tag == "details":  # its summary is gone, and what is said here is to be seen
        return Element("div", node.start.replace("<details", "<div"), children)
    if node.tag != "ol":
        return Element(node.tag, node.start, children)
    first = int((START.search(node.start) or ["", "1"])[1])
    others = START.sub("", node.start)[:-1]
    return Element(node.tag, f'{others} start="{first + count}">', children)


def _cut_item(node: Element, page: Page, room: float) -> tuple[Node | None, Node | None]:
    """An item between its blocks, where it has any, or else as a paragraph."""
    parts = (*_paragraphs(node.children),)
    if all(part.tag == "span" for part in parts):
        return _cut_text(node, page, room)
    head, tail = _cut_between(Element(node.tag, node.start, parts), page, room)
    return _unwrapped(head), _unwrapped(tail)


def _unwrapped(node: Element | None) -> Element | None:
    """The item with the text that _paragraphs has put into elements of its own back where it was."""
    if node is None:
        return None
    children = (
        part.children if isinstance(part, Element) and part.tag == "span" else (part,)
        for part in node.children
    )
    return Element(node.tag, node.start, tuple(chain.from_iterable(children)))


def _cut_table(node: Element, page: Page, room: float) -> tuple[Node | None, Node | None]:
    """Between rows; the head stands on each screen."""
    head = [part for part in node.children if isinstance(part, Element) and part.tag == "thead"]
    head_height = sum(_row_height(row, page) for part in head for row in _rows(part))
    body = [row for row in _rows(node) if not any(row in part.children for part in head)]
    heights = (_row_height(row, page) for row in body)
    count, _ = _fitting(heights, room - head_height)
    count = max(count, _least(page, room))
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
    heights = (_code_height("".join(map(text_of, line)), page) for line in lines)
    count, _ = _fitting(heights, room)
    count = max(count, _least(page, room))
    if not count or count == len(lines):
        return None, node

    def part(lines: list[list[Node]]) -> Element:
        nodes = [node for line in lines for node in line]
        groups = [(text, [*group]) for text, group in groupby(nodes, key=_is_text)]
        joined = (["".join(map(text_of, group))] if text else group for text, group in groups)
        children = tuple(chain.from_iterable(joined))
        return Element("pre", node.start, (Element("code", code.start, children),))

    return part(lines[:count]), part(lines[count:])


def _is_text(node: Node) -> bool:
    return isinstance(node, str)


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


def _fitting(heights: Iterable[float], room: float) -> tuple[int, float]:
    """How many of the heights fit, and how much they use; no more are asked for."""
    used, count = 0.0, 0
    for height in heights:
        if used + height > room:
            break
        used, count = used + height, count + 1
    return count, used


def _least(page: Page, room: float) -> int:
    """How many are to come on a screen at least: what fits on none, and cannot be cut, has one alone,
    which has to be scrolled."""
    return int(room >= page.lines)


def _cut_text(node: Element, page: Page, room: float) -> tuple[Node | None, Node | None]:
    """After a sentence or a line; after a word where there is no such place."""
    found = _last_fitting(node, SENTENCE_END, page, room)
    if found is None and _height(node, page) > page.lines:
        found = _last_fitting(node, WORD_END, page, room)
    if found is None:
        return None, node
    return found


def _last_fitting(
    node: Element, pattern: re.Pattern[str], page: Page, room: float
) -> tuple[Element, Element] | None:
    # There is a letter at least before each place.
    most = _most_letters(page.columns, room + GAP_LINES)
    places = [*islice(_places(node.children, pattern), most)]
    low, high = 0, len(places)  # places[:low] fit, places[high:] do not
    while low < high:
        middle = (low + high + 1) // 2
        head, _ = _cut_at(node, places[middle - 1])
        if _height(head, page) <= room + GAP_LINES:
            low = middle
        else:
            high = middle - 1
    return _cut_at(node, places[low - 1]) if low else None


Place = tuple[int, ...]
"""The number of a child, of a child of that, …, and last how much of its text comes before; of a line
break, its number alone."""

MARKED = ("strong", "em", "u", "s", "a", "code", "sup", "sub", "kbd", "small", "q")
"""Elements within a paragraph: where one is cut, both parts are marked."""


def _places(children: Nodes, pattern: re.Pattern[str], *, last: bool = True) -> Iterator[Place]:
    """Where the text may be cut, never at the very end: that of the `last` child."""
    for number, child in enumerate(children):
        at_end = last and number == len(children) - 1
        if isinstance(child, str):
            for match in pattern.finditer(child):
                if not (at_end and match.end() == len(child)):
                    yield number, match.end()
        elif child.tag == "br" and not at_end:
            yield (number,)
        elif child.tag in MARKED:
            for place in _places(child.children, pattern, last=at_end):
                yield number, *place


def _cut_at(node: Element, place: Place) -> tuple[Element, Element]:
    number, *within = place
    before, after = node.children[:number], node.children[number + 1 :]
    child = node.children[number]
    parts: Nodes = ()  # a line break at which the text is cut goes
    if isinstance(child, str):
        parts = child[: within[0]].rstrip(), child[within[0] :].lstrip()
    elif within:
        parts = _cut_at(child, tuple(within))
    before += tuple(filter(text_of, parts[:1]))
    after = (*filter(text_of, parts[1:]), *after)
    if before and isinstance(before[-1], Element) and before[-1].tag == "br":
        before = before[:-1]
    return Element(node.tag, node.start, before), Element(node.tag, node.start, after)
