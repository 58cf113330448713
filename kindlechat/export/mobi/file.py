"""The file: a header, the text in records, and what follows it (pure)."""

from collections.abc import Iterable, Iterator

from kindlechat.export.book import Book, Chapter
from kindlechat.export.mobi.palmdoc import RECORD_BYTES, compress
from kindlechat.export.mobi.records import END, FLIS, database, fcis, header
from kindlechat.export.mobi.text import book_text
from kindlechat.rendering.safety.checkpoint import checkpoint

MIMETYPE = "application/x-mobipocket-ebook"

FOLLOWING = 0x80
"""Bytes of UTF-8 from here to 0xBF are not the first of a letter."""


def write_mobi(book: Book, chapters: Iterable[Chapter]) -> Iterator[bytes]:
    """The book as MOBI 6. Its beginning tells the places of all its records, so it comes last to be known."""
    text = book_text(book, chapters)
    texts = [*_text_records(text)]
    records = [header(book, len(text), len(texts)), *texts, FLIS, fcis(len(text)), END]
    yield database(book, records)
    yield from records


def _text_records(text: bytes) -> Iterator[bytes]:
    for start in range(0, len(text), RECORD_BYTES):
        checkpoint()
        end = start + RECORD_BYTES
        rest = _rest_of_letter(text, end)
        yield compress(text[start:end]) + text[end : end + rest] + bytes([rest])


def _rest_of_letter(text: bytes, end: int) -> int:
    """How many bytes after a record belong to its last letter, which it is read with."""
    rest = 0
    while end + rest < len(text) and text[end + rest] & 0xC0 == FOLLOWING:
        rest += 1
    return rest
