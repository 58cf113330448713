"""A book's text as MOBI 6 has it: one page of HTML whose links are offsets in bytes (pure)."""

import re
from collections.abc import Iterable, Iterator

from kindlechat.export.book import Book, Chapter
from kindlechat.export.xhtml import chapter_xhtml, escaped_text, paragraphs
from kindlechat.rendering.safety.checkpoint import checkpoint

TAG = re.compile(r"<(/?)(\w+)([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')

TAGS = {"code": "tt", "kbd": "tt", "strong": "b", "em": "i"}
"""Names that a Kindle of 2007 knows."""

QUOTES = {"<q>": "“", "</q>": "”"}

PLACE_DIGITS = 10
NO_PLACE = "0" * PLACE_DIGITS
"""A link has so many digits, whatever the place."""

BREAK = "<mbp:pagebreak/>\n"


class LinkedText:
    """A text to which pieces of XHTML are added; a piece's links lead to the marks that were added so far."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._places: dict[str, int] = {}
        self._links: list[tuple[int, str]] = []

    def add(self, xhtml: str, name: str = "") -> None:
        """Add XHTML at the end; `name` is put before its marks, and before those that its links name."""
        start = 0
        for tag in TAG.finditer(xhtml):
            checkpoint()
            self.write(xhtml[start : tag.start()])
            self._append_tag(tag, name)
            start = tag.end()
        self.write(xhtml[start:])

    def write(self, written: str) -> None:
        """Add HTML as it is written."""
        self._data += written.encode()

    def add_link(self, before: str, mark: str, after: str) -> None:
        """Add what is written as it is, with the place of a mark in the middle."""
        self.write(before)
        self._links.append((len(self._data), mark))
        self.write(NO_PLACE + after)

    def mark(self, mark: str) -> None:
        """Let links to this mark lead here."""
        self._places[mark] = len(self._data)

    def finished(self) -> bytes:
        """The text with the places of all links in it."""
        for at, mark in self._links:
            place = self._places.get(mark, 0)
            self._data[at : at + PLACE_DIGITS] = f"{place:0{PLACE_DIGITS}}".encode()
        return bytes(self._data)

    def _append_tag(self, tag: re.Match[str], name: str) -> None:
        if tag[0] in QUOTES:
            self.write(QUOTES[tag[0]])
            return
        given = dict(ATTRIBUTE.findall(tag[3]))
        if "id" in given:
            self.mark(f"{name}#{given['id']}")
        start = f"<{tag[1]}{TAGS.get(tag[2], tag[2])}{_attributes(given)}"
        end = "/>" if tag[3].endswith("/") else ">"
        if given.get("href", "").startswith("#"):
            self.add_link(f"{start} filepos=", f"{name}{given['href']}", end)
        else:
            self.write(start + end)


def _attributes(given: dict[str, str]) -> str:
    """The attributes that mean something to a Kindle."""
    kept = {name: value for name, value in given.items() if name in ("start", "value")}
    if given.get("class") in ("right", "center"):
        kept["align"] = given["class"]
    if given.get("dir") == "rtl":
        kept |= {"dir": "rtl", "align": kept.get("align", "right")}
    if not given.get("href", "#").startswith("#"):
        kept["href"] = given["href"]
    return "".join(f' {name}="{value}"' for name, value in kept.items())


def book_text(book: Book, chapters: Iterable[Chapter]) -> bytes:
    """The text of the book in UTF-8; its contents are at the end, where their places are known."""
    text = LinkedText()
    contents = escaped_text(book.words.contents)
    text.write("<html><head><guide>")
    text.add_link(f'<reference type="toc" title="{contents}" filepos=', "contents", " />")
    text.add_link(
        f'<reference type="text" title="{escaped_text(book.title)}" filepos=', "start", " />"
    )
    text.write("</guide></head><body>\n")
    text.mark("start")
    text.add(paragraphs(book.preface))
    listed: list[tuple[str, str, str]] = []
    for chapter in chapters:
        if listed:
            text.write(BREAK)
        name = f"q{chapter.number}"
        text.add(chapter_xhtml(book, chapter, mark="top"), name)
        listed += [*_entries(chapter, name)]
    text.write(BREAK)
    text.mark("contents")
    text.write(f"<h1>{contents}</h1>\n")
    for indent, mark, title in listed:
        text.add_link(f"<p>{indent}<a filepos=", mark, f">{title}</a></p>\n")
    text.write("</body></html>\n")
    return text.finished()


def _entries(chapter: Chapter, name: str) -> Iterator[tuple[str, str, str]]:
    yield "", f"{name}#top", escaped_text(chapter.title)
    for mark, title in chapter.sections:
        yield "\xa0" * 4, f"{name}#{mark}", title
