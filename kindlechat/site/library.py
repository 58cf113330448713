"""Reads the sources of pages and posts, and keeps their HTML until a template prints it."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from kindlechat.rendering.ui.sources import scan
from kindlechat.site.article import Article
from kindlechat.site.cache import Cache, digest
from kindlechat.site.content import POSTS, Document, mistakes_in
from kindlechat.site.cores import begun, share
from kindlechat.site.files import read_file
from kindlechat.site.folders import CONTENT
from kindlechat.site.frontmatter import FrontMatter, split
from kindlechat.site.markdown import render
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.pictures import Pictures
from kindlechat.site.text import decode

if TYPE_CHECKING:
    from kindlechat.rendering.ui.languages import Language

SUFFIX = ".md"
DOCUMENT = "document"


class _Source(NamedTuple):
    """A file of content as it was read. `key` stands for everything made of it."""

    file: str
    data: bytes
    key: str


class _Parsed(NamedTuple):
    """What a source has become. There is a document even where it has mistakes."""

    document: Document
    html: str
    mistakes: tuple[Mistake, ...]


class Texts(NamedTuple):
    """The documents of all sources, sorted by language and file name. Those that no earlier build has read
    are `new`. `mistakes` are about other files, and `html` makes a document's HTML once more."""

    documents: list[Document]
    new: list[_Parsed]
    pictures: Pictures
    mistakes: list[Mistake]
    html: Callable[[Document], str]


@contextmanager
def texts_begun(
    source: Path, cache: Cache, pictures: Callable[[], Pictures]
) -> Iterator[Callable[[], Texts]]:
    """Let the other cores begin to read the texts, where no build has read any. Yields what waits for them
    and returns all.

    `pictures` waits for the pictures that are being made.
    """
    if not cache.is_empty:
        yield lambda: read_texts(source, cache, pictures())
        return
    reader = _Reader(source, pictures())
    # Pages come before posts: they are longer and hold code, and at the end one core would wait for them.
    files = sorted(reader.files, key=lambda file: f"{os.sep}{POSTS}{os.sep}" in file)
    with begun(reader.parse_files, files) as shared:

        def texts() -> Texts:
            parsed = dict(zip(files, chain(*shared.results()), strict=True))
            new = [parsed[file] for file in reader.files]
            return reader.texts([each.document for each in new], new)

        yield texts


def read_texts(source: Path, cache: Cache, pictures: Pictures) -> Texts:
    """Read the texts. Those that an earlier build has read are taken from the cache."""
    reader = _Reader(source, pictures)
    sources = [reader.read(path) for path in reader.files]
    unknown = [each for each in sources if not cache.knows(DOCUMENT, each.key)]
    new = [each for part in share(reader.parse_all, unknown) for each in part]
    parsed = {each.document.digest: each.document for each in new}
    documents = [parsed.get(each.key) or cache.get(DOCUMENT, each.key) for each in sources]
    return reader.texts(documents, new)


class _Reader:
    """Reads the texts of a folder of sources."""

    def __init__(self, source: Path, pictures: Pictures) -> None:
        self._source = source
        self._pictures = pictures
        found = scan(source / CONTENT)
        self._mistakes = [*_misplaced(found, str(source)), *pictures.mistakes]
        self.files = [
            each.path
            for each in found
            if each.name.endswith(SUFFIX)
            and each.is_file()
            and _below(str(source), each.path).count("/") > 1
        ]

    def texts(self, documents: list[Document], new: list[_Parsed]) -> Texts:
        return Texts(documents, new, self._pictures, self._mistakes, self._html)

    def read(self, path: str) -> _Source:
        file = _below(str(self._source), path)
        data = read_file(path)
        return _Source(file, data, digest(file.encode(), data, self._pictures.digest.encode()))

    def parse_files(self, paths: Sequence[str]) -> list[_Parsed]:
        return self.parse_all(map(self.read, paths))

    def parse_all(self, sources: Iterable[_Source]) -> list[_Parsed]:
        return [self._parse(source) for source in sources]

    def _parse(self, source: _Source) -> _Parsed:
        front, article, mistakes = self._render(source.data, source.file)
        _, lang, *folders, name = source.file.removesuffix(SUFFIX).split("/")
        document = Document(
            file=source.file,
            lang=lang,
            folder="/".join(folders),
            name=name,
            front=front,
            digest=source.key,
            headings=article.headings if front.toc else (),
            opening="" if front.summary else article.opening,
            length=article.length,
            links=article.links,
            picture=article.picture,
        )
        if front.lines or not mistakes:  # otherwise there is nothing to check
            mistakes += mistakes_in(document)
        return _Parsed(document, article.html, (*mistakes, *article.mistakes))

    def _render(self, data: bytes, file: str) -> tuple[FrontMatter, Article, list[Mistake]]:
        try:
            text, unreadable = decode(data, file), []
        except BuildError as error:
            text, unreadable = "", list(error.mistakes)
        source = split(text, file)
        article = render(source.body, self._pictures.find, file=file, first_line=source.body_line)
        return source.front, article, unreadable or list(source.mistakes)

    def _html(self, document: Document) -> str:
        data = (self._source / document.file).read_bytes()
        return self._render(data, document.file)[1].html


class Library:
    """The documents of some languages, their HTML, and all mistakes in them."""

    def __init__(self, texts: Texts, languages: Mapping[str, "Language"], cache: Cache) -> None:
        self._html = texts.html
        self._rendered = {each.document.digest: each.html for each in texts.new}
        self.documents = [each for each in texts.documents if each.lang in languages]
        """Sorted by language and file name."""
        self.mistakes = [*texts.mistakes]
        self.mistakes += (
            Mistake(each.file, 1, f"no translations/{each.lang}.po")
            for each in texts.documents
            if each.lang not in languages
        )
        for each in texts.new:
            if each.mistakes:
                self.mistakes += each.mistakes if each.document.lang in languages else ()
            else:
                cache.keep(DOCUMENT, each.document.digest, each.document)

    def body(self, document: Document) -> "Body":
        """The document's HTML, for a template to print."""
        return Body(document, self)

    def html(self, document: Document) -> Markup:
        """The document's HTML. It needs no sanitising, because our own Markdown allows no raw HTML."""
        html = self._rendered.pop(document.digest, None)  # most documents are printed once
        return Markup(self._html(document) if html is None else html)  # noqa: S704


class Body(NamedTuple):
    """The HTML of a document, made when a template prints it. Its repr stands for what it is made of."""

    document: Document
    library: Library

    def __html__(self) -> str:
        return self.library.html(self.document)

    def __repr__(self) -> str:
        return f"Body({self.document.digest})"


def _below(source: str, path: str) -> str:
    """The path of a file below the sources, as mistakes name it."""
    return path.removeprefix(source).lstrip(os.sep).replace(os.sep, "/")


def _misplaced(found: Iterable["os.DirEntry[str]"], source: str) -> Iterator[Mistake]:
    """Files that no page is made of, though their author may expect one."""
    for entry in found:
        file = _below(source, entry.path)
        is_page = entry.name.endswith(SUFFIX)
        if entry.is_dir():
            if is_page:
                yield Mistake(
                    file, 1, f"expected a file, found a folder whose name ends in {SUFFIX}"
                )
            elif entry.is_symlink():
                yield Mistake(file, 1, "a link to a folder, which no build follows")
        elif entry.is_symlink() and not os.path.exists(entry.path):
            yield Mistake(file, 1, "a link that leads to no file")
        elif not is_page:
            yield Mistake(file, 1, f"expected a file whose name ends in {SUFFIX}")
        elif file.count("/") == 1:
            yield Mistake(file, 1, f"expected the folder of a language, {CONTENT}/en/")
