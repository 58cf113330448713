"""Code: all its letters are as wide, blanks count, and it is cut between lines."""

from html import unescape
from itertools import chain
from math import ceil

from kindlechat.rendering.answer.tree import Element, Node, Nodes, merged, text_of
from kindlechat.rendering.device.screens.page import GAP_LINES, Page, Place, fitting
from kindlechat.rendering.safety.checkpoint import checkpoint

CODE_COLUMNS = 0.92
"""How many letters of code stand in the place of one of text: they are wider, in a smaller size."""

CODE_LINE = 0.85
INDENT_COLUMNS = 2


class CodeBlock:
    """A `pre` and the `code` in it. Its places are numbers of lines."""

    def __init__(self, node: Element, page: Page) -> None:
        self._node = node
        self._page = page
        self._columns = max(8, page.columns - INDENT_COLUMNS) * CODE_COLUMNS
        (code,) = node.children
        assert isinstance(code, Element), "a pre holds a code, and nothing else"
        self._code = code
        self._lines = _code_lines(code.children)
        self._solid, self._end = _without_empty(self._lines)
        self._counts: dict[int, float] = {}

    def height(self, start: Place = ()) -> float:
        first = self._solid[start[0] if start else 0]
        lines = map(self._lines_of, range(first, self._end))
        return self._page.total(lines, line=CODE_LINE) + GAP_LINES

    def cut(self, start: Place, room: float, *, must: bool) -> Place | None:
        first = start[0] if start else 0
        rest = range(first, len(self._lines))
        count, _ = fitting((CODE_LINE * self._lines_of(number) for number in rest), room)
        count = max(count, int(must))
        return (first + count,) if 0 < count < len(rest) else None

    def part(self, start: Place, stop: Place | None) -> Node:
        if not start and stop is None:
            return self._node
        lines = self._lines[start[0] if start else 0 : stop[0] if stop else None]
        children = merged(chain.from_iterable(lines))
        return Element("pre", self._node.start, (Element("code", self._code.start, children),))

    def _lines_of(self, number: int) -> float:
        """How many lines one line of the code takes."""
        if number not in self._counts:
            checkpoint()
            text = "".join(map(text_of, self._lines[number])).removesuffix("\n")
            wrapped = (_wrapped(unescape(line), self._columns) for line in text.split("\n"))
            self._counts[number] = self._page.total(wrapped)
        return self._counts[number]


def _without_empty(lines: list[Nodes]) -> tuple[list[int], int]:
    """For each line the number of the first one from there on that is not empty, and that of the first
    of the empty ones at the end: browsers show neither."""
    solid, end = [len(lines)], 0
    for number in range(len(lines) - 1, -1, -1):
        is_empty = lines[number] == ("\n",)
        end = end or (0 if is_empty else number + 1)
        solid.append(solid[-1] if is_empty else number)
    return solid[::-1], end


def _wrapped(line: str, columns: float) -> int:
    width = len(line) + sum(letter >= "\u2e80" for letter in line)
    return max(1, ceil(width / columns))


def _code_lines(nodes: Nodes) -> list[Nodes]:
    """The nodes of each line; what is marked over several lines is one."""
    lines: list[list[Node]] = [[]]
    for node in nodes:
        if not isinstance(node, str):
            lines[-1].append(node)
            continue
        *whole, last = node.split("\n")
        for line in whole:
            lines[-1].append(line + "\n")
            lines.append([])
        lines[-1].append(last)
    return [merged(line) for line in lines if any(line)]
