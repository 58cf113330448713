"""The blocks of an answer's text, with a bound on how much of it is parsed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from kindlechat.rendering.answer.markdown import (
    CONTROLS,
    Block,
    count_marks,
    find_mark,
    written_blocks,
)
from kindlechat.rendering.safety.checkpoint import checkpoint

MAX_MARKS = 10_000
"""How many marks of Markdown are parsed before the rest is shown as it was written.

The parser's time grows with the marks, not the letters. Of 250 real answers the mean one has a mark to
eleven characters, the densest tenth one to six.
"""

BLANK_AT_END = re.compile(r"\n[ \t\r]*\n[ \t\r\n]*\Z")
SOLID = re.compile(rf"[^\s{CONTROLS}]")
"""A sign that is seen: with the first one a line is no empty line."""


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """A block and where it ends.

    `is_followed` says that another one follows. `known_at` is how long the text has to be for it to be
    finished, 0 while that is not known. `marks` is how many there are up to its end, more than MAX_MARKS
    where nothing is parsed any more; 0 while it is not finished, and in a text too short to be counted.
    """

    block: Block
    end: int
    is_followed: bool
    known_at: int
    marks: int


def read_blocks(
    text: str, start: int, marks: int, parse: Callable[[str], list[Block]]
) -> Iterator[ReadBlock]:
    """The blocks of a text from `start` on; `parse` gives those of Markdown.

    So many `marks` stand before them, 0 where nobody has counted yet.
    """
    counts = len(text) > MAX_MARKS
    marks = marks or (count_marks(text[:start]) if counts else 0)
    rest = text[start:]
    beyond = find_mark(rest, MAX_MARKS - marks) if marks <= MAX_MARKS else 0
    parsed = rest if beyond < 0 else rest[: rest.rfind("\n", 0, beyond) + 1]
    checkpoint()
    blocks = parse(parsed)
    for block in written_blocks(rest[len(parsed) :]):
        blocks.append(replace(block, start=len(parsed) + block.start))
    checkpoint()
    end = 0
    for block, following in zip_longest(blocks, blocks[1:]):
        begun, end = end, following.start if following else len(rest)
        if following is None:
            known_at = 0
        elif end < len(parsed):
            known_at = _known_at(parsed, block, following)
        else:
            known_at = max(end, beyond + 1)
        if known_at and counts:
            marks = marks + count_marks(rest[begun:end]) if end <= len(parsed) else MAX_MARKS + 1
        yield ReadBlock(
            block, start + end, following is not None, known_at and start + known_at, marks
        )


def _known_at(text: str, block: Block, following: Block) -> int:
    """How long the text has to be for the block before `following` to be finished; 0 while it is not."""
    if block.ends_at_blank and BLANK_AT_END.search(text, block.start, following.start):
        solid = SOLID.search(text, following.start)
        return solid.end() if solid else 0
    known_at = _lines_end(text, following.start, following.sure_lines)
    if known_at and block.read_lines:
        read_at = _lines_end(text, block.start, block.read_lines)
        known_at = read_at and max(read_at, known_at)
    return known_at


def _lines_end(text: str, start: int, lines: int) -> int:
    """The index where that many lines from `start` end; 0 while the last is incomplete."""
    end = start
    for _ in range(lines):
        end = text.find("\n", end) + 1
        if not end:
            return 0
    return end
