"""What a formula in a text is: a place, and whether it is finished."""

import re
from dataclasses import dataclass

from kindlechat.rendering.answer.maths.finding.display import MAX_CHARS


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in a text: where it begins and ends with its marks, and what stands between them."""

    start: int
    end: int
    latex: str
    display: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What may become a formula if more text comes."""


UNFINISHED = Unfinished()

MaybeFormula = Formula | Unfinished | None

BLANK_LINE = re.compile(r"\n[ \t>]*\n")


def is_broken(latex: str) -> bool:
    """Whether it is too long, or goes beyond its paragraph."""
    return len(latex) > MAX_CHARS or BLANK_LINE.search(latex) is not None


def is_end(text: str, pos: int) -> bool:
    """Whether the text ends here, or in the middle of a mark."""
    return text[pos : pos + 2] in ("", "\\", "$")
