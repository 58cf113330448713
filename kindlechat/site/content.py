"""The sources of pages and posts, read and checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from markupsafe import Markup

from kindlechat.rendering.ui.languages import Language
from kindlechat.rendering.ui.sources import find_sources
from kindlechat.site.addresses import SLUG, address_of
from kindlechat.site.cache import Cache, digest
from kindlechat.site.cores import share
from kindlechat.site.frontmatter import FrontMatter, split
from kindlechat.site.markdown import Article, Heading, render
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.pictures import Pictures
from kindlechat.site.text import decode

CONTENT = "content"
DOCUMENT = "document"

POSTS = "blog"
"""The folder of a language whose sources are posts: they have a date and may have tags."""

WORDS_A_MINUTE = 200


@dataclass(frozen=True)
class Document:
    """One source of content.

    `file` is where it lies below the sources; `digest` stands for all that its HTML is made of.
    """

    file: str
    lang: str
    folder: str
    name: str
    front: FrontMatter
    digest: str
    headings: tuple[Heading, ...]
    words: int

    @property
    def is_post(self) -> bool:
        """Whether it is a post of the blog."""
        return self.folder == POSTS

    @property
    def key(self) -> str:
        """What its translations have in common with it."""
        return self.front.key or (f"{self.folder}/{self.name}" if self.folder else self.name)

    @property
    def day(self) -> date:
        """A post's date."""
        assert self.front.date, self.file
        return self.front.date

    @property
    def minutes(self) -> int:
        """How long it takes to read."""
        return max(1, round(self.words / WORDS_A_MINUTE))

    def address(self, language: Language) -> str:
        """Where the page is."""
        return address_of(language.root, self.folder, self.front.slug or self.name)


@dataclass(frozen=True)
class _Source:
    """A file of content as it was read; `key` stands for all that is made of it."""

    file: str
    lang: str
    data: bytes
    key: str


@dataclass(frozen=True)
class _Parsed:
    """What some sources have become: documents with their HTML, by the sources' keys."""

    documents: dict[str, tuple[Document, str]]
    mistakes: list[Mistake]


class Library:
    """The documents of a folder of sources, and their HTML."""

    def __init__(
        self, source: Path, languages: Mapping[str, Language], pictures: Pictures, cache: Cache
    ) -> None:
        """Reads every document. Raises BuildError with all mistakes."""
        self._source = source
        self._pictures = pictures
        self._rendered: dict[str, str] = {}
        paths = find_sources(source / CONTENT, "**/*.md")
        sources = [self._read(path) for path in paths if path.parent != source / CONTENT]
        mistakes = [
            Mistake(
                f"{CONTENT}/{path.name}", 1, f"expected the folder of a language, {CONTENT}/en/"
            )
            for path in paths
            if path.parent == source / CONTENT
        ]
        mistakes += (
            Mistake(each.file, 1, f"no translations/{each.lang}.po")
            for each in sources
            if each.lang not in languages
        )
        unknown = [each for each in sources if not cache.knows(DOCUMENT, each.key)]
        for parsed in share(self._parse_all, unknown):
            mistakes += parsed.mistakes
            for key, (document, html) in parsed.documents.items():
                cache.keep(DOCUMENT, key, document)
                self._rendered[key] = html
        if mistakes:
            raise BuildError(*sorted(mistakes, key=lambda each: (each.file, each.line)))
        self.documents: list[Document] = [cache.get(DOCUMENT, each.key) for each in sources]
        """By language and file name."""

    def body(self, document: Document) -> "Body":
        """The document's HTML, for a template to print."""
        return Body(document, self)

    def html(self, document: Document) -> Markup:
        """Our own words, in which no raw HTML is allowed: nothing to sanitise."""
        html = self._rendered.pop(document.digest, None)  # most are wanted once
        if html is None:
            data = (self._source / document.file).read_bytes()
            html = self._render(data, document.file)[1].html
        return Markup(html)  # noqa: S704

    def _read(self, path: Path) -> _Source:
        file = path.relative_to(self._source).as_posix()
        data = path.read_bytes()
        key = digest(file.encode(), data, self._pictures.digest.encode())
        return _Source(file, file.split("/")[1], data, key)

    def _parse_all(self, sources: Sequence[_Source]) -> _Parsed:
        parsed = _Parsed({}, [])
        for source in sources:
            try:
                parsed.documents[source.key] = self._parse(source)
            except BuildError as error:
                parsed.mistakes.extend(error.mistakes)
        return parsed

    def _parse(self, source: _Source) -> tuple[Document, str]:
        front, article = self._render(source.data, source.file)
        *folders, name = source.file.removesuffix(".md").split("/")[2:]
        document = Document(
            *(source.file, source.lang, "/".join(folders), name, front, source.key),
            *(article.headings, article.words),
        )
        mistakes = list(_check(document))
        if mistakes:
            raise BuildError(*mistakes)
        return document, article.html

    def _render(self, data: bytes, file: str) -> tuple[FrontMatter, Article]:
        front, body, line = split(decode(data, file), file)
        return front, render(body, self._pictures.find, file=file, first_line=line)


@dataclass(frozen=True)
class Body:
    """The HTML of a document, made when a template prints it; its repr stands for what it is made of."""

    document: Document
    library: Library

    def __html__(self) -> str:
        return self.library.html(self.document)

    def __repr__(self) -> str:
        return f"Body({self.document.digest})"


def _check(document: Document) -> Iterator[Mistake]:
    front, file = document.front, document.file
    for part in filter(None, (*document.folder.split("/"), "" if front.slug else document.name)):
        if not SLUG.fullmatch(part):
            what = "expected a name of lower-case letters a to z, digits and single hyphens"
            yield Mistake(file, 1, f"{what}, got {part}")
    if ".html" in document.folder:
        yield Mistake(file, 1, f"expected a folder whose name has no .html, got {document.folder}")
    if document.is_post and not front.date:
        yield Mistake(file, 1, "front matter: no date; a post needs one")
    for name in ("date", "tags"):
        if not document.is_post and getattr(front, name):
            what = f"front matter: {name} belongs to posts, in {POSTS}/"
            yield Mistake(file, front.line(name), what)


def published(documents: Iterable[Document], today: date, *, drafts: bool) -> list[Document]:
    """Those that may be read: no drafts and none of a later day, unless `drafts` shows all."""
    return [
        document
        for document in documents
        if drafts or not (document.front.draft or (document.front.date or today) > today)
    ]
