"""Paragraphs, headings and the text of an item: cut after a sentence or a line, or else after a word."""

import re
from collections.abc import Iterator
from enum import IntEnum, auto

from kindlechat.rendering.answer.scripts import BREAK
from kindlechat.rendering.answer.tree import Element, Node
from kindlechat.rendering.device.screens.page import GAP_LINES, Page, Place
from kindlechat.rendering.device.screens.parts import part_of
from kindlechat.rendering.device.screens.widths import (
    PIECE,
    PIECE_LETTERS,
    SPACE_WIDTH,
    Lines,
    text_width,
)
from kindlechat.rendering.safety.checkpoint import checkpoint

HEADING_SCALE = 1.25

BOLD_SCALE = 1.15
"""How much wider bold letters are."""

SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*\Z")
SENTENCE_SIGNS = frozenset(".!?…。！？\"'”’)]")
SIGNS_AFTER_SENTENCE = 8

UNPARTED_SENTENCE_SIGNS = "。！？"
UNPARTED_WORD_END = re.compile(rf"(?<=[。！？])(?!\s)|{BREAK.pattern}")
"""In scripts without blanks between words."""

CHECKED_RUNS = 64


class Ends(IntEnum):
    """What ends at a place: a piece of a long word, a word, or a sentence or line."""

    PIECE = auto()
    WORD = auto()
    SENTENCE = auto()


Step = tuple[Place, Ends, int]
"""A place at which a text may be cut, what ends there, and how many lines there are up to it."""


Run = tuple[Place, str, int, float, bool]
"""A text within a paragraph: its place, and the character from which on it is meant; how much wider
its letters are than others; whether the paragraph ends with it. A line break has no text."""


class TextBlock:
    """A node's children from number `first` up to `last`, which are text with its marks.

    `extra` is what stands around it, in lines.
    """

    def __init__(
        self,
        node: Element,
        page: Page,
        *,
        extra: float = GAP_LINES,
        first: int = 0,
        last: int | None = None,
    ) -> None:
        is_heading = node.tag == "h2"
        self._node = node
        self._page = page
        self._line = HEADING_SCALE if is_heading else 1.0
        self._columns = page.columns / (HEADING_SCALE * BOLD_SCALE if is_heading else 1)
        self._bold_scale = 1.0 if is_heading else BOLD_SCALE
        self._extra = 2 * GAP_LINES if is_heading else extra
        self._first = first
        self._last = len(node.children) if last is None else last

    def height(self, start: Place = ()) -> float:
        most = self._page.most / self._line
        lines = Lines(self._columns)
        for _, text, begun, scale, _ in self._runs(start):
            if text:
                lines.add_text(text, begun, scale, most)
            else:
                lines.add_break()
            if lines.count_now() > most:
                break
        return self._line * lines.count_now() + self._extra

    def cut(self, start: Place, room: float, *, must: bool) -> Place | None:
        """After the last sentence that fits; one that fits on no screen after a word of it."""
        fits = (room + GAP_LINES - self._extra) / self._line
        screen = (self._page.lines - self._extra) / self._line
        found: dict[Ends, Place] = {}
        lines = Lines(self._columns)
        for place, ends, count in self._steps(start, lines):
            if count <= fits:
                found[ends] = place
            elif Ends.SENTENCE in found or count > screen:
                break
        if Ends.SENTENCE in found or lines.count_now() <= screen:
            return found.get(Ends.SENTENCE)
        return found.get(Ends.WORD, found.get(Ends.PIECE) if must else None)

    def part(self, start: Place, stop: Place | None) -> Node:
        to_end = self._last == len(self._node.children)
        if not start and stop is None and to_end and not self._first:
            return self._node
        return part_of(
            self._node, start or (self._first,), stop or (None if to_end else (self._last,))
        )

    def _steps(self, start: Place, lines: Lines) -> Iterator[Step]:
        """The places after `start`, never the very end; `lines` fill with what stands before each."""
        for run in self._runs(start):
            place, text, *_, is_last = run
            if text:
                yield from _text_steps(run, lines)
                continue
            if lines.is_begun and not is_last:
                yield place, Ends.SENTENCE, lines.count_now()
            lines.add_break()

    def _runs(self, start: Place) -> Iterator[Run]:
        children = self._node.children
        first, within = start[0] if start else self._first, start[1:]
        for number in range(first, self._last):
            if number % CHECKED_RUNS == 0:
                checkpoint()
            child, is_last = children[number], number == self._last - 1
            if isinstance(child, str):
                yield (number,), child, within[0] if within else 0, 1.0, is_last
            elif child.tag == "br":
                yield (number,), "", 0, 1.0, is_last
            else:
                scale = self._bold_scale if child.tag == "strong" else 1.0
                yield from _runs(child, (number,), within, scale, is_last)
            within = ()


def _runs(node: Node, place: Place, start: Place, scale: float, is_last: bool) -> Iterator[Run]:
    if isinstance(node, str):
        yield place, node, start[0] if start else 0, scale, is_last
    elif node.tag == "br":
        yield place, "", 0, scale, is_last
    else:
        first, within = start[0] if start else 0, start[1:]
        for number in range(first, len(node.children)):
            at_end = is_last and number == len(node.children) - 1
            yield from _runs(node.children[number], (*place, number), within, scale, at_end)
            within = ()


def _text_steps(run: Run, lines: Lines) -> Iterator[Step]:
    place, text, start, scale, is_last = run
    length = len(text) if is_last else len(text) + 1  # at the very end nothing is cut
    for match in PIECE.finditer(text, start):
        piece, end = match[0], match.end()
        if piece.isspace():
            lines.end_word(SPACE_WIDTH * scale)
            if end < length and lines.is_begun:
                yield (*place, end), _ends(text, start, match.start()), lines.count
        elif piece.isascii():
            lines.add_letters(text_width(piece) * scale)
            if len(piece) >= PIECE_LETTERS and end < length:
                yield (*place, end), Ends.PIECE, lines.count_now()
        else:
            for inner, ends, width in _unparted(text, *match.span()):
                lines.add_letters(width * scale)
                if ends and inner < length:
                    yield (*place, inner), ends, lines.count_now()


def _unparted(text: str, start: int, end: int) -> Iterator[tuple[int, Ends | None, float]]:
    """The places within a piece that may have no blanks between its words: what ends at each, and how
    wide the letters before it are."""
    done = start
    # One sign more says whether a word ends with the piece.
    for match in UNPARTED_WORD_END.finditer(text, start + 1, min(len(text), end + 1)):
        place = match.start()
        if place > end:
            break
        ends = Ends.SENTENCE if text[place - 1] in UNPARTED_SENTENCE_SIGNS else Ends.WORD
        yield place, ends, text_width(text[done:place])
        done = place
    if done < end:
        yield end, Ends.PIECE if end - start >= PIECE_LETTERS else None, text_width(text[done:end])


def _ends(text: str, start: int, end: int) -> Ends:
    """What ends before the blanks at `end`."""
    if end == start or text[end - 1] not in SENTENCE_SIGNS:
        return Ends.WORD
    sentence = SENTENCE_END.search(text, max(start, end - SIGNS_AFTER_SENTENCE), end)
    return Ends.SENTENCE if sentence else Ends.WORD
