"""Tables: cut between rows, with the head on each screen."""

from collections.abc import Iterator
from functools import cached_property

from kindlechat.rendering.answer.tree import Element, Node, text_of
from kindlechat.rendering.device.screens.page import GAP_LINES, Page, Place, fitting
from kindlechat.rendering.device.screens.widths import lines_of, text_width
from kindlechat.rendering.safety.checkpoint import checkpoint

ROW_GAP_LINES = 0.4
CELL_GAP_COLUMNS = 1
LEAST_CELL_COLUMNS = 4


class TableBlock:
    """A table. Its places are numbers of rows below the head."""

    def __init__(self, node: Element, page: Page) -> None:
        self._node = node
        self._page = page
        parts = [part for part in node.children if isinstance(part, Element)]
        self._head = [part for part in parts if part.tag == "thead"]
        self._rows = [row for part in parts if part.tag != "thead" for row in _rows(part)]
        self._heights: dict[int, float] = {}

    def height(self, start: Place = ()) -> float:
        rows = range(start[0] if start else 0, len(self._rows))
        return self._head_height + self._page.total(map(self._height, rows)) + GAP_LINES

    def cut(self, start: Place, room: float, *, must: bool) -> Place | None:
        first = start[0] if start else 0
        rows = range(first, len(self._rows))
        count, _ = fitting(map(self._height, rows), room - self._head_height)
        count = max(count, int(must))
        return (first + count,) if 0 < count < len(rows) else None

    def part(self, start: Place, stop: Place | None) -> Node:
        if not start and stop is None:
            return self._node
        rows = self._rows[start[0] if start else 0 : stop[0] if stop else None]
        body = Element("tbody", "<tbody>", tuple(rows))
        return Element("table", self._node.start, (*self._head, body))

    @cached_property
    def _head_height(self) -> float:
        return sum(_row_height(row, self._page) for part in self._head for row in _rows(part))

    def _height(self, number: int) -> float:
        if number not in self._heights:
            self._heights[number] = _row_height(self._rows[number], self._page)
        return self._heights[number]


def _rows(node: Element) -> Iterator[Element]:
    if node.tag == "tr":
        yield node
        return
    for child in node.children:
        if isinstance(child, Element):
            yield from _rows(child)


def _row_height(row: Element, page: Page) -> float:
    checkpoint()
    cells = [text_of(cell) for cell in row.children if isinstance(cell, Element)]
    wishes = [max(LEAST_CELL_COLUMNS, text_width(cell)) for cell in cells]
    room = max(1, page.columns - CELL_GAP_COLUMNS * len(cells)) / max(1, sum(wishes))
    heights = [
        lines_of(cell, room * wish, page.most) for cell, wish in zip(cells, wishes, strict=True)
    ]
    return max(heights, default=1) + ROW_GAP_LINES
