"""What is saved: a conversation, or one answer of it, as a book of chapters (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kindlechat.conversation import title_of


@dataclass(frozen=True)
class Words:
    """What a book says in its reader's language, beside questions and answers."""

    program: str
    contents: str
    question: str


@dataclass(frozen=True)
class Book:
    """What is known of a book before its chapters are.

    `language` is that of its text; `rtl` says that its pages turn from right to left. `identifier` stays the
    same when the same is saved again. `titles` are those of its chapters, by their numbers. `preface` is a
    sentence for its beginning, or empty.
    """

    title: str
    language: str
    rtl: bool
    identifier: UUID
    saved: datetime
    words: Words
    titles: Mapping[int, str]
    preface: str = ""

    @property
    def direction(self) -> str:
        """The value of a `dir` attribute."""
        return "rtl" if self.rtl else "ltr"


@dataclass(frozen=True)
class Chapter:
    """A question and its answer.

    `number` is its place in the conversation, from 1. `answer` is in the form of the book's format, and
    `titles` are the headings in it, escaped as in XHTML. `name` tells its marks from those of other
    chapters; `note` says how the answer ended, where that has to be said.
    """

    number: int
    name: str
    question: str
    answer: str
    titles: tuple[str, ...] = ()
    note: str = ""

    @property
    def title(self) -> str:
        """The question in one line."""
        return chapter_title(self.number, self.question)

    @property
    def asked(self) -> str:
        """The question in full, where the title is not all of it."""
        question = self.question.strip()
        return "" if question == self.title else question

    @property
    def sections(self) -> tuple[tuple[str, str], ...]:
        """The mark and the title of each heading."""
        return tuple(
            (section_mark(self.name, number), title) for number, title in enumerate(self.titles, 1)
        )


def chapter_title(number: int, question: str) -> str:
    """The title of the chapter that answers a question."""
    return title_of(question) or str(number)


def section_mark(name: str, number: int) -> str:
    """The mark of a heading in the answer of that name; the first has the number 1."""
    return f"h{name}-{number}"
