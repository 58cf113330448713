"""A conversation as one reader is shown it: as a page, or cut into screens."""

from dataclasses import replace

from markupsafe import Markup, escape

from kindlechat.rendering.answer.tree import Nodes, element, to_html
from kindlechat.rendering.device.reading import Order, Reading, View
from kindlechat.rendering.device.screens import Page, cut_into_screens
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.reply import Reply
from kindlechat.stores.contract import Conversation
from kindlechat.web.conversation.live_answers import Answers
from kindlechat.web.conversation.turns import Turn, Turns

TURNS_BYTES = 21_000
"""So much HTML of turns is shown in full, so that a page with all it loads stays under 30 kB."""

FURNITURE_BYTES = 100
"""What a page says around each turn."""

SHEET_LINES = 150
"""A longer answer is cut into parts of so many lines, be it read in page view or not."""

LISTED = 10
"""So many of the turns that are not shown are listed by their questions, the nearest ones."""

REFRESH_S = 5
"""One e-reader of 2016 loops where a page refreshes itself every 2 s."""

FURNITURE_LINES = 4.5
NARROW_COLUMNS = 42
NARROW_FURNITURE_LINES = 8.0
LEAST_SCREEN_LINES = 5
"""In page view: what stands around the text (more on a screen so narrow that the bars above and below
it take two lines each), and what is left for it on any screen."""


class ConversationView:
    """How a reader with these settings sees conversations, in one language."""

    def __init__(self, answers: Answers, templates: LocalizedTemplates, reading: Reading) -> None:
        self._templates = templates
        self._reading = reading
        self._turns = Turns(answers, templates)
        self._refresh_s = max(REFRESH_S, reading.pace_ms // 1000)

    def page(
        self,
        found: Conversation,
        number: int,
        once: str,
        *,
        asking: bool = False,
        live: bool = False,
        blank: bool = False,
    ) -> str:
        """The page with one turn large and, beside the newest, as many earlier ones as fit.

        `once` is the key of its question box; `asking` shows that whatever the reader wants hidden
        otherwise; `live` is for a page that grows, and `blank` leaves the answer out.
        """
        total = len(found.replies)
        newest = number == total
        turn = self._turns.turn(found.replies[number - 1], number, self._reading, blank=blank)
        if asking and _size(turn) > TURNS_BYTES:  # it is read in parts
            turn = replace(turn, answer=Markup())
        earlier = self._earlier(found, turn) if newest else []
        return self._templates.render(
            "conversation.html",
            conversation=found.id,
            turn=turn,
            earlier=earlier,
            older=[
                (n, found.replies[n - 1].question)
                for n in _listed(number, total - len(earlier))
                if n != number
            ],
            total=total,
            newest=newest,
            newest_last=self._reading.order is Order.LAST,
            refresh_s=self._refresh_s,
            asking=asking,
            live=live,
            once=once,
        )

    def _earlier(self, found: Conversation, newest: Turn) -> list[Turn]:
        """As many turns before the newest one as fit on its page with it, oldest first."""
        shown: list[Turn] = []
        room = TURNS_BYTES - _size(newest)
        for number in range(len(found.replies) - 1, 0, -1):
            turn = self._turns.turn(found.replies[number - 1], number, self._reading)
            room -= _size(turn)
            if room < 0:
                break
            shown.insert(0, turn)
        return shown

    def screens(self, reply: Reply) -> list[Nodes]:
        """A turn cut into screens, its question at the beginning of the first one; none where it is
        shown as one page."""
        lines = max(LEAST_SCREEN_LINES, self._reading.lines - furniture_lines(self._reading))
        if self._reading.view is not View.PAGES:
            if _size(self._turns.turn(reply, 0, self._reading)) <= TURNS_BYTES:
                return []
            lines = SHEET_LINES
        asked = element("strong", self._templates.sentence("ui.you_asked"))
        question = element("p", asked, f" {escape(reply.question)}")
        nodes = (question, element("hr"), *self._turns.nodes(reply, self._reading))
        return cut_into_screens(nodes, Page(self._reading.columns, lines))

    def screen(self, found: Conversation, number: int, screens: list[Nodes], shown: int) -> str:
        """The page with one of the screens of a turn."""
        reply = found.replies[number - 1]
        return self._templates.render(
            "screen.html",
            conversation=found.id,
            turn=self._turns.turn(reply, number, self._reading, blank=True),
            nodes=Markup(to_html(screens[shown - 1])),  # noqa: S704 (sanitised, or escaped above)
            screen=shown,
            screens=len(screens),
            total=len(found.replies),
            newest=number == len(found.replies),
            refresh_s=self._refresh_s,
            live=False,
        )


def furniture_lines(reading: Reading) -> float:
    """How many lines of a screen in page view are taken by what stands around the text."""
    return NARROW_FURNITURE_LINES if reading.columns < NARROW_COLUMNS else FURNITURE_LINES


def _size(turn: Turn) -> int:
    """The bytes that it takes on a page."""
    return len(f"{escape(turn.question)}{turn.answer}".encode()) + FURNITURE_BYTES


def _listed(number: int, last: int) -> range:
    """The turns to list on the page of one of them; `last` is the last that is not shown."""
    end = min(last, number + LISTED // 2)
    return range(max(1, end - LISTED + 1), end + 1)
