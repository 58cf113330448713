"""Blocks of code: a fence around Markdown that has fences itself does not end with the first inner one."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, code, fence

OPENS = re.compile(r"(`{3,}|~{3,})[ \t]*(?:markdown|md|mdx)\b[^`\n]*", re.IGNORECASE)
INNER = re.compile(r"(`{3,}|~{3,})[ \t]*([^\s`]?)[^`\n]*")


def fences_plugin(md: MarkdownIt) -> None:
    """Read a fence named `markdown` to the end that is its own, and indented code as far as it has come."""
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.at("fence", _fence, {"alt": interrupts})
    md.block.ruler.at("code", _indented)


def _indented(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The parser's own rule for code that is indented, which ends a line that may still go on."""
    if not code(state, start, end, silent):
        return False
    if state.eMarks[state.line - 1] == len(state.src):
        state.tokens[-1].content = state.tokens[-1].content.removesuffix("\n")
    return True


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    match = OPENS.fullmatch(state.src, _begin(state, start), state.eMarks[start])
    if match is None or silent or state.is_code_block(start):
        return fence(state, start, end, silent)
    last, found = _last_line(state, start, end, match[1])
    token = state.push("fence", "code", 0)
    token.info, token.markup = "markdown", match[1]
    token.content = state.getLines(start + 1, last, state.sCount[start], True)
    state.line = last + found
    token.map = [start, state.line]
    return True


def _last_line(state: StateBlock, start: int, end: int, marks: str) -> tuple[int, bool]:
    """The line after the fence's text, and whether it is its end; within, each name opens one more."""
    depth = 0
    for line in range(start + 1, end):
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return line, False
        match = INNER.fullmatch(state.src, _begin(state, line), state.eMarks[line])
        if match is None or match[1][0] != marks[0] or len(match[1]) < len(marks):
            continue
        if match[2] or (not depth and _opens_unnamed(state, line, end)):
            depth += 1
        elif depth:
            depth -= 1
        else:
            return line, True
    return end, False


def _opens_unnamed(state: StateBlock, line: int, end: int) -> bool:
    """Whether an inner fence without a name begins: after words that lead to it, right before its text."""
    leads = state.src[_begin(state, line - 1) : state.eMarks[line - 1]].rstrip()
    return (not leads or leads[-1] in ":：") and line + 1 < end and not state.isEmpty(line + 1)


def _begin(state: StateBlock, line: int) -> int:
    return state.bMarks[line] + state.tShift[line]
