"""Where formulas stand in a text: the one home of the rules about what opens and what ends one.

Both the parser of finished text and the page that grows ask here, so they never disagree.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kindlechat.rendering.answer.maths.display import ENVIRONMENTS, MAX_CHARS, OPENING, read_display
from kindlechat.rendering.answer.maths.judgement import (
    has_mark,
    is_maths,
    is_maths_in_brackets,
    may_become_formula,
    may_become_maths,
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in a text: where it begins and ends with its marks, and what stands between them."""

    start: int
    end: int
    latex: str
    display: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What may become a formula if more text comes."""


UNFINISHED = Unfinished()

Reading = Formula | Unfinished | None


def formula_at(text: str, pos: int) -> Formula | None:
    """The formula that begins at this place within a paragraph; None where none does."""
    reading = _read(text, pos)
    return reading if isinstance(reading, Formula) else None


def open_formula(text: str, start: int = 0) -> int | None:
    """Where the first formula begins, after `start`, that a longer text may yet finish or forbid.

    `start` is where a block begins that is no code. Everything before the place that is returned is
    read alike however the text goes on, as far as formulas are concerned.
    """
    for pos, reading in _readings(text, start):
        if reading is None:
            return pos
        if reading.end == len(text):
            return pos  # the next letter may yet forbid it
    return None


def formulas(text: str, start: int = 0) -> Iterator[Formula]:
    """The formulas of a text that are finished, in order; code in backticks has none."""
    for _, reading in _readings(text, start):
        if reading is not None:
            yield reading


def _readings(text: str, start: int) -> Iterator[tuple[int, Formula | None]]:
    """Where something begins that is a formula, or None if it may become one."""
    pos = start
    while mark := MARK.search(text, pos):
        pos = mark.end()
        if mark[0][0] == "`":
            end = _code_end(text, mark)
            if end is None:
                yield mark.start(), None
            pos = end or pos
            continue
        if pos == len(text) and BEGUN.fullmatch(mark[0]):
            yield mark.start(), None
            continue
        reading = _open_display(text, mark.start()) or _read(text, mark.start())
        if isinstance(reading, Formula):
            yield mark.start(), reading
            pos = reading.end
        elif reading is UNFINISHED:
            yield mark.start(), None


def _code_end(text: str, mark: re.Match[str]) -> int | None:
    """Where code ends that begins with so many backticks; None where that is not known yet.

    What has no end is no code, and ends with its mark.
    """
    blank = BLANK_LINE.search(text, mark.end())
    paragraph_end = blank.start() if blank else len(text)
    ticks = re.compile(rf"(?<!`){mark[0]}(?!`)")
    closing = ticks.search(text, mark.end(), paragraph_end)
    if closing is None:
        return mark.end() if blank else None
    return closing.end() if closing.end() < len(text) else None


def _open_display(text: str, pos: int) -> Reading:
    """The formula on lines of its own that begins here."""
    line_start = text.rfind("\n", 0, pos) + 1
    if not OPENING.match(text, pos) or not LINE_START.fullmatch(text, line_start, pos):
        return None
    ends: list[int] = []
    quotes = text.count(">", line_start, pos)
    display = read_display(_lines_from(text, pos, quotes, ends))
    if display is None:
        return None
    end = ends[display.lines - 1]
    if display.latex is None:
        return UNFINISHED if end == len(text) else None
    if end == len(text) and (display.lines > 1 or text[pos] == "\\"):
        return UNFINISHED  # what comes on the last line may yet forbid it
    return Formula(pos, end - len(display.rest), display.latex, display=True)


def _lines_from(text: str, pos: int, quotes: int, ends: list[int]) -> Iterator[str | None]:
    """The lines from a place on without the marks of so many quotes; where each ends goes to `ends`."""
    start = pos
    while start <= len(text) and start < pos + MAX_CHARS:
        end = text.find("\n", start)
        ends.append(len(text) if end < 0 else end)
        line = text[start : ends[-1]]
        yield QUOTED.sub("", line, count=quotes) if quotes and start > pos else line
        start = ends[-1] + 1
    if start <= len(text):
        yield None


def _read(text: str, pos: int) -> Reading:
    if text.startswith("$$", pos):
        return _in_two_dollars(text, pos)
    if text.startswith("$", pos):
        return _in_dollars(text, pos)
    if text.startswith("\\(", pos):
        return _in_brackets(IN_PARENTHESES, text, pos)
    if text.startswith("\\[", pos):
        return _in_brackets(IN_BRACKETS, text, pos, display=True)
    if begin := BEGIN.match(text, pos):
        return _in_environment(text, begin)
    return UNFINISHED if BEGIN_BEGUN.fullmatch(text, pos) else None


def _in_two_dollars(text: str, pos: int) -> Reading:
    match = IN_TWO_DOLLARS.match(text, pos)
    if match is None or text[pos - 1 : pos] == "$":
        return None
    latex = match[1]
    if not match[2]:
        return _unfinished(text, match.end(), latex)
    if _is_broken(latex) or not is_maths_in_brackets(latex, apart=True):
        return None
    return Formula(pos, match.end(), latex, display=True)


def _in_brackets(
    pattern: re.Pattern[str], text: str, pos: int, *, display: bool = False
) -> Reading:
    match = pattern.match(text, pos)
    if match is None:
        return None
    latex = match[1]
    if not match[2]:
        return _unfinished(text, match.end(), latex)
    if _is_broken(latex):
        return None
    apart = latex[:1].isspace() and latex[-1:].isspace()
    glued = text[pos - 1 : pos].isalnum()
    is_formula = is_maths_in_brackets(latex, apart=apart, glued=glued, display=display)
    return Formula(pos, match.end(), latex, display) if is_formula else None


def _in_environment(text: str, begin: re.Match[str]) -> Reading:
    if begin[1] not in ENVIRONMENTS:
        return None
    closing = f"\\end{{{begin[1]}}}"
    end = text.find(closing, begin.end(), begin.end() + MAX_CHARS)
    if end < 0:
        return _unfinished(text, len(text), text[begin.end() :])
    inside = text[begin.end() : end]
    if _is_broken(inside) or not is_maths_in_brackets(inside, apart=True):
        return None
    end += len(closing)
    return Formula(begin.start(), end, text[begin.start() : end], display=True)


def _unfinished(text: str, end: int, latex: str) -> Reading:
    """What has no end, as far as can be seen: it may have one in the same paragraph."""
    waits = _is_end(text, end) and not _is_broken(latex)
    return UNFINISHED if waits and may_become_formula(latex) else None


def _is_broken(latex: str) -> bool:
    """Whether it is too long, or goes beyond its paragraph."""
    return len(latex) > MAX_CHARS or BLANK_LINE.search(latex) is not None


def _is_end(text: str, pos: int) -> bool:
    """Whether the text ends here, or in the middle of a mark."""
    return text[pos:] in ("", "\\", "$")


def _in_dollars(text: str, pos: int) -> Reading:
    match = IN_DOLLARS.match(text, pos)
    if match is None:
        return None
    latex, before = match[1], text[pos - 1 : pos]
    if len(latex) > MAX_CHARS:
        return None
    if before and not BEFORE.match(before):
        return _script_after_word(text, match, before)
    if DOUBTFUL_BEFORE.match(before) and latex[:1].isspace():
        return None
    if not match[2]:
        waits = _is_end(text, match.end()) and may_become_maths(latex)
        return UNFINISHED if waits else None
    return Formula(pos, match.end(), latex) if _is_ended(text, match) else None


def _script_after_word(text: str, match: re.Match[str], before: str) -> Reading:
    """H$_2$O: of what begins right after a word or a number, only a power or an index is a formula."""
    if not (before.isalnum() or before in ")]") or not match[1].startswith(("^", "_{", "_")):
        return None
    if match[2] and SCRIPTS_ALONE.fullmatch(match[1]):
        return Formula(match.start(), match.end(), match[1])
    return (
        UNFINISHED if not match[2] and _is_end(text, match.end()) and len(match[1]) < 30 else None
    )


def _is_ended(text: str, match: re.Match[str]) -> bool:
    """Whether the second dollar ends a formula, by its inside and by what follows."""
    latex, end = match[1], match.end()
    if LONE_OPERATOR.fullmatch(latex):
        return not text[end : end + 1].isalnum()
    if FORBIDDEN_AFTER.match(text, end) or not latex.strip():
        return False
    if latex[-1].isspace() and not AFTER_BLANK.match(text, end):
        return False
    if CUT_OFF.search(latex) or not is_maths(latex):
        return False
    if not (latex[0].isspace() or latex[-1].isspace()):
        return True
    if has_mark(latex):
        return not CUT_OFF_BY_BLANK.search(latex)
    return _is_symbol_in_blanks(text, match)


def _is_symbol_in_blanks(text: str, match: re.Match[str]) -> bool:
    """`$ m $`, on a line whose other dollars come in pairs."""
    latex, end = match[1], match.end()
    line_end = text.find("\n", end, end + 300)
    others = text.count("$", end, line_end if line_end >= 0 else end + 300)
    symbol = latex.strip()
    return latex[0].isspace() and latex[-1].isspace() and symbol.isalpha() and others % 2 == 0


MARK = re.compile(
    r"\\[(\[]|\\begin\{|\\(?:begin|begi|beg|be|b)?\Z|\\.|\$\$?(?!\$)|\$+|`+", re.DOTALL
)

BEGUN = re.compile(r"\\(?:begin|begi|beg|be|b)?|\$")
"""The beginning of a mark, at the end of a text."""

LINE_START = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+[ \t>]*)*")
"""What stands before the first block of a line."""

QUOTED = re.compile(r"^[ \t]*>[ \t]?")

BLANK_LINE = re.compile(r"\n[ \t>]*\n")

BEFORE = re.compile(
    r"""[\s(\[{<>|/:;,.!?*_~="'“”‘’«»„‚–—-]|[\u0e00-\u0eff\u1000-\u109f\u2e80-\uffff]|\)"""
)
"""After what a dollar may open a formula. Thai, Chinese and Japanese put no blanks between words."""

DOUBTFUL_BEFORE = re.compile(r"""[)/=.<>'"|~_-]""")
"""After what it does so only where its inside begins at once."""

SCRIPTS_ALONE = re.compile(r"(?:[\^_](?:\{[^{}$]*\}|\\[A-Za-z]+|\w))+")

LONE_OPERATOR = re.compile(r"[+=<>×÷±−]|-(?!\w)")

AFTER_BLANK = re.compile(r"[\s.,;:!?)\]}*|'\"”’»–—-]|\Z|[\u2e80-\uffff]")
"""Before what a dollar may end a formula that has a blank before it."""

FORBIDDEN_AFTER = re.compile(
    r"\.?\d|[{$_@#]|(?!(?:st|nd|rd|th|ths|s|es|e|n|te|ten|er)(?![A-Za-z]))[A-Za-z]"
)
"""Before what it ends none: a digit, or a word but the endings of ordinal numbers and plurals."""

CUT_OFF = re.compile(r"(?<![\^_{\\])[-–+/*(\[]\s*\Z")
CUT_OFF_BY_BLANK = re.compile(r"(?:[=,:;<>]|\b(?:in|or|and))\s+\Z")
"""An operator at the end: what follows belongs to it, so the dollar opened something instead."""

IN_DOLLARS = re.compile(r"(?<!\$)\$((?:[^$`\\\n]|\\[^\n])*+)(\$?)")
IN_TWO_DOLLARS = re.compile(r"\$\$(?!\$)((?:[^$\\]|\\.|\$(?!\$))*+)(\$\$(?!\$))?", re.DOTALL)
IN_PARENTHESES = re.compile(r"\\\(((?:[^\\]|\\[^()])*+)(\\\))?", re.DOTALL)
IN_BRACKETS = re.compile(r"\\\[((?:[^\\]|\\[^\[\]])*+)(\\\](?!\())?", re.DOTALL)
BEGIN = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
BEGIN_BEGUN = re.compile(r"\\begin\{[A-Za-z]{0,20}\*?")
"""What a formula stands in. No pattern looks beyond the next mark of its own kind, so that many marks
that open nothing take time in proportion to the text."""
