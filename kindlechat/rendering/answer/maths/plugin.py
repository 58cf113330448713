"""Formulas in Markdown: rules for the parser that show them as text."""

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kindlechat.rendering.answer.maths.delimiters import IN_TWO_DOLLARS, formula_at
from kindlechat.rendering.answer.maths.text import maths_text


def maths_plugin(md: MarkdownIt) -> None:
    r"""Show formulas in `$…$`, `\(…\)`, `$$…$$`, `\[…\]` and a fence named `math` as text.

    A dollar of money stays one, by Pandoc's rule. A line that begins with `$$` or `\[` begins a
    paragraph of its own whatever follows, so that a growing text never moves what is before it. A
    formula that has not ended yet is shown as it was written.
    """
    md.inline.ruler.before("escape", "maths", _inline_maths)
    interrupts = ["paragraph", "blockquote", "list"]
    md.block.ruler.before("paragraph", "maths", _display_maths, {"alt": interrupts})
    md.core.ruler.after("block", "maths", _fenced_maths)


def _inline_maths(state: StateInline, silent: bool) -> bool:
    match = formula_at(state.src, state.pos, state.posMax)
    if match is None or not match[1].strip():
        return False
    if not silent:
        for index, line in enumerate(maths_text(match[1]).split("\n")):
            if index:
                state.push("hardbreak", "br", 0)
            state.push("text", "", 0).content = line
    state.pos = match.end()
    return True


def _display_maths(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph from a line that opens a formula to the one that ends it, or an empty one.

    In it a line that looks like an item of a list, as `- b` may, is none.
    """
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not first.startswith(("$$", "\\[")):
        return False
    if silent:
        return True
    closing = "$$" if first[0] == "$" else "\\]"
    line, ended = start + 1, closing in first[2:]
    while not ended and line < end and not state.isEmpty(line):
        if state.sCount[line] < state.blkIndent:
            break
        ended = closing in state.src[state.bMarks[line] : state.eMarks[line]]
        line += 1
    state.line = line
    state.push("paragraph_open", "p", 1).map = [start, line]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, line, state.blkIndent, False).strip()
    inline.map = [start, line]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _fenced_maths(state: StateCore) -> None:
    """A fence that says so is a paragraph with a formula, where it is one that can be shown."""
    tokens: list[Token] = []
    for token in state.tokens:
        is_maths = token.type == "fence" and token.info.strip().lower() == "math"
        formula = _as_formula(token) if is_maths else []
        tokens += formula or [token]
    state.tokens = tokens


def _as_formula(fence: Token) -> list[Token]:
    """The paragraph for a fence's text; nothing where that ends the formula before its own end."""
    formula = "\n".join(line for line in fence.content.split("\n") if line.strip())
    match = IN_TWO_DOLLARS.fullmatch(f"$${formula}$$")
    if match is None:
        return []
    opening = Token("paragraph_open", "p", 1, map=fence.map, level=fence.level, block=True)
    inline = Token("inline", "", 0, map=fence.map, level=fence.level + 1, block=True)
    inline.content, inline.children = match[0], []
    return [opening, inline, Token("paragraph_close", "p", -1, level=fence.level, block=True)]
