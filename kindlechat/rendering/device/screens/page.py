"""The measures that all blocks share: a screen's, and what a block that is cut can do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from kindlechat.rendering.answer.tree import Node

GAP_LINES = 0.5
"""Between two blocks."""

LEAST_LINES = 2.5
"""With less than this left on a screen nothing is cut: the next one takes it whole."""


@dataclass(frozen=True, slots=True)
class Page:
    """The measures of a screen: letters in a line, lines for text."""

    columns: float
    lines: float

    def narrower(self, columns: float) -> "Page":
        """The page that is left where the text is set in."""
        return Page(max(8, self.columns - columns), self.lines)

    @property
    def most(self) -> float:
        """Of what is higher than this nothing more needs to be known: it fits on no screen."""
        return self.lines + 2 * GAP_LINES

    def total(self, heights: Iterable[float], *, line: float = 1) -> float:
        """The sum of the heights in lines of that height, or of those that are more than enough."""
        total = 0.0
        for height in heights:
            total += height
            if line * total > self.most:
                break
        return line * total


Place = tuple[int, ...]
"""A place in a node: the number of the child before which it is or, where it is within that child, also
the place in that. In a text, how many characters come before. () is the beginning."""


class Cuttable(Protocol):
    """A node that stands on a page, as seen from one of its places.

    Heights are in lines. Of what is higher than a screen they say no more than that.
    """

    def height(self, start: Place = ()) -> float:
        """How much of a page the rest takes."""

    def cut(self, start: Place, room: float, *, must: bool) -> Place | None:
        """A place up to which it fits into `room` lines; None where none is any good.

        It `must` be cut where no screen has more room: then what fits on none is scrolled.
        """

    def part(self, start: Place, stop: Place | None) -> Node:
        """What stands between two places, None meaning the end."""


def fitting(heights: Iterable[float], room: float) -> tuple[int, float]:
    """How many of the heights fit, and how much they use; no more are asked for."""
    used, count = 0.0, 0
    for height in heights:
        if used + height > room:
            break
        used, count = used + height, count + 1
    return count, used
