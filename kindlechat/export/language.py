"""Guesses the language of a text from its letters (pure).

Readers may ask in another language than that of the pages, and a wrong one has a device read aloud and break
lines in the wrong way.
"""

import re
from collections import Counter

from kindlechat.rendering.answer.direction import is_rtl

LOOKED_AT = 4000
"""So many signs of a text tell enough."""

SCRIPTS = {
    "latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
    "cyrillic": "\u0400-\u052f",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "hebrew": "\u0590-\u05ff\ufb1d-\ufb4f",
    "arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "devanagari": "\u0900-\u097f",
    "bengali": "\u0980-\u09ff",
    "tamil": "\u0b80-\u0bff",
    "thai": "\u0e00-\u0e7f",
    "georgian": "\u10a0-\u10ff",
    "armenian": "\u0530-\u058f",
    "kana": "\u3040-\u30ff",
    "hangul": "\u1100-\u11ff\uac00-\ud7a3",
    "han": "\u3400-\u9fff\uf900-\ufaff",
}

LETTER = re.compile("|".join(f"(?P<{name}>[{letters}])" for name, letters in SCRIPTS.items()))

# fmt: off
LANGUAGES = {
    "cyrillic": "ru", "greek": "el", "hebrew": "he", "arabic": "ar", "devanagari": "hi",
    "bengali": "bn", "tamil": "ta", "thai": "th", "georgian": "ka", "armenian": "hy",
    "kana": "ja", "hangul": "ko", "han": "zh",
}
# fmt: on

OF_ONE_SCRIPT = {
    "cyrillic": (("uk", re.compile("[іїєґІЇЄҐ]")),),
    "arabic": (("ur", re.compile("[ٹڈڑےں]")), ("fa", re.compile("[پچژگ]"))),
}
"""Languages that share a script, with letters that none of those after them has."""


def language_of(text: str, expected: str) -> str:
    """The code of the text's language: `expected`, unless its letters are those of another one."""
    counts = Counter(match.lastgroup for match in LETTER.finditer(text[:LOOKED_AT]))
    if not counts:
        return expected
    if counts["kana"] * 5 > counts["han"]:
        counts["kana"] += counts["han"]
        del counts["han"]
    ((script, _),) = counts.most_common(1)
    primary = expected.partition("-")[0]
    if script == "latin":
        return "en" if primary in LANGUAGES.values() else expected
    for code, letters in OF_ONE_SCRIPT.get(str(script), ()):
        if letters.search(text[:LOOKED_AT]):
            return code
    language = LANGUAGES[str(script)]
    return expected if language == primary else language


def turns_pages_leftwards(text: str) -> bool:
    """Whether a book of this text begins at its right side."""
    return is_rtl(text[:LOOKED_AT])
