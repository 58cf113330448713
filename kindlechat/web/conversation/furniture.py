"""How high what stands around an answer in page view is, in em: rows of buttons, links and small words."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

from kindlechat.rendering.device.faces import Letters, letters_of
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates

ROW_EM, BUTTON_ROW_EM = 2.0, 3.0
"""A row of links, and one with a button in it."""

MARGIN_EM, SMALL_MARGIN_EM = 0.7, 0.6
"""What a paragraph keeps free below it, and a small one."""

SMALL = 0.85
"""The size of small words."""

BUTTON_LINE_EM, LINK_LINE_EM = 1.3, 1.4
"""One more line of a button's words, and of a link's: the style sheet's."""

LINK_GAP_EM, BUTTON_GAP_EM, BUTTON_EM = 0.5, 0.6, 2.2
"""Right of a link and of a button; and by how much a button is wider than its words."""

PARTS = re.compile(
    r"<p\b([^>]*)>(.*?)</p>|<(a|span|button)\b(?! hidden)[^>]*>(.*?)</\3>", re.DOTALL
)
"""A paragraph, with its attributes; or a link, a word or a button outside of one."""

ROW_ENDS = re.compile(r"</?div\b[^>]*>|<br>")
"""Where a row ends, whatever room it has left."""


class Word(NamedTuple):
    """What no row parts: its width, the space to the next one, and the height of a row that has it."""

    width: float
    space: float
    height: float = ROW_EM


class Furniture:
    """Measures what stands around an answer, for a reader's settings and language."""

    def __init__(self, templates: LocalizedTemplates, reading: Reading) -> None:
        self._t = templates.sentence
        self._width = reading.width_em
        self._line = reading.line_em
        self._letters: Letters = letters_of(reading.shown_on.face)

    def turning(self, *, stops: bool, paired: bool = False) -> float:
        """The row that turns pages, whatever its numbers are; one that `stops` has a button, and one that is
        `paired` says so."""
        t = self._t
        place = f"{t('ui.screen_of', number=88, total=88)} · {t('ui.share_read', percent=88)}"
        if paired:
            place += f" · {t('pair.mark')}"
        labels = (t("ui.previous"), 1.0), (t("ui.next"), 1.0), (place, SMALL)
        words = [self._whole(label, size) for label, size in labels]
        words.append(self._button(t("ui.stop")) if stops else self._whole(t("ui.ask"), 1.0))
        return self._rows(words)

    def end(self, html: str) -> float:
        """What stands below an answer's end, by its HTML: paragraphs, and rows of buttons and links."""
        return MARGIN_EM + sum(map(self._block, ROW_ENDS.split(html)))

    def _block(self, html: str) -> float:
        """Paragraphs, and what else there is in one row, or as many as it fills."""
        heights, words = [], []
        for attributes, text, tag, label in PARTS.findall(html):
            if tag:
                plain = Markup(label).striptags()  # noqa: S704 (only to be measured)
                words.append(self._button(plain) if tag == "button" else self._link(plain))
            else:
                heights.append(self._paragraph(text, is_small='class="quiet"' in attributes))
        return sum(heights) + self._rows(words)

    def _paragraph(self, html: str, *, is_small: bool) -> float:
        text = Markup(html).striptags()  # noqa: S704 (only to be measured)
        if not text:
            return 0.0
        if not is_small:
            return self._rows(self._words(text)) + MARGIN_EM
        return self._rows(self._words(text, SMALL)) / ROW_EM * SMALL * self._line + SMALL_MARGIN_EM

    def _rows(self, words: Iterable[Word]) -> float:
        """How high all rows are together that the words fill, one after the other."""
        done = used = space = height = 0.0
        for word in words:
            if height and used + space + word.width > self._width:
                done, used, space, height = done + height, 0.0, 0.0, 0.0
            used += space + word.width
            space, height = word.space, max(height, word.height)
        return done + height

    def _words(self, text: str, size: float = 1.0) -> list[Word]:
        space = size * self._letters[" "]
        return [Word(self._wide(word, size), space) for word in text.split()]

    def _link(self, text: str) -> Word:
        """A link of a row: it has a row to itself where no other has room for the whole of it."""
        wide = self._wide(text, 1.0)
        more_lines = int(wide / self._width)
        height = ROW_EM + more_lines * LINK_LINE_EM
        return Word(wide + LINK_GAP_EM, self._letters[" "], height)

    def _whole(self, text: str, size: float) -> Word:
        return Word(self._wide(text, size) + LINK_GAP_EM, self._letters[" "])

    def _button(self, text: str) -> Word:
        wide = self._wide(text, self._letters.bold) + BUTTON_EM
        more_lines = int(wide / self._width)  # the words of a button may need several
        height = BUTTON_ROW_EM + more_lines * BUTTON_LINE_EM
        return Word(wide + BUTTON_GAP_EM, self._letters[" "], height)

    def _wide(self, text: str, size: float) -> float:
        return size * sum(map(self._letters.__getitem__, text))
