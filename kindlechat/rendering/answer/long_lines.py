"""Long lines of code, broken for a narrow screen with a visible sign, so that none looks like two.

Browsers would break them anywhere, and what goes on would look like a line of its own.
"""

import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from html import escape, unescape

from kindlechat.rendering.answer.maths.lines import is_formula
from kindlechat.rendering.answer.tree import Element, Node, Nodes, append_node, text_of
from kindlechat.rendering.safety.checkpoint import checkpoint, paced

CODE_COLUMNS = 0.9
"""How many signs of code stand in the place of a letter of text: they are wider, in a smaller size."""

EDGE_COLUMNS = 2
"""What the rule beside code takes."""

LEAST_COLUMNS = 16

TAB_COLUMNS = 8
"""What browsers make of a tab."""

GOES_ON = "»\xa0"
"""Begins what goes on from the line above, after that line's indentation. Every typeface has it, and
hardly any program."""

NARROW_BEGINS, NARROW_ENDS = "\x01", "\x02"
"""Around a break that only narrow screens need. No text holds these characters."""

MAX_INDENT = 0.5
"""The share of a line that indentation may take before what goes on."""

LEAST_FILLED = 0.5
"""The share of a line that is filled before it is broken at a blank rather than within a word."""

JOINTS = ",;([{=+.&|/?:"

LANGUAGE = re.compile('class="language-([^"]*)"')

DIFFS = frozenset(("diff", "patch", "udiff"))
TEXTS = frozenset(
    (
        *("", "text", "txt", "plaintext", "plain", "none", "ascii", "asciiart", "tree", "diagram"),
        *("table", "output", "console", "log", "markdown", "md", "csv", "tsv", "ditaa", "art"),
    )
)

DRAWN = re.compile("[\u2500-\u259f]")
"""The signs of boxes, trees and blocks."""

ALIGNED = re.compile(
    r"""\S(?:[ ]{3,}|[ ]*\t\s*)\S | (?:\S[ ]{2,}\S.*){2} | ^\s*[|+][\s|+=-] | [-=]{3}[+|] | \s\|\s*$""",
    re.VERBOSE,
)
"""A text whose columns say something: parted by blanks or tabs, or drawn with signs."""


MAX_JUDGED_CHARS = 2000
"""So much of a line tells whether it is drawn."""


def break_long_lines(nodes: Nodes, columns: int, *, ended: bool) -> Nodes:
    """The nodes with each line of code broken that is too long for lines of `columns` letters.

    Diffs, drawings and text in columns stay as they are. Of code that has not `ended` the last word is
    left out, which may belong into the next line yet.
    """
    return tuple(_fit(node, columns, ended) for node in paced(nodes))


def _fit(node: Node, columns: int, ended: bool) -> Node:
    if isinstance(node, str) or not node.children:
        return node
    if node.tag != "pre" or is_formula(node):
        return Element(node.tag, node.start, break_long_lines(node.children, columns, ended=ended))
    (code,) = node.children
    assert isinstance(code, Element), "a pre holds a code, and nothing else"
    text = unescape(text_of(code))
    end = len(text) if ended or text.endswith("\n") else _last_word(text)
    width = code_columns(columns)
    language = LANGUAGE.search(code.start)
    breaks = dict(_breaks(text[:end], width, language[1].lower() if language else ""))
    whole = end == len(text) and not breaks
    children = code.children if whole else _broken(code.children, breaks, end)
    return Element("pre", "<pre>", (Element("code", "<code>", children),))


def break_code(code: Nodes, narrow: int, wide: int, language: str) -> Nodes:
    """What is in a finished block of code, with each line broken that has more than `narrow` signs.

    Where it has no more than `wide`, each break is between NARROW_BEGINS and NARROW_ENDS: only narrow screens
    need it.
    """
    text = "".join(unescape(text_of(node)) for node in code)
    breaks = {}
    for place, between in _breaks(text, narrow, language.lower()):
        begin, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
        fits = _columns(text[begin : end if end >= 0 else len(text)]) <= wide
        breaks[place] = f"{NARROW_BEGINS}{between}{NARROW_ENDS}" if fits else between
    return _broken(code, breaks, len(text)) if breaks else code


def code_columns(columns: int) -> int:
    """How many signs of code a line has that has so many letters of text."""
    return max(LEAST_COLUMNS, int((columns - EDGE_COLUMNS) * CODE_COLUMNS))


def _last_word(text: str) -> int:
    """The start of a text's last word, which may go on."""
    return max(text.rfind(blank) for blank in " \t\n") + 1


def _breaks(text: str, width: int, language: str) -> Iterator[tuple[int, str]]:
    """The places where lines are broken, and what comes between their parts."""
    start = 0
    for line in paced(text.split("\n")):
        if len(line) * 2 > width and _columns(line) > width and not _keeps_columns(line, language):
            yield from _line_breaks(line, start, width)
        start += len(line) + 1


def _keeps_columns(line: str, language: str) -> bool:
    if language in DIFFS or DRAWN.search(line):
        return True
    return language in TEXTS and ALIGNED.search(line[:MAX_JUDGED_CHARS].strip("\n")) is not None


def _line_breaks(line: str, start: int, width: int) -> Iterator[tuple[int, str]]:
    place = len(line) - len(line.lstrip())
    indent = line[:place] if _columns(line[:place]) <= width * MAX_INDENT else ""
    room = width - _columns(line[:place])
    while (end := _fitting(line, place, max(room, LEAST_COLUMNS // 2))) < len(line):
        checkpoint()
        yield start + end, f"\n{indent}{GOES_ON}"
        place, room = end, width - _columns(indent) - len(GOES_ON)


def _fitting(line: str, start: int, room: int) -> int:
    """Where the part of a line ends that fits into `room` columns: after a blank or, without one that
    fills the line well, after a sign that ends a word."""
    used, blank, joint = 0, 0, 0
    for place in range(start, len(line)):
        used += _columns(line[place])
        if used > room and not line[place].isspace():
            return blank or joint or max(place, start + 1)
        if used >= room * LEAST_FILLED:
            blank = place + 1 if line[place].isspace() else blank
            joint = place + 1 if line[place] in JOINTS else joint
    return len(line)


def _columns(text: str) -> int:
    if text.isascii() and "\t" not in text:
        return len(text)
    return sum(map(_sign_columns, paced(text)))


def _sign_columns(sign: str) -> int:
    if sign == "\t":
        return TAB_COLUMNS
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _broken(code: Nodes, breaks: dict[int, str], end: int) -> Nodes:
    """The code up to a place in its text, with what the breaks say between."""
    broken: list[Node] = []
    done = 0
    waiting = deque(breaks.items())
    for node in paced(code):
        text = unescape(text_of(node))[: max(0, end - done)]
        parts, begun = [], 0
        while waiting and waiting[0][0] < done + len(text):
            place, between = waiting.popleft()
            parts += [text[begun : place - done], between]
            begun = place - done
        shown = escape("".join(parts) + text[begun:], quote=False)
        done += len(text)
        if isinstance(node, str):
            append_node(broken, shown)
        elif shown:
            broken.append(Element(node.tag, node.start, (shown,)))
    return tuple(broken)
