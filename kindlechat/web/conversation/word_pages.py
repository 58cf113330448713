"""An answer in word mode: cut into pages on which each word leads to its meaning."""

from collections.abc import Sequence
from functools import partial

from markupsafe import Markup, escape

from kindlechat.rendering.answer.tree import Nodes, to_html
from kindlechat.rendering.answer.words import WordInSentence, link_words, word_of
from kindlechat.rendering.device.dressing import with_code
from kindlechat.rendering.device.screens import Page, cut_into_screens
from kindlechat.reply import Reply
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.reader import Reader

MOST_EM, LEAST_EM = 45.0, 8.0
"""How high a page of words is: a screen, but no more than stays light with a link around each word."""

FURNITURE_EM = 6.0
"""What stands above and below the words."""


class WordPages:
    """Cuts answers into pages of words, for one reader."""

    def __init__(self, live_answers: LiveAnswers, reader: Reader) -> None:
        self._live_answers = live_answers
        self._reader = reader

    def cut(self, reply: Reply, query: str) -> Sequence[str]:
        """The HTML of the pages; `query` says which answer of the conversation it is, as "turn=2"."""
        reading = self._reader.reading
        height = min(MOST_EM, max(LEAST_EM, reading.height_em - FURNITURE_EM))
        page = Page(reading.width_em, height, reading.line_em, reading.shown_on.face)
        address = str(
            escape(with_code("word?" + (f"{query}&" if query else ""), self._reader.carried))
        )
        cut = partial(_cut, page, address)
        return self._live_answers.parts(
            reply.id, reply.text, reading, cut, ("words", page, address), ended=True
        )

    def word(self, reply: Reply, number: int) -> WordInSentence | None:
        """The word of this number, with its sentence; None where the answer has fewer."""

        def find(nodes: Nodes) -> Sequence[str]:
            word = word_of(nodes, number)
            return (word.before, word.word, word.after) if word else ()

        found = self._live_answers.parts(
            reply.id, reply.text, self._reader.reading, find, ("word", number), ended=True
        )
        return WordInSentence(*found) if found else None


def page_with(pages: Sequence[str], number: int) -> int:
    """The number of the page that has the word of this number; of the first one where none has."""
    link = f'n={number}"'
    return next((n for n, html in enumerate(pages, 1) if link in html), 1)


def shown(html: str) -> Markup:
    """A page's HTML: what the model wrote was sanitised."""
    return Markup(html)  # noqa: S704


def _cut(page: Page, address: str, answer: Nodes) -> list[str]:
    linked = link_words(answer, lambda number: f"{address}n={number}")
    return [to_html(screen) for screen in cut_into_screens(linked, page)]
