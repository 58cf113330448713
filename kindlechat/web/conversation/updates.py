"""What changes on one reader's page while an answer grows: the same for polls and for streams."""

from dataclasses import dataclass, field

from kindlechat.rendering.device.glyphs import fit_text
from kindlechat.reply import Progress, Reply
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.turns import Turns, describe, status_line


@dataclass
class Updates:
    """The changes to one page while its reply grows. The page shows the first `cursor` characters."""

    live_answers: LiveAnswers
    reader: Reader
    reply_id: str
    cursor: int
    _told: dict[str, object] = field(default_factory=dict)

    def tell(self, text: str, progress: Progress, still: bool) -> dict[str, object]:
        """How the reply stands and what to change, given all its text and the last progress.

        `still` says that nothing has come for a while.
        """
        ended = progress.state.ended
        changes, self.cursor = self.live_answers.update(
            self.reply_id, text, self.cursor, self.reader.reading, ended=ended, still=still
        )
        told: dict[str, object] = {
            **self._describe(progress),
            "html": [[*where, self.reader.fit(html)] for *where, html in changes],
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
        status = status_line(self.reader.templates, progress.state, progress.reason)
        described = describe(self.reader.templates, progress)
        glyphs, language = self.reader.reading.glyphs, self.reader.language
        return {**described, "status": fit_text(status, glyphs, language)}

    def _actions(self, text: str, progress: Progress) -> str:
        """The buttons of an answer that has ended, and the links to files."""
        ended = Reply(
            id=self.reply_id,
            conversation=self.reader.shared,
            question="",
            text=text,
            state=progress.state,
            reason=progress.reason,
            follow_ups=progress.follow_ups,
        )
        return self.reader.dress(Turns(self.live_answers, self.reader).actions(ended))
