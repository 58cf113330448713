"""A turn of a conversation cut into screens: in page view, and where its answer is long."""

import re
from collections.abc import Sequence
from functools import partial

from markupsafe import Markup, escape

from kindlechat.conversation import Excerpt
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.rendering.answer.tree import Element, Nodes, element, to_html
from kindlechat.rendering.device.reading import Reading, View
from kindlechat.rendering.device.screens import Page, cut_into_screens
from kindlechat.reply import Reply
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.turns import TURNS_BYTES, Turns, refresh_s
from kindlechat.web.conversation.versions import version_values

SHEET_LINES = 150
"""A longer answer is cut into parts of so many lines, be it read in page view or not."""

FURNITURE_LINES = 4.5
NARROW_COLUMNS = 42
NARROW_FURNITURE_LINES = 8.0
LEAST_SCREEN_LINES = 5
"""In page view: what stands around the text (more on a screen so narrow that the bars above and below
it take two lines each), and what is left for it on any screen."""

NOTE = re.compile(r'href="#([fr][\w-]+)"')
"""Where the mark of a footnote leads, and that of its note."""


class ConversationScreens:
    """Cuts turns and renders their screens, for one reader."""

    def __init__(self, live_answers: LiveAnswers, reader: Reader) -> None:
        self._reader = reader
        self._reading = reader.reading
        self._turns = Turns(live_answers, reader)

    def cut(self, reply: Reply) -> Sequence[str]:
        """The HTML of the screens of a turn, its question at the beginning of the first one; none where it is
        shown as one page."""
        lines = max(LEAST_SCREEN_LINES, self._reading.lines - furniture_lines(self._reading))
        if self._reading.view is not View.PAGES:
            if self._turns.turn(reply, 0).size_bytes <= TURNS_BYTES:
                return []
            lines = SHEET_LINES
        page = Page(self._reading.columns, lines)
        key = (self._reader.templates.language.code, page)
        return self._turns.parts(reply, partial(self._cut, reply, page), key)

    def _cut(self, reply: Reply, page: Page, answer: Nodes) -> list[str]:
        asked = element("strong", self._reader.templates.sentence("ui.you_asked"))
        start = '<p dir="rtl">' if is_rtl(reply.question) else "<p>"
        question = Element("p", start, (asked, f" {escape(reply.question)}"))
        return [
            to_html(nodes) for nodes in cut_into_screens((question, element("hr"), *answer), page)
        ]

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
            total=found.total,
            newest=newest,
            refresh_s=refresh_s(self._reading),
            **version_values(found, number),
        )

    def _address(self, turn: str) -> str:
        """That of a screen without its number, escaped."""
        return f"{self._reader.templates.language.root}/c/{self._reader.conversation}?{turn}screen="


def lead_to_notes(screens: Sequence[str], shown: int, address: str) -> str:
    """A screen's HTML in which a footnote's mark leads to the screen that its other half is on.

    `address` is that of a screen, up to its number.
    """

    def lead(match: re.Match[str]) -> str:
        mark = f'id="{match[1]}"'
        number = next((n for n, html in enumerate(screens, 1) if mark in html), shown)
        return match[0] if number == shown else f'href="{address}{number}#{match[1]}"'

    return NOTE.sub(lead, screens[shown - 1])


def furniture_lines(reading: Reading) -> float:
    """How many lines of a screen in page view are taken by what stands around the text."""
    return NARROW_FURNITURE_LINES if reading.columns < NARROW_COLUMNS else FURNITURE_LINES
