"""Paragraphs of plain words and strong ones, which most are: read at a glance, and one token each.

The parser would make half a dozen tokens of a strong word, and look at all of them several times.
"""

import re
from collections.abc import Iterator

from markdown_it.token import Token

from kindlechat.rendering.answer.emphasis import PLAIN_STRONG
from kindlechat.rendering.answer.tree import BREAK, Element, Node, element, escaped, merged
from kindlechat.rendering.safety.checkpoint import checkpoint, paced

PLAIN = "plain"
"""The type of the token: its content is the paragraph as it was written, without blanks around its lines."""

STOP_SIGNS = r"\\$<`~*_\[\]&:!"
IN_PLACE = r"(?:(?<![:!])|(?<=:)(?=//)|(?<=!)(?=\[|\Z))"
"""Of these, a colon begins something only before `//`, an exclamation mark before `[` or at the end."""

STOPS = re.compile(f"[{STOP_SIGNS}]{IN_PLACE}")
"""Where a rule of the parser may begin, but for line ends."""

ADDRESS = "www."

LINE = r"""(?:[^\W\d_]|["'(“‘«]|\d{1,9}+(?![.)])|\#(?=[^\s\#]))[^\n\r]*+(?:\n|\Z)"""
"""A line that begins as no other block does: with a letter, a quotation, a number of no item, a hash tag."""

PARAGRAPH = re.compile(rf"(?:[ \t]*\n)*+(?P<lines>(?:{LINE})++)(?=[ \t]*(?:\n|\Z))")
"""Such lines up to an empty one, or to the end."""


def plain_paragraphs(text: str) -> Iterator[tuple[int, int, Element]]:
    """The plain paragraphs that a text without controls begins with: where each begins and ends."""
    end = 0
    while paragraph := PARAGRAPH.match(text, end):
        checkpoint()
        content = plain_content(paragraph["lines"].strip())
        if content is None:
            return
        end = paragraph.end()
        yield paragraph.start("lines"), end, element("p", *merged(plain_nodes(content)))


def read_plain(text: str) -> Token | None:
    """The token of a paragraph's text; None where there is more to read in it."""
    content = plain_content(text)
    return None if content is None else Token(PLAIN, "", 0, content=content)


def plain_content(text: str) -> str | None:
    """The text without blanks around its lines; None where it is not plain."""
    stop = STOPS.search(text)
    if stop and (stop[0] != "*" or STOPS.search(PLAIN_STRONG.sub("", text))):
        return None
    if ADDRESS in text.lower():
        return None
    return "\n".join(line.rstrip(" ").lstrip(" \t") for line in paced(text.split("\n")))


def plain_nodes(content: str) -> Iterator[Node]:
    """The nodes of such a token."""
    for number, line in enumerate(paced(content.split("\n"))):
        if number:
            yield BREAK
        words, *rest = PLAIN_STRONG.split(line)
        yield escaped(words)
        for strong, after in zip(rest[::2], rest[1::2], strict=True):
            yield Element("strong", "<strong>", (escaped(strong),))
            yield escaped(after)
