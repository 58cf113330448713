"""The posts that are published, for whoever tells others of them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kindlechat.site.blog import newest_first
from kindlechat.site.building import cache_of
from kindlechat.site.cache import Cache, program_version
from kindlechat.site.catalogs import load_catalogs
from kindlechat.site.library import Library, read_texts
from kindlechat.site.pictures import load_pictures


@dataclass(frozen=True)
class PublishedPost:
    """A post in one language. `key` names it for ever; `address` begins with a slash."""

    key: str
    language: str
    title: str
    summary: str
    address: str


def published_posts(source: Path, today: date, built: Path) -> list[PublishedPost]:
    """The posts in all languages that are due, oldest first. What the last build into the folder `built`
    found out need not be found out again.

    Raises BuildError for catalogs that cannot be read. A post with mistakes is left out: no build shows it.
    """
    cache = Cache.load(cache_of(built), program_version())
    languages = {code: words.language for code, words in load_catalogs(source, cache).items()}
    texts = read_texts(source, cache, load_pictures(source, cache))
    library = Library(texts, languages, cache)
    broken = {mistake.file for mistake in library.mistakes}
    due = [
        each
        for each in library.documents
        if each.is_post and each.is_due(today) and each.file not in broken
    ]
    return [
        PublishedPost(
            key=f"{post.lang}/{post.key}",
            language=post.lang,
            title=post.front.title,
            summary=post.summary,
            address=post.address(languages[post.lang]),
        )
        for post in reversed(newest_first(due))
    ]
