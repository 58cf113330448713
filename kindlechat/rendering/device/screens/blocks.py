"""Blocks one below the other, as lines: paragraphs, headings, lists, quotes, code, tables."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from kindlechat.rendering.answer.tree import Element, Node
from kindlechat.rendering.device.screens.page import Line, Page, Place
from kindlechat.rendering.device.screens.tables import table_lines
from kindlechat.rendering.device.screens.texts import CODE_SIZE, PLAIN, Paragraph, Style, runs_of
from kindlechat.rendering.safety.checkpoint import checkpoint, paced

LEAST_LINES = 2
"""So many lines of a block stand on a screen, or none: no widows, no orphans; nor a heading without as
many lines of what follows it. Screens of few lines may need one that stands alone."""

LEAST_WIDTH = 4.0

RULE_HEIGHT = 0.06

CODE_LINE = re.compile(r"[^\n]*\n|[^\n]+")

HEADINGS = frozenset(("h2", "h3", "h4"))

ITEM_TEXTS = frozenset(("p", "ul", "ol", "pre", "blockquote", "table", "details", "hr"))
"""What an item, a quote and the like may have in them besides text."""


class Shape(NamedTuple):
    """How the style sheet sets a kind of block, in em of the text around it."""

    above: float = 0.0
    below: float = 0.7
    inset: float = 0.0
    size: float = 1.0
    line: float | None = None


SHAPES = {
    "p": Shape(),
    "h2": Shape(above=1.0, below=0.5, size=1.25, line=1.25),
    "minor": Shape(above=0.88, below=0.44, size=1.1, line=1.25),
    "h3": Shape(above=0.94, below=0.47, size=1.17, line=1.25),
    "h4": Shape(above=0.8, below=0.4, line=1.25),
    "ul": Shape(inset=1.4),
    "ol": Shape(inset=1.4),
    "li": Shape(below=0.2),
    "blockquote": Shape(inset=0.9),
    "pre": Shape(below=0.6, inset=0.8),
    "table": Shape(),
    "hr": Shape(above=1.0, below=1.0),
    "summary": Shape(below=0.0),
}
TIGHT = ("ul", "ol", "p")
"""What keeps nothing free below it within an item."""

FORMULA_LINE, FORMULA_INSET = 1.2, 2.0


class Blocks:
    """Lays out the blocks of one answer on a page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._gap = 0.0
        self._kept = 0

    def lines(self, whole: Element) -> Iterator[Line]:
        """All lines of what the element holds."""
        yield from self._children(whole, (), self._page)

    def _children(self, node: Element, place: Place, page: Page) -> Iterator[Line]:
        """The lines of blocks, and of texts between them."""
        numbers = range(len(node.children))
        for is_block, group in groupby(numbers, lambda number: _is_block(node.children[number])):
            if is_block:
                for number in group:
                    child = node.children[number]
                    assert isinstance(child, Element)
                    yield from self._block(child, (*place, number), page, node.tag)
            else:
                first, *others = group
                last = others[-1] if others else first
                text = Paragraph(node, page, place, first=first, last=last + 1)
                yield from self._laid(_text_lines(text.lines(page.width), page.line))

    def _block(self, node: Element, place: Place, page: Page, parent: str) -> Iterator[Line]:
        checkpoint()
        shape = shape_of(node)
        if parent == "li" and node.tag in TIGHT:
            shape = shape._replace(below=0.0)
        self._gap = max(self._gap, shape.above)
        within = replace(page, width=max(LEAST_WIDTH, page.width - shape.inset))
        for line in self._within(node, place, within, shape):
            if shape.line:
                line.fixed = line.height
            yield line
        self._gap = max(self._gap, shape.below)

    def _within(self, node: Element, place: Place, page: Page, shape: Shape) -> Iterator[Line]:
        match node.tag:
            case "hr":
                yield from self._laid(
                    [Line(place, RULE_HEIGHT, top=shape.above, fixed=RULE_HEIGHT)]
                )
            case "table":
                yield from self._laid(table_lines(node, place, page))
            case "pre":
                yield from self._laid(_code_lines(node, place, shape.line or page.line))
            case tag if tag in HEADINGS or _is_bold(node):
                yield from self._laid(_heading_lines(node, place, page, shape))
                self._kept = LEAST_LINES
            case _:
                if node.tag == "li" and not node.children:  # only its sign
                    yield from self._laid([Line(place, page.line)])
                yield from self._children(node, place, replace(page, line=shape.line or page.line))

    def _laid(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines of a block that holds no other, with the gap above them."""
        for line in lines:
            line.gap, self._gap = self._gap, 0.0
            if self._kept:
                line.parts = self._kept < LEAST_LINES and (line.may_begin or line.parts)
                line.may_begin = False
                self._kept -= 1
            yield line


def shape_of(node: Element) -> Shape:
    """How a block is set."""
    shape = SHAPES.get("minor" if 'class="minor"' in node.start else node.tag, SHAPES["p"])
    if 'class="maths"' not in node.start:
        return shape
    size = CODE_SIZE if node.tag == "pre" else 1.0
    return shape._replace(inset=FORMULA_INSET * size, line=FORMULA_LINE)


def _is_block(node: Node) -> bool:
    return isinstance(node, Element) and (node.tag in SHAPES or node.tag in ITEM_TEXTS)


def _is_bold(node: Element) -> bool:
    """Whether a paragraph is a heading in all but its tag."""
    if node.tag != "p" or len(node.children) != 1:
        return False
    (child,) = node.children
    return isinstance(child, Element) and child.tag == "strong"


def _heading_lines(node: Element, place: Place, page: Page, shape: Shape) -> Iterator[Line]:
    """The lines of a heading, which no screen parts."""
    text = Paragraph(node, page, place, Style(size=shape.size, is_bold=True))
    height, top = shape.size * (shape.line or page.line), shape.above
    for number, start in enumerate(text.lines(page.width)):
        yield Line(start, height, top=top if not number else 0.0, may_begin=not number)


def _text_lines(places: Iterable[Place], height: float) -> Iterator[Line]:
    """The lines of a text."""
    return _kept_together(Line(place, height) for place in places)


def _code_lines(node: Element, place: Place, line: float) -> Iterator[Line]:
    """The lines of code, which browsers do not break. No screen begins with an empty one, and formulas
    that are drawn in several lines stay whole."""
    (code,) = node.children
    is_formula = "maths" in node.start
    lines = (
        Line(start, CODE_SIZE * line, may_begin=is_solid and not is_formula, is_blank=not is_solid)
        for start, is_solid in _code_places(code, (*place, 0))
    )
    return _kept_together(lines)


def _code_places(code: Node, place: Place) -> Iterator[tuple[Place, bool]]:
    """The start of each line of code, and whether the line holds anything."""
    start, is_solid, is_begun = place, False, False
    for run in runs_of(code, place, PLAIN):
        for match in paced(CODE_LINE.finditer(run.text)):
            is_begun, is_solid = True, is_solid or not match[0].isspace()
            if match[0].endswith("\n"):
                yield start, is_solid
                start, is_solid, is_begun = (*run.place, match.end()), False, False
    if is_begun:
        yield start, is_solid


def _kept_together(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines of a block: neither its first nor its last stands alone on a screen."""
    number, waiting = -1, None
    for number, line in enumerate(lines):
        if waiting:
            yield waiting
        if 0 < number < LEAST_LINES:
            line.may_begin, line.parts = False, line.may_begin
        waiting = line
    if waiting:
        if number and waiting.may_begin:
            waiting.may_begin, waiting.parts = False, True
        yield waiting
