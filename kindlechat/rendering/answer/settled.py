"""How much of a growing text is settled: no continuation of it can change how that looks.

A page that only grows can take nothing back, so it may show what is settled and nothing else. In doubt a
line waits until the next one has begun, and a paragraph until it ends; plain words flow one by one.
"""

import re
from dataclasses import dataclass

from kindlechat.rendering.answer.addresses import SIGNS
from kindlechat.rendering.answer.comparisons import GREATER
from kindlechat.rendering.answer.markdown import block_tokens, read_paragraph, without_controls
from kindlechat.rendering.answer.maths.bars import hide_bars
from kindlechat.rendering.answer.maths.finding.display import OPENING
from kindlechat.rendering.answer.tables import may_head_a_table

MAX_TRIES = 20
READ_CHARS = 10_000
"""How often a text is read anew to find a beginning in which nothing is open, and how much of it in all:
a long text waits for its end sooner."""

BLOCK_MARKS = re.compile(r"(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)]|#{1,6})(?=[ \t])))*[ \t]*")
"""What stands before the text of a line: the marks of quotes, items and headings."""

LINE_END = re.compile("\n")
BLANK = re.compile(r"[\s>]*?\n")
FENCE = re.compile(r"```|~~~")
LETTER = re.compile(r"[^\W\d_]")

UNDER_A_HEAD = re.compile(r"[\s>|:-]*")
"""The line that makes a table of the line above it, as far as it has come."""

LATE_LINE = re.compile(
    r"\[(?!\^)[^\[\]\n]{0,60}(?:\](?::.*)?)?\Z | .*</?(?:details|summary)",
    re.VERBOSE | re.IGNORECASE,
)
"""A line of which only its end tells what it is: it may define a label, or open or close something."""

SUMMARY = re.compile("<summary", re.IGNORECASE)

ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)

CJK = "\u2e80-\ufdff\ufe10-\uffff"
BLANK_SIGN = re.compile(r"\s")
WORD_END = re.compile(rf"[\s{CJK}]")
"""A Chinese or Japanese letter stands for itself."""

SEEN_CHARS = 100
"""So much of a text is looked at in one go for its last word."""

MARKED_WORD = re.compile(rf"[^\s{CJK}]+[*~_]+[^\W_{CJK}][^\s*~_]{{0,40}}\Z")
"""The end of a text that stands soon after marks within a Latin word: the next ones give these a meaning."""

LINE_BREAK = re.compile(r"(?<!\\)(?:\\\\)*\\\s*\Z")
"""A backslash before the end of a line: it breaks the line if another one follows, else it is a sign."""

MARKED_WORD_CHARS = 100

PLAIN_LETTERS = re.compile(r"(?![hHwW])[A-Za-z\u00c0-\u024f\u0400-\u052f\u05d0-\u064a]+")
"""The beginning of a word that looks the same whatever its end is: an address begins with others."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The last block of a text that holds text itself, and the lines that it takes.

    `kind` is the parser's: paragraph, heading, td, th, fence, code_block, hr. `is_set` says that it is
    a formula on lines of its own whose end has come.
    """

    kind: str
    first_line: int
    end_line: int
    content: str
    info: str
    is_set: bool


def settled_chars(text: str, *, still: bool = False) -> int:
    """How many characters of a text that begins with a block are settled.

    They end with a whole word; `still` says that nothing has come for a while, then half a word may be
    among them. Never less for a text that has grown.
    """
    text = hide_bars(without_controls(text))
    end = len(text)
    for _ in range(_tries(end)):
        before, decided = end, text[: _decided_end(text, end)]
        leaf = _last_leaf(decided)
        end = _settled_end(decided, leaf, still=still)
        if end in (0, before):
            return end
        # What was cut off may have been what ended the blocks before it: they have to stand without.
        if text[end - 1] != "\n":
            if _begins_alike(leaf, _last_leaf(text[:end])):
                return end
            end = text.rfind("\n", 0, end) + 1
    return 0


def _tries(chars: int) -> int:
    """How often a text of so many characters is read anew."""
    return min(MAX_TRIES, 2 + READ_CHARS // max(1, chars))


def _begins_alike(long: Leaf | None, short: Leaf | None) -> bool:
    """Whether the last block of a text begins where it does in a longer text."""
    return short is not None and long is not None and short.first_line == long.first_line


def _settled_end(text: str, leaf: Leaf | None, *, still: bool) -> int:
    """How much of a text with this last block is settled, if nothing that is cut off ends a block."""
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    is_whole = starts[-1] == len(text)
    if leaf is None or leaf.end_line < len(starts) - is_whole:
        return len(text)
    if SUMMARY.match(leaf.content) or (leaf.kind == "fence" and _is_open_formula(leaf)):
        return starts[leaf.first_line]
    if leaf.kind not in ("paragraph", "heading") or leaf.is_set:
        return starts[-1]  # code and tables come by whole lines
    if leaf.kind == "heading" and is_whole:
        return len(text)
    for row in range(leaf.first_line, leaf.end_line):
        if BLANK.match(text, starts[row]):
            return starts[row]  # only a formula goes on beyond a blank line, and it has no end yet
    after = text[-1] if text[-1].isspace() else ""
    chars = _settled_words(leaf.content + after, still=still)
    return _place(text, starts, leaf, min(chars, len(leaf.content)))


def _decided_end(text: str, end: int) -> int:
    """Where the lines end of which is known what they are: items, headings, rows of a table, plain text."""
    start = text.rfind("\n", 0, end) + 1
    if start < end and _is_decided(text[start:end]):
        return end
    while start and UNDER_A_HEAD.fullmatch(_line(text, start)):
        above = text.rfind("\n", 0, start - 1) + 1
        head = text[above : start - 1]
        if "|" not in head or not any(map(may_head_a_table, _readings(head))):
            break
        start = above
    return start


def _line(text: str, start: int) -> str:
    return text[start:].partition("\n")[0]


def _is_decided(line: str) -> bool:
    """Whether a line that may go on can only be one thing, whatever follows."""
    return _is_begun(line) and not any(map(may_head_a_table, _readings(line)))


def _is_begun(line: str) -> bool:
    """Whether a line holds words, which tells what its marks mean.

    What begins as a formula of its own may end, on the same line, as a part of the paragraph before it.
    """
    marks = BLOCK_MARKS.match(line)
    begun = marks.end() if marks else 0
    return (
        LETTER.search(line, begun) is not None
        and not any(mark.match(line, begun) for mark in (FENCE, LATE_LINE, OPENING))
        and not any(GREATER.match(line, place) for place in range(begun))
    )


def _readings(line: str) -> tuple[str, str]:
    """A line, and the same without the marks of the blocks that it may stand in."""
    return line.strip(), BLOCK_MARKS.sub("", line, count=1).strip()


def _last_leaf(text: str) -> Leaf | None:
    tokens = block_tokens(text)
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.map and token.type in ("inline", "fence", "code_block", "hr"):
            holder = tokens[index - 1].type.removesuffix("_open")
            kind = holder if token.type == "inline" else token.type
            first, end = token.map
            return Leaf(kind, first, end, token.content, token.info, bool(token.children))
    return None


def _is_open_formula(fence: Leaf) -> bool:
    lines = fence.content.count("\n") + (fence.content[-1:] not in ("", "\n"))
    is_open = fence.end_line - fence.first_line - 1 == lines
    return is_open and fence.info.strip().lower() == "math"


def _settled_words(content: str, *, still: bool) -> int:
    """How many characters of a paragraph that may go on are settled."""
    end = _word_start(content, len(content))
    if still and PLAIN_LETTERS.fullmatch(content, end):
        end = len(content)
    for _ in range(_tries(end)):
        if broken := LINE_BREAK.search(content, max(0, end - MARKED_WORD_CHARS), end):
            end = _word_start(content, broken.start())
        read = read_paragraph(content[:end])
        if read.opening is None:
            return end if read.has_letters else 0
        end = _word_start(content, read.opening)
    return 0


def _word_start(content: str, end: int) -> int:
    """The start of the word before `end`, or of the line if nothing tells what that word is."""
    blank = _after_last(content, end, BLANK_SIGN)
    start = _after_last(content, end, WORD_END)
    marked = MARKED_WORD.search(content, max(blank, end - MARKED_WORD_CHARS), end)
    if marked:
        start = min(start, marked.start())
    address_end = blank
    for address in ADDRESS.finditer(content, blank, end):
        if address.start() < address_end:
            continue  # it is a part of another one
        signs = SIGNS.match(content, address.start(), end)
        address_end = signs.end() if signs else address_end
        if address_end == end:
            start = min(start, _after_last(content, address.start(), WORD_END))
    line = content.rfind("\n", 0, start) + 1
    return start if _is_begun(content[line:start]) else line


def _after_last(text: str, end: int, sign: re.Pattern[str]) -> int:
    """The index after the last such sign before `end`; 0 if there is none."""
    while end:
        begun = max(0, end - SEEN_CHARS)
        found = [match.end() for match in sign.finditer(text, begun, end)]
        if found:
            return found[-1]
        end = begun
    return 0


def _place(text: str, starts: list[int], leaf: Leaf, chars: int) -> int:
    """Where in the text the first `chars` of its last paragraph end: with none, before its marks."""
    row = leaf.content.count("\n", 0, chars)
    column = chars - (leaf.content.rfind("\n", 0, chars) + 1)
    start, line = starts[leaf.first_line + row], leaf.content.split("\n")[row].rstrip()
    if not column:
        return start
    words = line.lstrip()
    line_end = [*starts, len(text)][leaf.first_line + row + 1]
    place = text.rindex(words, start, line_end)
    return place + column - (len(line) - len(words))
