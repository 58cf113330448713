"""A conversation as a page: one turn large, earlier ones below or above it, older ones in a list."""

from dataclasses import replace

from markupsafe import Markup

from kindlechat.conversation import Excerpt, Outline
from kindlechat.picture import PREVIEW_BYTES
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.rendering.device.reading import Order
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.turns import TURNS_BYTES, Turn, Turns, refresh_s
from kindlechat.web.conversation.versions import version_values

LISTED = 10
"""So many of the earlier turns that are not shown are listed by their questions, the nearest ones."""


class ConversationPage:
    """Renders conversations as pages, for one reader."""

    def __init__(self, live_answers: LiveAnswers, reader: Reader) -> None:
        self._reader = reader
        self._reading = reader.reading
        self._turns = Turns(live_answers, reader)

    def render(
        self,
        found: Excerpt,
        number: int,
        *,
        asking: bool = False,
        live: bool = False,
        blank: bool = False,
        look: int = 0,
    ) -> str:
        """The page with one turn large and, beside the newest, as many earlier ones as fit.

        `asking` shows the question box whatever the reader wants hidden otherwise; `live` is for a page
        that grows, and `blank` leaves the answer out. `look` goes into the address of the page's next look:
        browsers go down to a place in a page that loads itself again only where its address changes.
        """
        total = found.total
        newest = number == total
        turn = self._turns.turn(found.reply(number), number, blank=blank)
        if asking and turn.size_bytes > TURNS_BYTES:  # it is read in parts
            turn = replace(turn, answer=Markup())
        earlier = self._earlier(found, turn) if newest else []
        return self._reader.templates.render(
            "conversation.html",
            reader=self._reader,
            turn=turn,
            earlier=earlier,
            older=_older(found, number - 1 - len(earlier)),
            total=total,
            newest=newest,
            newest_last=self._reading.order is Order.LAST,
            refresh_s=refresh_s(self._reading),
            asking=asking,
            live=live,
            look=look,
            bare=self._reading.bare,
            **version_values(found, number),
        )

    def _earlier(self, found: Excerpt, newest: Turn) -> list[Turn]:
        """As many turns before the newest one as fit on its page with it, oldest first."""
        shown: list[Turn] = []
        room = TURNS_BYTES - newest.size_bytes
        for number in range(found.total - 1, 0, -1):
            if not found.has(number):
                break
            turn = self._turns.turn(found.reply(number), number)
            room -= turn.size_bytes
            if room < 0:
                break
            shown.insert(0, turn)
        return shown


def shown_beside(outline: Outline, number: int) -> list[str]:
    """The ids of the replies that may fit on the page of a turn beside it: earlier ones than the newest.

    Their Markdown is seldom longer than their HTML; where it is, fewer are shown than would fit.
    """
    if number < len(outline.replies):
        return []
    room = TURNS_BYTES - outline.replies[-1].chars
    beside: list[str] = []
    for reply in reversed(outline.replies[:-1]):
        room -= len(reply.question) + reply.chars + (PREVIEW_BYTES if reply.picture else 0)
        if room < 0:
            break
        beside.append(reply.id)
    return beside


def _older(found: Excerpt, last: int) -> list[tuple[int, str, bool]]:
    """The numbers and questions of the turns up to `last`, the nearest ones, and whether each question runs
    from right to left."""
    numbers = range(max(1, last - LISTED + 1), last + 1)
    return [(n, found.question(n), is_rtl(found.question(n))) for n in numbers]
