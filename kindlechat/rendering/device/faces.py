"""Typefaces, as far as breaking lines takes it: how wide their letters are.

A face is known by its key, which is short text, fit for a cookie: for each of SAMPLES two signs that tell
its mean width in thousandths of an em. A script finds it in the browser (site/assets/screen.js).
"""

import re
import unicodedata
from functools import lru_cache

SAMPLES: tuple[str, ...] = (
    *map(chr, range(32, 127)),
    *"—–…•’“”«─",
    *("оеаинтсрвл", "ОЕАИНТСРВЛ", "字", "العربية", "हिन्दी"),
    *("First:makeyourown.Thenask",) * 3,
)
"""Texts whose letters' mean width makes the key. The last three are bold, in italics, and in code."""

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""The digits 0 to 63 of a key."""

KEY = re.compile(rf"[\w-]{{{2 * len(SAMPLES)}}}", re.ASCII)

LEAST_WIDTH = 0.1
"""Of a letter. A face with none could have lines without end."""

# Free faces that stand for others where no script tells a reader's own. DejaVu is the widest that is common,
# Noto about as wide as those of e-readers (Bookerly, Caecilia, Georgia), Liberation is Times.
DEJAVU = (
    "E9GSHMNGJ8O2N7ESGHGHH0NGE9FSE9FRJ8J8J8J8J8J8J8J8J8J8FRFRNGNGNGIYPoLSLgL9MiLaK2MfNoGLGRLrKYQANsM0"
    "KhM0LxKdKtNLLSQELIKUK3GHFRGHNGH0H0JVKAIwKAJQFyKAKEFAE2JeFAO0KEJaKAKAHeIBGRKEI1NYI0I1IPJ8FRJ8NGPo"
    "H0PoJOE9IAIAJkJaJfMFPoHgHgJ8JCJa"
)
NOTO = (
    "EDFNGYIvIvOBLmDcFbFbH0IvD6E2D6EgIuIuIuIuIuIuIuIuIuIuEeEeIvIvIvHaOYLBKNJmLXJvJOLKMZFvFlK8JvOqL7Lm"
    "JbLmKQIfJlLNKkQXKUJyJQFoEgFoIvHLESIzJmHsJmIXFxIZJ7FAEsJJE1OwKEJBJmJmHXHDFfJ7JDNeJCIgH-GsIvGsIvPo"
    "H0NaFqD6HCHCICLEJRKoPoHgHgJDIRJa"
)
LIBERATION = (
    "D6FNGYH0H0NBMKC0FNFNH0I0D6FND6EWH0H0H0H0H0H0H0H0H0H0EWEWI0I0I0G8OZLSKbKbLSJiIsLSLSFNGGLSJiN6LSLS"
    "IsLSKbIsJiLSLSOwLSLSJiFNEWFNHWH0FNG8H0G8H0G8FNH0H0EWEWH0EWMKH0H0H0H0FNGGEWH0H0LSH0H0G8HgDIHgIdPo"
    "H0PoFeEHG8G8H0LEHjKYPoHgHgHwHJJa"
)

CYRILLIC = dict.fromkeys("жмшщыюфЖМШЩЫЮФ", 1.4) | dict.fromkeys("гзтГЗТ", 0.85)
"""How wide some letters are, compared with the mean."""

ALIKE = dict(zip(map(ord, "‘‚„»‐‑·×−\xa0"), "’’”«--.++ ", strict=True))
"""Signs that are about as wide as others."""

SCRIPTS = (
    ("\u0590", "\u08ff", "arabic"),
    ("\u0900", "\u0dff", "hindi"),
    ("\u2e80", "\ua4cf", "cjk"),
    ("\uac00", "\ud7a3", "cjk"),
    ("\uf900", "\ufaff", "cjk"),
    ("\uff00", "\uff60", "cjk"),
)
"""The first and the last letter of scripts whose letters' mean width is known."""

DRAWN, LINE = ("\u2500", "\u259f"), "─"
"""Lines and corners of drawings, all of them as wide as one."""

ALIKE_BY_KIND = {"Ll": "n", "Lu": "O", "Lo": "n", "Ps": "(", "Pe": ")", "Nd": "0", "Zs": " "}

SPACES = {
    "\u2000": 1 / 2,
    "\u2001": 1.0,
    "\u2002": 1 / 2,
    "\u2003": 1.0,
    "\u2004": 1 / 3,
    "\u2005": 1 / 4,
    "\u2006": 1 / 6,
    "\u2009": 1 / 5,
    "\u200a": 1 / 10,
    "\u3000": 1.0,
}
"""Spaces that are named by their widths."""

IDEOGRAPH, SYMBOL, SMALL = 1.0, 0.85, 0.65


class Letters(dict[str, float]):
    """The widths of a typeface's letters in em, each worked out when it is first asked for."""

    def __init__(self, key: str) -> None:
        """Raises ValueError for what is no key."""
        super().__init__()
        if not is_key(key):
            raise ValueError("expected the key of a typeface")
        widths = [max(LEAST_WIDTH, width) for width in _widths(key)]
        *samples, self._small, self._capital, cjk, arabic, hindi, bold, italic, code = widths
        self._scripts = {"arabic": arabic, "hindi": hindi, "cjk": cjk}
        self._known = dict(zip(SAMPLES, samples, strict=False))
        plain = sum(self._known[letter] for letter in SAMPLES[-1]) / len(SAMPLES[-1])
        self.bold, self.italic, self.code = bold / plain, italic / plain, code

    def __missing__(self, letter: str) -> float:
        self[letter] = width = self._width(letter)
        return width

    def _width(self, letter: str) -> float:
        letter = letter.translate(ALIKE)
        if letter in self._known:
            return self._known[letter]
        if letter in SPACES:
            return SPACES[letter]
        if "\u0400" <= letter <= "\u052f":
            mean = self._capital if letter.isupper() else self._small
            return mean * CYRILLIC.get(letter, 1.0)
        if DRAWN[0] <= letter <= DRAWN[1]:
            return self._known[LINE]
        kind = unicodedata.category(letter)
        for first, last, script in SCRIPTS:
            if first <= letter <= last:
                return self._scripts[script]
        if kind in ("Mn", "Me", "Cf"):
            return 0.0
        plain = unicodedata.normalize("NFKD", letter)[0]
        if plain in self._known:
            return self._known[plain] * (SMALL if "<su" in unicodedata.decomposition(letter) else 1)
        if kind in ALIKE_BY_KIND:
            return self._known[ALIKE_BY_KIND[kind]]
        return IDEOGRAPH if unicodedata.east_asian_width(letter) in "WF" else SYMBOL


def is_key(text: str) -> bool:
    """Whether a text is the key of a typeface."""
    return KEY.fullmatch(text) is not None


@lru_cache(maxsize=64)
def letters_of(key: str) -> Letters:
    """The letters of a typeface. Raises ValueError for what is no key."""
    return Letters(key)


def _widths(key: str) -> list[float]:
    numbers = [DIGITS.index(digit) for digit in key]
    return [(64 * high + low) / 1000 for high, low in zip(numbers[::2], numbers[1::2], strict=True)]
