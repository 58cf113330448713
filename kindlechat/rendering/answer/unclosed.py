"""Finds the marks in a line that open something and do not close it."""

import re

from kindlechat.rendering.answer.maths.finding.dollars import read_dollars
from kindlechat.rendering.answer.maths.finding.spans import UNFINISHED, Formula

MARK = re.compile(r"[`*~\[$\\]")
OPENING = re.compile(r"[`\[]|\*\*?(?=\S|\Z)|~~(?=\S|\Z)|\$")
"""A mark that begins something rather than being a sign for itself."""

TARGET = re.compile(r"\([^)\s]{0,300}\)")
"""Where a link leads; a longer address is not looked for."""


def first_opened(line: str, most: int) -> int | None:
    """The index of the first mark among the last `most` characters that is still open; None without one.

    What begins and ends within the line is passed over. Each end is looked for once, so this takes time
    in proportion to the line.
    """
    ends = _Ends(line)
    place = 0
    while match := MARK.search(line, place):
        begun = match.start()
        end = ends.find(begun)
        if end is None and (opened := OPENING.match(line, begun)):
            if len(line) - begun <= most:
                return begun
            end = opened.end()
        place = end or begun + 1
    return None


class _Ends:
    """Finds the ends of what begins in a line."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._missing: set[str] = set()

    def find(self, begun: int) -> int | None:
        """The end of what begins there; None if it is still open."""
        line = self._line
        match line[begun]:
            case "`":
                return self._code_end(begun)
            case "*" if line.startswith("**", begun):
                return self._after("**", begun + 3) if _has_letter(line, begun + 2) else None
            case "*":
                return self._after("*", begun + 2) if _has_letter(line, begun + 1) else None
            case "~" if line.startswith("~~", begun) and _has_letter(line, begun + 2):
                return self._after("~~", begun + 3)
            case "[":
                return self._link_end(begun)
            case "$" if line.startswith("$$", begun):
                return begun + 2
            case "$":
                return _formula_end(line, begun)
            case "\\" if line.startswith("\\(", begun):
                return self._after("\\)", begun + 2) or begun + 2
            case "\\" if begun + 1 < len(line):
                return begun + 2
        return None

    def _code_end(self, begun: int) -> int | None:
        run = len(self._line) - begun - len(self._line[begun:].lstrip("`"))
        most = min(run, (len(self._line) - begun) // 2)
        ends = (self._after("`" * count, begun + count + 1) for count in range(most, 0, -1))
        return next(filter(None, ends), None)

    def _link_end(self, begun: int) -> int | None:
        end = self._after("]", begun + 1)
        if end is None or end == len(self._line):
            return None
        if self._line[end] != "(":
            return end
        target = TARGET.match(self._line, end)
        return target.end() if target else None

    def _after(self, sign: str, start: int) -> int | None:
        """Where the first such sign from there on ends. Where it does not come, it comes no later."""
        found = -1 if sign in self._missing else self._line.find(sign, start)
        if found < 0:
            self._missing.add(sign)
            return None
        return found + len(sign)


def _formula_end(line: str, begun: int) -> int | None:
    """Where a formula in dollars ends, or a dollar that is none; None where a formula may have begun."""
    reading = read_dollars(line, begun)
    if reading is UNFINISHED:
        return None
    return reading.end if isinstance(reading, Formula) else begun + 1


def _has_letter(line: str, place: int) -> bool:
    return place < len(line) and not line[place].isspace()
