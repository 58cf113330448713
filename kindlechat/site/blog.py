"""The lists of a blog: pages of posts, subjects, years. Pure: posts in, pages out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from kindlechat.rendering.ui.languages import Language
from kindlechat.site.addresses import slug_of
from kindlechat.site.content import POSTS, Document
from kindlechat.site.mistakes import Mistake

POSTS_A_PAGE = 10


class Link(NamedTuple):
    """An address and its name."""

    text: str
    address: str

    def __repr__(self) -> str:
        # A quick one: each build makes thousands, for the keys of pages.
        return tuple.__repr__(self)


class Listed(NamedTuple):
    """A post as lists show it."""

    title: str
    address: str
    summary: str
    day: date
    published: bool

    def __repr__(self) -> str:
        return tuple.__repr__(self)


class ListPage(NamedTuple):
    """A page of a list of posts, newest first. `tag` is their common subject, or "" for all posts."""

    address: str
    tag: str
    posts: tuple[Listed, ...]
    number: int
    total: int
    newer: str
    older: str


@dataclass(frozen=True)
class Subject:
    """A tag, its page, and how many posts have it."""

    name: str
    address: str
    count: int


@dataclass(frozen=True)
class Year:
    """The posts of a year."""

    address: str
    year: int
    posts: tuple[Listed, ...]


def newest_first(posts: Iterable[Document]) -> list[Document]:
    """Sort posts by date, and those of one day by name."""
    return sorted(posts, key=lambda post: (-post.day.toordinal(), post.name))


class Blog:
    """The lists of one language's posts."""

    def __init__(self, language: Language, posts: Iterable[Document]) -> None:
        self.language = language
        self.root = f"{language.root}/{POSTS}/"
        self.archive = f"{self.root}archive/"
        self.tags_page = f"{self.root}tags/"
        self.feed = f"{self.root}feed.atom"
        self.posts = newest_first(posts)
        self.listed = [_listed(post, language) for post in self.posts]
        self.mistakes: list[Mistake] = []
        """Mistakes for tags without an address, and for tags with the address of another tag."""
        slugs = self._find_slugs()
        self.tags = {tag: f"{self.tags_page}{slug}/" for tag, slug in slugs.items()}
        self.first_day = min((post.since for post in self.posts), default=date.min)
        self.first_days: dict[str, date] = {}
        """The day on which the first post with a tag appears."""
        self._tags: dict[str, list[Listed]] = {}
        for post, listed in zip(self.posts, self.listed, strict=True):
            for tag in dict.fromkeys(post.front.tags):
                if tag in self.tags:
                    self._tags.setdefault(tag, []).append(listed)
                    self.first_days[tag] = min(post.since, self.first_days.get(tag, date.max))

    def _find_slugs(self) -> dict[str, str]:
        """The last part of each tag's address: as a post says, or else made from the tag."""
        given = {tag: slug for post in self.posts for tag, slug in post.front.slugs.items()}
        slugs: dict[str, str] = {}
        owners: dict[str, str] = {}
        for post in self.posts:
            for tag in post.front.tags:
                if tag in slugs and not post.front.slugs:  # as nearly always
                    continue
                try:
                    slug = given.get(tag) or slug_of(tag)
                except ValueError as error:
                    self._mistake(post, tag, str(error))
                    continue
                if owners.setdefault(slug, tag) != tag:
                    what = f"{tag!r} would have the address of {owners[slug]!r}; give one of them"
                    self._mistake(post, tag, f"{what} another: slugs: {{{tag}: …}}")
                elif post.front.slugs.get(tag, slug) != slug:
                    self._mistake(post, tag, f"{tag!r} has the address {slug} in another post")
                else:
                    slugs[tag] = slug
        return slugs

    def _mistake(self, post: Document, tag: str, what: str) -> None:
        line = post.front.line("slugs") if post.front.slugs else post.front.line("tags", tag)
        self.mistakes.append(Mistake(post.file, line, f"tags: {what}"))

    def pages(self) -> list[ListPage]:
        """The pages of all posts."""
        return _paginate(self.root, "", self.listed)

    def tag_pages(self) -> list[ListPage]:
        """The pages of the posts of each tag."""
        return [
            page
            for tag, posts in self._tags.items()
            for page in _paginate(self.tags[tag], tag, posts)
        ]

    def subjects(self) -> tuple[Subject, ...]:
        """The tags, sorted by address."""
        return tuple(
            sorted(
                (Subject(tag, self.tags[tag], len(posts)) for tag, posts in self._tags.items()),
                key=lambda subject: subject.address,
            )
        )

    def years(self) -> tuple[Year, ...]:
        """The posts by year, newest first."""
        return tuple(
            Year(f"{self.archive}{year}/", year, tuple(posts))
            for year, posts in groupby(self.listed, key=lambda post: post.day.year)
        )


def _listed(post: Document, language: Language) -> Listed:
    return Listed(
        title=post.front.title,
        address=post.address(language),
        summary=post.summary,
        day=post.day,
        published=post.published,
    )


def _paginate(root: str, tag: str, posts: Sequence[Listed]) -> list[ListPage]:
    total = max(1, -(-len(posts) // POSTS_A_PAGE))
    addresses = [root, *(f"{root}page/{number}/" for number in range(2, total + 1))]
    return [
        ListPage(
            address=addresses[at],
            tag=tag,
            posts=tuple(posts[at * POSTS_A_PAGE : (at + 1) * POSTS_A_PAGE]),
            number=at + 1,
            total=total,
            newer=addresses[at - 1] if at else "",
            older=addresses[at + 1] if at + 1 < total else "",
        )
        for at in range(total)
    ]
