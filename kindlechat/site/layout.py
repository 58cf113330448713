"""The pages that a site has, each with its address, its template and the values that go in. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from kindlechat.rendering.ui.languages import ENGLISH, Language, Sentences
from kindlechat.site.addresses import RESERVED, is_below_a_root, output_of
from kindlechat.site.blog import Blog, Link, Listed, ListPage
from kindlechat.site.content import Document
from kindlechat.site.crosslinks import english_links
from kindlechat.site.frontmatter import line_of
from kindlechat.site.mistakes import Mistake
from kindlechat.site.page_templates import ARCHIVE, BLOG, MOVED, PAGE, POST, TAGS, YEAR

LISTS = "the blog's lists"
"""The source and the key of pages that list posts."""

DESCRIPTION_CHARS = 160
"""Search engines show no more of a page's description."""

CUT = " …"
"""What follows the words of a description that is cut."""

MOST_NAMES = 20

Values = dict[str, object]


class SitePage(NamedTuple):
    """A page of the site.

    `source` is the file that mistakes name, `key` is shared by its translations, `day` is when it was
    written, `since` the first day on which it is there, and `wanted` says whether search engines may list
    it. `picture` is the address of one that stands for it, or "".
    """

    address: str
    lang: str
    template: str
    source: str
    values: Values
    key: str = ""
    day: date | None = None
    since: date = date.min
    wanted: bool = True
    picture: str = ""
    lines: Mapping[str, int] = MappingProxyType({})


class Translation(NamedTuple):
    """The page in another language: the code, the language's own name, and the address."""

    lang: str
    name: str
    address: str


class Layout(NamedTuple):
    """The pages of a site, each at its own address, and the mistakes in others."""

    pages: list[SitePage]
    translations: Mapping[str, tuple[Translation, ...]]
    mistakes: list[Mistake]


def lay_out(
    documents: Iterable[Document],
    sentences: Mapping[str, Sentences],
    blogs: Iterable[Blog],
    body: Callable[[Document], object],
) -> Layout:
    """Lay out every page of the site. `body` returns what a template prints for a document.

    Mistakes are two pages with one address, a page at an address of the server, a language without a page
    that every language must have, and a link to an English page that there is in the text's own language.
    """
    documents = list(documents)
    wanted: list[SitePage] = []
    mistakes: list[Mistake] = []
    for document in documents:
        language = sentences[document.lang].language
        if not document.is_post:
            wanted.append(_document(document, language, body(document)))
        wanted += _aliases(document, language)
    for blog in blogs:
        words = sentences[blog.language.code]
        mistakes += blog.mistakes
        wanted += _posts(blog, words, body)
        wanted += _lists(blog, words)
    roots = [words.language.root for words in sentences.values()]
    pages = _at_own_addresses(wanted, roots, mistakes)
    mistakes += _missing_pages(pages, sentences)
    languages = {code: words.language for code, words in sentences.items()}
    since = {page.address: page.since for page in pages}
    mistakes += english_links(documents, since, languages)
    translations = _join_translations(pages, languages, mistakes)
    return Layout(pages, translations, mistakes)


def _document(document: Document, language: Language, body: object, **more: object) -> SitePage:
    front = document.front
    address = document.address(language)
    return SitePage(
        address=address,
        lang=document.lang,
        template=front.template or (POST if document.is_post else PAGE),
        source=document.file,
        values={
            "title": front.title,
            "summary": document.summary,
            "mode": front.mode,
            "body": body,
            "headings": document.headings,
            "published": document.published,
            **more,
        },
        key=document.key,
        day=front.updated or front.date,
        since=document.since,
        wanted=address.endswith("/"),  # the others are error pages
        picture=document.picture,
        lines=front.lines,
    )


def _aliases(document: Document, language: Language) -> Iterator[SitePage]:
    """Pages at former addresses that lead to the present one."""
    for alias in document.front.aliases:
        values: Values = {"title": document.front.title, "to": document.address(language)}
        yield SitePage(
            address=alias,
            lang=document.lang,
            template=MOVED,
            source=document.file,
            values=values,
            since=document.since,
            wanted=False,
            lines=document.front.lines,
        )


def _posts(blog: Blog, words: Sentences, body: Callable[[Document], object]) -> Iterator[SitePage]:
    links = [Link(post.title, post.address) for post in blog.listed]
    for at, post in enumerate(blog.posts):
        yield _document(
            post,
            words.language,
            body(post),
            day=post.day,
            minutes=post.minutes,
            tags=tuple(
                Link(tag, blog.tags[tag])
                for tag in dict.fromkeys(post.front.tags)
                if tag in blog.tags
            ),
            newer=links[at - 1] if at else None,
            older=links[at + 1] if at + 1 < len(links) else None,
            blog=blog.root,
            feed=blog.feed,
        )


def _lists(blog: Blog, words: Sentences) -> Iterator[SitePage]:
    lang, newest, first = blog.language.code, blog.listed[0], blog.first_day

    def page(
        address: str,
        template: str,
        title: str,
        newest: Listed,
        listed: Iterable[str],
        key: str = "",
        since: date = first,
        **values: object,
    ) -> SitePage:
        values |= {"title": title, "summary": _description(title, listed)}
        values |= {"blog": blog.root, "feed": blog.feed}
        return SitePage(address, lang, template, LISTS, values, key, newest.day, since)

    def part(part: ListPage, title: str, key: str = "", since: date = first) -> SitePage:
        return page(
            part.address,
            BLOG,
            title=title,
            newest=part.posts[0],
            listed=(post.title for post in part.posts),
            key=key if part.number == 1 else "",
            since=since,
            part=part,
            archive=blog.archive,
            subjects=blog.tags_page if blog.tags else "",
        )

    yield from (part(pages, words("ui.blog"), LISTS) for pages in blog.pages())
    for pages in blog.tag_pages():
        yield part(pages, words("blog.tagged", tag=pages.tag), since=blog.first_days[pages.tag])
    if blog.tags:
        title = words("blog.tags")
        subjects = blog.subjects()
        names = [subject.name for subject in subjects]
        yield page(blog.tags_page, TAGS, title, newest, names, subjects=subjects)
    years = blog.years()
    counts = tuple((year.year, year.address, len(year.posts)) for year in years)
    numbers = [str(year.year) for year in years]
    yield page(blog.archive, ARCHIVE, words("blog.archive"), newest, numbers, years=counts)
    for year in years:
        yield page(
            year.address,
            YEAR,
            title=str(year.year),
            newest=year.posts[0],
            listed=(post.title for post in year.posts),
            archive=blog.archive,
            posts=year.posts,
        )


def _description(title: str, listed: Iterable[str]) -> str:
    """What a list holds, for search engines: as many names as they show."""
    said = f"{title}: {'; '.join(islice(listed, MOST_NAMES))}"
    if len(said) <= DESCRIPTION_CHARS:
        return said
    fitting = said[: DESCRIPTION_CHARS - len(CUT) + 1]
    return (fitting.rpartition(" ")[0] or fitting[:-1]) + CUT


def _at_own_addresses(
    pages: Iterable[SitePage], roots: Sequence[str], mistakes: list[Mistake]
) -> list[SitePage]:
    """The pages whose address belongs neither to another page nor to the server."""
    seen: dict[str, SitePage] = {}
    for page in sorted(pages, key=_claim):
        if is_below_a_root(page.address, RESERVED, roots):
            what = f"{page.address} is an address that the server answers itself"
            mistakes.append(_misplaced(page, what))
            continue
        other = seen.setdefault(output_of(page.address), page)
        if other is not page:
            what = f"{page.address} is the address of {other.source}, too"
            mistakes.append(_misplaced(page, what))
    return list(seen.values())


def _claim(page: SitePage) -> tuple[int, date]:
    """Sort lists first, because no author can move them, then older pages. An alias gives way to all."""
    kind = 0 if page.source == LISTS else 2 if page.template == MOVED else 1
    return kind, page.day or date.min


def _misplaced(page: SitePage, what: str) -> Mistake:
    at = ("aliases", page.address) if page.template == MOVED else ("slug",)
    return Mistake(page.source, line_of(page.lines, *at), what)


def _missing_pages(
    pages: Iterable[SitePage], sentences: Mapping[str, Sentences]
) -> Iterator[Mistake]:
    """Mistakes where a language lacks its first page or an error page."""
    addresses = {page.address for page in pages}
    for code, words in sentences.items():
        if f"{words.language.root}/" not in addresses:
            yield Mistake(f"content/{code}/index.md", 1, "no first page in this language")
    for page in pages:
        if page.lang == ENGLISH and page.address.endswith(".html") and page.template != MOVED:
            for code, words in sentences.items():
                if words.language.root + page.address not in addresses:
                    source = page.source.replace(f"/{ENGLISH}/", f"/{code}/", 1)
                    yield Mistake(source, 1, "not translated")


def _join_translations(
    pages: Iterable[SitePage], languages: Mapping[str, Language], mistakes: list[Mistake]
) -> dict[str, tuple[Translation, ...]]:
    """The translations of each page by its key, in the order of `languages`."""
    joined: dict[str, dict[str, SitePage]] = {}
    for page in pages:
        if page.key:
            other = joined.setdefault(page.key, {}).setdefault(page.lang, page)
            if other is not page:
                what = f"the key {page.key} is that of {other.source}, too"
                mistakes.append(Mistake(page.source, page.lines.get("key", 1), what))
    return {
        key: tuple(
            Translation(code, language.own_name, found[code].address)
            for code, language in languages.items()
            if code in found
        )
        for key, found in joined.items()
        if len(found) > 1
    }
