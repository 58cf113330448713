"""Lines of characters that are all as wide, put beside and below each other."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one width; the one numbered `base` goes on in what stands beside it."""

    lines: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        """In columns."""
        return columns_of(self.lines[0]) if self.lines else 0

    @property
    def height(self) -> int:
        """In lines."""
        return len(self.lines)


ODD_WIDTH = re.compile(
    "[\u0300-\u036f\u20d0-\u20f0]|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]"
)
COMBINING = re.compile("[\u0300-\u036f\u20d0-\u20f0]")


def columns_of(text: str) -> int:
    """The columns that a text takes: none for a combining mark, two for a Chinese sign."""
    odd = ODD_WIDTH.findall(text)
    return (
        len(text) + sum(-1 if COMBINING.match(letter) else 1 for letter in odd)
        if odd
        else len(text)
    )


def one_line(text: str) -> Block:
    """One line."""
    return Block((text,))


def padded(text: str, width: int, side: str) -> str:
    """The text with blanks to one side, or to both."""
    missing = width - columns_of(text)
    before = {"l": 0, "r": missing}.get(side, missing // 2)
    return " " * before + text + " " * (missing - before)


def widened(each: Block, width: int, side: str) -> Block:
    """The block with blanks to one side, or to both."""
    return Block(tuple(padded(text, width, side) for text in each.lines), each.base)


def stack(blocks: Iterable[Block], side: str) -> Block:
    """The blocks below each other."""
    lines = [text for each in blocks for text in each.lines]
    width = max(map(columns_of, lines), default=0)
    return Block(tuple(padded(text, width, side) for text in lines))


def side_by_side(blocks: Sequence[Block], gap: str = "") -> Block:
    """The blocks beside each other, their bases on one line."""
    if not blocks:
        return one_line("")
    base = max(each.base for each in blocks)
    under = max(each.height - each.base for each in blocks)
    columns = []
    for each in blocks:
        blank = " " * each.width
        above = [blank] * (base - each.base)
        rest = [blank] * (under - each.height + each.base)
        columns.append([*above, *each.lines, *rest])
    return Block(tuple(gap.join(parts) for parts in zip(*columns, strict=True)), base)


TALL = {
    "(": ("/", "|", "\\"), ")": ("\\", "|", "/"), "[": ("┌", "│", "└"), "]": ("┐", "│", "┘"),
    "{": ("┌", "│", "└"), "}": ("┐", "│", "┘"), "|": ("│", "│", "│"), "‖": ("║", "║", "║"),
    "⌊": ("│", "│", "└"), "⌋": ("│", "│", "┘"), "⌈": ("┌", "│", "│"), "⌉": ("┐", "│", "│"),
}  # fmt: skip
POINTS = {"{": "┤", "}": "├"}
"""Where a brace points to its middle."""


def fenced(left: str, inside: Block, right: str) -> Block:
    """The block between brackets as high as it is."""
    middle = inside.height // 2
    if (left in POINTS or right in POINTS) and inside.height % 2 == 0:
        lines = (*inside.lines[:middle], " " * inside.width, *inside.lines[middle:])
        inside = Block(lines, middle)
    parts = [_bracket(left, inside), inside, _bracket(right, inside)]
    return side_by_side([part for part in parts if part.width], " ")


def _bracket(sign: str, inside: Block) -> Block:
    if sign[:1] not in TALL or not sign:
        return Block(
            tuple(sign if n == inside.base else " " * len(sign) for n in range(inside.height)),
            inside.base,
        )
    top, middle, bottom = TALL[sign[0]]
    mark = sign[1:]
    signs = [top, *[middle] * (inside.height - 2), bottom]
    if sign in POINTS and inside.height > 2:
        signs[inside.base] = POINTS[sign]
    return Block(
        tuple(each + (mark if n == 0 else "") for n, each in enumerate(signs)), inside.base
    )
