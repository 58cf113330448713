"""Formulas in lines of characters: fractions, matrices and cases as they are written by hand.

For letters that are all as wide. The lines and corners are those that the oldest typefaces have.
"""

from collections.abc import Sequence
from functools import singledispatch

from kindlechat.rendering.answer.maths.latex.nodes import (
    Accent,
    Box,
    Fence,
    Fraction,
    Grid,
    Kind,
    Label,
    Node,
    Row,
    Scripts,
    Underline,
)
from kindlechat.rendering.answer.maths.layout.blocks import (
    Block,
    columns_of,
    fenced,
    one_line,
    padded,
    side_by_side,
    stack,
    widened,
)
from kindlechat.rendering.answer.maths.layout.line import line, piece
from kindlechat.rendering.answer.maths.layout.scripts import is_loose, script
from kindlechat.rendering.answer.maths.layout.spacing import Piece, spaced

MIN_FRACTION_CHARS = 14
"""A shorter fraction reads as well on one line."""


def is_large(row: Row) -> bool:
    """Whether the formula reads better in lines: it has a matrix, cases or a long fraction."""
    return any(_is_large(node) for node in row)


def _is_large(node: Node) -> bool:
    match node:
        case Grid():
            return len(node.rows) > 1 and (
                not node.is_lines or any(is_large(cell) for row in node.rows for cell in row)
            )
        case Fraction():
            above, below = line(node.above), line(node.below)
            compound = is_loose(above) or is_loose(below)
            is_long = compound and len(above) + len(below) >= MIN_FRACTION_CHARS
            return is_long or is_large(node.above) or is_large(node.below)
        case Box():
            return True
        case Fence():
            return is_large(node.inside)
        case Label() | Scripts():
            return is_large(node.base)
    return False


def block(row: Row) -> Block:
    """The formula in lines."""
    rows: list[list[Piece]] = [[]]
    pieces = [_piece(node) for node in row]
    if any(each.tall for each in pieces):  # then short fractions stand in three lines, too
        pieces = [
            each if each.tall else _stacked(each, node)
            for each, node in zip(pieces, row, strict=True)
        ]
    for each in spaced(pieces):
        if each.text == "\n":
            rows.append([])
        else:
            rows[-1].append(each)
    blocks = [
        side_by_side([each.tall or one_line(each.text) for each in pieces]) for pieces in rows
    ]
    return stack(blocks, "l") if len(blocks) > 1 else blocks[0]


def _piece(node: Node) -> Piece:
    """A piece, of several lines where one is not enough."""
    flat = piece(node)
    return Piece(flat.text, flat.kind, flat.end, flat.closed, _tall(node))


def _stacked(flat: Piece, node: Node) -> Piece:
    if not isinstance(node, Fraction):
        return flat
    return Piece(flat.text, flat.kind, tall=_divided(node, block(node.above), block(node.below)))


@singledispatch
def _tall(node: Node) -> Block | None:
    """The node in several lines; None where one is enough."""
    return None


@_tall.register
def _(node: Fraction) -> Block | None:
    above, below = block(node.above), block(node.below)
    is_simple = above.height == below.height == 1 and not (
        is_loose(above.lines[0]) or is_loose(below.lines[0])
    )
    if is_simple and above.width + below.width <= MIN_FRACTION_CHARS // 2:
        return None
    return _divided(node, above, below)


def _divided(node: Fraction, above: Block, below: Block) -> Block:
    bar = one_line("─" * (max(above.width, below.width) + 2))
    fraction = Block(stack([above, bar, below], "c").lines, above.height)
    return side_by_side([one_line(node.whole + " "), fraction]) if node.whole else fraction


@_tall.register
def _(node: Fence) -> Block | None:
    inside = block(node.inside)
    return fenced(node.left, inside, node.right) if inside.height > 1 else None


@_tall.register
def _(node: Scripts) -> Block | None:
    if len(node.base) != 1 or (base := _tall(node.base[0])) is None:
        return None
    if isinstance(node.base[0], Fraction):
        base = fenced("(", base, ")")
    above = "" if node.above is None else script("^", line(node.above, tight=True))
    below = "" if node.below is None else script("_", line(node.below, tight=True))
    width = max(columns_of(above), columns_of(below))
    marks = [above, *[""] * (base.height - 2), below]
    lines = (each + padded(mark, width, "l") for each, mark in zip(base.lines, marks, strict=True))
    return Block(tuple(lines), base.base)


@_tall.register
def _(node: Box) -> Block | None:
    inside = block(node.inside)
    width = inside.width + 2
    lines = (
        "┌" + "─" * width + "┐",
        *(f"│ {each} │" for each in inside.lines),
        "└" + "─" * width + "┘",
    )
    return Block(lines, inside.base + 1)


@_tall.register
def _(node: Label) -> Block | None:
    if piece(node).kind is Kind.OPERATOR or not any(node.labels):
        return None
    base = block(node.base)
    label = one_line(", ".join(line(each, tight=True) for each in node.labels if each))
    brace = one_line("└" + "─" * max(0, base.width - 2) + "┘")
    stacked = stack([base, brace, label], "c")
    return Block(stacked.lines, base.base)


@_tall.register
def _(node: Accent) -> Block | None:
    inside = block(node.inside)
    return fenced("(", inside, ")" + node.mark) if inside.height > 1 else None


def _cell(cell: Row) -> Block:
    """A cell; in one, as in a sum that is written by hand, lines over and under numbers are drawn."""
    last = cell[-1] if cell else None
    if isinstance(last, Underline):
        inside = block((*cell[:-1], *last.inside))
        width = block(last.inside).width
        return stack([inside, one_line("─" * width)], "r")
    if isinstance(last, Accent) and last.mark == "\u0305":
        inside = block((*cell[:-1], *last.inside))
        return Block(stack([one_line("─" * block(last.inside).width), inside], "r").lines, 1)
    return block(cell)


@_tall.register
def _(node: Grid) -> Block | None:
    if len(node.rows) < 2:
        return None
    cells = [[_cell(cell) for cell in row] for row in node.rows]
    count = max(map(len, cells), default=0)
    widths = [max((row[n].width for row in cells if n < len(row)), default=0) for n in range(count)]
    sides = _sides(node, count)
    bars = _bars(node, widths)
    gap = " " if node.is_lines else "   " if node.is_cases or bars else "  "
    rows = [
        side_by_side([widened(cell, width, side) for cell, width, side in zip(
            [*row, *[one_line("")] * (count - len(row))], widths, sides, strict=True)], gap)
        for row in cells
    ]  # fmt: skip
    return fenced(node.left, _barred(_ruled(rows, node), bars), node.right)


def _bars(node: Grid, widths: Sequence[int]) -> list[int]:
    """In which columns of characters a line stands between two columns of cells."""
    cells = [
        len(node.columns[:n].replace("|", "")) for n, sign in enumerate(node.columns) if sign == "|"
    ]
    return [sum(widths[:n]) + 3 * n - 2 for n in cells if 0 < n < len(widths)]


def _barred(grid: Block, bars: Sequence[int]) -> Block:
    lines = []
    for text in grid.lines:
        signs = [*text]
        for column in bars if len(signs) == grid.width else ():
            signs[column] = "┼" if signs[column] == "─" else "│"
        lines.append("".join(signs))
    return Block(tuple(lines), grid.base)


def _sides(node: Grid, count: int) -> str:
    """For each column, to which side its cells go."""
    if node.is_lines:
        return ("rl" * count)[:count] if count > 1 else "l"
    default = "l" if node.is_cases else "c"
    return (node.columns.replace("|", "") + default * count)[:count]


def _ruled(rows: Sequence[Block], node: Grid) -> Block:
    """The rows below each other, with lines between them, and blank ones where they are high."""
    width = max(row.width for row in rows)
    is_high = any(row.height > 1 for row in rows) and bool(node.is_lines or node.left or node.right)
    parts: list[Block] = []
    for number, row in enumerate(rows):
        if number in node.rules:
            parts.append(one_line("─" * width))
        elif number and is_high:
            parts.append(one_line(""))
        parts.append(row)
    if len(rows) in node.rules:
        parts.append(one_line("─" * width))
    stacked = stack(parts, "l")
    return Block(stacked.lines, (stacked.height - 1) // 2)
