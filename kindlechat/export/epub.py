"""Books as EPUB 3, with contents that readers of EPUB 2 understand, too (pure).

EPUB 3.2 (W3C) and, for the contents of old readers, the NCX of EPUB 2.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kindlechat.export.archive import Archive
from kindlechat.export.book import Book, Chapter
from kindlechat.export.style import STYLE
from kindlechat.export.xhtml import chapter_xhtml, direction_of, escaped_text

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""

MIMETYPE = "application/epub+zip"


@dataclass(frozen=True)
class _Entry:
    """A chapter in the contents: its titles are escaped, its sections have marks."""

    title: str
    direction: str
    file: str
    sections: Sequence[tuple[str, str]]


def write_epub(book: Book, chapters: Iterable[Chapter]) -> Iterator[bytes]:
    """The book as EPUB, file by file: one for each chapter, then those that list them."""
    archive = Archive(book.saved)
    yield archive.add("mimetype", MIMETYPE, stored=True)
    yield archive.add("META-INF/container.xml", CONTAINER)
    yield archive.add("book/style.css", STYLE)
    entries = []
    for chapter in chapters:
        entry = _entry(chapter)
        page = _page(book, entry.title, chapter_xhtml(book, chapter, mark="top"))
        yield archive.add(f"book/{entry.file}", page)
        entries.append(entry)
    yield archive.add("book/contents.xhtml", _contents(book, entries))
    yield archive.add("book/contents.ncx", _ncx(book, entries))
    yield archive.add("book/package.opf", _package(book, entries))
    yield archive.end()


def _entry(chapter: Chapter) -> _Entry:
    return _Entry(
        title=escaped_text(chapter.title),
        direction=direction_of(chapter.title),
        file=f"q{chapter.number}.xhtml",
        sections=chapter.sections,
    )


def _page(book: Book, title: str, body: str) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
 lang="{book.language}" xml:lang="{book.language}" dir="{book.direction}">
<head>
<title>{title}</title>
<link rel="stylesheet" type="text/css" href="style.css"/>
</head>
<body>
{body}</body>
</html>
"""


def _contents(book: Book, entries: Sequence[_Entry]) -> str:
    """The contents as a page, which is the first one of a book of several chapters."""
    preface = f'<p class="note">{escaped_text(book.preface)}</p>\n' if book.preface else ""
    items = "".join(map(_contents_item, entries))
    heading = escaped_text(book.words.contents)
    nav = f'<nav epub:type="toc" id="toc">\n<h1>{heading}</h1>\n<ol>\n{items}</ol>\n</nav>\n'
    return _page(book, heading, preface + nav)


def _contents_item(entry: _Entry) -> str:
    sections = "".join(
        f'<li><a href="{entry.file}#{mark}">{title}</a></li>\n' for mark, title in entry.sections
    )
    within = f"\n<ol>\n{sections}</ol>\n" if sections else ""
    link = f'<a href="{entry.file}">{entry.title}</a>'
    return f'<li dir="{entry.direction}">{link}{within}</li>\n'


def _ncx(book: Book, entries: Sequence[_Entry]) -> str:
    """The contents as EPUB 2 has them."""
    points, order = "", 0
    for entry in entries:
        order += 1
        chapter = order
        within = ""
        for mark, title in entry.sections:
            order += 1
            within += _point(order, title, f"{entry.file}#{mark}")
        points += _point(chapter, entry.title, entry.file, within)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang="{book.language}">
<head>
<meta name="dtb:uid" content="{book.identifier.urn}"/>
<meta name="dtb:depth" content="{1 + any(entry.sections for entry in entries)}"/>
<meta name="dtb:totalPageCount" content="0"/>
<meta name="dtb:maxPageNumber" content="0"/>
</head>
<docTitle><text>{escaped_text(book.title)}</text></docTitle>
<navMap>
{points}</navMap>
</ncx>
"""


def _point(order: int, title: str, address: str, within: str = "") -> str:
    return (
        f'<navPoint id="n{order}" playOrder="{order}"><navLabel><text>{title}</text></navLabel>'
        f'<content src="{address}"/>{within}</navPoint>\n'
    )


def _package(book: Book, entries: Sequence[_Entry]) -> str:
    """What the book is and holds, and in which order it is read."""
    xhtml = 'media-type="application/xhtml+xml"'
    items = "".join(
        f'<item id="q{number}" href="{entry.file}" {xhtml}/>\n'
        for number, entry in enumerate(entries, 1)
    )
    first = '<itemref idref="contents"/>\n' if len(entries) > 1 or book.preface else ""
    order = first + "".join(f'<itemref idref="q{n}"/>\n' for n in range(1, len(entries) + 1))
    program = escaped_text(book.words.program)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"
 xml:lang="{book.language}" dir="{book.direction}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{book.identifier.urn}</dc:identifier>
<dc:title>{escaped_text(book.title)}</dc:title>
<dc:language>{book.language}</dc:language>
<dc:creator>{program}</dc:creator>
<meta property="dcterms:modified">{book.saved:%Y-%m-%dT%H:%M:%SZ}</meta>
</metadata>
<manifest>
<item id="contents" href="contents.xhtml" {xhtml} properties="nav"/>
<item id="ncx" href="contents.ncx" media-type="application/x-dtbncx+xml"/>
<item id="style" href="style.css" media-type="text/css"/>
{items}</manifest>
<spine toc="ncx" page-progression-direction="{book.direction}">
{order}</spine>
</package>
"""
