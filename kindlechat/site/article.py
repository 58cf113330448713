"""A text as it was rendered: values only."""

from typing import NamedTuple

from kindlechat.site.mistakes import Mistake


class Heading(NamedTuple):
    """An entry of the table of contents."""

    id: str
    text: str
    level: int


class OwnLink(NamedTuple):
    """A link of a text to a page of the same site, as written, and its line in the source."""

    address: str
    line: int


class Article(NamedTuple):
    """A rendered text: its HTML, its headings, its first paragraph as plain text.

    `length` is how many characters it has for a reader; a Chinese or Japanese one counts as three. `links`
    are those to pages of this site. `picture` is the address of its first picture, or "".
    """

    html: str
    headings: tuple[Heading, ...]
    opening: str
    length: int
    links: tuple[OwnLink, ...]
    picture: str
    mistakes: tuple[Mistake, ...]
