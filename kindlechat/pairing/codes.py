"""Codes that a reader shows and a phone types: six characters, none of which looks like another (pure)."""

import re
import unicodedata

ALPHABET = "0123456789acefghjkmnprtvwxy"
"""Of those that look alike one each, in most typefaces: 0 of 0, O, D and Q; 5 of 5 and S."""

CODE_CHARS = 6
"""387 million codes. With 10 guesses an hour it takes two weeks to find one of 100,000 live ones."""

LOOK_ALIKES = str.maketrans("odqilzsbuавсенкмортхуі", "00011258va8cehkm0ptxy1")
"""Which one stands for what else was typed: the letters that are left out, and Cyrillic ones that look like
those that are there."""

BETWEEN = re.compile(r"[\s.,·_-]+")

MOST_TYPED = 40
"""So much of what was typed is looked at."""


def code_from(chance: bytes) -> str:
    """The code that so much chance makes; 128 bits are enough for every code to be as likely."""
    value, code = int.from_bytes(chance, "big"), ""
    for _ in range(CODE_CHARS):
        value, digit = divmod(value, len(ALPHABET))
        code += ALPHABET[digit]
    return code


def shown_code(code: str) -> str:
    """A code as a reader sees it, in two groups of capitals: `K7M 2QX`."""
    half = CODE_CHARS // 2
    return f"{code[:half]} {code[half:]}".upper()


def typed_code(typed: str) -> str:
    """The code in what was typed, however it is grouped and written; "" where it cannot be one."""
    plain = unicodedata.normalize("NFKC", typed[:MOST_TYPED]).lower()
    western = "".join(str(unicodedata.decimal(each, each)) for each in plain)
    code = BETWEEN.sub("", western).translate(LOOK_ALIKES)
    return code if len(code) == CODE_CHARS and set(code) <= set(ALPHABET) else ""
