"""The tags of HTML that models write on purpose: they keep their meaning, all others are shown as text."""

import re
from collections import defaultdict

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

# fmt: off
MEANT = {
    **{tag: tag for tag in ("strong", "em", "u", "s", "sub", "sup", "kbd", "code", "small", "q")},
    "b": "strong", "mark": "strong", "i": "em", "var": "em", "cite": "em", "dfn": "em", "ins": "u",
    "del": "s", "strike": "s", "samp": "code", "tt": "code",
}
# fmt: on
"""What each tag is on a page. One with attributes is code that is talked about."""

TAG = re.compile(rf"<(/?)({'|'.join(MEANT)})>", re.IGNORECASE)
LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)

LIST_ITEM = re.compile(r"\s*(?:<[uo]l>\s*)?<li>\s*", re.IGNORECASE)
LIST_END = re.compile(r"\s*</(?:li|[uo]l)>", re.IGNORECASE)

DETAILS = re.compile(r"<details(?:\s+open(?:=\"\w*\")?)?>[ \t]*(?=\Z|\n|<summary>)", re.IGNORECASE)
DETAILS_END = re.compile(r"</details>[ \t]*$", re.IGNORECASE)
SUMMARY = re.compile(
    r"<summary>\s*((?:(?!</summary>|\n\s*\n).){1,500}?)\s*</summary>[ \t]*", re.I | re.S
)


def tags_plugin(md: MarkdownIt) -> None:
    """Keep the meaning of inline tags that come in pairs, of line breaks, and of `<details>`."""
    md.inline.ruler.before("escape", "line_break", _line_break)
    md.inline.ruler.before("escape", "tag", _tag)
    md.inline.ruler2.before("fragments_join", "tag_pairs", _pair_tags)
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("fence", "details", _details, {"alt": interrupts})
    md.block.ruler.before("fence", "summary", _summary, {"alt": interrupts})


def as_lines(cell: str) -> str:
    """The text of a table's cell, which can hold no list, with the items of one as lines."""
    if "`" in cell or "</li>" not in cell.lower():
        return cell
    return LIST_END.sub("", LIST_ITEM.sub("<br>• ", cell)).strip().removeprefix("<br>")


def _line_break(state: StateInline, silent: bool) -> bool:
    """The one tag that models cannot do without: a cell of a table has no other way to break a line."""
    match = LINE_BREAK.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = match.end()
    return True


def _tag(state: StateInline, silent: bool) -> bool:
    """A tag is text until its other half is found."""
    match = TAG.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token = state.push("text", "", 0)
        token.content = match[0]
        token.meta = {"tag": match[2].lower(), "ends": bool(match[1])}
    state.pos = match.end()
    return True


def _pair_tags(state: StateInline) -> None:
    """Make elements of tags that have something between them."""
    opened: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, token in enumerate(state.tokens):
        if token.type != "text" or "tag" not in token.meta:
            continue
        waiting = opened[token.meta["tag"], token.level]
        if not token.meta["ends"]:
            waiting.append(index)
        elif waiting:
            start = waiting.pop()
            if _is_meant(state.tokens, start, index):
                _make_element(state.tokens[start], token)


def _is_meant(tokens: list[Token], start: int, end: int) -> bool:
    """Whether the tags mark something: in "use <b> and </b>" they do not."""
    if end == start + 1:
        return False
    first, last = tokens[start + 1], tokens[end - 1]
    return not (
        (first.type == "text" and first.content[:1].isspace())
        and (last.type == "text" and last.content[-1:].isspace())
    )


def _make_element(opening: Token, closing: Token) -> None:
    tag = MEANT[opening.meta["tag"]]
    for token, nesting in ((opening, 1), (closing, -1)):
        token.type, token.tag, token.content = "tag", tag, ""
        token.nesting = nesting  # type: ignore[assignment]


def _details(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What a reader may open, up to its end tag or, without one, to the end of what it stands in."""
    pos = state.bMarks[start] + state.tShift[start]
    match = DETAILS.match(state.src, pos, state.eMarks[start])
    if match is None or state.is_code_block(start):
        return False
    if silent:
        return True
    last, found = _details_end(state, start, end)
    begun, ended = state.bMarks[start], state.eMarks[last]
    token = state.push("details_open", "details", 1)
    token.map = [start, last + 1]
    _begin_line(state, start, match.end())
    if found:
        state.eMarks[last] = DETAILS_END.search(state.src, state.bMarks[last], ended).start()  # type: ignore[union-attr]
        state.eMarks[last] = max(state.eMarks[last], state.bMarks[last] + state.tShift[last])
    parent, limit = state.parentType, state.lineMax
    state.parentType, state.lineMax = "details", last + 1
    state.md.block.tokenize(state, start, last + 1)
    state.parentType, state.lineMax = parent, limit
    state.push("details_close", "details", -1)
    state.bMarks[start], state.eMarks[last] = begun, ended
    state.line = last + 1
    return True


def _details_end(state: StateBlock, start: int, end: int) -> tuple[int, bool]:
    """The line of the end tag, and whether there is one."""
    depth = 0
    for line in range(start, end):
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return max(start, line - 1), False
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        depth += DETAILS.match(text) is not None
        if DETAILS_END.search(text):
            depth -= 1
            if not depth:
                return line, True
    return end - 1, False


def _summary(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What is always seen of what a reader may open."""
    pos = state.bMarks[start] + state.tShift[start]
    if state.parentType != "details" or not state.src.startswith("<", pos):
        return False
    match = SUMMARY.match(state.src, pos, state.eMarks[end - 1])
    if match is None:
        return False
    if silent:
        return True
    last = start + state.src.count("\n", pos, match.end())
    state.push("summary_open", "summary", 1)
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = " ".join(match[1].split()), [], [start, last + 1]
    state.push("summary_close", "summary", -1)
    _begin_line(state, last, match.end())
    if state.isEmpty(last):
        state.line = last + 1
    else:
        state.md.block.tokenize(state, last, end)
    return True


def _begin_line(state: StateBlock, line: int, pos: int) -> None:
    """Have a line begin there, with no blanks before its text."""
    state.bMarks[line], state.tShift[line], state.sCount[line] = pos, 0, state.blkIndent
