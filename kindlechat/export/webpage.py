"""Books as a web page in one file, which prints well (pure)."""

from collections.abc import Iterable, Iterator

from kindlechat.export.book import Book, Chapter
from kindlechat.export.style import STYLE
from kindlechat.export.xhtml import chapter_xhtml, escaped_text

PAGE_STYLE = """
body { max-width: 40em; margin: 1em auto; padding: 0 1em; color: #000; background: #fff }
a { color: inherit }
@page { margin: 2cm }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 11pt }
  h1 + div > p, p, li { orphans: 3; widows: 3 }
}
"""


def write_webpage(book: Book, chapters: Iterable[Chapter]) -> Iterator[bytes]:
    """The book as HTML in UTF-8, chapter by chapter; where there are several, contents lead to them."""
    yield _head(book).encode()
    for chapter in chapters:
        yield chapter_xhtml(book, chapter, mark=f"q{chapter.number}").encode()
    yield b"</body>\n</html>\n"


def _head(book: Book) -> str:
    title = escaped_text(book.title)
    return f"""<!DOCTYPE html>
<html lang="{book.language}" dir="{book.direction}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="{escaped_text(book.words.program)}">
<style>{STYLE}{PAGE_STYLE}</style>
</head>
<body>
{_contents(book)}"""


def _contents(book: Book) -> str:
    preface = f'<p class="note">{escaped_text(book.preface)}</p>\n' if book.preface else ""
    if len(book.titles) < 2:
        return preface
    entries = "".join(
        f'<li><a href="#q{number}">{escaped_text(title)}</a></li>\n'
        for number, title in book.titles.items()
    )
    heading = escaped_text(book.words.contents)
    return f'{preface}<nav>\n<p class="contents">{heading}</p>\n<ol>\n{entries}</ol>\n</nav>\n'
