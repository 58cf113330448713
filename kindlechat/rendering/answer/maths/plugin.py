"""Formulas in Markdown: rules for the parser that set them as text."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kindlechat.rendering.answer.maths.bars import BAR, hide_bars, show_bars
from kindlechat.rendering.answer.maths.delimiters import formula_at
from kindlechat.rendering.answer.maths.finding.display import Display, read_display
from kindlechat.rendering.answer.maths.layout.line import FRAME_END, FRAME_START
from kindlechat.rendering.answer.maths.lines import CLASS
from kindlechat.rendering.answer.maths.text import set_formula

PART = re.compile(f"[\n{FRAME_START}{FRAME_END}]|[^\n{FRAME_START}{FRAME_END}]+")

READ_LINES = "read_lines"
"""In a token's `meta`: how many lines from its first one on say where it ends, if its own do not."""


def maths_plugin(md: MarkdownIt) -> None:
    r"""Set formulas in `$…$`, `\(…\)`, `$$…$$`, `\[…\]`, `\begin{align}` and a fence named `math`.

    A line that begins with a formula on lines of its own begins a block whatever follows, so that a
    growing text never moves what is before it. What is no formula is shown as it was written.
    """
    md.core.ruler.before("block", "hide_bars", _hide_bars)
    md.inline.ruler.before("escape", "maths", _inline_maths)
    interrupts = ["paragraph", "blockquote", "list"]
    md.block.ruler.before("paragraph", "maths", _display_maths, {"alt": interrupts})
    md.core.ruler.after("block", "maths", _fenced_maths)
    md.core.ruler.push("show_bars", _show_bars)


def _inline_maths(state: StateInline, silent: bool) -> bool:
    formula = formula_at(state.src, state.pos)
    if formula is None or formula.end > state.posMax:
        return False
    if not silent:
        _blank(state, formula.display and state.src[formula.start - 1 : formula.start].isalnum())
        for token in _lines(set_formula(show_bars(formula.latex)).text):
            state.push(token.type, token.tag, token.nesting).content = token.content
        _blank(state, formula.display and state.src[formula.end : formula.end + 1].isalnum())
    state.pos = formula.end
    return True


def _blank(state: StateInline, wanted: bool) -> None:
    """A formula to be displayed may be glued to a word: it is set apart."""
    if wanted:
        state.push("text", "", 0).content = " "


def _lines(text: str) -> Iterator[Token]:
    """The tokens of a formula's text: line breaks, and strong text for what is framed."""
    for part in PART.findall(text):
        if part == "\n":
            yield Token("hardbreak", "br", 0)
        elif part == FRAME_START:
            yield Token("strong_open", "strong", 1)
        elif part == FRAME_END:
            yield Token("strong_close", "strong", -1)
        else:
            yield Token("text", "", 0, content=part)


def _display_maths(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    display = read_display(_rows(state, start, end))
    if display is None:
        return False
    if not silent:
        state.line = start + display.lines
        _push_paragraph(state, start, display)
    return True


def _rows(state: StateBlock, start: int, end: int) -> Iterator[str | None]:
    """The lines of the block that the first one stands in; None where another one ends it."""
    for line in range(start, end):
        if line > start and not state.isEmpty(line) and state.sCount[line] < state.blkIndent:
            yield None
        yield state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _push_paragraph(state: StateBlock, start: int, display: Display) -> None:
    """A formula by itself, or a paragraph that one begins, or that was meant to be one."""
    lines = [start, state.line]
    if display.latex is not None and not display.rest.strip():
        state.tokens += _set_tokens(display.latex, lines, state.level)
        return
    opening = state.push("paragraph_open", "p", 1)
    opening.map, opening.meta = lines, {READ_LINES: display.read}
    inline = state.push("inline", "", 0)
    inline.map = lines
    inline.children = []
    if display.latex is None:
        written = state.getLines(start, state.line, state.blkIndent, False).split("\n")
        inline.content = "\n".join(line.strip() for line in written if line.strip())
    else:
        inline.content = display.rest.strip()
        inline.children = [*_lines(set_formula(show_bars(display.latex)).text)]
        if inline.content[0] not in ".,;:!?)":
            inline.children.append(Token("text", "", 0, content=" "))
    state.push("paragraph_close", "p", -1)


def _set_tokens(latex: str, lines: list[int] | None, level: int) -> list[Token]:
    """A formula set apart: as a paragraph or, if it reads better so, in lines of characters.

    The latter have the former as their label, for listeners and for screens that are too narrow.
    """
    setting = set_formula(show_bars(latex), drawn=True)
    kind, tag = ("maths", "pre") if setting.drawing else ("paragraph", "p")
    opening = Token(f"{kind}_open", tag, 1, {"class": CLASS}, lines, level, block=True)
    inline = Token("inline", "", 0, map=lines, level=level + 1, block=True)
    inline.children = [*_lines(setting.text)]
    if setting.drawing:
        opening.attrs |= {"role": "img", "aria-label": setting.plain}
        inline.children = [Token("code_inline", "code", 0, content=setting.drawing)]
    return [opening, inline, Token(f"{kind}_close", tag, -1, level=level, block=True)]


def _fenced_maths(state: StateCore) -> None:
    """A fence that says so is a paragraph with a formula, where it is one that can be shown."""
    tokens: list[Token] = []
    for token in state.tokens:
        is_maths = token.type == "fence" and token.info.strip().lower() == "math"
        formula = _as_formula(token) if is_maths else []
        tokens += formula or [token]
    state.tokens = tokens


def _as_formula(fence: Token) -> list[Token]:
    """The formula of a fence; nothing where its text ends the formula before its own end."""
    display = read_display(["$$", *fence.content.split("\n"), "$$"])
    if display is None or display.latex is None or display.lines < fence.content.count("\n") + 2:
        return []
    return _set_tokens(display.latex, fence.map, fence.level)


def _hide_bars(state: StateCore) -> None:
    """The bars of formulas part no cells of a table."""
    state.src = hide_bars(state.src)


def _show_bars(state: StateCore) -> None:
    if BAR in state.src:
        for token in state.tokens:
            for each in (token, *(token.children or ())):
                each.content = show_bars(each.content)
                each.info = show_bars(each.info)
                for name, value in each.attrs.items():
                    each.attrs[name] = show_bars(str(value))
