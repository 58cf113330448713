"""Formulas in LaTeX as plain text: what a book without formula type would print."""

from kindlechat.rendering.answer.maths.finding.display import MAX_CHARS
from kindlechat.rendering.answer.maths.latex.nodes import Grid, Row, levels
from kindlechat.rendering.answer.maths.latex.parser import parse_formula
from kindlechat.rendering.answer.maths.latex.rows import TooDeepError
from kindlechat.rendering.answer.maths.layout.line import line
from kindlechat.rendering.answer.maths.layout.tall import block, is_large

MAX_BLOCK_CHARS = 800
"""What is longer fits on no screen in lines of characters."""

MAX_BLOCK_LEVELS = 8

MAX_COLUMNS = 60
"""A line of characters on the widest of the screens."""


def maths_text(latex: str) -> str:
    """The formula as Unicode text, of more than one line where it has several.

    Brackets are added wherever the meaning would change without them. An unknown macro keeps its name
    and its arguments, and what is unfinished shows as far as it goes. Never raises.
    """
    row = _parse(latex)
    if row is None:
        return latex.strip()
    return _tidy(_written(row))


def maths_lines(latex: str) -> tuple[str, str]:
    """The formula as text and, if it reads better so, in lines of characters that are all as wide.

    The latter are empty where one line is as good, or no screen is wide enough. Never raises.
    """
    row = _parse(latex)
    if row is None:
        return latex.strip(), ""
    return _tidy(_written(row)), _set_out(row) if len(latex) <= MAX_BLOCK_CHARS else ""


def _set_out(row: Row) -> str:
    if levels(row) > MAX_BLOCK_LEVELS or not is_large(row):
        return ""
    tall = block(row)
    return "\n".join(each.rstrip() for each in tall.lines) if tall.width <= MAX_COLUMNS else ""


def _tidy(text: str) -> str:
    lines = (" ".join(each.split()) for each in text.split("\n"))
    return "\n".join(each for each in lines if each)


def _written(row: Row) -> str:
    """The formula on one line, or on as many as it has rows if it is nothing but rows."""
    first = row[0] if len(row) == 1 else None
    if isinstance(first, Grid) and not (first.left or first.right or first.is_lines):
        return "\n".join(" ".join(map(line, cells)) for cells in first.rows)
    return line(row)


def _parse(latex: str) -> Row | None:
    """The formula's tree; None for one that is shown as it was written."""
    if len(latex) > MAX_CHARS:
        return None
    try:
        return parse_formula(latex)
    except TooDeepError:
        return None
