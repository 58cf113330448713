"""Where formulas stand in a text: the one home of the rules about what opens and what ends one.

Both the parser of finished text and the page that grows ask here, so they never disagree.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from kindlechat.rendering.answer.maths.finding.display import MAX_CHARS, OPENING, read_display
from kindlechat.rendering.answer.maths.finding.dollars import waits_for_line_end
from kindlechat.rendering.answer.maths.finding.marks import read_at
from kindlechat.rendering.answer.maths.finding.spans import (
    BLANK_LINE,
    UNFINISHED,
    Formula,
    MaybeFormula,
)
from kindlechat.rendering.safety.checkpoint import checkpoint


def formula_at(text: str, pos: int) -> Formula | None:
    """The formula that begins at this place within a paragraph; None where none does."""
    reading = read_at(text, pos)
    return reading if isinstance(reading, Formula) else None


def may_change(text: str, pos: int) -> bool:
    """Whether a longer text may yet make or unmake a formula that begins here, within a paragraph."""
    reading = read_at(text, pos)
    if isinstance(reading, Formula) and reading.end == len(text):
        return True
    return reading is UNFINISHED or waits_for_line_end(text, pos)


def open_formula(text: str, start: int = 0) -> int | None:
    """The start of the first formula after `start` that a longer text may yet finish or rule out.

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
    """Each place where a formula begins, with the formula, or None while it may yet become one."""
    pos, code = start, _Code(text)
    while mark := MARK.search(text, pos):
        checkpoint()
        pos = mark.end()
        if mark[0][0] == "`":
            end = code.end(mark)
            if end is None:
                yield mark.start(), None
            pos = end or pos
            continue
        if pos == len(text) and BEGUN.fullmatch(mark[0]):
            yield mark.start(), None
            continue
        reading = _open_display(text, mark.start()) or read_at(text, mark.start())
        if isinstance(reading, Formula):
            yield mark.start(), reading
            pos = reading.end
        elif reading is UNFINISHED:
            yield mark.start(), None


class _Code:
    """Finds the ends of code in backticks. The text is read once, however many backticks it has."""

    def __init__(self, text: str) -> None:
        self._text = text

    def end(self, mark: re.Match[str]) -> int | None:
        """The end of code that begins with so many backticks; None while that is not known.

        What has no end is no code, and ends with its mark.
        """
        paragraph_end = _first(self._blank_lines, mark.end(), len(self._text))
        closing = _first(self._runs.get(len(mark[0]), ()), mark.end(), paragraph_end)
        if closing == paragraph_end:
            return mark.end() if paragraph_end < len(self._text) else None
        end = closing + len(mark[0])
        return end if end < len(self._text) else None

    @cached_property
    def _runs(self) -> dict[int, list[int]]:
        """The places of backticks, by how many stand side by side."""
        runs: dict[int, list[int]] = defaultdict(list)
        for run in BACKTICKS.finditer(self._text):
            runs[len(run[0])].append(run.start())
        return runs

    @cached_property
    def _blank_lines(self) -> list[int]:
        return [blank.start() for blank in BLANK_LINE.finditer(self._text)]


def _first(places: Sequence[int], start: int, end: int) -> int:
    """The first of the places from `start` on; `end` where there is none before that."""
    number = bisect_left(places, start)
    return min(places[number], end) if number < len(places) else end


def _open_display(text: str, pos: int) -> MaybeFormula:
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


MARK = re.compile(
    r"\\[(\[]|\\begin\{|\\(?:begin|begi|beg|be|b)?\Z|\\.|\$\$?(?!\$)|\$+|`+", re.DOTALL
)

BACKTICKS = re.compile("`+")

BEGUN = re.compile(r"\\(?:begin|begi|beg|be|b)?|\$")
"""The beginning of a mark, at the end of a text."""

LINE_START = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+[ \t>]*)*")
"""What stands before the first block of a line."""

QUOTED = re.compile(r"^[ \t]*>[ \t]?")
