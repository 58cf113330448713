"""Books for tests: chapters as the web layer makes them of a model's Markdown."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from kindlechat.export.book import Book, Chapter, Words, chapter_title
from kindlechat.export.formats import FORMATS
from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.answer.tables import WIDE

Turns = Sequence[tuple[str, str]]
"""Questions, and what the model answered in Markdown."""


def book_of(turns: Turns, language: str = "en", *, rtl: bool = False, preface: str = "") -> Book:
    titles = {
        number: chapter_title(number, question) for number, (question, _) in enumerate(turns, 1)
    }
    return Book(
        title=titles[1],
        language=language,
        rtl=rtl,
        identifier=UUID(int=7),
        saved=datetime(2026, 11, 26, 12, 30, tzinfo=UTC),
        words=Words("Kindlechat", "Contents", "Question:"),
        titles=titles,
        preface=preface,
    )


def chapters_of(turns: Turns, ending: str, note: str = "") -> list[Chapter]:
    cut = FORMATS[ending].cut
    chapters = []
    for number, (question, text) in enumerate(turns, 1):
        name, answer = f"n{number}", text
        titles: list[str] = []
        if cut:
            nodes = Growing(WIDE, name, drawn=False).nodes(text, ended=True)
            answer, *titles = cut(name, nodes)
        chapters.append(Chapter(number, name, question, answer, tuple(titles), note))
    return chapters


def saved(turns: Turns, ending: str, note: str = "", **about: object) -> bytes:
    """The file that holds these turns."""
    book = book_of(turns, **about)  # type: ignore[arg-type]
    return b"".join(FORMATS[ending].write(book, chapters_of(turns, ending, note)))


def saved_answer(text: str, ending: str) -> str:
    """An answer as it is saved, without what stands around it."""
    return chapters_of([("Why?", text)], ending)[0].answer
