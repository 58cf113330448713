"""What changes on one reader's page while an answer grows: the same for polls and for streams."""

from collections.abc import Callable

from kindlechat.rendering.device.glyphs import fit_html
from kindlechat.rendering.device.reading import Reading
from kindlechat.reply import Progress
from kindlechat.web.conversation.live_answers import Answers


class Updates:
    """Follows one reply for one page, from the cursor up to which that page shows it."""

    def __init__(
        self,
        answers: Answers,
        reply_id: str,
        cursor: int,
        reading: Reading,
        *,
        describe: Callable[[Progress], dict[str, object]],
        actions: Callable[[str, Progress], str],
    ) -> None:
        """`describe` tells the state, `actions` gives the buttons that an answer has that
        ended with this text."""
        self._answers = answers
        self._reply_id = reply_id
        self._cursor = cursor
        self._reading = reading
        self._describe = describe
        self._actions = actions
        self._told: dict[str, object] = {}

    def tell(self, text: str, progress: Progress, still: bool) -> dict[str, object]:
        """How the reply stands and what to change, given all its text and the last progress;
        `still` where nothing has come for a while."""
        changes, self._cursor = self._answers.update(
            *(self._reply_id, text, self._cursor, self._reading),
            ended=progress.state.ended,
            still=still,
        )
        described = self._describe(progress)
        news = {
            **{name: value for name, value in described.items() if value is not None},
            "html": [[*where, fit_html(html, self._reading.glyphs)] for *where, html in changes],
            "cursor": str(self._cursor),
        }
        if progress.state.ended:
            news["actions"] = self._actions(text, progress)
        return news

    def news(self, text: str, progress: Progress, still: bool) -> dict[str, object] | None:
        """The same, or None where it was told before."""
        told = self.tell(text, progress, still)
        if told == self._told | {"html": []}:
            return None
        self._told = told | {"html": []}
        return told
