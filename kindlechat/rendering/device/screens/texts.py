"""Texts with their marks, broken into lines as browsers break them: full of words, one after the other."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import accumulate, pairwise, repeat
from typing import NamedTuple

from kindlechat.rendering.answer.line_breaks import BREAK, THAI, WRAPPED_ANYWHERE
from kindlechat.rendering.answer.tree import Element, Node
from kindlechat.rendering.device.faces import letters_of
from kindlechat.rendering.device.screens.page import Page, Place
from kindlechat.rendering.safety.checkpoint import checkpoint, paced

CODE_SIZE = 0.85
"""The style sheet's, as all sizes in this package."""

SMALL_SIZE = 0.75

PIECE = re.compile(r"[ \t\r\n\f]+|(?:&(?:\#?\w{1,31};)?|[^ \t\r\n\f&]){1,64}")
"""Blanks, a word, or the next letters of a longer one. Other spaces than these are letters."""

BLANKS = frozenset(" \t\r\n\f")

SIGN = re.compile(r"&(?:\#?\w{1,31};)?|[^&]")

SPACES = "\u2002-\u2006\u2008-\u200a\u3000"
"""Spaces of a certain width, after which a line may end."""

JOINT = re.compile(rf"(?<=[-?–—…{SPACES}])(?=\w)|(?<=\w)(?=—)|{BREAK.pattern}")
"""Where a line may end without a blank: after a hyphen, at a dash, in scripts without blanks."""

PARTED = re.compile(rf"[-?–—…{SPACES}{WRAPPED_ANYWHERE}{THAI}]")


class Style(NamedTuple):
    """How letters of a text are set: their size, and how much wider than plain ones they are."""

    size: float = 1.0
    is_bold: bool = False
    is_italic: bool = False
    is_code: bool = False

    def within(self, tag: str) -> "Style":
        """The style of what stands in such an element."""
        match tag:
            case "strong" | "th" | "summary" | "b":
                return self._replace(is_bold=True)
            case "em":
                return self._replace(is_italic=True)
            case "code" | "kbd":
                return self._replace(is_code=True, size=self.size * CODE_SIZE)
            case "sub" | "sup":
                return self._replace(size=self.size * SMALL_SIZE)
            case _:
                return self


PLAIN = Style()


class Run(NamedTuple):
    """A text within an element, or a line break, which has no text."""

    place: Place
    text: str
    style: Style


class Paragraph:
    """The children of an element from number `first` up to `last`, which are text with its marks."""

    def __init__(
        self,
        node: Element,
        page: Page,
        place: Place = (),
        style: Style = PLAIN,
        *,
        first: int = 0,
        last: int | None = None,
    ) -> None:
        self._letters = letters_of(page.face)
        self._children = node.children
        self._place = place
        self._style = style.within(node.tag)
        self._range = range(first, len(node.children) if last is None else last)

    def count(self, width: float) -> int:
        """How many lines it takes."""
        return sum(1 for _ in self.lines(width))

    def extent(self) -> tuple[float, float]:
        """How wide its widest word is, and its widest line where nothing breaks it."""
        word = line = widest_word = widest_line = 0.0
        for _, piece, style in self._pieces():
            if piece and piece[0] not in BLANKS:
                width = self._width(piece, style)
                word, line = word + width, line + width
                widest_word, widest_line = max(word, widest_word), max(line, widest_line)
                continue
            word = 0.0
            line = line + self._width(" ", style) if piece else 0.0
        return widest_word, widest_line

    def lines(self, width: float) -> Iterator[Place]:
        """The start of each line."""
        filling = _Filling(width)
        for place, piece, style in self._pieces():
            if not piece:
                yield from filling.end_line(place)
            elif piece[0] in BLANKS:
                yield from filling.end_word(self._width(" ", style))
            elif not PARTED.search(piece):
                yield from self._add(filling, place, piece, style)
            else:
                yield from self._add_parted(filling, place, piece, style)
        yield from filling.end_word()

    def _add_parted(
        self, filling: "_Filling", place: Place, piece: str, style: Style
    ) -> Iterator[Place]:
        """Letters that lines may part at JOINT, as if each part were a word."""
        parts = [0, *(match.start() for match in JOINT.finditer(piece) if match.start())]
        starts, ends = self._signs(piece, style)
        part_ends = [ends[bisect_left(starts, stop) - 1] for stop in (*parts[1:], len(piece))]
        widest = max(end - before for before, end in pairwise((0.0, *part_ends)))
        if not filling.is_too_long(widest):
            yield from filling.add_words(place, parts, part_ends)
            return
        for start, stop in pairwise((*parts, len(piece))):
            yield from self._add(filling, _later(place, start), piece[start:stop], style)
            if stop < len(piece):
                yield from filling.end_word()

    def _add(self, filling: "_Filling", place: Place, piece: str, style: Style) -> Iterator[Place]:
        """Letters of a word. One that no line holds is broken wherever a line ends."""
        width = self._width(piece, style)
        if filling.is_too_long(width):
            yield from filling.add_broken(place, *self._signs(piece, style))
        else:
            filling.add(place, width)

    def _signs(self, piece: str, style: Style) -> tuple[Sequence[int], list[float]]:
        """Where each sign of a piece begins, and how wide the piece is up to the sign's end."""
        checkpoint()
        if "&" in piece:
            signs = [*SIGN.finditer(piece)]
            widths = (self._width(sign[0], style) for sign in signs)
            return [sign.start() for sign in signs], [*accumulate(widths)]
        scale = self._scale(style)
        letters = (
            repeat(1.0, len(piece)) if style.is_code else map(self._letters.__getitem__, piece)
        )
        return range(len(piece)), [scale * end for end in accumulate(letters)]

    def _width(self, text: str, style: Style) -> float:
        text = unescape(text) if "&" in text else text
        letters = len(text) if style.is_code else sum(map(self._letters.__getitem__, text))
        return self._scale(style) * letters

    def _scale(self, style: Style) -> float:
        """How wide a letter is: in code in em, else compared with a plain one of the text's own size."""
        letters = self._letters
        if style.is_code:
            return style.size * letters.code
        bold, italic = style.is_bold, style.is_italic
        return style.size * (letters.bold if bold else 1.0) * (letters.italic if italic else 1.0)

    def _pieces(self) -> Iterator[Run]:
        """Blanks, letters of words and, without any text, line breaks; each with its place."""
        for run in self._runs():
            if not run.text:
                yield run
            for match in paced(PIECE.finditer(run.text)):
                yield Run((*run.place, match.start()), match[0], run.style)

    def _runs(self) -> Iterator[Run]:
        for number in self._range:
            yield from runs_of(self._children[number], (*self._place, number), self._style)


def runs_of(node: Node, place: Place, style: Style) -> Iterator[Run]:
    """The texts and line breaks in a node."""
    checkpoint()
    if isinstance(node, str):
        yield Run(place, node, style)
    elif node.tag == "br":
        yield Run((*place[:-1], place[-1] + 1), "", style)
    else:
        inner = style.within(node.tag)
        for number, child in enumerate(node.children):
            yield from runs_of(child, (*place, number), inner)


def _later(place: Place, by: int) -> Place:
    return (*place[:-1], place[-1] + by)


SLACK = 1e-6
"""What a line may be wider: the same widths have another sum in another order."""


class _Filling:
    """A line that fills with words. What it yields are the places where lines begin."""

    def __init__(self, width: float) -> None:
        self._width = width + SLACK
        self._used = 0.0
        self._space = 0.0
        self._word = 0.0
        self._start: Place | None = None
        self._is_begun = False
        self._break: Place | None = None

    def is_too_long(self, width: float) -> bool:
        """Whether the word would fit into no line with so much more."""
        return (self._word > 0 and self._word + width > self._width) or width > self._width

    def add(self, place: Place, width: float) -> None:
        """Add letters to the word; they begin at this place."""
        if self._start is None:
            self._start = place
        self._word += width

    def add_words(
        self, place: Place, starts: Sequence[int], ends: Sequence[float]
    ) -> Iterator[Place]:
        """Add words without blanks between them, none of them too long; the last one may go on.

        `starts` are how many characters after the place each begins, `ends` how wide all are up to its end.
        """
        self.add(place, ends[0])
        done, last = 1, len(ends) - 1
        if last:
            yield from self.end_word()
        while done < last:
            before = ends[done - 1]
            fit = bisect_right(ends, before + self._width - self._used, done, last)
            if self._used and fit == done:
                yield self._begin(_later(place, starts[done]))
                fit = bisect_right(ends, before + self._width, done, last)
            done = max(fit, done + 1)
            self._used += ends[done - 1] - before
        if last:
            self.add(_later(place, starts[last]), ends[last] - ends[last - 1])

    def add_broken(
        self, place: Place, starts: Sequence[int], ends: Sequence[float]
    ) -> Iterator[Place]:
        """Add letters of a word that no line holds, and break it wherever a line ends; see `add_words`."""
        done, before = 0, 0.0
        while done < len(ends):
            fit = bisect_right(ends, before + self._width - self._word, done)
            if fit == done and not self._word:
                fit += 1  # a letter that is wider than a line
            if fit > done:
                self.add(_later(place, starts[done]), ends[fit - 1] - before)
                done, before = fit, ends[fit - 1]
            if done < len(ends):
                yield from self.break_word()

    def end_word(self, space: float = 0.0) -> Iterator[Place]:
        """Letters that follow belong to the next word, so much space after this one."""
        if self._start is not None:
            if not self._is_begun or (
                self._used and self._used + self._space + self._word > self._width
            ):
                yield self._begin(self._start)
            else:
                self._used += self._space
            self._used += self._word
            self._word, self._start, self._space = 0.0, None, 0.0
        self._space = max(space, self._space)

    def break_word(self) -> Iterator[Place]:
        """The line ends within the word."""
        yield from self.end_word()
        self._is_begun = False

    def end_line(self, place: Place) -> Iterator[Place]:
        """A line ends, and the next one begins at this place; the last one only where there is more."""
        yield from self.end_word()
        if not self._is_begun:
            yield self._begin(self._break or (*place[:-1], place[-1] - 1))
        self._is_begun, self._break = False, place

    def _begin(self, place: Place) -> Place:
        self._is_begun, self._used, self._space, self._break = True, 0.0, 0.0, None
        return place
