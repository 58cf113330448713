"""The bars of formulas, of code and of addresses in the rows of tables, where a bar parts cells."""

import re

from kindlechat.rendering.answer.maths.delimiters import formulas
from kindlechat.rendering.safety.checkpoint import checkpoint

BAR = "\ufdd0"
"""Stands for a bar in a formula or in code that would part the cells of a table. Unicode never gives this
number to a sign."""
ENCODED_BAR = "%EF%B7%90"

MAY_HAVE_BARS = re.compile(r"^(?=[^\n]*\|)(?=[^\n]*(?:[$`]|\\\(|\]\())[^\n]+$", re.MULTILINE)
BARE_BAR = re.compile(r"(?<!\\)\|")
CODE = re.compile(r"(?<!`)(`{1,2})(?!`)(?!\s+\|)([^\n`]{1,200})(?<!\|\s)\1(?!`)")
"""A bar with a blank at either end parts two cells with a lone backtick each."""

TARGET = re.compile(r"\]\(<?https?://[^\s()<>]*\|[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)?>?\)")
"""Where a link leads, with bars in it."""

BAR_OR_BRACKET = re.compile(r"\\?[([{]|\\?[)\]}]|\s\|\s")


def hide_bars(text: str) -> str:
    """The text with another sign for each bar in a formula or in code within a line."""
    if "|" not in text:
        return text
    return MAY_HAVE_BARS.sub(lambda match: _hide_bars_in_line(match[0]), text)


def show_bars(text: str) -> str:
    """The text as it was before `hide_bars`."""
    return text.replace(BAR, "|").replace(ENCODED_BAR, "%7C")


def _hide_bars_in_line(line: str) -> str:
    checkpoint()
    parts: list[str] = []
    pos = 0
    for formula in formulas(line):
        if "|" in formula.latex and not _parts_cells(formula.latex):
            parts += line[pos : formula.start], BARE_BAR.sub(BAR, line[formula.start : formula.end])
            pos = formula.end
    line = "".join((*parts, line[pos:]))
    for holder in (CODE, TARGET):
        line = holder.sub(lambda match: BARE_BAR.sub(BAR, match[0]), line)
    return line


def _parts_cells(latex: str) -> bool:
    """Whether a bar has blanks beside it and stands in no brackets: the formula is two cells."""
    depth = 0
    for found in BAR_OR_BRACKET.findall(latex):
        if found[-1] in "([{":
            depth += 1
        elif found[-1] in ")]}":
            depth -= 1
        elif depth <= 0:
            return True
    return False
