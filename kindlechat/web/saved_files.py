"""Makes the files that readers save, have sent, or find on their shelf."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from kindlechat.conversation import Outline
from kindlechat.export.formats import FORMATS
from kindlechat.export.names import file_name
from kindlechat.web.conversation.books import BookMaker, select
from kindlechat.web.services import current_templates, services


@dataclass(frozen=True)
class SavedFile:
    """A file: its name in ASCII, its media type, the title of what it holds, and its bytes as they are
    made."""

    name: str
    mimetype: str
    title: str
    parts: Iterator[bytes]


def saved_file(outline: Outline, number: int | None, ending: str) -> SavedFile:
    """The conversation or, with a number, one of its turns as a file of the kind that the ending says.

    The parts are read from the store as they are made, so they may raise KindlechatError.
    """
    form, selection, maker = FORMATS[ending], select(outline, number), book_maker()
    book = maker.book(selection, datetime.now(UTC))
    name = file_name(book.title, ending, instead=book.words.program.lower())
    parts = form.write(book, maker.chapters(selection, form))
    return SavedFile(name, form.mimetype, book.title, parts)


def book_maker() -> BookMaker:
    """Makes books in the language of the current request."""
    return BookMaker(
        services().store, services().live_answers, current_templates(), services().hasher
    )
