"""Files that an author puts beside the pages as they are: a favicon, a search engine's proof of ownership."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kindlechat.rendering.ui.sources import find_sources
from kindlechat.site.addresses import RESERVED, is_below_a_root
from kindlechat.site.folders import STATIC
from kindlechat.site.mistakes import Mistake

CARD = "card.png"
"""The picture that stands for a page without one where somebody shares its address."""


@dataclass(frozen=True)
class StaticFiles:
    """The files by their paths below the folder, which are their paths in the site."""

    files: Mapping[str, Path]

    @classmethod
    def below(cls, folder: Path) -> "StaticFiles":
        """The files of a folder, and none where there is no folder."""
        found = find_sources(folder, "**/*")
        return cls({path.relative_to(folder).as_posix(): path for path in found})

    def address_of(self, path: str) -> str:
        """The address of a file, or "" where there is no such file."""
        return f"/{path}" if path in self.files else ""

    def mistakes(self, made: Mapping[str, str], roots: tuple[str, ...]) -> Iterator[Mistake]:
        """A mistake for each file in the place of another, or of the server.

        `made` has the paths of the site's other files, with their sources.
        """
        for path in self.files:
            if path in made:
                yield Mistake(f"{STATIC}/{path}", 1, f"/{path} is the address of {made[path]}, too")
            elif is_below_a_root(f"/{path}", RESERVED, roots):
                what = f"/{path} is an address that the server answers itself"
                yield Mistake(f"{STATIC}/{path}", 1, what)
