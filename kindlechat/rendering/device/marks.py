"""Marks over the letters of formulas, for devices that lack them: x̄ is x_bar, 0.3̅ is 0.(3) (pure)."""

import re
import unicodedata
from collections.abc import Callable

NAMES = {
    "\u0304": "bar", "\u0305": "bar", "\u0302": "hat", "\u030c": "check", "\u0303": "tilde",
    "\u0307": "dot", "\u0308": "ddot", "\u20db": "dddot", "\u20dc": "ddddot", "\u0306": "breve",
    "\u20d7": "vec", "\u20d6": "vec_left", "\u20e1": "vec_both", "\u0336": "struck", "\u0338": "struck",
    "\u0361": "arc",
}  # fmt: skip

MARKS = "".join(NAMES)
OVER_EACH = "\u0305\u0336\u0338"
"""Lines and strokes, which go over every letter of what they mean."""

PERIOD = re.compile(r"(?<=[.,])([0-9]*)((?:[0-9][\u0304\u0305])+)(?![0-9])")
"""The decimals that repeat."""

DOTTED = re.compile("(?<=[.,])([0-9]*)([0-9]\u0307(?:[0-9]*[0-9]\u0307)?)(?![0-9])")
"""The same with dots over the first and the last of them."""

STROKE = re.compile(rf"((?:[^\W_][{OVER_EACH}])+)|([)\]}}|])([{MARKS}])")
"""What a line or a stroke goes over, and brackets with a mark for all that is in them."""

LETTER = r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u1e00-\u1eff]"
WORD_SIGN = r"[^\W\d_\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f]"
"""A letter: no power, index or fraction."""

SYMBOLS = re.compile(
    rf"(?<!{WORD_SIGN})(?:{LETTER}[{MARKS}]?){{1,4}}(?!{WORD_SIGN}|[\u0300-\u036f])"
)
"""So few letters may be symbols beside each other."""

COMPOSED = re.compile(rf"{LETTER}[\u0300-\u036f]+")

SYMBOL = re.compile(rf"({LETTER})([{MARKS}]?)")

NATURAL = frozenset("äëïöüåãñÄËÏÖÜÅÃÑ")
"""With their marks they are letters of a language: Swedish has a word ö."""


def spell_marks(text: str, has: Callable[[str], bool]) -> str:
    """The text with a word for each mark of a formula that a device has not, as `has` says."""
    if text.isascii() or all(map(has, text)):
        return text
    text = COMPOSED.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)
    text = PERIOD.sub(lambda match: f"{match[1]}({_bare(match[2])})", text)
    text = DOTTED.sub(lambda match: f"{match[1]}({_bare(match[2])})", text)
    text = STROKE.sub(_spell_stroke, text)
    return SYMBOLS.sub(lambda match: _spell_symbols(match[0], has), text)


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign not in NAMES)


def _spell_stroke(match: re.Match[str]) -> str:
    if match[2]:
        return f"{match[2]}_{NAMES[match[3]]}{_gap(match)}"
    bare = _bare(match[1])
    if bare.isdigit() and match.string[: match.start()].endswith(")"):
        return bare  # a long division
    marked = bare if len(bare) == 1 else f"({bare})"
    return f"{marked}_{NAMES[match[1][-1]]}{_gap(match)}"


def _gap(match: re.Match[str]) -> str:
    """A blank where a letter follows that would be read into the word."""
    return " " * match.string[match.end() : match.end() + 1].isalnum()


def _spell_symbols(text: str, has: Callable[[str], bool]) -> str:
    """The letters apart from each other, if they are symbols of a formula that the device lacks."""
    letters = [_read(match[0]) for match in SYMBOL.finditer(text)]
    if not any(mark and not all(map(has, sign)) for sign, _, mark in letters):
        return text
    is_word = len(letters) > 1 and not (
        any(len(sign) > 1 for sign, _, _ in letters) or _mixes(text)
    )
    if is_word or text in NATURAL:
        return text
    spelt, apart = "", False
    for sign, base, mark in letters:
        if mark and not all(map(has, sign)):
            of_two = mark.startswith("vec") and spelt[-1:].isupper() and base.isupper()
            spelt += " " * bool(spelt and not (of_two or apart)) + f"{base}_{mark}"
            apart = True
        else:
            spelt += " " * apart + sign
            apart = False
    return spelt


def _read(sign: str) -> tuple[str, str, str]:
    """A letter, the same without its mark, and the mark's name; no name where it has none or several."""
    plain = unicodedata.normalize("NFD", sign)
    base, marks = plain[:1], plain[1:]
    return sign, base, NAMES.get(marks[0], "") if len(marks) == 1 else ""


def _mixes(text: str) -> bool:
    """Whether Latin letters and Greek ones stand beside each other."""
    greek = re.search("[\u0370-\u03ff]", unicodedata.normalize("NFD", text))
    return bool(greek and re.search("[A-Za-z]", unicodedata.normalize("NFD", text)))
