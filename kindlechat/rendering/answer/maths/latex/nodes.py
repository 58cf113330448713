"""What a formula is made of: plain values, as the parser reads them and the layouts set them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain
from typing import TypeAlias


class Kind(Enum):
    """How a sign stands to its neighbours."""

    ORDINARY = auto()
    WORD = auto()
    FUNCTION = auto()
    BIG = auto()
    """Sums, integrals and limits: what follows is theirs, however long it is."""
    OPERATOR = auto()
    SIGN = auto()
    """An operator, or a part of the number that follows."""
    OPEN = auto()
    CLOSE = auto()
    BAR = auto()
    COMMA = auto()
    SPACE = auto()


@dataclass(frozen=True, slots=True)
class Sign:
    """A letter, a word, an operator or a blank; a line break is a blank, too."""

    text: str
    kind: Kind = Kind.ORDINARY


@dataclass(frozen=True, slots=True)
class Fraction:
    """A division; `whole` is the number before it where both are one mixed number."""

    above: "Row"
    below: "Row"
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Binomial:
    """How many ways there are to choose."""

    above: "Row"
    below: "Row"


@dataclass(frozen=True, slots=True)
class Root:
    """A root; an empty degree is a square root's."""

    degree: "Row"
    inside: "Row"


@dataclass(frozen=True, slots=True)
class Scripts:
    """A base with an index, a power, or both, in the order in which they are written beside no base."""

    base: "Row"
    below: "Row | None"
    above: "Row | None"
    above_first: bool = False


@dataclass(frozen=True, slots=True)
class Accent:
    """A combining sign over all of its inside, or struck through it."""

    mark: str
    inside: "Row"


@dataclass(frozen=True, slots=True)
class Label:
    """Words over or under a sign or a brace: an arrow's conditions, "n times"."""

    base: "Row"
    labels: tuple["Row", ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """Brackets that grow with what stands in them; either may be empty."""

    left: str
    right: str
    inside: "Row"


@dataclass(frozen=True, slots=True)
class Box:
    """What is framed, most often a result; an empty one is to be filled in."""

    inside: "Row"


@dataclass(frozen=True, slots=True)
class Underline:
    """A line below."""

    inside: "Row"


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells: a matrix, cases, a table, or lines of a derivation where `is_lines`.

    `columns` has for each column l, c or r, `rules` the numbers of the rows that a line stands above.
    """

    rows: tuple[tuple["Row", ...], ...]
    left: str = ""
    right: str = ""
    columns: str = ""
    rules: frozenset[int] = frozenset()
    is_cases: bool = False
    is_lines: bool = False


Node: TypeAlias = (
    Sign | Fraction | Binomial | Root | Scripts | Accent | Label | Fence | Box | Underline | Grid
)
Row: TypeAlias = tuple[Node, ...]

Build: TypeAlias = Callable[..., "Row | str"]
"""Makes nodes of a macro's arguments, or LaTeX that says the same by simpler macros."""

BLANK = Sign(" ", Kind.SPACE)
NEWLINE = Sign("\n", Kind.SPACE)
EMPTY_BOX = Sign("□")
GAP = Sign("____")
"""A place to be filled in."""


def word(text: str) -> Sign:
    """Letters that belong together."""
    return Sign(text, Kind.WORD)


def operator(text: str) -> Sign:
    """What stands between two operands."""
    return Sign(text, Kind.OPERATOR)


def levels(row: Row) -> int:
    """How many nodes stand within each other."""
    return max((1 + max(map(levels, _rows_in(node)), default=0) for node in row), default=0)


def _rows_in(node: Node) -> Iterator[Row]:
    match node:
        case Grid(rows=rows):
            yield from chain.from_iterable(rows)
        case Label(base=base, labels=labels):
            yield base
            yield from labels
        case Fraction() | Binomial():
            yield from (node.above, node.below)
        case Scripts():
            yield from (node.base, node.below or (), node.above or ())
        case Root() | Accent() | Fence() | Box() | Underline():
            yield node.inside


def text_of(row: Row) -> str:
    """The signs of a row, put together."""
    return "".join(node.text for node in row if isinstance(node, Sign))
