"""Reads the sources of pages and posts, and checks them."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from kindlechat.rendering.ui.languages import Language
from kindlechat.rendering.ui.sources import scan
from kindlechat.site.addresses import SLUG, address_of
from kindlechat.site.article import Article, Heading, OwnLink
from kindlechat.site.cache import Cache, digest
from kindlechat.site.cores import share
from kindlechat.site.files import read_file
from kindlechat.site.folders import CONTENT
from kindlechat.site.frontmatter import FrontMatter, split
from kindlechat.site.markdown import render
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.pictures import Pictures
from kindlechat.site.text import decode

SUFFIX = ".md"
DOCUMENT = "document"

POSTS = "blog"
"""The folder whose sources are posts, which have a date and may have tags."""

WORDS_A_MINUTE = 200


@dataclass(frozen=True)
class Document:
    """One source of content.

    `file` is its path below the sources. `digest` stands for everything that its HTML is made of. `headings`
    are those of its table of contents, if it has one. One that is not `published` yet is shown to its author
    only.
    """

    file: str
    lang: str
    folder: str
    name: str
    front: FrontMatter
    digest: str
    headings: tuple[Heading, ...]
    opening: str
    words: int
    links: tuple[OwnLink, ...] = ()
    picture: str = ""
    published: bool = True

    @property
    def is_post(self) -> bool:
        """Whether it is a post of the blog. Posts may lie in subfolders, for example by year."""
        return self.folder == POSTS or self.folder.startswith(f"{POSTS}/")

    @property
    def key(self) -> str:
        """The key that its translations share."""
        return self.front.key or (f"{self._place}/{self.name}" if self._place else self.name)

    @property
    def _place(self) -> str:
        """The folder in its address. Subfolders of the blog are not in addresses."""
        return POSTS if self.is_post else self.folder

    @property
    def day(self) -> date:
        """A post's date. A post whose date is a mistake counts as the oldest."""
        return self.front.date or date.min

    @property
    def since(self) -> date:
        """The first day on which it is there. A draft waits for ever."""
        return date.max if self.front.draft else self.day

    @property
    def summary(self) -> str:
        """The summary for lists: the author's, or else the first paragraph."""
        return self.front.summary or self.opening or self.front.title

    @property
    def minutes(self) -> int:
        """The reading time in minutes."""
        return max(1, round(self.words / WORDS_A_MINUTE))

    def address(self, language: Language) -> str:
        """The address of the page."""
        return address_of(language.root, self._place, self.front.slug or self.name)

    def is_due(self, today: date) -> bool:
        """Whether it may be published: it is no draft and no post of a later day."""
        return not self.front.draft and (self.front.date or today) <= today


class _Source(NamedTuple):
    """A file of content as it was read. `key` stands for everything made of it."""

    file: str
    lang: str
    data: bytes
    key: str


class _Parsed(NamedTuple):
    """What a source has become. There is a document even where it has mistakes."""

    document: Document
    html: str
    mistakes: tuple[Mistake, ...]


class Library:
    """The documents of a folder of sources, their HTML, and all mistakes in them."""

    def __init__(
        self, source: Path, languages: Mapping[str, Language], pictures: Pictures, cache: Cache
    ) -> None:
        """Read every document."""
        self._source = source
        self._pictures = pictures
        self._rendered: dict[str, str] = {}
        found = scan(source / CONTENT)
        self.mistakes = [*_misplaced(found, str(source)), *pictures.mistakes]
        self.documents: list[Document] = []
        """Sorted by language and file name."""
        files = [each for each in found if each.name.endswith(SUFFIX) and each.is_file()]
        sources = [self._read(each.path) for each in files]
        sources = [each for each in sources if each.file.count("/") > 1]
        self.mistakes += (
            Mistake(each.file, 1, f"no translations/{each.lang}.po")
            for each in sources
            if each.lang not in languages
        )
        self._take([each for each in sources if each.lang in languages], cache)

    def _take(self, sources: list[_Source], cache: Cache) -> None:
        unknown = [each for each in sources if not cache.knows(DOCUMENT, each.key)]
        parsed = {
            key: each for part in share(self._parse_all, unknown) for key, each in part.items()
        }
        for key, each in parsed.items():
            self._rendered[key] = each.html
            self.mistakes += each.mistakes
            if not each.mistakes:
                cache.keep(DOCUMENT, key, each.document)
        self.documents = [
            parsed[each.key].document if each.key in parsed else cache.get(DOCUMENT, each.key)
            for each in sources
        ]

    def body(self, document: Document) -> "Body":
        """The document's HTML, for a template to print."""
        return Body(document, self)

    def html(self, document: Document) -> Markup:
        """The document's HTML. It needs no sanitising, because our own Markdown allows no raw HTML."""
        html = self._rendered.pop(document.digest, None)  # most documents are printed once
        if html is None:
            data = (self._source / document.file).read_bytes()
            html = self._render(data, document.file)[1].html
        return Markup(html)  # noqa: S704

    def _read(self, path: str) -> _Source:
        file = _below(str(self._source), path)
        data = read_file(path)
        key = digest(file.encode(), data, self._pictures.digest.encode())
        return _Source(file, file.split("/")[1], data, key)

    def _parse_all(self, sources: Sequence[_Source]) -> dict[str, _Parsed]:
        return {source.key: self._parse(source) for source in sources}

    def _parse(self, source: _Source) -> _Parsed:
        front, article, mistakes = self._render(source.data, source.file)
        *folders, name = source.file.removesuffix(SUFFIX).split("/")[2:]
        document = Document(
            file=source.file,
            lang=source.lang,
            folder="/".join(folders),
            name=name,
            front=front,
            digest=source.key,
            headings=article.headings if front.toc else (),
            opening=article.opening,
            words=article.words,
            links=article.links,
            picture=article.picture,
        )
        if front.lines or not mistakes:  # otherwise there is nothing to check
            mistakes += _check(document)
        return _Parsed(document, article.html, (*mistakes, *article.mistakes))

    def _render(self, data: bytes, file: str) -> tuple[FrontMatter, Article, list[Mistake]]:
        try:
            text, unreadable = decode(data, file), []
        except BuildError as error:
            text, unreadable = "", list(error.mistakes)
        source = split(text, file)
        article = render(source.body, self._pictures.find, file=file, first_line=source.body_line)
        return source.front, article, unreadable or list(source.mistakes)


@dataclass(frozen=True)
class Body:
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


def _check(document: Document) -> Iterator[Mistake]:
    front, file = document.front, document.file
    folders = () if document.is_post else document.folder.split("/")
    for part in filter(None, (*folders, "" if front.slug else document.name)):
        if not SLUG.fullmatch(part):
            what = "expected a name of lower-case letters a to z, digits and single hyphens"
            yield Mistake(file, 1, f"{what}, got {part}")
    if ".html" in document.folder:
        yield Mistake(file, 1, f"expected a folder whose name has no .html, got {document.folder}")
    if document.is_post and "date" not in front.lines:  # a wrong one is told already
        yield Mistake(file, 1, "front matter: no date; a post needs one")
    if front.date and front.updated and front.updated < front.date:
        what = f"front matter: expected updated to be no earlier than {front.date}"
        yield Mistake(file, front.line("updated"), f"{what}, got {front.updated}")
    yield from (
        Mistake(file, front.line("slugs"), f"front matter: slugs: {tag!r} is no tag of this post")
        for tag in front.slugs
        if tag not in front.tags and (front.tags or "tags" not in front.lines)
    )
    for name in ("date", "updated", "tags", "slugs"):
        if not document.is_post and getattr(front, name):
            what = f"front matter: {name} belongs to posts, in {POSTS}/"
            yield Mistake(file, front.line(name), what)
