"""Tables that fit a narrow screen: as they are, or else each row by itself, below its first cell."""

import re
from html import unescape

from kindlechat.rendering.answer.line_breaks import WRAPPED_ANYWHERE
from kindlechat.rendering.answer.tree import Element, Node, Nodes, append_node, element, text_of
from kindlechat.rendering.safety.checkpoint import checkpoint, paced

MAX_CELL_COLUMNS = 14
"""How wide a cell wants to be at most: a longer one is broken into lines."""

GAP_COLUMNS = 1

WIDE = 1000
"""The columns of a desktop: there every table is one."""

LABELS_JOINT = " | "
BAR = " | "

BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))

WORD = re.compile(f"[^\\s{WRAPPED_ANYWHERE}]+|[{WRAPPED_ANYWHERE}]")

MAX_COLUMNS = 100
"""A table with more columns is shown as it was written: no screen holds it."""

MAX_ROW_CHARS = 20_000
"""What is longer is no row: a table ends before it."""

MAX_HEADING_WORDS = 2
MAX_HEADING_CHARS = 20
"""How long the first heading may be of a table whose lines begin with no bar."""

Cells = list[Nodes]


def may_head_a_table(line: str) -> bool:
    """Whether a line, or its beginning, may be the headings of a table.

    One that begins with no bar may soon be taken for plain text: so a growing text need not wait for
    the end of every line.
    """
    if len(line) > MAX_ROW_CHARS or line.count("|") > MAX_COLUMNS:
        return False
    heading = line.partition("|")[0]
    return len(heading.split()) <= MAX_HEADING_WORDS and len(heading.strip()) <= MAX_HEADING_CHARS


def fitting_cells(cells: list[str], count: int) -> list[str]:
    """The cells of a row that has more than so many: those parted by a bar in brackets are one, and the
    last holds what is left."""
    joined: list[list[str]] = []
    surplus = len(cells) - count
    opened = [0] * len(BRACKETS)
    for cell in paced(cells):
        is_open = joined and surplus > 0 and max(opened) > 0
        if is_open or len(joined) == count:
            joined[-1].append(cell)
            surplus -= 1
        else:
            joined.append([cell])
            opened = [0] * len(BRACKETS)
        for number, (left, right) in enumerate(BRACKETS):
            opened[number] += cell.count(left) - cell.count(right)
    return [BAR.join(filter(None, parts)) for parts in joined]


def fit_tables(nodes: Nodes, columns: int, *, ended: bool) -> Nodes:
    """The nodes with each table that is too wide for `columns` letters made a list.

    The head and the first row decide, so that a table that grows is never rebuilt; until that row is
    there (`ended` says that none will come) the table is not shown.
    """
    fitted: list[Node] = []
    for node in paced(nodes):
        if isinstance(node, str) or not node.children:
            fitted.append(node)
        elif node.tag == "table":
            fitted += _fit(node, columns, ended)
        else:
            children = fit_tables(node.children, columns, ended=ended)
            fitted.append(Element(node.tag, node.start, children))
    return tuple(fitted)


def _fit(table: Element, columns: int, ended: bool) -> Nodes:
    head, *body = rows_of(table)
    if not body:
        return (table,) if ended else ()
    if _width(head, body[0]) <= columns:
        return (table,)
    rows = (_as_list(head, row) for row in body if any(row))
    return (*_labels(head), *rows)


def rows_of(node: Element) -> list[Cells]:
    """The cells of each row of a table, by what is in them."""
    if node.tag == "tr":
        return [[cell.children for cell in node.children if isinstance(cell, Element)]]
    return [row for part in node.children if isinstance(part, Element) for row in rows_of(part)]


def _width(head: Cells, first: Cells) -> int:
    return sum(
        GAP_COLUMNS + max(_wanted(heading), _wanted(cell))
        for heading, cell in zip(head, first, strict=False)
    )


def _wanted(cell: Nodes) -> int:
    text = unescape("".join(map(text_of, cell)))
    words = paced(WORD.finditer(text))
    longest_word = max((_columns(word[0]) for word in words), default=0)
    return max(longest_word, min(_columns(text[:MAX_CELL_COLUMNS]), MAX_CELL_COLUMNS))


def _columns(text: str) -> int:
    """The text's width in letters: an ideograph is as wide as two."""
    return len(text) + sum(letter >= "\u2e80" for letter in text)


def _labels(head: Cells) -> Nodes:
    """What all rows have in common, once: otherwise nothing would tell what their headings are."""
    line: list[Node] = []
    for label in filter(None, head if head[0] else []):
        if line:
            append_node(line, LABELS_JOINT)
        for node in label:
            append_node(line, node)
    return (element("p", *line),) if line else ()


def _as_list(head: Cells, row: Cells) -> Element:
    """The first cell as a heading, below it each other one after its label."""
    checkpoint()
    first, *others = row
    lines: list[Node] = [_bold(first)] if first else []
    for label, cell in zip(head[1:], others, strict=False):
        if not cell:
            continue
        if lines:
            append_node(lines, Element("br", "<br>"))
        for node in (*label, _joint(label), *cell) if label else cell:
            append_node(lines, node)
    return element("p", *lines)


def _joint(label: Nodes) -> str:
    return " " if "".join(map(text_of, label)).endswith((":", "：")) else ": "


def _bold(cell: Nodes) -> Node:
    (first, *others) = cell
    is_bold = isinstance(first, Element) and first.tag == "strong" and not others
    return first if is_bold else element("strong", *cell)
