"""The page that grows as chunked HTML: its head, the answer as it comes, its tail."""

from dataclasses import dataclass, replace

from kindlechat.conversation import Excerpt
from kindlechat.relay import new_id
from kindlechat.rendering.ui.markers import ANSWER_END, with_key
from kindlechat.reply import Progress, Reply
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.page import ConversationPage
from kindlechat.web.conversation.reader import Reader


@dataclass
class GrowingPage:
    """A conversation's page whose last answer is under way, in the pieces in which it is sent.

    `cursor` is how much of the answer the page shows.
    """

    live_answers: LiveAnswers
    reader: Reader
    excerpt: Excerpt
    cursor: int = 0

    def head(self) -> str:
        """All that comes before the answer."""
        return self._split(self.excerpt, blank=True)[0]

    def show(self, text: str, progress: Progress) -> str:
        """The answer that reads `text` so far, open at its end until it has ended."""
        html, self.cursor = self.live_answers.open_html(
            self._last.id,
            text,
            self.cursor,
            self.reader.reading,
            ended=progress.state.ended,
            still=not progress.text,
        )
        return self.reader.fit(html)

    def tail(self, text: str, progress: Progress) -> str:
        """All that comes after the answer, made of what is known here: the store may be away."""
        ended = replace(self._last, text=text, state=progress.state, reason=progress.reason)
        replies = {**self.excerpt.replies, ended.id: ended}
        return "".join(self._split(replace(self.excerpt, replies=replies))[1:])

    @property
    def _last(self) -> Reply:
        return self.excerpt.reply(self.excerpt.total)

    def _split(self, found: Excerpt, *, blank: bool = False) -> tuple[str, str, str]:
        """The page up to the answer's end, the marker there, and the rest."""
        page = ConversationPage(self.live_answers, self.reader)
        html = page.render(found, found.total, live=True, blank=blank)
        return with_key(self.reader.dress(html), new_id()).partition(ANSWER_END)
