"""A turn of a conversation cut into screens: in page view, and where its answer is long."""

import re
from collections.abc import Sequence
from functools import partial
from itertools import accumulate

from markupsafe import Markup, escape

from kindlechat.conversation import Excerpt
from kindlechat.picture import is_kept
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.rendering.answer.tree import Element, Nodes, element, to_html
from kindlechat.rendering.device.glyphs import fit_nodes
from kindlechat.rendering.device.reading import View
from kindlechat.rendering.device.screens import Page, cut_into_screens
from kindlechat.rendering.safety.checkpoint import checkpoint
from kindlechat.reply import Reply
from kindlechat.web.conversation.furniture import Furniture
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.turns import TURNS_BYTES, Turns, picture_words, refresh_s
from kindlechat.web.conversation.versions import version_values

SHEET_LINES = 150
"""A longer answer is cut into parts of so many lines, be it read in page view or not."""

FREE_EM = 0.4
"""In page view, what stays free between the row of links and the text, and below the text."""

MOST_BLANK = 0.03
"""In page view, how much of a screen that is not the last one may be blank below its text. The measured
bar is 8 %: a line more, where one is broken in another place than was expected."""

WIDER = {1.45: (1.49, 1.53, 1.57, 1.61, 1.65, 1.7)}
"""In page view, how high lines are on a screen that would have a blank, in em: the style sheet's. Who wants
them tight or wide has them so everywhere."""

UNMEASURED_EM = 0.05
"""In page view, by how many em more than a line is high stays free where nobody has measured the typeface: so
one line more than was foreseen has to be scrolled to by nobody, and the blank is within the bar."""

LEAST_EM = 4.0
"""In page view, what is left for the text on any screen."""

NOTE = re.compile(r'href="#([fr][\w-]+)"')
"""Where the mark of a footnote leads, and that of its note."""

TAG = re.compile("<[^>]*>")

MARK = re.compile(r'id="([fr][\w-]+)"')


class ConversationScreens:
    """Cuts turns and renders their screens, for one reader."""

    def __init__(self, live_answers: LiveAnswers, reader: Reader) -> None:
        self._reader = reader
        self._reading = reader.reading
        self._turns = Turns(live_answers, reader)
        self._furniture = Furniture(reader.templates, reader.reading)

    def cut(self, found: Excerpt, number: int) -> Sequence[str]:
        """The HTML of the screens of a turn, its question at the beginning of the first one; none where it is
        shown as one page. The last one may have nothing but what stands below an answer."""
        return self._screens(found, number, roomy=False)

    def _screens(self, found: Excerpt, number: int, *, roomy: bool) -> Sequence[str]:
        """The screens, the last one with room for few buttons below the answer or, `roomy`, for all."""
        reading, reply = self._reading, found.reply(number)
        is_sheet = reading.view is not View.PAGES
        if is_sheet and self._turns.turn(reply, 0).size_bytes <= TURNS_BYTES:
            return []
        page = Page(
            width=reading.width_em,
            height=SHEET_LINES * reading.line_em if is_sheet else self._height(found, number),
            line=reading.line_em,
            face=reading.shown_on.face,
            wider=() if is_sheet else WIDER.get(reading.line_em, ()),
            most_blank=max(0.0, MOST_BLANK * reading.height_em - FREE_EM),
        )
        tail = 0.0 if is_sheet else self._tail(found, number, roomy=roomy)
        files = self._reader.files if reply.picture else ""  # the question links to it
        label = self._reader.question_label
        key = (self._reader.language, self._reading.glyphs, page, tail, files, label)
        return self._turns.parts(reply, partial(self._cut, reply, page, tail), key)

    def _height(self, found: Excerpt, number: int) -> float:
        """How much of a screen is left for the text below the row that turns pages and what every page says,
        in em."""
        under_way = not found.reply(number).state.ended
        stops = under_way and found.turn(number).current and self._reader.may_write
        row = self._furniture.turning(stops=stops, paired=bool(self._reader.pair))
        taken = row + self._furniture.note(self._reader.templates.demo_note()) + self._free()
        return max(LEAST_EM, self._reading.height_em - taken)

    def _free(self) -> float:
        return FREE_EM if self._reading.measured else self._reading.line_em + UNMEASURED_EM

    def _tail(self, found: Excerpt, number: int, *, roomy: bool) -> float:
        values = self._values(found, number, roomy=roomy)
        return self._furniture.end(self._reader.templates.render("end.html", screens=1, **values))

    def _values(self, found: Excerpt, number: int, *, roomy: bool) -> dict[str, object]:
        """What templates know of a turn that is shown in screens."""
        return {
            "reader": self._reader,
            "turn": self._turns.turn(found.reply(number), number, blank=True),
            "total": found.total,
            "newest": number == found.total,
            "refresh_s": refresh_s(self._reading),
            "roomy": roomy,
            **version_values(found, number),
        }

    def _cut(self, reply: Reply, page: Page, tail: float, answer: Nodes) -> list[str]:
        asked = element("strong", self._reader.templates.sentence(self._reader.question_label))
        start = '<p dir="rtl">' if is_rtl(reply.question) else "<p>"
        question = Element("p", start, (asked, f" {escape(reply.question)}", *self._picture(reply)))
        whole = (question, element("hr"), *answer)
        nodes = fit_nodes(whole, self._reading.glyphs, self._reader.language)
        return [to_html(screen) for screen in cut_into_screens(nodes, page, tail)]

    def _picture(self, reply: Reply) -> Nodes:
        """A link to the picture of a question: nobody knows how high the picture would be on the screen."""
        if not reply.picture:
            return ()
        shown = self._reader.templates.sentence(picture_words(reply.picture))
        if not is_kept(reply.picture):
            return (f" {escape(shown)}",)
        root = self._reader.templates.language.root
        address = f"{root}{self._reader.files}/picture/{reply.picture}.jpg"
        return (" ", Element("a", f'<a href="{address}">', (str(escape(shown)),)))

    def render(self, found: Excerpt, number: int, screens: Sequence[str], shown: int) -> str:
        """The page with one of the screens of a turn."""
        roomy = shown == len(screens) and self._is_roomy(found, number, screens)
        read = None
        if found.reply(number).state.ended:
            read = round(100 * sum(map(len, screens[:shown])) / sum(map(len, screens)))
        row = self._furniture.turning_row(paired=bool(self._reader.pair)).for_total(len(screens))
        turn = "" if number == found.total else f"turn={number}&amp;"
        html = lead_to_notes(screens, shown, self._address(turn))
        return self._reader.templates.render(
            "screen.html",
            nodes=Markup(self._reader.outside_links.lead(html)),  # noqa: S704 (sanitised, or escaped above)
            screen=shown,
            screens=len(screens),
            at=place_of(screens, shown),
            row=row,
            place=row.place(self._reader.templates.sentence, shown, len(screens), read),
            **self._values(found, number, roomy=roomy),
        )

    def _is_roomy(self, found: Excerpt, number: int, screens: Sequence[str]) -> bool:
        """Whether the last screen has room for all buttons as it is: no line has to leave the one before."""
        if self._reading.view is not View.PAGES:
            return True
        fits = self._tail(found, number, roomy=True) <= self._height(found, number)
        return fits and self._screens(found, number, roomy=True) == screens

    def render_more(self, found: Excerpt, number: int) -> str:
        """The page with what can be done with a turn."""
        return self._reader.templates.render("more.html", **self._values(found, number, roomy=True))

    def _address(self, turn: str) -> str:
        """That of a screen without its number, escaped."""
        return f"{self._reader.templates.language.root}{self._reader.page}?{turn}screen="


def place_of(screens: Sequence[str], shown: int) -> int:
    """How many characters of an answer's text stand on the screens before this one."""
    return sum(map(_text_length, screens[: shown - 1]))


def screen_at(screens: Sequence[str], place: int) -> int:
    """The number of the screen with that place, which may be of an answer cut for another screen."""
    for number, end in enumerate(accumulate(map(_text_length, screens)), 1):
        if place < end:
            return number
    return len(screens)


def _text_length(html: str) -> int:
    """Without blanks: where a screen ends, one is left out."""
    checkpoint()
    return sum(map(len, TAG.sub(" ", html).split()))


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
