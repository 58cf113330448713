"""Signs at the beginning of a line or an item that are operators, not marks: `> 25: rich`, `- + adds`."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block

AMOUNT = r"[ \t]?[-+~±]?[ \t]?[$€£¥]?[ \t]?\.?\d"

YEAR = r"(?:1[5-9]|20)\d\d"

GREATER = re.compile(rf">(?:=|(?={AMOUNT}))")

EQUALS = r"(?:=|→|->|⇒|=>)"
TOLD = rf"(?::(?!\d)|[-–—][ \t])(?<!{YEAR}[:–—-])(?<!{YEAR}\s[–—-][ \t])"
"""What stands between a number and what it means."""

CERTAIN = re.compile(
    rf""">(?: = | [$€£¥~.\d]
    | {AMOUNT}[\d.,]*[ \t]?(?:%|°?\w{{1,4}}\b)?[ \t]*{TOLD}
    | (?![ \t]?{YEAR}\b){AMOUNT}[\d.,]*[ \t][^\W\d_]{{1,12}}:[ \t]
    | {AMOUNT}[\d.,]*[ \t]?[^\W\d]*[ \t]*{EQUALS}
    | [^\n]*[<>≤≥]=?{AMOUNT} )""",
    re.VERBOSE,
)
"""What no quotation begins with. A year may be a heading in one: "2008: the crash"."""

LESS = re.compile(rf"[<≤≥=]=?{AMOUNT}")

ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+")

MAX_LINES = 10
"""How many lines before one are looked at."""


def comparisons_plugin(md: MarkdownIt) -> None:
    """Show `> 25: rich` as it stands, in a list and among other comparisons, and the operator that an item
    begins with."""
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.at("blockquote", _blockquote, {"alt": interrupts})
    md.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    pos = state.bMarks[start] + state.tShift[start]
    begun = state.src.rfind("\n", 0, pos) + 1
    if state.src[pos : pos + 1] in ("+", "-", "*") and ITEM.fullmatch(state.src, begun, pos):
        return False
    return list_block(state, start, end, silent)


def _blockquote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return not _is_comparison(state, start) and blockquote(state, start, end, silent)


def _is_comparison(state: StateBlock, line: int) -> bool:
    pos = state.bMarks[line] + state.tShift[line]
    if not GREATER.match(state.src, pos):
        return False
    if CERTAIN.match(state.src, pos):
        return True
    begun = state.src.rfind("\n", 0, pos) + 1
    return ITEM.fullmatch(state.src, begun, pos) is not None or _follows_comparison(state, line)


def _follows_comparison(state: StateBlock, line: int) -> bool:
    """Whether the lines right before this one are comparisons."""
    for before in range(line - 1, max(-1, line - 1 - MAX_LINES), -1):
        pos = state.bMarks[before] + state.tShift[before]
        if LESS.match(state.src, pos) or CERTAIN.match(state.src, pos):
            return True
        if not GREATER.match(state.src, pos):
            return False
    return False
