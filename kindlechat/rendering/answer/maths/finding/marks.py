"""Formulas by their marks: two dollars, brackets with a backslash, environments without either."""

import re

from kindlechat.rendering.answer.maths.finding.display import ENVIRONMENTS, MAX_CHARS
from kindlechat.rendering.answer.maths.finding.dollars import read_dollars
from kindlechat.rendering.answer.maths.finding.judgement import (
    is_maths_in_brackets,
    may_become_formula,
)
from kindlechat.rendering.answer.maths.finding.spans import (
    UNFINISHED,
    Formula,
    MaybeFormula,
    is_broken,
    is_end,
)

IN_TWO_DOLLARS = re.compile(r"\$\$(?!\$)((?:[^$\\]|\\.|\$(?!\$))*+)(\$\$(?!\$))?", re.DOTALL)
IN_PARENTHESES = re.compile(r"\\\(((?:[^\\]|\\[^()])*+)(\\\))?", re.DOTALL)
IN_BRACKETS = re.compile(r"\\\[((?:[^\\]|\\[^\[\]])*+)(\\\](?!\())?", re.DOTALL)
BEGIN = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
BEGIN_BEGUN = re.compile(r"\\begin\{[A-Za-z]{0,20}\*?")
"""What a formula stands in. No pattern looks beyond the next mark of its own kind, so that many marks
that open nothing take time in proportion to the text."""


def read_at(text: str, pos: int) -> MaybeFormula:
    """The formula whose mark stands at this place within a paragraph."""
    if text.startswith("$$", pos):
        return _in_two_dollars(text, pos)
    if text.startswith("$", pos):
        return read_dollars(text, pos)
    if text.startswith("\\(", pos):
        return _in_brackets(IN_PARENTHESES, text, pos)
    if text.startswith("\\[", pos):
        return _in_brackets(IN_BRACKETS, text, pos, display=True)
    if begin := BEGIN.match(text, pos):
        return _in_environment(text, begin)
    return UNFINISHED if BEGIN_BEGUN.fullmatch(text, pos) else None


def _in_two_dollars(text: str, pos: int) -> MaybeFormula:
    match = IN_TWO_DOLLARS.match(text, pos)
    if match is None or text[pos - 1 : pos] == "$":
        return None
    latex = match[1]
    if not match[2]:
        return _unfinished(text, match.end(), latex)
    if is_broken(latex) or not is_maths_in_brackets(latex, apart=True):
        return None
    return Formula(pos, match.end(), latex, display=True)


def _in_brackets(
    pattern: re.Pattern[str], text: str, pos: int, *, display: bool = False
) -> MaybeFormula:
    match = pattern.match(text, pos)
    if match is None:
        return None
    latex = match[1]
    if not match[2]:
        return _unfinished(text, match.end(), latex)
    if is_broken(latex):
        return None
    apart = latex[:1].isspace() and latex[-1:].isspace()
    glued = text[pos - 1 : pos].isalnum()
    is_formula = is_maths_in_brackets(latex, apart=apart, glued=glued, display=display)
    return Formula(pos, match.end(), latex, display) if is_formula else None


def _in_environment(text: str, begin: re.Match[str]) -> MaybeFormula:
    if begin[1] not in ENVIRONMENTS:
        return None
    closing = f"\\end{{{begin[1]}}}"
    end = text.find(closing, begin.end(), begin.end() + MAX_CHARS)
    if end < 0:
        seen = text[begin.end() : begin.end() + MAX_CHARS + 1]
        return _unfinished(text, len(text), seen)
    inside = text[begin.end() : end]
    if is_broken(inside) or not is_maths_in_brackets(inside, apart=True):
        return None
    end += len(closing)
    return Formula(begin.start(), end, text[begin.start() : end], display=True)


def _unfinished(text: str, end: int, latex: str) -> MaybeFormula:
    """What has no end, as far as can be seen: it may have one in the same paragraph."""
    waits = is_end(text, end) and not is_broken(latex)
    return UNFINISHED if waits and may_become_formula(latex) else None
