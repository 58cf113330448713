"""Recovery phrases: five words by which a reader is found on another device (pure)."""

from functools import cache
from pathlib import Path

WORDS = 5
"""Of 7,776 words five give 64.6 bits."""

PHRASE_BYTES = 16
"""So much chance makes all phrases equally likely, to one part in 2**63."""

MOST_LETTERS = 100
"""More than any phrase has."""

MOST_TYPED = 1000
"""So many signs of what was typed are looked at."""


@cache
def load_words() -> tuple[str, ...]:
    """The EFF's long list: easy to read, to tell apart and to type. No word begins with another one."""
    return tuple(Path(__file__).with_name("words.txt").read_text("ascii").split())


def phrase_from(chance: bytes) -> str:
    """The phrase that PHRASE_BYTES of chance stand for."""
    words, number, chosen = load_words(), int.from_bytes(chance), []
    for _ in range(WORDS):
        number, index = divmod(number, len(words))
        chosen.append(words[index])
    return " ".join(chosen)


def typed_letters(phrase: str) -> str:
    """What counts of a phrase that somebody typed: its letters a to z, in whatever case.

    As no word begins with another one, it does not matter what stands between them, or whether anything
    does.
    """
    lower = phrase[:MOST_TYPED].lower()
    return "".join(sign for sign in lower if "a" <= sign <= "z")[:MOST_LETTERS]
