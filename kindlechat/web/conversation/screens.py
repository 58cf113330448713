"""A turn of a conversation cut into screens: in page view, and where its answer is long."""

import re
from collections.abc import Sequence
from functools import partial
from math import ceil

from markupsafe import Markup, escape

from kindlechat.conversation import Excerpt
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.rendering.answer.tree import Element, Nodes, element, to_html
from kindlechat.rendering.device.faces import letters_of
from kindlechat.rendering.device.reading import View
from kindlechat.rendering.device.screens import Page, cut_into_screens
from kindlechat.rendering.safety.checkpoint import checkpoint
from kindlechat.reply import Reply, State
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.turns import TURNS_BYTES, Turns, refresh_s
from kindlechat.web.conversation.versions import version_values

SHEET_LINES = 150
"""A longer answer is cut into parts of so many lines, be it read in page view or not."""

ROW_EM, ROW_GAP_EM, CONTROL_GAP_EM = 2.0, 0.1, 0.6
"""In page view, a row of links; what is between it and the text; and right of each link."""

SMALL = 0.85
"""The size of the words between them."""

FOOT_EM, MARGIN_EM = 0.3, 0.4
"""In page view, what stays free below the text; what its last block keeps free, unless a script takes it."""

LEAST_EM = 4.0
"""In page view, what is left for the text on any screen."""

BUTTONS_EM, BUTTON_ROW_EM = 46.0, 2.5
LINKS_EM, LINK_ROW_EM = 28.0, 1.25
"""In page view, how wide and high the buttons below an answer's end are, and the links to its files."""

NOTE = re.compile(r'href="#([fr][\w-]+)"')
"""Where the mark of a footnote leads, and that of its note."""

MARK = re.compile(r'id="([fr][\w-]+)"')


class ConversationScreens:
    """Cuts turns and renders their screens, for one reader."""

    def __init__(self, live_answers: LiveAnswers, reader: Reader) -> None:
        self._reader = reader
        self._reading = reader.reading
        self._turns = Turns(live_answers, reader)

    def cut(self, reply: Reply) -> Sequence[str]:
        """The HTML of the screens of a turn, its question at the beginning of the first one; none where it is
        shown as one page."""
        reading = self._reading
        is_sheet = reading.view is not View.PAGES
        if is_sheet and self._turns.turn(reply, 0).size_bytes <= TURNS_BYTES:
            return []
        height = SHEET_LINES * reading.line_em if is_sheet else self._height()
        page = Page(reading.width_em, height, reading.line_em, reading.shown_on.face)
        tail = 0.0 if is_sheet else self._tail(reply)
        key = (self._reader.templates.language.code, page, tail)
        return self._turns.parts(reply, partial(self._cut, reply, page, tail), key)

    def _height(self) -> float:
        """How much of a screen is left for the text below the row that turns pages, in em."""
        t, width = self._reader.templates.sentence, self._reading.width_em
        letters = letters_of(self._reading.shown_on.face)
        place = t("ui.screen_of", number=88, total=88), "·", t("ui.share_read", percent=88)
        labels = {
            t("ui.previous"): 1.0,
            t("ui.next"): 1.0,
            " ".join(place): SMALL,
            t("ui.ask"): 1.0,
        }
        rows, used = 1, 0.0
        for label, size in labels.items():
            wide = size * sum(map(letters.__getitem__, label))
            if used + wide > width:
                rows, used = rows + 1, 0.0
            used += wide + letters[" "] + size * CONTROL_GAP_EM
        taken = rows * ROW_EM + ROW_GAP_EM + FOOT_EM
        taken += 0 if self._reading.measured else MARGIN_EM
        return max(LEAST_EM, self._reading.height_em - taken)

    def _tail(self, reply: Reply) -> float:
        """What the buttons and the line about the answer's state take below its end, in em."""
        width, line = self._reading.width_em, self._reading.line_em
        buttons = ceil(BUTTONS_EM / width) * BUTTON_ROW_EM
        links = ceil(LINKS_EM / width) * LINK_ROW_EM
        return 2 * ROW_GAP_EM + buttons + links + (0 if reply.state is State.DONE else line)

    def _cut(self, reply: Reply, page: Page, tail: float, answer: Nodes) -> list[str]:
        asked = element("strong", self._reader.templates.sentence("ui.you_asked"))
        start = '<p dir="rtl">' if is_rtl(reply.question) else "<p>"
        question = Element("p", start, (asked, f" {escape(reply.question)}"))
        nodes = (question, element("hr"), *answer)
        return [to_html(screen) for screen in cut_into_screens(nodes, page, tail)]

    def render(self, found: Excerpt, number: int, screens: Sequence[str], shown: int) -> str:
        """The page with one of the screens of a turn."""
        reply, links = found.reply(number), self._reader.outside_links
        newest = number == found.total
        html = lead_to_notes(screens, shown, self._address("" if newest else f"turn={number}&amp;"))
        return self._reader.templates.render(
            "screen.html",
            reader=self._reader,
            turn=self._turns.turn(reply, number, blank=True),
            nodes=Markup(links.lead(html)),  # noqa: S704 (sanitised, or escaped above)
            screen=shown,
            screens=len(screens),
            percent=round(100 * sum(map(len, screens[:shown])) / sum(map(len, screens))),
            total=found.total,
            newest=newest,
            refresh_s=refresh_s(self._reading),
            **version_values(found, number),
        )

    def _address(self, turn: str) -> str:
        """That of a screen without its number, escaped."""
        return f"{self._reader.templates.language.root}{self._reader.page}?{turn}screen="


def lead_to_notes(screens: Sequence[str], shown: int, address: str) -> str:
    """A screen's HTML in which a footnote's mark leads to the screen that its other half is on.

    `address` is that of a screen, up to its number.
    """
    if not NOTE.search(screens[shown - 1]):
        return screens[shown - 1]
    numbers: dict[str, int] = {}
    for number, html in enumerate(screens, 1):
        checkpoint()
        for mark in MARK.finditer(html):
            numbers.setdefault(mark[1], number)

    def lead(match: re.Match[str]) -> str:
        number = numbers.get(match[1], shown)
        return match[0] if number == shown else f'href="{address}{number}#{match[1]}"'

    return NOTE.sub(lead, screens[shown - 1])
