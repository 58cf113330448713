"""Mistakes in the sources, with the place where each can be found."""

from typing import NamedTuple


class Mistake(NamedTuple):
    """What is wrong, and where: `file` below the sources, `line` from 1.

    A mistake in a template is on every page; `page` is the source of one of them, whichever. It is the same
    mistake for all of them.
    """

    file: str
    line: int
    what: str
    page: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mistake) and self[:3] == other[:3]

    def __ne__(self, other: object) -> bool:
        return not self == other  # a tuple's own would compare all

    def __hash__(self) -> int:
        return hash(self[:3])

    def __str__(self) -> str:
        shown_by = f" (for {self.page})" if self.page else ""
        return f"{self.file}:{self.line}: {self.what}{shown_by}"


class BuildError(Exception):
    """The site cannot be built. The text has a line for each mistake."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__(*mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))
