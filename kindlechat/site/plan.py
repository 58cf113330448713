"""The plan of a site: every file, what it is made of, and how to make it.

A file's `key` is a digest of the values that its template gets. So everything that can change a file
changes its key, and a file whose key is known need not be made again.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from jinja2 import TemplateNotFound, TemplateSyntaxError

from kindlechat.rendering.ui.assets import load_assets
from kindlechat.rendering.ui.sources import find_sources
from kindlechat.rendering.ui.templates import Templates
from kindlechat.site import feeds
from kindlechat.site.addresses import output_of
from kindlechat.site.blog import Blog
from kindlechat.site.cache import Cache, digest
from kindlechat.site.catalogs import load_catalogs
from kindlechat.site.content import Document, Library
from kindlechat.site.cores import begun
from kindlechat.site.crosslinks import early_links
from kindlechat.site.folders import ASSETS, IMAGES, STATIC, TEMPLATES, TRANSLATIONS
from kindlechat.site.layout import LISTS, Layout, SitePage, Translation, lay_out
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.options import Options
from kindlechat.site.pictures import Pictures
from kindlechat.site.static import CARD, StaticFiles
from kindlechat.site.text import decode

COMPILED = "templates"
TEMPLATES_WORTH_A_FORK = 8


@dataclass(frozen=True)
class Output:
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

    @cached_property
    def key(self) -> str:
        """The digest of what it is made of. Whoever wants it first finds it: in a build from nothing those
        are the processes that make the files."""
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


def plan(source: Path, options: Options, cache: Cache, pictures: Callable[[], Pictures]) -> Plan:
    """Make the plan for a folder of sources. `pictures` waits for those that are being made.

    Raises BuildError for catalogs and templates that cannot be read, because every page needs them.
    """
    return _Planner(source, options, cache).plan(pictures)


class _Planner:
    def __init__(self, source: Path, options: Options, cache: Cache) -> None:
        self._source = source
        self._options = options
        self._cache = cache
        self._sentences = load_catalogs(source, cache)
        self._languages = {code: words.language for code, words in self._sentences.items()}
        self._assets = load_assets(source / ASSETS)
        self._pages = Templates(source / TEMPLATES, self._sentences, self._assets)
        self._templates = {
            path.relative_to(source / TEMPLATES).as_posix(): path
            for path in find_sources(source / TEMPLATES, "**/*")
        }
        self._static = StaticFiles.below(source / STATIC)
        self._card = self._static.address_of(CARD)
        self._furniture = self._digest_furniture()

    def plan(self, pictures: Callable[[], Pictures]) -> Plan:
        # While the other cores compile the templates, this one plans.
        with begun(self._compile, self._templates_to_compile(), TEMPLATES_WORTH_A_FORK) as compiled:
            shown = pictures()
            library = Library(self._source, self._languages, shown, self._cache)
            planned = self._plan(library, shown)
            mistakes = [mistake for part in compiled.results() for mistake in part]
        if mistakes:
            mistakes += planned.mistakes
            raise BuildError(*sorted(mistakes, key=lambda each: (each.file, each.line)))
        self._cache.keep(COMPILED, self._furniture, True)
        return planned

    def _plan(self, library: Library, pictures: Pictures) -> Plan:
        today, drafts = self._options.today, self._options.drafts
        due = [each for each in library.documents if each.is_due(today)]
        if drafts:
            due = [replace(each, published=each.is_due(today)) for each in library.documents]
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
            outputs += (replace(each, hidden=True) for each in hidden if each.path not in shown)
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

    def _digest_furniture(self) -> str:
        """A digest of what every page depends on: templates, catalogs, assets."""
        files = [*self._templates.values(), *find_sources(self._source / TRANSLATIONS)]
        addresses = [asset.address for asset in self._assets.values()]
        said = repr(addresses)
        named = [
            part
            for file in files
            for part in (str(file.relative_to(self._source)).encode(), file.read_bytes())
        ]
        return digest(said.encode(), *named)

    def _templates_to_compile(self) -> list[tuple[str, Path]]:
        """Every template, even one that no page uses, unless the last build has compiled them."""
        known = self._cache.knows(COMPILED, self._furniture)
        return [] if known else [*self._templates.items()]

    def _compile(self, templates: Sequence[tuple[str, Path]]) -> list[Mistake]:
        """Compile some templates. They are kept on disk, where the other processes find them."""
        mistakes: list[Mistake] = []
        for name, path in templates:
            try:
                decode(path.read_bytes(), f"{TEMPLATES}/{name}")
                self._pages.localized().compile(name)
            except TemplateSyntaxError as error:
                mistakes.append(_template_mistake(error, self._source))
            except BuildError as error:
                mistakes += error.mistakes
        return mistakes

    def _blogs(self, documents: list[Document]) -> Iterator[Blog]:
        for code, language in self._languages.items():
            yield Blog(language, (doc for doc in documents if doc.is_post and doc.lang == code))

    def _output(self, path: str, source: str, made_of: object, make: Callable[[], bytes]) -> Output:
        """A file made of the furniture and the values `made_of`. Its key uses their repr."""
        return Output(
            path, lambda: digest(self._furniture.encode(), repr(made_of).encode()), make, source
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
        if page.template not in self._templates:
            line = page.lines.get("template", 1)
            raise BuildError(Mistake(page.source, line, f"no template {page.template}"))
        try:
            return self._pages.localized(page.lang).render(page.template, **values).encode()
        except BuildError:
            raise
        except Exception as error:  # a template can raise anything, for example by 1/0
            raise BuildError(_template_mistake(error, self._source, page.source)) from error

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
        for name, asset in self._assets.items():
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


def _template_mistake(error: Exception, source: Path, page: str = "") -> Mistake:
    """The place of an error in the templates. Jinja2's tracebacks have the templates' own lines."""
    what = f"no sentence or asset {error}" if isinstance(error, KeyError) else str(error)
    if isinstance(error, TemplateNotFound):
        what = f"no template {error.name}"
    if isinstance(error, TemplateSyntaxError):
        return Mistake(f"templates/{error.name}", error.lineno, what)
    templates = (source / "templates").resolve()
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        place = Path(frame.filename).resolve()
        if place.is_relative_to(templates):
            file = place.relative_to(source.resolve()).as_posix()
            return Mistake(file, frame.lineno or 1, what, page)
    return Mistake(page or "templates", 1, what)
