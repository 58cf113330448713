"""Chinese and Japanese have no blanks between words: the end of an author's line makes none (pure)."""

import re

WIDE = "[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef]"
"""Their letters and their punctuation. Patterns of them are compiled with the first text that needs them,
because each takes 1.5 ms."""


def has_wide(text: str) -> bool:
    """Whether a text has any of them."""
    return not text.isascii() and re.search(WIDE, text) is not None


def runs_on(before: str, after: str) -> bool:
    """Whether a line end between two texts stands for nothing."""
    return bool(re.search(f"{WIDE}$", before) and re.match(WIDE, after))


def joined(text: str) -> str:
    """A text of one line, without the blanks that its line ends became."""
    return re.sub(f"(?<={WIDE}) (?={WIDE})", "", text)


CHARACTER = r"[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]"
"""People read a third as many of these a minute as of letters."""


def reading_length(said: str) -> int:
    """How many characters a text has for a reader. A Chinese or Japanese one counts as three.

    People read as many characters a minute in all languages of one script, while words differ in length:
    https://doi.org/10.1167/iovs.11-8284
    """
    return len(said) + (0 if said.isascii() else 2 * len(re.findall(CHARACTER, said)))
