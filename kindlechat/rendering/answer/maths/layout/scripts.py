"""Powers and indices: in small signs where Unicode has them all, else after a mark."""

import re
from itertools import accumulate

SUPERSCRIPTS = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
SUBSCRIPTS = dict(
    zip("0123456789+-−=()aeoxhklmnpstiruvj", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼ", strict=True)
)
"""Unicode has more small letters than these, but for phonetics, and few fonts have them."""

RAISED = {"∘": "°", "*": "*", "′": "′", "″": "″", "‴": "‴", "†": "†", "‡": "‡", "°": "°"}
"""What is high above the line by itself."""

ORDINALS = ("st", "nd", "rd", "th")
"""Of English ordinal numbers: they are not raised in plain text."""

SUPERSCRIPTED = re.compile(rf"[{re.escape(''.join(SUPERSCRIPTS.values()))}]$|\^")
SMALL = re.escape("".join((*SUPERSCRIPTS.values(), *SUBSCRIPTS.values(), *RAISED.values())))

OPENING = "([{⌊⌈⟦"
CLOSING = ")]}⌋⌉⟧"
"""Angles are not among them: those of states stand alone."""

NAME = re.compile(r"[A-Za-z0-9\u0370-\u052f\u2e80-\uffff]+")


def script(mark: str, text: str) -> str:
    """What stands above the line, or below it, by the mark."""
    if not text:
        return mark
    if mark == "^" and all(letter in RAISED for letter in text):
        return "".join(RAISED[letter] for letter in text)
    if mark == "^" and text in ORDINALS:
        return text
    letters = SUPERSCRIPTS if mark == "^" else SUBSCRIPTS
    is_word = len(text) > 2 and text.isalpha()
    if not is_word and all(letter in letters for letter in text):
        return "".join(letters[letter] for letter in text)
    readable = len(text) == 1 or (mark == "_" and NAME.fullmatch(text))
    return mark + (text if readable else bracketed(text))


def bracketed(text: str) -> str:
    """The text in brackets, unless it stands in a pair of them."""
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text if index and index == len(text) - 1 else f"({text})"
    return f"({text})"


def is_enclosed(text: str) -> bool:
    """Whether the text stands in one pair of square brackets or the like."""
    pair = text[:1] + text[-1:]
    if pair in ("||", "‖‖", "⟨⟩", "|⟩", "⟨|"):
        return " " not in text and not {*pair} & {*text[1:-1]}
    if pair not in ("[]", "{}", "⌊⌋", "⌈⌉"):
        return False
    depths = accumulate((letter in OPENING) - (letter in CLOSING) for letter in text[:-1])
    return min(depths) > 0


def is_loose(text: str) -> bool:
    """Whether a division after the text would take only a part of it."""
    depth = 0
    for letter in text:
        depth = max(0, depth + (letter in OPENING) - (letter in CLOSING))
        if depth == 0 and letter in " /\n":
            return True
    return not text
