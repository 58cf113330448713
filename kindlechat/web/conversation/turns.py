"""The turns of a conversation as pages show them."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from kindlechat.errors import ENDED_BY_MODEL, Reason
from kindlechat.picture import PREVIEW_BYTES, is_kept, preview_size
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.rendering.answer.tree import Nodes
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.reply import Progress, Reply, State
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.reader import Reader

TURNS_BYTES = 21_000
"""So much HTML of turns is shown in full, so that a page with all it loads stays under 30 kB."""

FURNITURE_BYTES = 100
"""What a page says around each turn."""

REFRESH_S = 5
"""One e-reader of 2016 loops where a page refreshes itself every 2 s."""


@dataclass(frozen=True)
class Turn:
    """A question and its answer as a page shows them; `seen` is how much of it there is. `follow_ups` are
    the questions that the model proposes, each with whether it runs from right to left. `picture` names
    the one that went with the question."""

    id: str
    number: int
    question: str
    answer: Markup
    state: State
    status: str
    under_way: bool
    can_continue: bool
    seen: int
    follow_ups: tuple[tuple[str, bool], ...]
    picture: str = ""

    @property
    def question_is_rtl(self) -> bool:
        """Whether the question runs from right to left."""
        return is_rtl(self.question)

    @property
    def size_bytes(self) -> int:
        """How much of a page it takes."""
        text = len(f"{escape(self.question)}{self.answer}".encode())
        return text + FURNITURE_BYTES + (PREVIEW_BYTES if self.has_picture else 0)

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture to show; else it may have been dropped since."""
        return is_kept(self.picture)

    @property
    def picture_size(self) -> tuple[int, int]:
        """The width and the height of the small picture."""
        return preview_size(self.picture)


class Turns:
    """Makes turns of replies, for one reader."""

    def __init__(self, live_answers: LiveAnswers, reader: Reader) -> None:
        self._live_answers = live_answers
        self._reader = reader

    def turn(self, reply: Reply, number: int, *, blank: bool = False) -> Turn:
        """The turn number `number` of a conversation; `blank` leaves its answer out."""
        return Turn(
            id=reply.id,
            number=number,
            question=reply.question,
            answer=Markup() if blank else self._answer(reply),
            state=reply.state,
            status=status_line(self._reader.templates, reply.state, reply.reason),
            under_way=not reply.state.ended,
            can_continue=reply.can_continue,
            seen=len(reply.text),
            follow_ups=tuple((question, is_rtl(question)) for question in reply.follow_ups),
            picture=reply.picture,
        )

    def parts(
        self, reply: Reply, cut: Callable[[Nodes], Sequence[str]], cut_key: Hashable
    ) -> Sequence[str]:
        """The answer as `cut` divides it; see LiveAnswers.parts. Its links are still those of the model."""
        return self._live_answers.parts(
            reply.id, reply.text, self._reader.reading, cut, cut_key, ended=reply.state.ended
        )

    def actions(self, reply: Reply) -> str:
        """Buttons and files of a conversation's newest turn, which has no other version yet."""
        return self._reader.templates.render(
            "ended.html",
            reader=self._reader,
            turn=self.turn(reply, 0, blank=True),
            newest=True,
            current=True,
            versions=0,
            version_asked="",
        )

    def _answer(self, reply: Reply) -> Markup:
        html = self._live_answers.html(
            reply.id, reply.text, self._reader.reading, ended=reply.state.ended
        )
        return Markup(self._reader.outside_links.lead(html))  # noqa: S704 (it was sanitised)


def describe(templates: LocalizedTemplates, progress: Progress) -> dict[str, object]:
    """A progress' state, and the sentence that explains it."""
    return {"state": progress.state, "reason": _reason(templates, progress.reason) or None}


def status_line(templates: LocalizedTemplates, state: State, reason: Reason | None) -> str:
    """The one quiet line under an answer."""
    explained = _reason(templates, reason)
    needs_no_label = state in (State.WAITING, State.FAILED) or reason in ENDED_BY_MODEL
    if state is State.DONE or (explained and needs_no_label):
        return explained
    return f"{templates.sentence(f'state.{state}')} {explained}".strip()


def picture_words(name: str) -> str:
    """The name of the sentence that stands for a picture where there are words alone."""
    return "picture.shown" if is_kept(name) else "picture.lost"


def refresh_s(reading: Reading) -> int:
    """How many seconds after it was loaded a page of an answer under way loads itself again; 0 for never."""
    return max(REFRESH_S, reading.pace_ms // 1000) if reading.refreshes else 0


def _reason(templates: LocalizedTemplates, reason: Reason | None) -> str:
    return templates.sentence(f"reason.{reason}") if reason else ""
