"""Letters, words and addresses: what is written as letters, not calculated with."""

import unicodedata

from kindlechat.rendering.answer.maths.latex.nodes import (
    BLANK,
    Build,
    Kind,
    Node,
    Row,
    Sign,
    text_of,
    word,
)
from kindlechat.rendering.answer.maths.latex.symbols import sign

TYPEFACES = frozenset(("rm", "bf", "it", "sf", "tt", "cal", "bfseries", "itshape"))
"""They last to the end of a group, but models write them before one, too."""

LETTERLIKE = {
    "mathbb": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "mathscr": dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True)),
    "mathfrak": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
}
"""Letters whose typeface has a meaning, as far as common typefaces have them."""


def styled(letters: Row) -> Row:
    """Letters in another typeface: the same letters, as one word if there are several."""
    written = text_of(letters)
    is_word = (
        len(written) > 1 and written.isalpha() and all(isinstance(node, Sign) for node in letters)
    )
    return (word(written),) if is_word else letters


def in_style(style: str) -> Build:
    """Letters that have a meaning of their own, as ℝ and ℒ; plain where few typefaces have them."""

    def build(letters: Row) -> Row:
        return styled(tuple(_letter_in_style(node, style) for node in letters))

    return build


def _letter_in_style(node: Node, style: str) -> Node:
    if not isinstance(node, Sign):
        return node
    return Sign(LETTERLIKE[style].get(node.text, node.text), node.kind)


def of_kind(kind: Kind) -> Build:
    """A sign that stands to its neighbours as one of another kind."""

    def build(inside: Row) -> Row:
        first = inside[0] if len(inside) == 1 else None
        return (Sign(first.text, kind),) if isinstance(first, Sign) else inside

    return build


def function(_star: bool, name: Row) -> Row:
    """The name of a function."""
    return (Sign(text_of(name).strip(), Kind.FUNCTION),)


def character(code: str) -> Row:
    """A sign by its number."""
    digits = code.strip().strip("{}").lower()
    base = 16 if digits[:1] in ('"', "x") else 8 if digits[:1] == "'" else 10
    if digits[:1] == "`":
        return (sign(digits[-1:]),)
    try:
        letter = chr(int(digits.lstrip("\"'x"), base))
    except (ValueError, OverflowError):
        return (word(digits),)
    return (sign(letter),) if letter.isprintable() else ()


def linked(address: str, words: Row) -> Row:
    """A link's words, and its address."""
    return (*words, BLANK, word(f"({address})"))


def as_word(written: str) -> Row:
    """An argument as it is written."""
    return (word(written),) if written else ()


def in_brackets(*arguments: str) -> Row:
    """The last argument as it is written, in brackets."""
    return (word(f"({arguments[-1]})"),)


def text_accent(mark: str) -> Build:
    """A combining sign over the first letter of a word."""

    def build(letters: Row) -> Row:
        first = text_of(letters)
        return (word(unicodedata.normalize("NFC", first[:1] + mark) + first[1:]),) if first else ()

    return build


def text(words: Row) -> Row:
    """Words within a formula."""
    return words
