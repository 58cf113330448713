"""How the pieces of a formula stand beside each other: blanks, and brackets where one would be misread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kindlechat.rendering.answer.maths.latex.nodes import Kind

if TYPE_CHECKING:
    from kindlechat.rendering.answer.maths.layout.blocks import Block

OPERANDS = {Kind.ORDINARY, Kind.WORD, Kind.CLOSE}
MICRO = ("μ", "µ")
"""Belongs to the unit after it."""

FACTORS = {Kind.ORDINARY, Kind.WORD, Kind.OPEN, Kind.FUNCTION, Kind.BIG}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a formula as text; to what follows it is of the kind `end`.

    `closed` is what to write where a neighbour would be read into it; `tall` is set if it takes several
    lines, which then stand for the text.
    """

    text: str
    kind: Kind = Kind.ORDINARY
    end: Kind | None = None
    closed: str = ""
    tall: "Block | None" = None


NOTHING = Piece("", Kind.SPACE)


def spaced(pieces: Sequence[Piece], *, tight: bool = False) -> Iterator[Piece]:
    """The pieces with blanks between them, as they are to be written.

    `tight` is without blanks around operators and after commas.
    """
    before, kind_before, written = NOTHING, Kind.OPEN, NOTHING
    for number, piece in enumerate(pieces):
        if piece.kind is Kind.SPACE:
            if piece.text == "\n":
                kind_before = Kind.OPEN
            elif _after(pieces, number).kind is Kind.COMMA:
                continue
            written = piece
            yield piece
            continue
        kind = _kind_here(piece, kind_before)
        is_beside = written.text and not written.text.isspace()
        if is_beside and _is_parted(before, kind_before, piece, kind, tight):
            yield Piece(" ", Kind.SPACE)
        beside = before if is_beside else NOTHING
        written = Piece(_closed(piece, beside, _after(pieces, number)), tall=piece.tall)
        yield written
        before, kind_before = piece, kind if piece.end is None else piece.end


def _after(pieces: Sequence[Piece], number: int) -> Piece:
    """What may be read into a piece: the next one, unless it ends a sentence or an integral."""
    is_apart = False
    for piece in pieces[number + 1 : number + 4]:
        if piece.kind is not Kind.SPACE:
            ends = piece.text == "." or (is_apart and piece.text == "d")
            return NOTHING if ends else piece
        is_apart = True
    return NOTHING


def _kind_here(piece: Piece, kind_before: Kind) -> Kind:
    """A sign is an operator, and a bar the end of something, where something is before it."""
    if piece.kind is Kind.SIGN and kind_before in OPERANDS:
        return Kind.OPERATOR
    if piece.kind is Kind.BAR:
        return Kind.CLOSE if kind_before in OPERANDS else Kind.OPEN
    return piece.kind


def _closed(piece: Piece, before: Piece, after: Piece) -> str:
    """The piece's text, closed where a factor beside it would be read into it."""
    if not piece.closed or piece.tall:
        return piece.text
    if after.kind in FACTORS and not after.text.startswith(" "):
        is_power = after.kind is Kind.OPEN and "^" in piece.text[-2:]
        return piece.text + " " if is_power else piece.closed
    return piece.closed if _reads_into(before, piece) else piece.text


def _reads_into(before: Piece, piece: Piece) -> bool:
    """Whether a factor runs into the fraction after it: x(1/2), 2(5/3), (a/b)(c/d), but not ma/b."""
    if "/" not in piece.text or before.text.endswith(" "):
        return False
    kind = before.kind if before.end is None else before.end
    is_letter = piece.text[0].isalpha() or piece.text[0] == "("
    return kind is Kind.FUNCTION or (kind in OPERANDS and ("/" in before.text or not is_letter))


def _is_parted(before: Piece, kind_before: Kind, piece: Piece, kind: Kind, tight: bool) -> bool:
    """Whether a blank belongs between the two."""
    if kind in (Kind.CLOSE, Kind.COMMA):
        return False
    if Kind.OPERATOR in (kind_before, kind):
        is_word = "mod" in (before.text, piece.text)
        return is_word or not (tight or kind_before is kind)
    if kind_before is Kind.COMMA:
        return not tight
    if kind_before in (Kind.FUNCTION, Kind.BIG):
        is_bound = kind_before is Kind.BIG and "_" in before.text
        is_called = before.text[:1].isalpha() and not is_bound
        return not (is_called and kind is Kind.OPEN)
    if kind in (Kind.FUNCTION, Kind.BIG):
        return kind_before in OPERANDS and before.text[-1:] != "/"
    if (piece.tall or before.tall) and kind_before is not Kind.OPEN:
        return piece.text != "."
    if not (before.text[-1:].isalpha() and piece.text[:1].isalpha()) or before.text in MICRO:
        return False
    return any(
        each is Kind.WORD and len(text) > 1
        for each, text in ((kind_before, before.text), (kind, piece.text))
    )
