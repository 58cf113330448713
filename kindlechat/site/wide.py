"""Chinese and Japanese have no blanks between words: the end of an author's line makes none (pure)."""

import re

WIDE = "[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef]"
"""Their letters and their punctuation."""

FIRST, LAST = re.compile(WIDE), re.compile(f"{WIDE}$")
BETWEEN = re.compile(f"(?<={WIDE}) (?={WIDE})")


def has_wide(text: str) -> bool:
    """Whether a text has any of them."""
    return not text.isascii() and FIRST.search(text) is not None


def runs_on(before: str, after: str) -> bool:
    """Whether a line end between two texts stands for nothing."""
    return bool(LAST.search(before) and FIRST.match(after))


def joined(text: str) -> str:
    """A text of one line, without the blanks that its line ends became."""
    return BETWEEN.sub("", text)


WORD = re.compile(r"\w\S*")

CHARACTER = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""People read some 400 of these a minute."""


def count_words(said: str) -> int:
    """How many words a text has for a reader. Two Chinese or Japanese characters count as one."""
    rest, characters = (said, 0) if said.isascii() else CHARACTER.subn(" ", said)
    # Beside such characters punctuation stands between blanks, too.
    words = WORD.findall(rest) if characters else rest.split()
    return len(words) + characters // 2
