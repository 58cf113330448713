"""What a search means by the same: folded text, and the words of a query in it (pure)."""

import re
import unicodedata
from collections.abc import Sequence

MAX_QUERY_CHARS = 200
MAX_WORDS = 8
"""So much of a query counts."""

MARKS = re.compile("[\u0300-\u036f]")
"""Accents as characters of their own: who searches may leave them out."""


def folded(text: str) -> str:
    """The text without what a search does not look at: case, accents, the width of letters."""
    if text.isascii():
        return text.lower()
    letters = MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", letters).casefold()


def words_of(query: str) -> tuple[str, ...]:
    """The words of a query, folded, each once; all of them have to occur in what is found."""
    words = folded(query[:MAX_QUERY_CHARS]).split()
    return tuple(dict.fromkeys(words))[:MAX_WORDS]


def has_all(text: str, words: Sequence[str]) -> bool:
    """Whether all of these words are in a folded text, as words or as parts of them."""
    return all(word in text for word in words)
