"""Paragraphs of plain words and strong ones, which most are: read at a glance, and one token each.

The parser would make half a dozen tokens of a strong word, and look at all of them several times.
"""

import re
from collections.abc import Iterator

from markdown_it.token import Token

from kindlechat.rendering.answer.emphasis import PLAIN_STRONG
from kindlechat.rendering.answer.tree import BREAK, Element, Node, escaped

PLAIN = "plain"
"""The type of the token: its content is the paragraph as it was written, without blanks around its lines."""

STOPS = re.compile(r"[\\$<`~*_\[\]&:!](?:(?<![:!])|(?<=:)(?=//)|(?<=!)(?=\[|\Z))")
"""Where a rule of the parser may begin, but for line ends."""

ADDRESS = "www."


def read_plain(text: str) -> Token | None:
    """The token of a paragraph's text; None where there is more to read in it."""
    stop = STOPS.search(text)
    if stop and (stop[0] != "*" or STOPS.search(PLAIN_STRONG.sub("", text))):
        return None
    if ADDRESS in text.lower():
        return None
    lines = (line.rstrip(" ").lstrip(" \t") for line in text.split("\n"))
    return Token(PLAIN, "", 0, content="\n".join(lines))


def plain_nodes(content: str) -> Iterator[Node]:
    """The nodes of such a token."""
    for number, line in enumerate(content.split("\n")):
        if number:
            yield BREAK
        words, *rest = PLAIN_STRONG.split(line)
        yield escaped(words)
        for strong, after in zip(rest[::2], rest[1::2], strict=True):
            yield Element("strong", "<strong>", (escaped(strong),))
            yield escaped(after)
