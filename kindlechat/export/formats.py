"""The formats in which a book can be saved (pure)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from kindlechat.export import epub
from kindlechat.export.book import Book, Chapter
from kindlechat.export.markdown import write_markdown
from kindlechat.export.mobi import file as mobi
from kindlechat.export.plain import cut_text, write_text
from kindlechat.export.webpage import write_webpage
from kindlechat.export.xhtml import cut_xhtml
from kindlechat.rendering.answer.tree import Nodes


@dataclass(frozen=True)
class Format:
    """A kind of file. `cut` makes an answer's nodes what its chapters hold, and the titles of sections
    after it; without it they hold what the model wrote."""

    mimetype: str
    write: Callable[[Book, Iterable[Chapter]], Iterator[bytes]]
    cut: Callable[[str, Nodes], list[str]] | None = None


FORMATS: Mapping[str, Format] = {
    "txt": Format("text/plain", write_text, cut_text),
    "md": Format("text/markdown", write_markdown),
    "html": Format("text/html", write_webpage, cut_xhtml),
    "epub": Format(epub.MIMETYPE, epub.write_epub, cut_xhtml),
    "mobi": Format(mobi.MIMETYPE, mobi.write_mobi, cut_xhtml),
}
"""By the endings of files."""
