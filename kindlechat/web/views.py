"""A conversation as one reader is shown it: as a page, or cut into screens."""

from markupsafe import Markup, escape

from kindlechat.rendering.pages import Voice
from kindlechat.rendering.reading import Order, Reading
from kindlechat.rendering.screens import Page, cut_into_screens
from kindlechat.rendering.tree import Nodes, element, to_html
from kindlechat.reply import Reply
from kindlechat.stores import Conversation
from kindlechat.web.answers import Answers
from kindlechat.web.turns import Turns

EARLIER_BYTES = 16_000
"""Earlier turns are shown in full up to this much text, so that a page stays under 30 kB."""

REFRESH_S = 5
"""One e-reader of 2016 loops where a page refreshes itself every 2 s."""

FURNITURE_LINES = 4.5
LEAST_SCREEN_LINES = 5
"""In page view: what stands around the text, and what is left for it on any screen."""


class ConversationView:
    """How a reader with these settings sees conversations, in one language."""

    def __init__(self, answers: Answers, voice: Voice, reading: Reading) -> None:
        self._voice = voice
        self._reading = reading
        self._turns = Turns(answers, voice)
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
        newest = number == len(found.replies)
        first_shown = _first_shown(found.replies) if newest else len(found.replies)
        earlier = [
            self._turns.turn(reply, n, self._reading)
            for n, reply in enumerate(found.replies[:-1], 1)
            if n > first_shown
        ]
        return self._voice.render(
            "conversation.html",
            conversation=found.id,
            turn=self._turns.turn(found.replies[number - 1], number, self._reading, blank=blank),
            earlier=earlier,
            older=[
                (n, reply.question)
                for n, reply in enumerate(found.replies, 1)
                if n != number and n <= first_shown
            ],
            total=len(found.replies),
            newest=newest,
            newest_last=self._reading.order is Order.LAST,
            refresh_s=self._refresh_s,
            asking=asking,
            live=live,
            once=once,
        )

    def screens(self, reply: Reply) -> list[Nodes]:
        """A turn cut into screens; its question is at the beginning of the first one."""
        asked = element("strong", self._voice.sentence("ui.you_asked"))
        question = element("p", asked, f" {escape(reply.question)}")
        nodes = (question, element("hr"), *self._turns.nodes(reply, self._reading))
        lines = max(LEAST_SCREEN_LINES, self._reading.lines - FURNITURE_LINES)
        return cut_into_screens(nodes, Page(self._reading.columns, lines))

    def screen(self, found: Conversation, number: int, screens: list[Nodes], shown: int) -> str:
        """The page with one of the screens of a turn."""
        reply = found.replies[number - 1]
        return self._voice.render(
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


def _first_shown(replies: tuple[Reply, ...]) -> int:
    """How many of the oldest turns do not fit under the newest one."""
    room = EARLIER_BYTES - len(replies[-1].text.encode())
    for number in range(len(replies) - 1, 0, -1):
        reply = replies[number - 1]
        room -= len((reply.text + reply.question).encode())
        if room < 0:
            return number
    return 0
