"""The source of a page or a post as it was read, and what is wrong with it. Pure: values only."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kindlechat.site.addresses import SLUG, address_of
from kindlechat.site.article import Heading, OwnLink
from kindlechat.site.frontmatter import FrontMatter
from kindlechat.site.mistakes import Mistake

if TYPE_CHECKING:
    from kindlechat.rendering.ui.languages import Language

POSTS = "blog"
"""The folder whose sources are posts, which have a date and may have tags."""

CHARS_A_MINUTE = 1200
"""How many characters of letters, with their blanks, people read."""


class Document(NamedTuple):
    """One source of content.

    `file` is its path below the sources. `digest` stands for everything that its HTML is made of. `headings`
    are those of its table of contents, if it has one. `opening` is the first paragraph, where the author
    has given no summary. `length` is that of an Article. A document that is not `published` yet is shown to
    its author only.
    """

    file: str
    lang: str
    folder: str
    name: str
    front: FrontMatter
    digest: str
    headings: tuple[Heading, ...]
    opening: str
    length: int
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
        return max(1, round(self.length / CHARS_A_MINUTE))

    def address(self, language: "Language") -> str:
        """The address of the page."""
        return address_of(language.root, self._place, self.front.slug or self.name)

    def is_due(self, today: date) -> bool:
        """Whether it may be published: it is no draft and no post of a later day."""
        return not self.front.draft and (self.front.date or today) <= today


def mistakes_in(document: Document) -> Iterator[Mistake]:
    """What is wrong with the place of a source, and with its front matter as a whole."""
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
