"""Tables: as wide as their columns want to be, as high as the highest cell of each row."""

from collections.abc import Iterator

from kindlechat.rendering.answer.tables import fit_tables
from kindlechat.rendering.answer.tree import Element, Node, Nodes
from kindlechat.rendering.device.screens.page import Line, Page, Place
from kindlechat.rendering.device.screens.texts import Paragraph
from kindlechat.rendering.safety.checkpoint import checkpoint

CELL_GAP = 0.5
"""Right of each cell, and above and below it together."""

DOT = 0.06
"""A dot or less, in em of the smallest type: there is a line of one below each row."""

LEAST_WIDTH = 1.0

MOST_LINES = 5
"""A table with a row of more lines is a list in page view: rows are never cut."""

TableRow = tuple[Place, list[Paragraph]]


def without_tall_rows(nodes: Nodes, page: Page) -> Nodes:
    """The nodes, in which a table with a high row is a list."""
    fitting: list[Node] = []
    for node in nodes:
        is_tall = isinstance(node, Element) and node.tag == "table" and _is_tall(node, page)
        fitting += fit_tables((node,), 0, ended=True) if is_tall else (node,)
    return tuple(fitting)


def _is_tall(table: Element, page: Page) -> bool:
    most = MOST_LINES * page.line + CELL_GAP + DOT
    return any(row.height > most for row in table_lines(table, (), page))


def table_lines(table: Element, place: Place, page: Page) -> Iterator[Line]:
    """The rows, which are never cut. The head stands on each screen, and never alone."""
    rows = [*_rows(table, place, page)]
    widths = _column_widths([cells for _, cells in rows], page.width)
    head, may_begin = 0.0, True
    for row, cells in rows:
        checkpoint()
        counts = [cell.count(width) for cell, width in zip(cells, widths, strict=False)]
        height = max(counts, default=1) * page.line + CELL_GAP + DOT
        is_head = _is_head(table, row[len(place)])
        top, fixed = 0.0 if is_head else head, CELL_GAP + DOT
        yield Line(row, height, top=top, may_begin=may_begin, fixed=fixed)
        head, may_begin = head + (height if is_head else 0), not is_head


def _is_head(table: Element, number: int) -> bool:
    part = table.children[number]
    return isinstance(part, Element) and part.tag == "thead"


def _rows(table: Element, place: Place, page: Page) -> Iterator[TableRow]:
    for number, part in enumerate(table.children):
        if not isinstance(part, Element):
            continue
        for row_number, row in enumerate(part.children):
            checkpoint()
            if isinstance(row, Element):
                cells = [cell for cell in row.children if isinstance(cell, Element)]
                yield (*place, number, row_number), [Paragraph(cell, page) for cell in cells]


def _column_widths(rows: list[list[Paragraph]], width: float) -> list[float]:
    """What browsers give each column: what its words need, and of the rest in proportion to its wishes. They
    give whole dots, so what a column has beyond its need may be a dot less."""
    columns = max(map(len, rows), default=0)
    least, most = [LEAST_WIDTH] * columns, [LEAST_WIDTH] * columns
    for cells in rows:
        checkpoint()
        for number, cell in enumerate(cells):
            word, line = cell.extent()
            least[number] = max(least[number], word)
            most[number] = max(most[number], line)
    room = max(LEAST_WIDTH, width - CELL_GAP * columns)
    needed, wished = sum(least), sum(most) - sum(least)
    if sum(most) <= room:
        return [max(wish, wish * room / sum(most) - DOT) for wish in most]
    if needed >= room or not wished:
        return [each * room / needed for each in least]
    return [
        max(low, low + (room - needed) * (high - low) / wished - DOT)
        for low, high in zip(least, most, strict=True)
    ]
