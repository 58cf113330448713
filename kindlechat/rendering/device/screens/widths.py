"""How wide letters are, and how lines fill with words."""

import re
from functools import cache
from html import unescape
from math import ceil

# In letters of Reading.columns: those of DejaVu Serif, the widest of the common faces

SPACE_WIDTH = 0.7
NARROW, NARROW_WIDTH = frozenset("fijltIJ.,:;'|!()[]/\\-`\"²³¹₀₁₂"), 0.8
WIDE, WIDE_WIDTH = frozenset("mwMWæœÆŒ%@—…ЖШЩЮЫ"), 2.15
IDEOGRAPH_WIDTH = 2.15
CYRILLIC_WIDTH, CYRILLIC_CAPITAL_WIDTH = 1.42, 1.75
LETTER_WIDTH, CAPITAL_WIDTH, DIGIT_WIDTH, SYMBOL_WIDTH = 1.25, 1.6, 1.35, 1.75


@cache
def letter_width(letter: str) -> float:
    """The width of one letter."""
    if letter in NARROW:
        return NARROW_WIDTH
    if letter in WIDE:
        return WIDE_WIDTH
    if letter >= "\u2e80":
        return IDEOGRAPH_WIDTH
    if "\u0400" <= letter <= "\u052f":
        return CYRILLIC_CAPITAL_WIDTH if letter.isupper() else CYRILLIC_WIDTH
    if letter.isalpha():
        return CAPITAL_WIDTH if letter.isupper() else LETTER_WIDTH
    return DIGIT_WIDTH if letter.isdigit() else SYMBOL_WIDTH


def text_width(text: str) -> float:
    """The width of a text that stands in one line; it is escaped as it is in HTML."""
    return sum(map(letter_width, unescape(text) if "&" in text else text))


PIECE = re.compile(r"\s+|[^\s&]{1,16}+(?!\S)|(?:[^\s&]|&(?:\#?\w{1,31};)?){1,16}")
PIECE_LETTERS = 16
"""Blanks, a word, or the next letters of a longer one; a letter may be written as an entity."""


class Lines:
    """Lines of so many columns that fill with words; a word that is longer than a line is broken.

    `count` is how many there are up to the last word that has ended.
    """

    def __init__(self, columns: float) -> None:
        self._columns = columns
        self._used = 0.0
        self._word = 0.0
        self._space = 0.0
        self._breaks = 0
        self.count = 1
        self.is_begun = False

    def add_letters(self, width: float) -> None:
        """Letters of the word that is being written."""
        if self._breaks:
            self._begin_line()
        self.is_begun = True
        self._word += width

    def end_word(self, space: float = SPACE_WIDTH) -> None:
        """Letters that follow belong to the next word, so much space after this one."""
        if self._breaks:
            self._begin_line()
        if self._word:
            self.count, self._used = self._with_word()
            self._word = 0.0
        self._space = space

    def add_break(self) -> None:
        """The end of a line, but for the empty ones at the beginning."""
        self.end_word()
        self._breaks = int(self.is_begun)

    def add_text(self, text: str, start: int, scale: float, most: float) -> None:
        """A text from there on; no more than `most` lines of it need be counted."""
        for match in PIECE.finditer(text, start):
            piece = match[0]
            if piece.isspace():
                self.end_word(SPACE_WIDTH * scale)
            else:
                self.add_letters(text_width(piece) * scale)
            if self.count > most or (len(piece) >= PIECE_LETTERS and self.count_now() > most):
                break

    def count_now(self) -> int:
        """How many lines there are if the word ends here."""
        return self._with_word()[0] if self._word else self.count

    def _begin_line(self) -> None:
        """What comes after the end of a line begins the next one."""
        self.count += self._breaks
        self._used, self._breaks = 0.0, 0

    def _with_word(self) -> tuple[int, float]:
        """The lines, and what is used of the last one, when the word has ended."""
        count, used, columns = self.count, self._used, self._columns
        if used and used + self._space + self._word > columns:
            count, used = count + 1, 0.0
        used += self._word + (self._space if used else 0)
        if used > columns:
            count += ceil(used / columns) - 1
            used %= columns
        return count, used


def lines_of(text: str, columns: float, most: float) -> int:
    """How many lines a text takes that has no marks, up to `most`; it is escaped as it is in HTML."""
    lines = Lines(columns)
    for line in text.split("\n"):
        lines.add_text(line, 0, 1.0, most)
        lines.add_break()
        if lines.count > most:
            break
    return lines.count
