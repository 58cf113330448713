"""What a device's typefaces can show: every other sign becomes one that they have, never an empty box."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache, partial

from anyascii import anyascii
from markupsafe import escape

from kindlechat.rendering.answer.tree import Node, Nodes
from kindlechat.rendering.device.emoji_names import DEFAULT_LANGUAGE, emoji_name, symbol_name
from kindlechat.rendering.device.marks import spell_marks
from kindlechat.rendering.device.replacements import (
    REPLACEMENTS,
    SAME_LOOK,
    STAND_INS,
    WORDS,
    answer_of,
)
from kindlechat.rendering.safety.checkpoint import checkpoint, paced


class Glyphs(StrEnum):
    """The signs that a device has."""

    UNICODE = "unicode"
    """All scripts, common arrows and mathematics; no e-reader has emoji."""

    CYRILLIC = "cyrillic"
    """Latin-1, the Russian and other Slavic letters, and the punctuation that comes with them."""

    LATIN1 = "latin1"
    """What Kindles of 2007 have: ISO 8859-1."""

    ASCII = "ascii"


CYRILLIC_LETTERS = "[\u0400-\u045f\u0490\u0491]"
CYRILLIC_PUNCTUATION = "–—‘’‚“”„†‡•…‰‹›€№™"
"""Those of Windows' code page 1251, which every typeface with Cyrillic letters has."""

SYMBOLS = re.compile(
    "[\u2000-\u20bf\u2100-\u22ff\u2500-\u257f\u25a0-\u25ff\u2605\u2606\u2c00-\u2c5f]"
)
"""The blocks of punctuation, currency, letterlike signs, numbers, arrows, mathematics, boxes and
shapes, and two stars: of the signs that are no letters, those that e-readers' Unicode typefaces have."""

MODIFIERS = re.compile(
    "[\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]|(?<=[^\u0600-\u1fff])\u200d"
)
"""What only changes the sign before it: colours of skin and of glyphs, and the joiner between emoji.
The joiner has a meaning of its own in Arabic and Indian scripts."""

TONES = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")

PICTURE = "[\u2190-\u21ff\u2300-\u23ff\u2460-\u2bff\u3030-\u303d\u3297-\u3299\U0001f000-\U0001faff]"
EMOJI = re.compile(f"{PICTURE}{TONES.pattern}*(?:\u200d{PICTURE}{TONES.pattern}*)*")
"""A sign that may be an emoji, with those that are joined to it: a woman and a rocket are an astronaut."""

FRACTION = re.compile(r"([\w)\]}]?)([\u00bc-\u00be\u2150-\u215e\u2189])(?=(\w?))")

MICRO = re.compile(r"[\u00b5\u03bc](?=(?:[mgslLAVFHWJNTC]|mol|Pa|Sv|Hz)(?!\w))")
OHM = re.compile(r"(?<=[0-9kMmGµ])[\u03a9\u2126](?!\w)")
ANGSTROM = re.compile(r"(?<![^\W\d_])[\u00c5\u212b](?![^\W\d_])")
"""Letters that are units, or parts of some: an A would be an ampere."""

MINUS = re.compile(r"(?<=[\w)\]}%°′″!])\u2212(?=[\w(\[{√∛∜])")
"""A minus between two operands."""

DASH = re.compile(r"(?<!\S)\u2013(?!\S)")
"""A dash between words, as the longer one is. One between numbers is a hyphen."""

FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")

RAISED = re.compile("[⁰¹²³⁴-⁹⁺⁻⁽⁾ⁿⁱ\u02b0-\u02b8\u02e1-\u02e4\u1d2c-\u1d61\u1d9b-\u1dbf]+")
LOWERED = re.compile("[₀-₎ₐ-ₜᵢ-ᵪ]+")
LONE_GREEK = re.compile("(?<![\u0370-\u03ff])[\u0391-\u03a1\u03a3-\u03c9](?![\u0370-\u03ff])")
"""A Greek letter in a formula, not in Greek text."""

ROOT = re.compile(r"([√∛∜])(?=\w)")

CLOSING, OPENING = ")]}|!'\"%", "([{|"
CALLED = "√∛∑∏∫∇"
"""What is followed by brackets as a function is."""

GOES_ON = "»\xa0"
"""Before a part of a line of code. A quotation mark would be one of the program's."""

NAMED = re.compile(r":([\w+-]+):")


def fit_text(text: str, glyphs: Glyphs, language: str = DEFAULT_LANGUAGE) -> str:
    """The text in the signs of `glyphs`; what fits stays as it is.

    Emoji become their names in `language`, a code such as "ru". Each word is fitted by itself, so a text
    that grows by words never changes what was shown before.
    """
    if text.isascii():
        return text
    text = FLAG.sub(_flag, text.translate(SAME_LOOK))
    text = EMOJI.sub(lambda match: _name(match[0], glyphs, language), text)
    text = MODIFIERS.sub("", text)
    if glyphs is Glyphs.ASCII:
        text = text.replace(GOES_ON, "~> ")
    if glyphs is not Glyphs.UNICODE:
        text = spell_marks(text, partial(_has, glyphs=glyphs))
        text = text if _has("\u2212", glyphs) else MINUS.sub(" - ", text)
        text = text if _has("\u2013", glyphs) else DASH.sub("--", text)
        text = OHM.sub(_ohm, MICRO.sub("µ", text))
        text = text if _has("Å", glyphs) else ANGSTROM.sub("angstrom", text)
        text = FRACTION.sub(partial(_fraction, glyphs), text)
        text = RAISED.sub(partial(_moved, "^", glyphs), text)
        text = LOWERED.sub(partial(_moved, "_", glyphs), text)
        text = ROOT.sub(r"\1 ", LONE_GREEK.sub(_greek_name, text))
    return "".join(
        [
            letter if letter.isascii() else _fit_beside(text, place, glyphs, language)
            for place, letter in enumerate(text)
        ]
    )


def _fit_beside(text: str, place: int, glyphs: Glyphs, language: str) -> str:
    """What the device shows for the sign there: a word gets blanks around it where letters stand beside."""
    fitted = _fit(text[place], glyphs, language)
    if text[place] not in WORDS or fitted == text[place]:
        return fitted
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    parted = bool(before) and (before.isalnum() or before in CLOSING or before in WORDS)
    parts = bool(after) and (after.isalnum() or (after in OPENING and text[place] not in CALLED))
    if text[place] == "×" and not (parted and parts):
        return fitted
    return " " * parted + fitted + " " * parts


TEXT = re.compile(r"(<textarea\b.*?</textarea>|<[^<>]*>)", re.DOTALL | re.IGNORECASE)


def fit_html(html: str, glyphs: Glyphs, language: str = DEFAULT_LANGUAGE) -> str:
    """The HTML with its text fitted: not what stands in tags, and not what a reader is writing."""
    if html.isascii():
        return html
    parts: list[str] = []
    end = 0
    # An entity is ASCII and stays; what comes in for other signs may hold a "<".
    for tag in paced(TEXT.finditer(html)):
        parts += (_fit_between(html[end : tag.start()], glyphs, language), tag[0])
        end = tag.end()
    return "".join((*parts, _fit_between(html[end:], glyphs, language)))


def fit_nodes(nodes: Iterable[Node], glyphs: Glyphs, language: str = DEFAULT_LANGUAGE) -> Nodes:
    """The nodes with their texts fitted, as `fit_html` fits their HTML: so they can be measured."""
    checkpoint()
    return tuple(
        _fit_between(node, glyphs, language)
        if isinstance(node, str)
        else replace(node, children=fit_nodes(node.children, glyphs, language))
        for node in nodes
    )


BLANKS = r" \t\n\r\f\v"
WORD = re.compile(rf"[^{BLANKS}&]{{1,400}}+(?![^{BLANKS}])|(?:&\#?\w+;|[^{BLANKS}]){{1,400}}")
"""Unicode's own blanks and line ends belong to words: many a typeface lacks them. A longer one is no word,
and is fitted in parts."""


def _fit_between(text: str, glyphs: Glyphs, language: str) -> str:
    return text if text.isascii() else WORD.sub(partial(_fit_word, glyphs, language), text)


def _fit_word(glyphs: Glyphs, language: str, word: re.Match[str]) -> str:
    checkpoint()
    if word[0].isascii():
        return word[0]
    return _fit_escaped(word[0], glyphs, language)


def _fit_escaped(word: str, glyphs: Glyphs, language: str) -> str:
    """A word of HTML: the parts around its entities are fitted and escaped, the entities stay."""
    parts = re.split(r"(&\#?\w+;)", word)
    parts[::2] = [str(escape(fit_text(part, glyphs, language))) for part in parts[::2]]
    return "".join(parts)


@lru_cache(maxsize=20_000)
def _name(sign: str, glyphs: Glyphs, language: str) -> str:
    """An emoji's name in brackets; a sign that the device has, or that is fitted by itself, as it is."""
    plain = TONES.sub("", sign)
    if answer := answer_of(plain, language):
        return answer
    if len(plain) == 1 and (plain in REPLACEMENTS or _has(plain, glyphs)):
        stand_in = STAND_INS.get(plain, plain)
        return stand_in if _has(stand_in, glyphs) else plain
    name = emoji_name(plain, language)
    if not name and "\u200d" in plain:
        return "".join(_name(part, glyphs, language) for part in plain.split("\u200d"))
    return f"({name})" if name else plain


@lru_cache(maxsize=20_000)
def _fit(letter: str, glyphs: Glyphs, language: str) -> str:
    if _has(letter, glyphs):
        return letter
    plain = REPLACEMENTS.get(letter)
    if plain is None:
        folded = unicodedata.normalize("NFKC", letter)
        if folded != letter and all(_has(part, glyphs) for part in folded):
            plain = folded
        elif _is_symbol(letter):
            name = symbol_name(letter, language)
            plain = f"({''.join([_fit(part, glyphs, language) for part in name])})"
        else:
            plain = anyascii(letter)
    return NAMED.sub(lambda match: f"({match[1].replace('_', ' ')})", plain)


def _has(letter: str, glyphs: Glyphs) -> bool:
    if letter.isascii():
        return letter.isprintable() or letter in "\t\n"
    if glyphs is Glyphs.ASCII:
        return False
    if letter <= "\xff":
        return letter.isprintable() or letter == "\xa0"
    if glyphs is Glyphs.LATIN1:
        return False
    if glyphs is Glyphs.CYRILLIC:
        return re.match(CYRILLIC_LETTERS, letter) is not None or letter in CYRILLIC_PUNCTUATION
    return _unicode_has(letter)


def _is_symbol(sign: str) -> bool:
    """Whether only its name says what it means: spelt, most symbols would be one and the same dash."""
    drawn = (
        "\u2500" <= sign <= "\u259f" or "\u2800" <= sign <= "\u28ff"
    )  # lines, blocks and Braille
    return unicodedata.category(sign) in ("Sm", "So") and not drawn


FIRST_RARE_IDEOGRAPH = "\U00020000"
"""Above the first 65,536 signs typefaces have rare Chinese characters, and hardly any other letters."""


def _unicode_has(letter: str) -> bool:
    kind = unicodedata.category(letter)
    if letter in "\u200c\u200d":
        return True
    if kind[0] in "LM":
        return letter <= "\uffff" or letter >= FIRST_RARE_IDEOGRAPH
    if kind in ("Sc", "Zs", "Nd", "Po", "Ps", "Pe", "Pd", "Pi", "Pf", "Pc"):
        return letter <= "\uffff"
    return (
        kind not in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp") and SYMBOLS.match(letter) is not None
    )


def _fraction(glyphs: Glyphs, match: re.Match[str]) -> str:
    """A fraction that the device lacks; apart from what is beside it, or 1½ would read as 11/2."""
    before, fraction, after = match.groups()
    if _has(fraction, glyphs):
        return match[0]
    plain = unicodedata.normalize("NFKC", fraction).replace("\u2044", "/")
    return before + " " * bool(before) + plain + " " * bool(after)


def _ohm(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1]
    return " Ohm" if before.isdigit() else "Ohm"


def _flag(match: re.Match[str]) -> str:
    letters = "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in match[0])
    return f"({letters})"


def _moved(mark: str, glyphs: Glyphs, match: re.Match[str]) -> str:
    """Raised or lowered signs as a formula on one line has them: x², x^10, x^(n+1)."""
    if all(_has(letter, glyphs) for letter in match[0]):
        return match[0]
    plain = unicodedata.normalize("NFKC", match[0]).replace("\u2212", "-")
    return mark + (plain if re.fullmatch(r"-?\w+", plain) else f"({plain})")


def _greek_name(match: re.Match[str]) -> str:
    name = unicodedata.name(match[0]).rsplit(" ", 1)[-1]
    name = name.capitalize() if match[0].isupper() else name.lower()
    before = match.string[max(0, match.start() - 1) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return (
        " " * before.isalnum()
        + name.replace("amda", "ambda")
        + " " * (after.isalnum() and after not in "²³¹")
    )
