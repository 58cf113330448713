"""Tables that no e-reader has room for: their columns get equal parts, and their words are broken (pure)."""

import re
from collections.abc import Sequence
from html import unescape

WIDE_TABLE = '<table class="wide">\n'

COLUMNS = 42
"""How many letters stand beside each other on an e-reader, about."""

GAP = 1
"""What lies between two columns, in letters."""

TAG = re.compile(r"<[^>]*>")


def longest_word(html: str) -> int:
    """How many signs the longest word of a cell has. A picture shrinks, and counts for none."""
    if len(html) <= GAP:
        return len(html)
    return max(map(len, unescape(TAG.sub("", html)).split()), default=0)


def is_too_wide(widths: Sequence[int]) -> bool:
    """Whether columns with so long words do not fit beside each other."""
    return sum(widths) + GAP * (len(widths) - 1) > COLUMNS
