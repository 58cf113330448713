"""Pieces of a formula as one line of text, with brackets where the meaning would change without."""

import re
import unicodedata

from latex2mathml.symbols_parser import SYMBOLS

from kindlechat.rendering.answer.maths.symbols import (
    ACCENTS,
    CLOSING,
    FACTORS,
    OPENING,
    OPERANDS,
    RAISED,
    ROOTS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    Atom,
    Kind,
)

SMALL = re.escape("".join((*SUPERSCRIPTS.values(), *SUBSCRIPTS.values(), *RAISED.values())))
NUMBER = r"\d+(?:[.,]\d+)*"
LETTER = r"[^\W\d_][\u0300-\u036f\u20d7]?"
ALONE = re.compile(f"{NUMBER}|{LETTER}")
OPEN_ROOT = re.compile(f"[√∛∜](?:{NUMBER}|{LETTER})$")
FACTOR = re.compile(
    rf"[√∛∜]?(?:{NUMBER}|[dδΔ∂]?{LETTER})(?:_\w+)?[{SMALL}]*(?:\^(?:[^\W_]|\([^()]*\)))?"
)
"""What may stand after a division without brackets."""


def join(atoms: list[Atom], *, tight: bool = False) -> str:
    """The atoms as text; `tight` without blanks around operators and after commas."""
    parts: list[str] = []
    nothing = Atom("", Kind.SPACE)
    solid = [atom for atom in atoms if atom.kind is not Kind.SPACE]
    following = iter([*solid[1:], nothing])
    before, kind_before = nothing, Kind.OPEN
    for atom in atoms:
        if atom.kind is Kind.SPACE:
            parts.append(atom.text)
            kind_before = Kind.OPEN if atom.text == "\n" else kind_before
            continue
        kind = _kind_here(atom, kind_before)
        if parts and not parts[-1].isspace() and _parted(before, kind_before, atom, kind, tight):
            parts.append(" ")
        parts.append(_closed(atom, before, next(following)))
        before, kind_before = atom, kind
    return "".join(parts)


def _kind_here(atom: Atom, kind_before: Kind) -> Kind:
    """A sign is an operator, and a bar the end of something, where something is before it."""
    if atom.kind is Kind.SIGN and kind_before in OPERANDS:
        return Kind.OPERATOR
    if atom.kind is Kind.BAR:
        return Kind.CLOSE if kind_before in OPERANDS else Kind.OPEN
    return atom.kind


def _closed(atom: Atom, before: Atom, after: Atom) -> str:
    """The atom's text: closed beside a factor, to the left of it if it is a fraction."""
    if not atom.closed:
        return atom.text
    factor_before = before.kind in OPERANDS | {Kind.FUNCTION} and not before.text.endswith(" ")
    factor_after = after.kind in FACTORS and not after.text.startswith(" ")
    if factor_after or (factor_before and "/" in atom.text):
        return atom.closed
    return atom.text


def _parted(before: Atom, kind_before: Kind, atom: Atom, kind: Kind, tight: bool) -> bool:
    """Whether a blank belongs between the two."""
    if kind in (Kind.CLOSE, Kind.COMMA):
        return False
    if Kind.OPERATOR in (kind_before, kind):
        is_word = "mod" in (before.text, atom.text)
        return is_word or not (tight or kind_before is kind)
    if kind_before is Kind.COMMA:
        return not tight
    if kind_before in (Kind.FUNCTION, Kind.BIG):
        called = before.text[:1].isalpha()
        return not (called and kind is Kind.OPEN)
    if kind in (Kind.FUNCTION, Kind.BIG):
        return kind_before in OPERANDS
    touching = before.text[-1:].isalpha() and atom.text[:1].isalpha()
    return touching and Kind.WORD in (kind_before, kind)


def fraction(above: str, below: str) -> Atom:
    """A division on one line."""
    if _is_loose(above) or OPEN_ROOT.search(above):
        above = bracketed(above)
    if not FACTOR.fullmatch(below):
        below = bracketed(below)
    return Atom(f"{above}/{below}", Kind.ORDINARY, f"({above}/{below})")


def root(degree: str, text: str) -> Atom:
    """A root with its degree in front."""
    sign = ROOTS.get(degree)
    if sign is None:
        small = all(letter in SUPERSCRIPTS for letter in degree)
        sign = script("^", degree) + "√" if small else f"√[{degree}]"
    closed = sign + bracketed(text)
    return Atom(sign + text, closed=closed) if ALONE.fullmatch(text) else Atom(closed)


def script(mark: str, text: str) -> str:
    """What stands above or below the line: in small signs where Unicode has them all."""
    if not text:
        return mark
    if mark == "^" and all(letter in RAISED for letter in text):
        return "".join(RAISED[letter] for letter in text)
    letters = SUPERSCRIPTS if mark == "^" else SUBSCRIPTS
    is_word = len(text) > 2 and text.isalpha()
    if not is_word and all(letter in letters for letter in text):
        return "".join(letters[letter] for letter in text)
    readable = len(text) == 1 or (mark == "_" and text.isalnum())
    return mark + (text if readable else bracketed(text))


def styled(name: str, atoms: list[Atom]) -> list[Atom]:
    """Letters in another typeface: the same letters."""
    text = "".join(atom.text for atom in atoms)
    if name == "mathbb" and (code := SYMBOLS.get(f"\\mathbb{{{text}}}")):
        letter = chr(int(code, 16))
        return [Atom(letter if letter < "\U00010000" else text)]
    return [Atom(text, Kind.WORD)] if len(text) > 1 and text.isalpha() else atoms


def negated(atom: Atom) -> Atom:
    """A sign struck through."""
    return Atom(unicodedata.normalize("NFC", atom.text + "\u0338"), atom.kind)


def accented(name: str, text: str) -> Atom:
    """A letter with its accent; the accent by name where it covers more."""
    if len(text) == 1:
        return Atom(unicodedata.normalize("NFC", text + ACCENTS[name]))
    return Atom(name.removeprefix("wide") + bracketed(text))


def matrix(brackets: str, rows: list[list[str]]) -> Atom:
    """A matrix by rows."""
    gap = ", " if any(" " in cell for row in rows for cell in row) else " "
    text = "; ".join(gap.join(row) for row in rows)
    return Atom((brackets[0] + text + brackets[1]).strip())


def cases(rows: list[list[str]]) -> Atom:
    """Cases in braces, each with its condition."""
    lines = (", ".join(filter(None, (cell.strip(" ,") for cell in row))) for row in rows)
    return Atom("{ " + "; ".join(line.rstrip(" .;") for line in lines) + " }")


def _is_loose(text: str) -> bool:
    """Whether a division after the text would take only a part of it."""
    depth = 0
    for letter in text:
        depth += (letter in OPENING) - (letter in CLOSING)
        if depth == 0 and letter in " /\n":
            return True
    return not text


def bracketed(text: str) -> str:
    """The text in brackets, unless it stands in a pair of them."""
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text if index and index == len(text) - 1 else f"({text})"
    return f"({text})"
