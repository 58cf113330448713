"""Formulas in LaTeX as plain text on one line."""

import re
from dataclasses import dataclass

from kindlechat.rendering.answer.maths.finding.display import MAX_CHARS
from kindlechat.rendering.answer.maths.latex.nodes import Grid, Row, levels
from kindlechat.rendering.answer.maths.latex.parser import is_macro, parse_formula
from kindlechat.rendering.answer.maths.latex.rows import TooDeepError
from kindlechat.rendering.answer.maths.layout.line import FRAME_END, FRAME_START, line
from kindlechat.rendering.answer.maths.layout.tall import block, is_large
from kindlechat.rendering.answer.maths.remembering import remembered

NO_FRAMES = {ord(mark): None for mark in (FRAME_START, FRAME_END)}

ESCAPED_TWICE = re.compile(r"\\\\([A-Za-z]{2,})")
MACRO = re.compile(r"(?<!\\)(?:\\\\)*\\[A-Za-z]")

MAX_DRAWN_CHARS = 800
"""What is longer fits on no screen in lines of characters."""

MAX_DRAWN_LEVELS = 8

MAX_COLUMNS = 60
"""A line of characters on the widest of the screens."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A formula as it is to be shown.

    `text` has a line for each of the formula's, with what is framed between FRAME_START and FRAME_END.
    `drawing` is the formula in lines of characters that are all as wide; it is empty where one line
    reads as well, or no screen is wide enough.
    """

    text: str
    drawing: str = ""

    @property
    def plain(self) -> str:
        """The text without the marks of frames."""
        return self.text.translate(NO_FRAMES)


@remembered
def set_formula(latex: str, *, drawn: bool = False) -> Setting:
    """The formula as Unicode text and, if it may be `drawn`, in lines of characters.

    Brackets are added wherever the meaning would change without them. An unknown macro keeps its name
    and its arguments, and what is unfinished shows as far as it goes. What is too long or too deep is
    shown as it was written. Never raises.
    """
    latex = _unescaped(latex.translate(NO_FRAMES))
    row = _parse(latex)
    if row is None:
        return Setting(latex.strip())
    is_short = drawn and len(latex) <= MAX_DRAWN_CHARS
    return Setting(_tidy(_written(row)), _drawing(row) if is_short else "")


def maths_text(latex: str) -> str:
    """The formula as plain text, of more than one line where it has several."""
    return set_formula(latex).plain


def _unescaped(latex: str) -> str:
    """The formula with one backslash for two, where all of its macros have two: it was escaped twice."""
    names = ESCAPED_TWICE.findall(latex)
    twice = names and all(map(is_macro, names)) and not MACRO.search(latex)
    return latex.replace("\\\\", "\\") if twice else latex


def _drawing(row: Row) -> str:
    if levels(row) > MAX_DRAWN_LEVELS or not is_large(row):
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
