"""The plan of a site: every file, what it is made of, and how to make it.

A file's `key` is a digest of the values that its template gets. So everything that can change a file
changes its key, and a file whose key is known need not be made again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from kindlechat.site import feeds
from kindlechat.site.addresses import output_of
from kindlechat.site.blog import Blog
from kindlechat.site.cache import Cache, digest
from kindlechat.site.content import Document
from kindlechat.site.crosslinks import early_links
from kindlechat.site.folders import ASSETS, IMAGES, STATIC
from kindlechat.site.furniture import SiteFurniture
from kindlechat.site.layout import LISTS, Layout, SitePage, Translation, lay_out
from kindlechat.site.library import Library
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.options import Options
from kindlechat.site.pictures import Pictures
from kindlechat.site.started import Started
from kindlechat.site.static import CARD, StaticFiles


class Output(NamedTuple):
    """A file of the site. `path` is below the target; `source` is the file that mistakes name.

    A `hidden` file, of a draft or of a later post, is made and checked but not written. A `verbatim` one is
    the author's, whose links are not checked.
    """

    path: str
    find_key: Callable[[], str]
    make: Callable[[], bytes]
    source: str
    hidden: bool = False
    verbatim: bool = False

    @property
    def key(self) -> str:
        """The digest of what it is made of. It takes a while: in a build from nothing the processes that make
        the files find it."""
        return self.find_key()


@dataclass(frozen=True)
class Plan:
    """All files of a site, the roots of its languages' addresses, the mistakes so far, and the texts, which
    know on what lines their links are."""

    outputs: list[Output]
    roots: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    documents: Sequence[Document] = ()

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all files."""
        return frozenset(output.path for output in self.outputs)


def plan(source: Path, options: Options, cache: Cache, started: Started) -> Plan:
    """Make the plan for a folder of sources.

    Raises BuildError for templates that cannot be read, because every page needs them.
    """
    texts = started.texts()
    library = Library(texts, started.furniture.languages, cache)
    planned = _Planner(source, options, started.furniture, library).plan(texts.pictures)
    mistakes = started.template_mistakes()
    if mistakes:
        mistakes += planned.mistakes
        raise BuildError(*sorted(mistakes, key=lambda each: (each.file, each.line)))
    return planned


class _Planner:
    def __init__(
        self, source: Path, options: Options, furniture: SiteFurniture, library: Library
    ) -> None:
        self._source = source
        self._options = options
        self._furniture = furniture
        self._library = library
        self._sentences = furniture.sentences
        self._languages = furniture.languages
        self._static = StaticFiles.below(source / STATIC)
        self._card = self._static.address_of(CARD)

    def plan(self, pictures: Pictures) -> Plan:
        library = self._library
        today, drafts = self._options.today, self._options.drafts
        due = [each for each in library.documents if each.is_due(today)]
        if drafts:
            due = [each._replace(published=each.is_due(today)) for each in library.documents]
        layout, pages = self._lay_out(due, library)
        outputs = [*pages, *self._files(pictures)]
        roots = tuple(language.root for language in self._languages.values())
        made = {output.path: output.source for output in outputs}
        mistakes = [*library.mistakes, *layout.mistakes, *self._static.mistakes(made, roots)]
        outputs += (self._verbatim(path) for path in self._static.files if path not in made)
        if len(due) < len(library.documents):
            # Posts that are due later are checked now; otherwise a mistake would stop a start on their day.
            later, hidden = self._lay_out(library.documents, library)
            mistakes += later.mistakes
            mistakes += early_links(library.documents, today, self._languages)
            shown = {output.path for output in outputs}
            outputs += (each._replace(hidden=True) for each in hidden if each.path not in shown)
        return Plan(outputs, roots, tuple(dict.fromkeys(mistakes)), library.documents)

    def _lay_out(
        self, documents: list[Document], library: Library
    ) -> tuple[Layout, Iterator[Output]]:
        blogs = [blog for blog in self._blogs(documents) if blog.posts]
        layout = lay_out(documents, self._sentences, blogs, library.body)
        return layout, self._site(layout, blogs, library)

    def _site(self, layout: Layout, blogs: list[Blog], library: Library) -> Iterator[Output]:
        # What takes longest comes first: at the end one core would wait for it.
        for blog in blogs:
            yield self._feed(blog, library)
        if self._options.base_url:
            yield self._sitemap(layout)
        for page in layout.pages:
            yield self._page(page, layout.translations.get(page.key, ()))

    def _blogs(self, documents: list[Document]) -> Iterator[Blog]:
        for code, language in self._languages.items():
            yield Blog(language, (doc for doc in documents if doc.is_post and doc.lang == code))

    def _output(self, path: str, source: str, made_of: object, make: Callable[[], bytes]) -> Output:
        """A file made of the furniture and the values `made_of`. Its key uses their repr."""
        return Output(
            path,
            lambda: digest(self._furniture.digest.encode(), repr(made_of).encode()),
            make,
            source,
        )

    def _page(self, page: SitePage, translations: tuple[Translation, ...]) -> Output:
        picture = page.picture or self._card
        values = {
            **page.values,
            "address": page.address,
            "picture": self._options.base_url and picture and self._options.base_url + picture,
            "newsletter": self._options.newsletter,
            "translations": translations,
            "wanted": page.wanted,
        }
        make = partial(self._render, page, values)
        return self._output(
            output_of(page.address), page.source, (page.lang, page.template, values), make
        )

    def _render(self, page: SitePage, values: Mapping[str, object]) -> bytes:
        if page.template not in self._furniture.templates:
            line = page.lines.get("template", 1)
            raise BuildError(Mistake(page.source, line, f"no template {page.template}"))
        return self._furniture.render(page.template, page.lang, values, page.source)

    def _feed(self, blog: Blog, library: Library) -> Output:
        words = self._sentences[blog.language.code]
        newest = blog.posts[: feeds.ENTRIES]
        base_url, lang = self._options.base_url, blog.language.code

        def make() -> bytes:
            entries = [
                feeds.Entry(
                    key=f"{lang}/{post.key}",
                    url=base_url + post.address(blog.language),
                    title=post.front.title,
                    summary=post.summary,
                    html=library.html(post),
                    day=post.day,
                    updated=post.front.updated or post.day,
                    tags=post.front.tags,
                )
                for post in newest
            ]
            title = f"{words('ui.name')}: {words('ui.blog')}"
            urls = (base_url + blog.root, base_url + blog.feed)
            return feeds.atom_feed(title, *urls, lang, entries, base_url).encode()

        digests = [post.digest for post in newest]
        return self._output(output_of(blog.feed), LISTS, (lang, digests, base_url), make)

    def _verbatim(self, path: str) -> Output:
        file = self._static.files[path]
        return Output(
            path=path,
            find_key=lambda: digest(file.read_bytes()),
            make=file.read_bytes,
            source=f"{STATIC}/{path}",
            verbatim=True,
        )

    def _files(self, pictures: Pictures) -> Iterator[Output]:
        for name, asset in self._furniture.assets.items():
            make = partial(bytes, asset.data)
            yield self._output(asset.address[1:], f"{ASSETS}/{name}", asset.address, make)
        for address, original, make_picture in pictures.outputs():
            yield self._output(address[1:], f"{IMAGES}/{original.name}", address, make_picture)
        robots = feeds.robots(self._options.base_url).encode()
        yield self._output("robots.txt", "robots.txt", robots, lambda: robots)

    def _sitemap(self, layout: Layout) -> Output:
        base_url = self._options.base_url
        places = [
            feeds.SitemapEntry(
                url=base_url + page.address,
                day=page.day,
                alternates=tuple(
                    (other.lang, base_url + other.address)
                    for other in layout.translations.get(page.key, ())
                ),
            )
            for page in sorted(layout.pages, key=lambda page: page.address)
            if page.wanted
        ]
        return self._output(
            "sitemap.xml", "sitemap.xml", places, lambda: feeds.sitemap(places).encode()
        )
