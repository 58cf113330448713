"""What all parts of the cutting share: a screen's measures, a place in an answer, a line on a screen."""

from dataclasses import dataclass

from kindlechat.rendering.device.faces import DEJAVU

Place = tuple[int, ...]
"""A place in a node: the number of the child before which it is or, where it is within that child, also
the place in that. In a text, how many characters come before."""


@dataclass(frozen=True, slots=True)
class Page:
    """The measures of a screen, in em of its text.

    `line` is the height of a line, `face` the key of the typeface (see `faces`). `wider` are the heights
    that lines may have instead on a screen where more than `most_blank` would be left; the style sheet knows
    them by their numbers.
    """

    width: float
    height: float
    line: float = 1.45
    face: str = DEJAVU
    wider: tuple[float, ...] = ()
    most_blank: float = 1.0


@dataclass(slots=True)
class Line:
    """A line on a screen, or a row of a table. Heights are in em of the text.

    `place` is where it begins, `gap` what stands above it, but on top of a screen, where that is `top`.
    `may_begin` says whether a screen may begin with it, `parts` whether one may if need be, though a single
    line of a block then stands alone; `fixed` is how much of its height is the same
    however wide the lines are spaced. One that `is_blank` has nothing to show.
    """

    place: Place
    height: float
    gap: float = 0.0
    top: float = 0.0
    may_begin: bool = True
    parts: bool = False
    fixed: float = 0.0
    is_blank: bool = False


def beginning(place: Place) -> Place:
    """The same place as it is written best: the first child's beginning is its parent's."""
    end = len(place)
    while end > 1 and not place[end - 1]:
        end -= 1
    return place[:end]
