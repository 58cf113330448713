"""The records of a MOBI 6 file beside its text, and the database that holds them all (pure)."""

import struct
from collections.abc import Sequence

from kindlechat.export.book import Book
from kindlechat.export.mobi.palmdoc import RECORD_BYTES
from kindlechat.export.names import file_name

NONE = 0xFFFFFFFF
"""Stands where a record or a place could be named, and none is."""

PALMDOC = 2
BOOK = 2
UTF_8 = 65001
VERSION = 6

HEADER_BYTES = 232
"""Of the MOBI header, which follows the 16 bytes of the PalmDOC header."""

HAS_EXTH = 0x50
MULTIBYTE = 1
"""Each record of text says how many bytes of its last letter follow it."""

EPOCH_S = 2_082_844_800
"""A Palm counts its seconds from 1904."""

FLIS = struct.pack(">4sI2H2I2H3I", b"FLIS", 8, 65, 0, 0, NONE, 1, 3, 3, 1, NONE)
END = b"\xe9\x8e\r\n"
"""Two records that are the same in every file; what the first one says is not known."""

LOCALES = {
    "ar": 1, "zh": 4, "de": 7, "el": 8, "en": 9, "es": 10, "fr": 12, "he": 13, "it": 16, "ja": 17,
    "ko": 18, "nl": 19, "ru": 25, "th": 30, "ur": 32, "uk": 34, "fa": 41, "hy": 43, "ka": 55,
    "hi": 57, "bn": 69, "ta": 73, "pt-BR": 0x416, "zh-Hans": 0x804,
}  # fmt: skip
"""The languages as Windows numbers them."""

AUTHOR, DATE, KIND, TITLE, LANGUAGE = 100, 106, 501, 503, 524
"""Kinds of entries in EXTH."""


def fcis(text_bytes: int) -> bytes:
    """A record of which only the length of the text is known."""
    return struct.pack(">4s8I2HI", b"FCIS", 20, 16, 1, 0, text_bytes, 0, 32, 8, 1, 1, 0)


def header(book: Book, text_bytes: int, text_records: int) -> bytes:
    """The first record, for a text of that length; FLIS, FCIS and the end follow the text."""
    title, exth = book.title.encode(), _exth(book)
    title_at = 16 + HEADER_BYTES + len(exth)
    after_text = text_records + 1
    palmdoc = struct.pack(">2HI2HI", PALMDOC, 0, text_bytes, text_records, RECORD_BYTES, 0)
    mobi = b"".join(
        (
            struct.pack(">4s5I", b"MOBI", HEADER_BYTES, BOOK, UTF_8, _number(book), VERSION),
            struct.pack(">10I", *[NONE] * 10),  # indexes
            struct.pack(">4I", after_text, title_at, len(title), LOCALES.get(book.language, 0)),
            struct.pack(">4I", 0, 0, VERSION, NONE),  # dictionaries, and pictures
            struct.pack(">5I", 0, 0, 0, 0, HAS_EXTH),  # another compression
            struct.pack(">32x5I8x", NONE, NONE, 0, 0, 0),  # rights
            struct.pack(">2HI", 1, text_records, 1),
            struct.pack(">4I", after_text + 1, 1, after_text, 1),  # FCIS and FLIS
            struct.pack(">8x4I", NONE, 0, NONE, NONE),
            struct.pack(">2I", MULTIBYTE, NONE),
        )
    )
    record = palmdoc + mobi + exth + title + b"\0\0"
    return record + bytes(-len(record) % 4)


def _number(book: Book) -> int:
    return book.identifier.int & 0xFFFFFFFF


def _exth(book: Book) -> bytes:
    entries = {
        AUTHOR: book.words.program,
        DATE: f"{book.saved:%Y-%m-%d}",
        KIND: "PDOC",
        TITLE: book.title,
        LANGUAGE: book.language,
    }
    packed = b"".join(
        struct.pack(">2I", kind, 8 + len(value)) + value
        for kind, value in ((kind, text.encode()) for kind, text in entries.items())
    )
    exth = struct.pack(">4s2I", b"EXTH", 12 + len(packed), len(entries)) + packed
    return exth + bytes(-len(exth) % 4)


def database(book: Book, records: Sequence[bytes]) -> bytes:
    """The Palm database of these records, up to the first of them."""
    name = file_name(book.title, "", instead="kindlechat")[:31].rstrip(".-").encode()
    now = int(book.saved.timestamp()) + EPOCH_S
    count = len(records)
    parts = [
        struct.pack(">32s2H6I", name, 0, 0, now, now, 0, 0, 0, 0),
        struct.pack(">4s4s2IH", b"BOOK", b"MOBI", 2 * count - 1, 0, count),
    ]
    at = 78 + 8 * count + 2
    for number, record in enumerate(records):
        parts.append(struct.pack(">2I", at, 2 * number))
        at += len(record)
    return b"".join((*parts, bytes(2)))
