"""Formulas on one line: with brackets wherever the meaning would change without them."""

import re
import unicodedata
from collections import Counter
from functools import singledispatch

from kindlechat.rendering.answer.maths.latex.nodes import (
    Accent,
    Binomial,
    Box,
    Fence,
    Fraction,
    Grid,
    Kind,
    Label,
    Node,
    Root,
    Row,
    Scripts,
    Sign,
    Underline,
)
from kindlechat.rendering.answer.maths.layout.scripts import (
    SMALL,
    SUPERSCRIPTED,
    SUPERSCRIPTS,
    bracketed,
    is_enclosed,
    is_loose,
    script,
)
from kindlechat.rendering.answer.maths.layout.spacing import Piece, spaced

FRAME_START, FRAME_END = "\ufdd1", "\ufdd2"
"""Stand around what is framed. Unicode will never give these numbers to signs."""

ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}

NUMBER = r"\d+(?:[.,]\d+)*"
MARKS = "\u0300-\u036f\u20d0-\u20f0"
LETTER = rf"[^\W\d_][{MARKS}]?"
ALONE = re.compile(f"{NUMBER}|{LETTER}")
OPEN_ROOT = re.compile(f"[√∛∜](?:{NUMBER}|{LETTER})$")
FACTOR = re.compile(
    rf"[√∛∜]?(?:{NUMBER}|[dδΔ∂]?{LETTER})(?:_\w+)?[{SMALL}]*(?:\^(?:[^\W_]|\([^()]*\)))?"
    rf"|[a-z]{{4,}}|□|____"
)
"""What may stand after a division without brackets; four letters are a word, not a product."""

ACCENTED = re.compile(f"[{MARKS}]")
CALL = re.compile(r"[fghFGHPEΓζφψ](?=\()|(?:sin|cos|tan|log|ln|exp|det|dim)(?=\()")
"""What is called, not multiplied: 1/P(A)."""

OVER_EACH = frozenset("\u0305\u0336\u0338")
"""Lines and strokes go over each letter, arrows and hats over the last."""


def line(row: Row, *, tight: bool = False) -> str:
    """The formula as text; `tight` without blanks around operators and after commas."""
    return "".join(piece.text for piece in spaced([piece(node) for node in row], tight=tight))


MIDDLE = Counter({"\u0302": 3, "\u0361": 2})
"""Over how many letters a sign stands on the last but one: the hat of an angle, an arc."""


@singledispatch
def piece(node: Node) -> Piece:
    """A node as text, with what its neighbours have to know."""
    raise NotImplementedError(type(node))


@piece.register
def _(node: Sign) -> Piece:
    return Piece(node.text, node.kind)


@piece.register
def _(node: Fraction) -> Piece:
    above, below = line(node.above), line(node.below)
    if is_loose(above) or OPEN_ROOT.search(above):
        above = bracketed(above)
    if not _is_factor(below, node.below):
        below = bracketed(below)
    text = f"{node.whole} {above}/{below}".lstrip()
    return Piece(text, closed=f"({text})")


def _is_factor(text: str, row: Row) -> bool:
    """Whether a division takes all of the text after it."""
    text = ACCENTED.sub("", text)
    if FACTOR.fullmatch(text) or is_enclosed(text):
        return True
    first = row[0] if len(row) == 1 else None
    if isinstance(first, Root):
        return True
    if isinstance(first, Sign) and first.kind is Kind.WORD:
        return text.isalpha()
    called = CALL.match(text)
    return called is not None and bracketed(text[called.end() :]) == text[called.end() :]


@piece.register
def _(node: Binomial) -> Piece:
    return Piece(f"C({line(node.above, tight=True)}, {line(node.below, tight=True)})")


@piece.register
def _(node: Root) -> Piece:
    degree, text = line(node.degree, tight=True), line(node.inside)
    mark = ROOTS.get(degree)
    if mark is None:
        is_small = all(letter in SUPERSCRIPTS for letter in degree)
        mark = script("^", degree) + "√" if is_small else f"√[{degree}]"
    closed = mark + bracketed(text)
    return Piece(mark + text, closed=closed) if ALONE.fullmatch(text) else Piece(closed)


@piece.register
def _(node: Scripts) -> Piece:
    base = _base(node)
    below = "" if node.below is None else script("_", line(node.below, tight=True))
    above = "" if node.above is None else script("^", line(node.above, tight=True))
    start = (base.closed or base.text) + below
    text = above + below if node.above_first and not node.base else start + above
    kind = base.kind if base.end is None else base.end
    if kind in (Kind.BIG, Kind.FUNCTION):
        return Piece(text, kind)
    if len(above) > 1 and above[0] == "^" and above[1] != "(":
        is_name = above[1].isupper() or not above[1].isalnum()
        return Piece(text, closed=f"{text} " if is_name else f"{start}^({above[1:]})")
    named = "_" in below and not above
    return Piece(text, base.kind, Kind.WORD if named else base.end)


def _base(node: Scripts) -> Piece:
    """What the scripts belong to: in brackets if it is more than one thing, or raised already."""
    if not node.base:
        return Piece("")
    base = piece(node.base[0])
    if len(node.base) > 1:
        return Piece(bracketed(line(node.base)))
    is_raised = not base.closed and SUPERSCRIPTED.search(base.text)
    return Piece(bracketed(base.text)) if node.above is not None and is_raised else base


@piece.register
def _(node: Accent) -> Piece:
    text = line(node.inside)
    if node.mark in OVER_EACH and not is_loose(text):
        marked = "".join(letter + node.mark if letter.isalnum() else letter for letter in text)
    elif text.isalnum() and len(text) == MIDDLE[node.mark]:
        marked = text[:-1] + node.mark + text[-1:]
    elif len(text) == 1 or text.isalnum():
        marked = text + node.mark
    else:
        marked = bracketed(text) + node.mark
    return Piece(unicodedata.normalize("NFC", marked))


@piece.register
def _(node: Label) -> Piece:
    base = line(node.base)
    labels = ", ".join(filter(None, (line(label, tight=True) for label in node.labels)))
    first = piece(node.base[0]) if len(node.base) == 1 else Piece("")
    if first.kind is Kind.OPERATOR:
        return Piece(f"{base}({labels})" if labels else base, Kind.OPERATOR)
    return Piece(f"{bracketed(base)}[{labels}]" if labels else base)


@piece.register
def _(node: Fence) -> Piece:
    kind = Kind.OPEN if node.left else Kind.ORDINARY
    return Piece(
        node.left + line(node.inside).strip() + (node.right or _closing(node)),
        kind,
        Kind.CLOSE if node.right else Kind.ORDINARY,
    )


def _closing(node: Fence) -> str:
    """The brace that stands before several lines and has no other one closes on one line."""
    is_grid = len(node.inside) == 1 and isinstance(node.inside[0], Grid)
    return " }" if node.left == "{" and is_grid else ""


@piece.register
def _(node: Box) -> Piece:
    text = line(node.inside).strip()
    if not text:
        return Piece("□")
    framed = f"{FRAME_START}{text}{FRAME_END}"
    return Piece(framed, closed=f"({framed})" if is_loose(text) else "")


@piece.register
def _(node: Underline) -> Piece:
    return Piece(line(node.inside))


@piece.register
def _(node: Grid) -> Piece:
    rows = [[line(cell).strip() for cell in row] for row in node.rows]
    if node.is_lines:
        return Piece("\n".join(line(sum(row, ())) for row in node.rows), Kind.WORD)
    if node.is_cases:
        left, right = ("{ " if node.left else ""), (" }" if node.right or node.left else "")
        return Piece(left + _cases(rows) + right, Kind.OPEN, Kind.CLOSE)
    gap = ", " if any(" " in cell for row in rows for cell in row) else " "
    text = "; ".join(gap.join(row) for row in rows)
    return Piece((node.left + text + node.right).strip(), Kind.OPEN, Kind.CLOSE)


def _cases(rows: list[list[str]]) -> str:
    """Cases, each with its condition."""
    lines = (", ".join(filter(None, (cell.strip(" ,") for cell in row))) for row in rows)
    return "; ".join(each.rstrip(" .;") for each in lines)
