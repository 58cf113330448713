"""What changes on one reader's page while an answer grows: the same for polls and for streams."""

from dataclasses import dataclass, field

from kindlechat.rendering.device.dressing import dress
from kindlechat.rendering.device.glyphs import fit_html, fit_text
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.reply import Progress, Reply
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.turns import Turns, describe, status_line


@dataclass
class Updates:
    """Follows one reply for one page, which shows it up to `cursor`.

    `carried` is the code of settings that the page's addresses carry.
    """

    live_answers: LiveAnswers
    reply_id: str
    conversation_id: str
    cursor: int
    templates: LocalizedTemplates
    reading: Reading
    carried: str
    _told: dict[str, object] = field(default_factory=dict)

    def tell(self, text: str, progress: Progress, still: bool) -> dict[str, object]:
        """How the reply stands and what to change, given all its text and the last progress.

        `still` says that nothing has come for a while.
        """
        ended = progress.state.ended
        changes, self.cursor = self.live_answers.update(
            self.reply_id, text, self.cursor, self.reading, ended=ended, still=still
        )
        told: dict[str, object] = {
            **{
                name: value for name, value in self._describe(progress).items() if value is not None
            },
            "html": [[*where, fit_html(html, self.reading.glyphs)] for *where, html in changes],
            "cursor": str(self.cursor),
        }
        return told | {"actions": self._actions(text, progress)} if ended else told

    def news(self, text: str, progress: Progress, still: bool) -> dict[str, object] | None:
        """The same, or None where the page was told it before."""
        told = self.tell(text, progress, still)
        if told == self._told | {"html": []}:
            return None
        self._told = told | {"html": []}
        return told

    def _describe(self, progress: Progress) -> dict[str, object]:
        status = status_line(self.templates, progress.state, progress.reason)
        described = describe(self.templates, progress)
        return {**described, "status": fit_text(status, self.reading.glyphs)}

    def _actions(self, text: str, progress: Progress) -> str:
        """The buttons of an answer that has ended."""
        ended = Reply(
            id=self.reply_id,
            conversation=self.conversation_id,
            question="",
            text=text,
            state=progress.state,
            reason=progress.reason,
        )
        buttons = Turns(self.live_answers, self.templates).actions(ended)
        return dress(buttons, self.reading, self.carried)
