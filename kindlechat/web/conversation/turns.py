"""The turns of a conversation as pages show them."""

from dataclasses import dataclass

from markupsafe import Markup

from kindlechat.rendering.answer.tree import Nodes
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.reply import TRANSITIONS, Reply, Signal, State
from kindlechat.web.conversation.live_answers import Answers


@dataclass(frozen=True)
class Turn:
    """A question and its answer as a page shows them; `seen` is how much of it there is."""

    id: str
    number: int
    question: str
    answer: Markup
    state: State
    status: str
    under_way: bool
    can_continue: bool
    seen: int


class Turns:
    """Makes turns of replies, in one language."""

    def __init__(self, answers: Answers, templates: LocalizedTemplates) -> None:
        self._answers = answers
        self._templates = templates

    def turn(self, reply: Reply, number: int, reading: Reading, *, blank: bool = False) -> Turn:
        """The turn number `number` of a conversation; `blank` leaves its answer out."""
        return Turn(
            id=reply.id,
            number=number,
            question=reply.question,
            answer=(
                Markup()
                if blank
                else self._answers.html(reply.id, reply.text, reading, ended=reply.state.ended)
            ),
            state=reply.state,
            status=self._status(reply),
            under_way=not reply.state.ended,
            can_continue=(reply.state, Signal.CONTINUE) in TRANSITIONS,
            seen=len(reply.text),
        )

    def nodes(self, reply: Reply, reading: Reading) -> Nodes:
        """The answer as a tree, to be cut into screens."""
        return self._answers.nodes(reply.id, reply.text, reading, ended=reply.state.ended)

    def actions(self, reply: Reply) -> str:
        """The buttons of a conversation's newest turn."""
        return self._templates.render(
            "actions.html",
            conversation=reply.conversation,
            turn=self.turn(reply, 0, Reading(), blank=True),
            newest=True,
            live=False,
        )

    def _status(self, reply: Reply) -> str:
        """The one quiet line under an answer."""
        reason = self._templates.sentence(f"reason.{reply.reason}") if reply.reason else ""
        if reply.state is State.DONE or (reason and reply.state in (State.WAITING, State.FAILED)):
            return reason
        return f"{self._templates.sentence(f'state.{reply.state}')} {reason}".strip()
