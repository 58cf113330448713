"""The heights, in em, of what stands around an answer in page view: rows of buttons, links, small words."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

from kindlechat.rendering.device.faces import Letters, letters_of
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.web.conversation.turning_row import ARROWS, TURNING_ROWS, TurningRow

ROW_EM, BUTTON_ROW_EM = 2.0, 3.0
"""A row of links, and one with a button in it."""

MARGIN_EM = 0.7
"""What a paragraph and a form keep free below them."""

SMALL = 0.85
"""The size of small words."""

BUTTON_LINE_EM, LINK_LINE_EM = 1.3, 1.4
"""One more line of a button's words, and of a link's: the style sheet's."""

LINK_GAP_EM, BUTTON_GAP_EM, BUTTON_EM = 0.5, 0.6, 2.5
"""Right of a link and of a button; and by how much a button is wider than its words."""

ARROW_EM, TURNING_BUTTON_EM = 1.2, 1.4
"""In the row that turns pages: by how much an arrow is wider than its sign, and a button than its words."""

PARTS = re.compile(
    r"""<(?P<block>/?(?:p|div)\b|br\b|form[ ]id="taps")(?P<attributes>[^>]*)>
    | <(?P<tag>a|span|button)\b(?P<hidden>[ ]hidden)?[^>]*>(?P<label>.*?)</(?P=tag)>
    | <[^>]*> | (?P<word>[^<\s]+)""",
    re.DOTALL | re.VERBOSE,
)
"""Where a row ends; what no row parts: a link, a button; and plain words. Forms with one button end none."""

QUIET = 'class="quiet"'


class Word(NamedTuple):
    """What no row parts: its width, the space to the next one, and the height of a row that has it."""

    width: float
    space: float
    height: float


class Furniture:
    """Measures what stands around an answer, for a reader's settings and language."""

    def __init__(self, templates: LocalizedTemplates, reading: Reading) -> None:
        self._t = templates.sentence
        self._width = reading.width_em
        self._line = reading.line_em
        self._letters: Letters = letters_of(reading.shown_on.face)

    def turning_row(self, *, paired: bool = False) -> TurningRow:
        """The row that turns pages: the same on all of them, and while an answer is written, when it has a
        button in it. One that is `paired` says so."""

        def lowest(row: TurningRow) -> float:
            return sum(self._turning(row, stops, paired) for stops in (False, True))

        return min(TURNING_ROWS, key=lowest)

    def turning(self, *, stops: bool, paired: bool = False) -> float:
        """How high that row is, whatever its numbers are; one that `stops` has the button."""
        return self._turning(self.turning_row(paired=paired), stops, paired)

    def _turning(self, row: TurningRow, stops: bool, paired: bool) -> float:
        t = self._t
        place = row.place(t, 88, 88, None if stops else 88)
        place += f" · {t('pair.mark')}" if paired else ""
        last = (
            self._button(t("ui.stop"), TURNING_BUTTON_EM)
            if stops
            else self._word(t("ui.ask_short"), more=LINK_GAP_EM)
        )
        if row.words:
            turns = [self._word(t(name), more=LINK_GAP_EM) for name in ("ui.previous", "ui.next")]
        else:
            turns = [self._word(arrow, more=ARROW_EM + LINK_GAP_EM) for arrow in ARROWS]
        return self._rows([*turns, self._word(place, SMALL, more=LINK_GAP_EM), last])

    def end(self, html: str) -> float:
        """What stands below an answer's end, by its HTML: paragraphs, and rows of buttons and links."""
        return MARGIN_EM + self.note(html)

    def note(self, html: str) -> float:
        """The same that stands above the answer."""
        height = start = 0.0
        size = 1.0
        row: list[Word] = []
        for part in PARTS.finditer(html):
            block = part["block"]
            if part["word"]:
                row.append(self._word(part["word"], size, self._line))
            elif part["tag"] and not part["hidden"]:
                row.append(self._item(part["tag"], part["label"], size))
            elif block:
                height, row = height + self._rows(row), []
                if block.startswith("form"):
                    height += MARGIN_EM
                elif block == "/p" and height > start:  # an empty one keeps nothing free
                    height += size * MARGIN_EM
                if block != "br":
                    start, size = height, SMALL if QUIET in part["attributes"] else 1.0
        return height + self._rows(row)

    def _rows(self, words: Iterable[Word]) -> float:
        """How high all rows are together that the words fill, one after the other."""
        done = used = space = height = 0.0
        for word in words:
            if height and used + space + word.width > self._width:
                done, used, space, height = done + height, 0.0, 0.0, 0.0
            used += space + word.width
            space, height = word.space, max(height, word.height)
        return done + height

    def _item(self, tag: str, html: str, size: float) -> Word:
        """A button; or a link or what stands for one, which has a row to itself where no other has room for
        the whole of it."""
        text = Markup(html).striptags()  # noqa: S704 (only to be measured)
        if tag == "button":
            return self._button(text, size=size)
        wide = self._wide(text, size)
        height = ROW_EM + int(wide / self._width) * LINK_LINE_EM
        return Word(wide + LINK_GAP_EM, size * self._letters[" "], size * height)

    def _word(
        self, text: str, size: float = 1.0, height: float = ROW_EM, more: float = 0.0
    ) -> Word:
        """A word or a line of them, with `more` beside it."""
        return Word(self._wide(text, size) + more, size * self._letters[" "], size * height)

    def _button(self, text: str, padding: float = BUTTON_EM, size: float = 1.0) -> Word:
        wide = size * (self._wide(text, self._letters.bold) + padding)
        more_lines = int(wide / self._width)  # the words of a button may need several
        height = size * (BUTTON_ROW_EM + more_lines * BUTTON_LINE_EM)
        return Word(wide + size * BUTTON_GAP_EM, self._letters[" "], height)

    def _wide(self, text: str, size: float) -> float:
        return size * sum(map(self._letters.__getitem__, text))
