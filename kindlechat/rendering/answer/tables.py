"""Tables that fit a narrow screen: as they are, or else each row as a list of "heading: value"."""

from html import unescape

from kindlechat.rendering.answer.links import append_node
from kindlechat.rendering.answer.tree import Element, Node, Nodes, element, text_of

MAX_CELL_COLUMNS = 14
"""How wide a cell wants to be at most: a longer one is broken into lines."""

GAP_COLUMNS = 1

Row = list[Nodes]


def fit_tables(nodes: Nodes, columns: int, *, ended: bool) -> Nodes:
    """The nodes with each table that is too wide for `columns` letters made a list.

    The head and the first row decide, so that a table that grows is never rebuilt; until that row is
    there (`ended` says that none will come) the table is not shown.
    """
    fitted: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            fitted.append(node)
        elif node.tag == "table":
            fitted += _fit(node, columns, ended)
        else:
            children = fit_tables(node.children, columns, ended=ended)
            fitted.append(Element(node.tag, node.start, children))
    return tuple(fitted)


def _fit(table: Element, columns: int, ended: bool) -> Nodes:
    head, *body = _rows(table)
    if not body:
        return (table,) if ended else ()
    if _width(head, body[0]) <= columns:
        return (table,)
    return tuple(_as_list(head, row) for row in body if any(row))


def _rows(node: Element) -> list[Row]:
    if node.tag == "tr":
        return [[cell.children for cell in node.children if isinstance(cell, Element)]]
    return [row for part in node.children if isinstance(part, Element) for row in _rows(part)]


def _width(head: Row, first: Row) -> int:
    return sum(
        GAP_COLUMNS + max(_wanted(heading), _wanted(cell))
        for heading, cell in zip(head, first, strict=False)
    )


def _wanted(cell: Nodes) -> int:
    text = unescape("".join(map(text_of, cell)))
    longest_word = max(map(len, text.split()), default=0)
    return max(longest_word, min(len(text), MAX_CELL_COLUMNS))


def _as_list(head: Row, row: Row) -> Element:
    lines: list[Node] = []
    for heading, cell in zip(head, row, strict=False):
        if not cell:
            continue
        if lines:
            append_node(lines, Element("br", "<br>"))
        if heading:
            append_node(lines, element("strong", *heading, ":"))
            append_node(lines, " ")
        for node in cell:
            append_node(lines, node)
    return element("p", *lines)
