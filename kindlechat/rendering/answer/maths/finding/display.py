"""Formulas on lines of their own: where one begins, and which lines are its."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from kindlechat.rendering.answer.maths.finding.judgement import (
    is_maths_in_brackets,
    may_become_formula,
)

MAX_CHARS = 2000
"""A formula longer than this is shown as it was written. The longest in textbooks have about 600."""

MAX_LINES = 60
"""A formula with blank lines in it that has more lines is none."""

ENVIRONMENTS = frozenset(
    (
        *("align", "align*", "aligned", "alignat", "alignat*", "alignedat", "equation"),
        *("equation*", "gather", "gather*", "gathered", "multline", "multline*", "multlined"),
        *("eqnarray", "eqnarray*", "flalign", "flalign*", "split", "math", "displaymath"),
        *("cases", "dcases", "rcases", "drcases", "matrix", "pmatrix", "bmatrix", "Bmatrix"),
        *("vmatrix", "Vmatrix", "matrix*", "pmatrix*", "bmatrix*", "Bmatrix*", "vmatrix*"),
        *("Vmatrix*", "smallmatrix", "array", "darray", "subarray", "CD"),
    )
)
"""Those that are formulas wherever they stand, without dollars around them."""


OPENING = re.compile(r"\$\$(?!\$)|\\\[|\\begin\{([A-Za-z]+\*?)\}")

NO_PART = re.compile(r"#{1,6}\s|```|~~~|>|[-*+]\s+[^\W\d_]{2}|\d{1,9}[.)]\s")
"""The beginning of a heading, code, a quote or an item."""


RELATION = r"(?:[=<>≤≥≈≠]|\\(?:leq?|geq?|neq?|approx|equiv|sim|propto|to|implies|iff)(?![A-Za-z]))"
EQUATION = re.compile(rf"\s*(?!{RELATION})[^\s+*/&,;).-].*?{RELATION}\s*\S")
ENDED_EQUATION = re.compile(rf"{RELATION}[^&]*(?<![\s=<>+*/(\\-])\s*\Z")
"""A line that may stand by itself, with both its sides."""

GROUP = re.compile(r"(?<!\\)[{}]|\\(?:begin|end|left|right)(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Display:
    """How many lines a formula on lines of its own takes; `latex` is None until its end has come.

    `rest` is what stands behind it on its last line. `read` is how many lines were read to find its end, or
    that it has none: 0 where those that it takes were enough.
    """

    lines: int
    latex: str | None = None
    rest: str = ""
    read: int = 0


def read_display(lines: Iterable[str | None]) -> Display | None:
    r"""The formula that begins a block with `$$`, `\[` or `\begin{…}`; None where the first line has none.

    A line that is None ends the block whatever the text. Blank lines may stand in a formula, but not
    prose, headings or lists after them. What has begun and not ended goes on to the last line.
    """
    rows = iter(lines)
    first = (next(rows) or "").lstrip()
    opening = OPENING.match(first)
    if opening is None or (opening[1] and opening[1] not in ENVIRONMENTS):
        return None
    closing = _closing_of(opening)
    latex, ended, rest = _up_to(first, opening.end(), closing)
    if ended:
        read = _displayed(opening, latex)
        in_a_sentence = opening[0] == "\\[" and rest.strip(" .,;:")
        return None if read is None or in_a_sentence else Display(1, read, rest)
    return _read_on(opening, [latex], rows)


def _read_on(opening: re.Match[str], parts: list[str], rows: Iterator[str | None]) -> Display:
    """The formula whose first line holds its beginning alone."""
    closing = _closing_of(opening)
    before_blank = 0
    for row in rows:
        if row is None:
            return Display(before_blank or len(parts))
        line = row.lstrip()
        if not line:
            before_blank = before_blank or len(parts)
        if before_blank and (len(parts) > MAX_LINES or _is_no_part(line, closing)):
            return Display(before_blank, read=len(parts) + 1)
        if line.startswith(opening[0]) and opening[0] != closing:
            return Display(before_blank or len(parts), read=len(parts) + 1)
        latex, ended, rest = _up_to(line, 0, closing)
        parts.append(latex)
        if ended:
            read = _displayed(opening, _joined(opening, [part for part in parts if part]))
            if read is None and before_blank:
                return Display(before_blank, read=len(parts))
            return Display(len(parts), read, rest)
    return Display(len(parts))


def _joined(opening: re.Match[str], lines: list[str]) -> str:
    r"""The lines as one formula, with `\\` between those that are equations of their own."""
    if opening[1] or sum(map(len, lines)) > MAX_CHARS:
        return "\n".join(lines)
    joined = ""
    for before, line in pairwise(["", *lines]):
        is_row = EQUATION.match(line) and ENDED_EQUATION.search(before) and _is_closed(joined)
        joined += "\\\\\n" * bool(is_row) or "\n" * bool(joined)
        joined += line
    return joined


def _is_closed(latex: str) -> bool:
    """Whether all groups and environments have ended."""
    marks = GROUP.findall(latex)
    return 2 * sum(mark in ("{", r"\begin", r"\left") for mark in marks) == len(marks)


def _closing_of(opening: re.Match[str]) -> str:
    if opening[1]:
        return f"\\end{{{opening[1]}}}"
    return "$$" if opening[0] == "$$" else "\\]"


def _up_to(line: str, start: int, closing: str) -> tuple[str, bool, str]:
    """The text before the closing mark, whether there is such a mark, and the text after it."""
    latex, ended, rest = line[start:].partition(closing)
    return latex, bool(ended), rest


def _is_no_part(line: str, closing: str) -> bool:
    """Whether a line after a blank one shows that the formula had ended, or had been none."""
    if NO_PART.match(line) or not may_become_formula(line):
        return True
    opening = OPENING.match(line)
    return opening is not None and not (opening[0] == closing and not line[2:].strip(" .,;"))


def _displayed(opening: re.Match[str], latex: str) -> str | None:
    """The formula as it is to be set, with its environment; None where it is none."""
    if len(latex) > MAX_CHARS:
        return None
    if opening[1]:
        has_inside = is_maths_in_brackets(latex, apart=True)
        return f"{opening[0]}{latex}\\end{{{opening[1]}}}" if has_inside else None
    return latex if is_maths_in_brackets(latex, apart=opening[0] == "$$" or "\n" in latex) else None
