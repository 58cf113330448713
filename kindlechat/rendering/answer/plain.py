"""Paragraphs of plain words and strong ones, which most are: read at a glance, and one token each.

The parser would make half a dozen tokens of a strong word, and look at all of them several times.
"""

import re
from collections.abc import Callable, Iterator

from markdown_it.token import Token

from kindlechat.rendering.answer.emphasis import PLAIN_STRONG
from kindlechat.rendering.answer.tree import BREAK, Element, Node, element, escaped
from kindlechat.rendering.safety.checkpoint import checkpoint, paced

PLAIN = "plain"
"""The type of the token: its content is the paragraph as it was written, without blanks around its lines."""

STOP_SIGNS = r"\\$<`~*_\[\]&:!"
IN_PLACE = r"(?:(?<![:!])|(?<=:)(?=//)|(?<=!)(?=\[|\Z))"
"""Of these, a colon begins something only before `//`, an exclamation mark before `[` or at the end."""

STOPS = re.compile(f"[{STOP_SIGNS}]{IN_PLACE}")
"""Where a rule of the parser may begin, but for line ends."""

ADDRESS = "www."

ESCAPED = re.compile("[&<>\xa0]")
"""The signs that HTML has another way to write."""

LINE = r"""(?:[^\W\d_]|["'(“‘«]|\d{1,9}+(?![.)])|\#(?=[^\s\#]))[^\n\r]*+(?:\n|\Z)"""
"""A line that begins as no other block does: with a letter, a quotation, a number of no item, a hash tag."""

PARAGRAPH = re.compile(rf"(?:[ \t]*\n)*+(?P<lines>(?:{LINE})++)(?=[ \t]*(?:\n|\Z))")
"""Such lines up to an empty one, or to the end."""


def plain_paragraphs(text: str) -> Iterator[tuple[int, int, Element]]:
    """The plain paragraphs that a text without controls begins with: where each begins and ends."""
    end = 0
    while paragraph := PARAGRAPH.match(text, end):
        checkpoint()
        parts = _plain_parts(paragraph["lines"].strip())
        if parts is None:
            return
        end = paragraph.end()
        yield paragraph.start("lines"), end, element("p", *_nodes(parts))


def read_plain(text: str) -> Token | None:
    """The token of a paragraph's text; None where there is more to read in it."""
    if _plain_parts(text) is None:
        return None
    lines = paced(text.split("\n"))
    content = "\n".join(line.rstrip(" ").lstrip(" \t") for line in lines)
    return Token(PLAIN, "", 0, content=content)


def plain_nodes(content: str) -> list[Node]:
    """The nodes of such a token, as a tree has them: no text is empty, or stands beside another."""
    return _nodes(PLAIN_STRONG.split(content))


def _plain_parts(text: str) -> list[str] | None:
    """Words, and between them what is strong, in turn; None where the text is not plain."""
    parts = [text]
    if stop := STOPS.search(text):
        if stop[0] != "*":
            return None
        parts = PLAIN_STRONG.split(text)
        if STOPS.search("".join(parts[::2])):
            return None
    return None if ADDRESS in text.lower() else parts


def _nodes(parts: list[str]) -> list[Node]:
    """The nodes of words and of what is strong between them, without blanks around line ends."""
    write = escaped if ESCAPED.search("".join(parts)) else str
    nodes: list[Node] = []
    strong = False
    for part in parts:
        if strong:
            nodes.append(Element("strong", "<strong>", (write(part),)))
        elif "\n" in part:
            nodes += _lines(part, write)
        elif part:
            nodes.append(write(part))
        strong = not strong
    return nodes


def _lines(words: str, write: Callable[[str], str]) -> Iterator[Node]:
    first, *rest = words.split("\n")
    before = first
    for line in paced(rest):
        if before := before.rstrip(" "):
            yield write(before)
        yield BREAK
        before = line.lstrip(" \t")
    if before:
        yield write(before)
