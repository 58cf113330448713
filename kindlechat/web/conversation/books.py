"""Conversations as books: which turns a file holds, and its chapters, read as they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from kindlechat.conversation import Outline, ReplyOutline, newest_within
from kindlechat.errors import UnknownConversation
from kindlechat.export.book import Book, Chapter, Words, chapter_title
from kindlechat.export.formats import Format
from kindlechat.export.language import language_of, turns_pages_leftwards
from kindlechat.rendering.device.glyphs import Glyphs
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.safety.checkpoint import checkpoint
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.reply import Reply
from kindlechat.stores.contract import Store
from kindlechat.web.conversation.live_answers import NAME_CHARS, LiveAnswers
from kindlechat.web.conversation.turns import picture_words, status_line
from kindlechat.web.hashing import Hasher

MAX_CHARS = 2_000_000
MAX_CHAPTERS = 1000
"""A file holds so much of a conversation, the newest of it. Two million characters are three long novels, and
take some seconds of work."""

READ_CHARS = 100_000
"""So much is read from the store at a time, as long as one answer is no longer."""

AS_TEXT = Reading(desktop=True, glyphs=Glyphs.ASCII)
"""Has tables of any width, and formulas as text: nothing is known of the screen, or of the typeface."""


@dataclass(frozen=True)
class Selection:
    """The turns of a conversation that a file holds, each with its number; the whole one has `total`.

    `title` is the one that its owner gave it, for a file of the whole conversation.
    """

    conversation: str
    turns: Sequence[tuple[int, ReplyOutline]]
    number: int | None
    total: int
    title: str = ""

    @property
    def only(self) -> str:
        """The id of the one reply, or "all"."""
        return self.turns[0][1].id if self.number else "all"

    @property
    def left_out(self) -> int:
        """How many earlier turns had no room."""
        return 0 if self.number else self.total - len(self.turns)


def select(outline: Outline, number: int | None) -> Selection:
    """The turn of that number or, without one, as many of the newest as a file may hold."""
    total = len(outline.replies)
    if number:
        return Selection(outline.id, [(number, outline.replies[number - 1])], number, total)
    kept = newest_within(outline.replies, 2 * MAX_CHAPTERS, MAX_CHARS)
    turns = [*enumerate(kept, total - len(kept) + 1)]
    return Selection(outline.id, turns, None, total, outline.title)


@dataclass(frozen=True)
class BookMaker:
    """Makes books in the language of a reader's pages."""

    store: Store
    live_answers: LiveAnswers
    templates: LocalizedTemplates
    hasher: Hasher

    def book(self, selection: Selection, now: datetime) -> Book:
        """What is known before anything is read."""
        sentence = self.templates.sentence
        questions = "\n".join(reply.question for _, reply in selection.turns)
        titles = {
            number: chapter_title(number, reply.question) for number, reply in selection.turns
        }
        held = {"held": len(titles), "total": selection.total}
        return Book(
            title=selection.title or next(iter(titles.values())),
            language=language_of(questions, self.templates.language.code),
            rtl=turns_pages_leftwards(questions),
            identifier=self.identifier(selection.conversation, selection.only),
            saved=now,
            words=Words(
                program=sentence("ui.name"),
                contents=sentence("ui.contents"),
                question=sentence("ui.question"),
            ),
            titles=titles,
            preface=sentence("ui.newest_only", **held) if selection.left_out else "",
        )

    def chapters(self, selection: Selection, form: Format) -> Iterator[Chapter]:
        """The chapters in that form. Raises UnknownConversation where it was deleted meanwhile."""
        for batch in _batches(selection.turns):
            found = self.store.replies([reply.id for _, reply in batch])
            for number, outline in batch:
                checkpoint()
                if outline.id not in found:
                    raise UnknownConversation
                yield self._chapter(number, found[outline.id], form)

    def _chapter(self, number: int, reply: Reply, form: Format) -> Chapter:
        name = reply.id[:NAME_CHARS]
        answer, *titles = self.answer(reply, form)
        note = status_line(self.templates, reply.state, reply.reason)
        return Chapter(number, name, self._question(reply), answer, tuple(titles), note)

    def _question(self, reply: Reply) -> str:
        """The question, and that a picture went with it: files hold none."""
        if not reply.picture:
            return reply.question
        return f"{reply.question}\n{self.templates.sentence(picture_words(reply.picture))}"

    def answer(self, reply: Reply, form: Format) -> Sequence[str]:
        """An answer in that form, and the titles of its sections after it."""
        if not form.cut:
            return [reply.text]
        return self.live_answers.parts(
            reply.id,
            reply.text,
            AS_TEXT,
            partial(form.cut, reply.id[:NAME_CHARS]),
            form.cut.__name__,
            ended=reply.state.ended,
        )

    def identifier(self, conversation: str, reply_id: str = "all") -> UUID:
        """The id of the book of a conversation, or of one answer in it, which tells nobody an address."""
        return UUID(self.hasher.digest("book", conversation, reply_id))


def _batches(
    turns: Sequence[tuple[int, ReplyOutline]],
) -> Iterator[list[tuple[int, ReplyOutline]]]:
    batch: list[tuple[int, ReplyOutline]] = []
    chars = 0
    for number, reply in turns:
        if batch and chars + reply.chars > READ_CHARS:
            yield batch
            batch, chars = [], 0
        batch.append((number, reply))
        chars += reply.chars
    yield batch
