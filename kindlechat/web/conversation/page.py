"""A conversation as a page: one turn large, earlier ones below or above it, older ones in a list."""

from dataclasses import replace

from markupsafe import Markup

from kindlechat.conversation import Conversation
from kindlechat.rendering.device.reading import Order, Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.turns import TURNS_BYTES, Turn, Turns, refresh_s

LISTED = 10
"""So many of the turns that are not shown are listed by their questions, the nearest ones."""


class ConversationPage:
    """Renders conversations as pages, for a reader with these settings and in one language."""

    def __init__(
        self, live_answers: LiveAnswers, templates: LocalizedTemplates, reading: Reading
    ) -> None:
        self._templates = templates
        self._reading = reading
        self._turns = Turns(live_answers, templates)

    def render(
        self,
        found: Conversation,
        number: int,
        idempotency_key: str,
        *,
        asking: bool = False,
        live: bool = False,
        blank: bool = False,
    ) -> str:
        """The page with one turn large and, beside the newest, as many earlier ones as fit.

        `idempotency_key` is that of its question box; `asking` shows the box whatever the reader wants
        hidden otherwise; `live` is for a page that grows, and `blank` leaves the answer out.
        """
        total = len(found.replies)
        newest = number == total
        turn = self._turns.turn(found.replies[number - 1], number, self._reading, blank=blank)
        if asking and turn.size_bytes > TURNS_BYTES:  # it is read in parts
            turn = replace(turn, answer=Markup())
        earlier = self._earlier(found, turn) if newest else []
        return self._templates.render(
            "conversation.html",
            conversation=found.id,
            turn=turn,
            earlier=earlier,
            older=_older(found, number, total - len(earlier)),
            total=total,
            newest=newest,
            newest_last=self._reading.order is Order.LAST,
            refresh_s=refresh_s(self._reading),
            asking=asking,
            live=live,
            idempotency_key=idempotency_key,
        )

    def _earlier(self, found: Conversation, newest: Turn) -> list[Turn]:
        """As many turns before the newest one as fit on its page with it, oldest first."""
        shown: list[Turn] = []
        room = TURNS_BYTES - newest.size_bytes
        for number in range(len(found.replies) - 1, 0, -1):
            turn = self._turns.turn(found.replies[number - 1], number, self._reading)
            room -= turn.size_bytes
            if room < 0:
                break
            shown.insert(0, turn)
        return shown


def _older(found: Conversation, number: int, last: int) -> list[tuple[int, str]]:
    """The numbers and questions to list on the page of a turn; `last` is the last turn not shown."""
    end = min(last, number + LISTED // 2)
    listed = range(max(1, end - LISTED + 1), end + 1)
    return [(n, found.replies[n - 1].question) for n in listed if n != number]
