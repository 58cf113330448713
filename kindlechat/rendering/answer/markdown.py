"""The model's Markdown as blocks of HTML that a page may show: an allow-list, and a bound on the work."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, getLine, table
from markdown_it.token import Token
from markupsafe import escape

from kindlechat.rendering.answer.addresses import addresses_plugin, is_web_address
from kindlechat.rendering.answer.code import mark_code
from kindlechat.rendering.answer.comparisons import comparisons_plugin
from kindlechat.rendering.answer.emphasis import emphasis_plugin
from kindlechat.rendering.answer.fences import fences_plugin
from kindlechat.rendering.answer.maths.plugin import CLASS, maths_plugin
from kindlechat.rendering.answer.references import (
    FOOTNOTE_ADDRESS,
    Definitions,
    references_plugin,
)
from kindlechat.rendering.answer.tags import as_lines, tags_plugin
from kindlechat.rendering.answer.tree import Nodes, parse_html

ALLOWED_TAGS = frozenset(
    (
        *("p", "br", "strong", "em", "sup", "code", "pre", "ul", "ol", "li", "blockquote", "h2"),
        *("table", "thead", "tbody", "tr", "th", "td", "hr", "a", "u", "s"),
        *("sub", "kbd", "small", "q", "details", "summary"),
    )
)
ALLOWED_ATTRIBUTES = {
    "a": {"href", "id", "class"},
    "ol": {"start"},
    "code": {"class"},
    "p": {"class"},
    "th": {"align"},
    "td": {"align"},
}
ALLOWED_SCHEMES = {"http", "https"}

ALLOWED_VALUES = {
    "id": re.compile(r"[fr][\w-]{0,60}"),
    "class": re.compile(rf"reference|{CLASS}|language-[\w+#.-]{{1,30}}", re.ASCII),
    "align": re.compile("right|center"),
    "start": re.compile(r"\d{1,9}", re.ASCII),
}

HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h2", "h4": "p", "h5": "p", "h6": "p"}
"""An answer stands under a page's own heading and has two steps: headings, and bold lines for the small
ones. It may begin with any step and leave some out, and headings that do would lead a listener astray."""

CONTROLS = dict.fromkeys((*range(9), *range(0x0E, 0x20), *range(0x7F, 0xA0)), " ") | dict.fromkeys(
    (0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n"
)
"""Signs that have no look but part words, each by one sign, so that places in a text stay the same."""

MAX_MARKS = 20_000
"""How many marks of Markdown are parsed before the rest is shown as it was written.

The parser's time grows with the marks, not the letters: this many took at most 0.4 s (measured over
sixty hostile patterns of 200,000 characters), in which no other reader of this process is served.
A formatted answer of 45,000 characters has about 5,000 of them.
"""

MARK = re.compile(r"[$\n\[\]()<>*_`|&\\!#+=~:.-]")

MAX_DEPTH = 12
"""Levels of quotes and lists (a list counts twice). The parser drops what lies deeper than 20."""

_STRONG_OPEN = [Token("strong_open", "strong", 1)]
_STRONG_CLOSE = [Token("strong_close", "strong", -1)]

ALIGNMENT = re.compile("text-align:(right|center)")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of Markdown, or one item of a list.

    `start` is where it begins in the text, in characters; `list_tag` the start tag of the list that an
    item stands in, and `list_kind` what makes the next item one of the same list, both empty elsewhere.
    Its first `sure_lines` lines say that it is one, whatever follows.
    """

    start: int
    nodes: Nodes
    sure_lines: int = 1
    list_tag: str = ""
    list_kind: str = ""


def parse_blocks(text: str, name: str = "", definitions: Definitions | None = None) -> list[Block]:
    """The blocks of the model's text, with nothing in them outside the allow-list.

    Tags of HTML that mean no more than Markdown does keep their meaning, all others are shown as text.
    Links go to http and https only, a picture becomes a link, and every line break is kept. `name` is
    for the anchors of footnotes, `definitions` for references. Text that ends in the middle of a mark is
    fine. A block's beginning depends on nothing after its first `sure_lines` lines. Never raises; takes
    time in proportion to the marks in the text.
    """
    text = text.translate(CONTROLS)
    tokens = _PARSER.parse(text, {"name": name, "definitions": definitions or {}})
    starts = _line_starts(text)
    return [
        Block(starts[line], _nodes(part), _sure_lines(part), list_tag, list_kind)
        for line, part, list_tag, list_kind in _split(tokens)
    ]


def as_written(text: str) -> Nodes:
    """One paragraph of the text as it stands."""
    lines = text.translate(CONTROLS).splitlines()
    return parse_html("<p>" + "<br>".join(str(escape(line)) for line in lines) + "</p>")


def marks_end(text: str, limit: int) -> int:
    """Where the line begins in which the mark number `limit` stands; the text's end without one."""
    beyond = next(islice(MARK.finditer(text), limit, None), None)
    return len(text) if beyond is None else text.rfind("\n", 0, beyond.start()) + 1


def count_marks(text: str) -> int:
    """How many marks the parser has to look at."""
    return sum(1 for _ in MARK.finditer(text))


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\r\n?|\n", text))]


def _split(tokens: Sequence[Token]) -> Iterator[tuple[int, list[Token], str, str]]:
    """The tokens of each block, and of each item of the outermost lists."""
    list_tag = list_kind = ""
    smaller = False
    part: list[Token] = []
    for token in tokens:
        if token.type == "heading_open":
            smaller = HEADINGS[token.tag] == "p"
        elif token.type == "inline" and smaller:
            token.children = [*_STRONG_OPEN, *(token.children or []), *_STRONG_CLOSE]
        elif token.type == "heading_close":
            smaller = False
        token.tag = HEADINGS.get(token.tag, token.tag)
        if token.level == 0 and token.type in ("bullet_list_open", "ordered_list_open"):
            start = token.attrGet("start")
            list_tag = f"<{token.tag}>" if start is None else f'<{token.tag} start="{start}">'
            list_kind = token.tag + token.markup
        elif token.level == 0 and token.type in ("bullet_list_close", "ordered_list_close"):
            list_tag = list_kind = ""
        else:
            part.append(token)
            if token.level == bool(list_tag) and token.nesting != 1:
                assert part[0].map is not None, "a block knows its lines"
                yield part[0].map[0], part, list_tag, list_kind
                part = []


def _nodes(tokens: list[Token]) -> Nodes:
    for before, token in pairwise(tokens):
        # An item looks the same whether an empty line follows it or not: that comes too late.
        if before.type == "list_item_open" and token.type == "paragraph_open":
            token.hidden = True
        elif token.type == "paragraph_open":
            token.hidden = False
    _hide_ends(tokens)
    html = nh3.clean(
        _PARSER.renderer.render(tokens, _PARSER.options, {}),
        tags=set(ALLOWED_TAGS),
        attributes=ALLOWED_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes=ALLOWED_SCHEMES,
        link_rel=None,  # number_links writes the start tags of links
    )
    return parse_html(html)


def _sure_lines(tokens: list[Token]) -> int:
    """The line under a table's head makes it a table, once it is whole."""
    return 2 if tokens[0].type == "table_open" else 1


def _hide_ends(tokens: list[Token]) -> None:
    """Paragraphs do not nest: each end is that of the last beginning."""
    hidden = False
    for token in tokens:
        if token.type == "paragraph_open":
            hidden = token.hidden
        elif token.type == "paragraph_close":
            token.hidden = hidden


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A rule before all others: what is nested too deep becomes one paragraph, marks and all."""
    if state.level < MAX_DEPTH:
        return False
    if not silent:
        state.push("paragraph_open", "p", 1)
        inline = state.push("inline", "", 0)
        inline.content = state.getLines(start, end, state.blkIndent, False).strip()
        inline.children = []
        state.push("paragraph_close", "p", -1)
        state.line = end
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The parser's own rule, but a row's cells beyond the head's are not dropped: the last has them."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    rows: dict[int, list[Token]] = {}
    for token in state.tokens[first:]:
        alignment = ALIGNMENT.fullmatch(str(token.attrGet("style") or ""))
        if alignment:
            token.attrs = {"align": alignment[1]}
        if token.type == "inline" and token.map is not None:
            rows.setdefault(token.map[0], []).append(token)
    for cell in (cell for cells in rows.values() for cell in cells):
        cell.content = as_lines(cell.content)
    for line, cells in rows.items():
        written = [cell.strip() for cell in escapedSplit(getLine(state, line).strip())]
        beyond = written[len(cells) + (written[0] == "") :]
        cells[-1].content = " | ".join(filter(None, [cells[-1].content, *beyond]))
    return True


def _mark_code(code: str, language: str, _attributes: str) -> str:
    return mark_code(code, language)


def _keep_attribute(_tag: str, name: str, value: str) -> str | None:
    """The parser lets one address pass that is none: the empty one, a link to the page itself."""
    if name == "href":
        return value if FOOTNOTE_ADDRESS.fullmatch(value) or is_web_address(value) else None
    allowed = ALLOWED_VALUES.get(name)
    return value if allowed is not None and allowed.fullmatch(value) else None


def _parser() -> MarkdownIt:
    # A newline in a model's text is meant. Definitions of references would vanish from the page,
    # pictures weigh too much, and a rule right under a paragraph is not meant as a heading.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "highlight": _mark_code})
    parser.enable(["table", "strikethrough"]).disable(["reference", "image", "lheading"])
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("table", "too_deep", _too_deep)
    for plugin in PLUGINS:
        plugin(parser)
    return parser


PLUGINS = (
    *(maths_plugin, emphasis_plugin, comparisons_plugin, fences_plugin),
    *(tags_plugin, addresses_plugin, references_plugin),
)

_PARSER = _parser()
