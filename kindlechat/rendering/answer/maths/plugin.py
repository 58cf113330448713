"""Formulas in Markdown: rules for the parser that set them as text."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kindlechat.rendering.answer.maths.bars import BAR, hide_bars, show_bars
from kindlechat.rendering.answer.maths.delimiters import formula_at
from kindlechat.rendering.answer.maths.finding.display import Display, read_display
from kindlechat.rendering.answer.maths.text import maths_text

CLASS = "maths"
"""Of a paragraph that is a formula, for the style sheet."""


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
        for token in _lines(maths_text(show_bars(formula.latex))):
            state.push(token.type, token.tag, 0).content = token.content
        _blank(state, formula.display and state.src[formula.end : formula.end + 1].isalnum())
    state.pos = formula.end
    return True


def _blank(state: StateInline, wanted: bool) -> None:
    """A formula to be displayed may be glued to a word: it is set apart."""
    if wanted:
        state.push("text", "", 0).content = " "


def _lines(text: str) -> Iterator[Token]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield Token("hardbreak", "br", 0)
        yield Token("text", "", 0, content=line)


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
    """A formula, and what stands behind it on its last line; or lines that are none."""
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [start, state.line]
    inline = state.push("inline", "", 0)
    inline.map = opening.map
    inline.children = []
    if display.latex is None:
        lines = state.getLines(start, state.line, state.blkIndent, False).split("\n")
        inline.content = "\n".join(line.strip() for line in lines if line.strip())
    else:
        inline.content = rest = display.rest.strip()
        inline.children = [*_lines(maths_text(show_bars(display.latex)))]
        if not rest:
            opening.attrSet("class", CLASS)
        elif rest[0] not in ".,;:!?)":
            inline.children.append(Token("text", "", 0, content=" "))
    state.push("paragraph_close", "p", -1)


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
    display = read_display(["$$", *fence.content.split("\n"), "$$"])
    if display is None or display.latex is None or display.lines < fence.content.count("\n") + 2:
        return []
    opening = Token("paragraph_open", "p", 1, map=fence.map, level=fence.level, block=True)
    opening.attrSet("class", CLASS)
    inline = Token("inline", "", 0, map=fence.map, level=fence.level + 1, block=True)
    inline.children = [*_lines(maths_text(display.latex))]
    return [opening, inline, Token("paragraph_close", "p", -1, level=fence.level, block=True)]


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
