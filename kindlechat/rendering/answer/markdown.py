"""The model's Markdown as blocks of HTML that a page may show: an allow-list, and a bound on the work."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, getLine, table
from markdown_it.rules_core import StateCore, normalize
from markdown_it.token import Token

from kindlechat.rendering.answer.addresses import addresses_plugin
from kindlechat.rendering.answer.building import MINOR_CLASS, build_nodes
from kindlechat.rendering.answer.comparisons import comparisons_plugin
from kindlechat.rendering.answer.emphasis import emphasis_plugin
from kindlechat.rendering.answer.fences import fences_plugin
from kindlechat.rendering.answer.inline import inline_plugin
from kindlechat.rendering.answer.maths.plugin import READ_LINES, maths_plugin
from kindlechat.rendering.answer.numbering import number_items
from kindlechat.rendering.answer.openings import Inline, openings_plugin, read_inline
from kindlechat.rendering.answer.outline import outline_plugin
from kindlechat.rendering.answer.paths import paths_plugin
from kindlechat.rendering.answer.plain import plain_paragraphs
from kindlechat.rendering.answer.references import Definitions, references_plugin
from kindlechat.rendering.answer.tables import MAX_ROW_CHARS, fitting_cells, may_head_a_table
from kindlechat.rendering.answer.tags import as_lines, tags_plugin
from kindlechat.rendering.answer.tree import BREAK, Node, Nodes, element, escaped, merged
from kindlechat.rendering.safety.checkpoint import checkpoint, paced

HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h2", "h4": "p", "h5": "p", "h6": "p"}
"""An answer stands under a page's own heading and has one step of headings, in two sizes, and bold lines for
the small ones. It may begin with any and leave some out, and steps that do would lead a listener astray."""

LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"
CONTROLS = "".join(map(chr, (*range(9), *range(0x0E, 0x20), *range(0x7F, 0xA0)))) + LINE_ENDS
"""Signs that have no look but part words."""

CONTROL = re.compile(f"[{CONTROLS}]")

WRITTEN = re.compile(r"(?:[^\n]*\n){0,127}(?:[^\n]+\n?|\n)")
"""What is one paragraph of text that is not parsed: so many lines."""

BLANK_LINES = re.compile(r"\n{3,}")

MARK = re.compile(rf"[$\n\r{LINE_ENDS}\[\]()<>*_`|&\\!#+=~:.-]|[ \t{CONTROLS}]{{4}}")
"""What the parser's time grows with. It looks at each blank before a text; control characters become some."""

MAX_DEPTH = 12
"""Levels of quotes and lists (a list counts twice). The parser drops what lies deeper than 20."""

CHAINS = ["paragraph", "reference", "blockquote", "list"]
"""What other blocks may end, as the parser names them."""

_STRONG_OPEN = [Token("strong_open", "strong", 1)]
_STRONG_CLOSE = [Token("strong_close", "strong", -1)]

RULE_BEGINS = frozenset("|:-")
"""How the line under a table's head begins."""

ALIGNMENT = re.compile("text-align:(right|center)")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of Markdown, or one item of a list.

    `start` is where it begins in the text, in characters; `list_tag` the start tag of the list that an
    item stands in, and `list_kind` what makes the next item one of the same list, both empty elsewhere;
    `number` is the one that the model gave the item.
    Its first `sure_lines` lines say that it is one, whatever follows. `read_lines` is how many from its
    beginning on say where it ends, 0 where the beginning of the next block does. `ends_at_blank` says that
    an empty line ends it, whatever follows.
    """

    start: int
    nodes: Nodes
    sure_lines: int = 1
    list_tag: str = ""
    list_kind: str = ""
    number: int = 0
    read_lines: int = 0
    ends_at_blank: bool = False


def parse_blocks(text: str, name: str = "", definitions: Definitions | None = None) -> list[Block]:
    """The blocks of the model's text, with nothing in them outside the allow-list.

    Tags of HTML that mean no more than Markdown does keep their meaning, all others are shown as text.
    Links go to http and https only, a picture becomes a link, and every line break is kept. `name` is
    for the anchors of footnotes, `definitions` for references. Text that ends in the middle of a mark is
    fine. A block's beginning depends on nothing after its first `sure_lines` lines. Takes time in
    proportion to the marks in the text, with checkpoints.
    """
    text = without_controls(text)
    plain = [*plain_paragraphs(text)]
    blocks = [Block(start, (node,), ends_at_blank=True) for start, _, node in plain]
    begin = plain[-1][1] if plain else 0
    return [*blocks, *_parsed(text, begin, {"name": name, "definitions": definitions or {}})]


def _parsed(text: str, begin: int, env: dict[str, object]) -> Iterator[Block]:
    """The blocks of a text from `begin` on, where one may begin."""
    rest = text[begin:]
    if not rest.strip(" \t\n"):
        return
    starts = _line_starts(rest)
    for line, part, list_tag, list_kind in paced(_split(_PARSER.parse(rest, env))):
        yield Block(
            begin + starts[line],
            _nodes(part),
            _sure_lines(part),
            list_tag,
            list_kind,
            _number(part),
            part[0].meta.get(READ_LINES, 0),
            part[0].type == "paragraph_open" and READ_LINES not in part[0].meta,
        )


def block_tokens(text: str) -> list[Token]:
    """The parser's tokens of the text's blocks, with nothing read within them."""
    tokens: list[Token] = []
    _PARSER.block.parse(text, _PARSER, {}, tokens)
    return tokens


def read_paragraph(text: str) -> Inline:
    """What the text of a paragraph amounts to that may go on."""
    return read_inline(_PARSER, text)


def written_blocks(text: str) -> Iterator[Block]:
    """The text as it stands, in paragraphs of so many lines; each is finished at its end."""
    text = without_controls(text)
    for match in WRITTEN.finditer(text):
        checkpoint()
        nodes: list[Node] = []
        for line in BLANK_LINES.sub("\n\n", match[0]).splitlines():
            nodes += (escaped(line), BREAK)
        yield Block(match.start(), (element("p", *merged(nodes[:-1])),), sure_lines=0)


def without_controls(text: str) -> str:
    """The text with another sign for each control character, so that places in it stay the same."""
    if CONTROL.search(text):
        for control in CONTROLS:
            text = text.replace(control, "\n" if control in LINE_ENDS else " ")
    return text


def find_mark(text: str, number: int) -> int:
    """The index of the last sign of the mark of this number, counted from 0; -1 if there are fewer."""
    if len(text) <= number:
        return -1
    match = next(islice(MARK.finditer(text), number, None), None)
    return -1 if match is None else match.end() - 1


def count_marks(text: str) -> int:
    """How many marks the parser has to look at."""
    return len(MARK.findall(text))


def _line_starts(text: str) -> list[int]:
    """Where the lines begin of a text without controls."""
    return [0, *accumulate(map(len, text.splitlines(keepends=True)))]


def _split(tokens: Sequence[Token]) -> Iterator[tuple[int, list[Token], str, str]]:
    """The tokens of each block, and of each item of the outermost lists."""
    list_tag = list_kind = ""
    smaller = False
    part: list[Token] = []
    for token in tokens:
        if token.type == "heading_open":
            smaller = HEADINGS[token.tag] == "p"
            if token.tag == "h3":
                token.attrSet("class", MINOR_CLASS)
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
    for before, token in paced(pairwise(tokens)):
        # An item looks the same whether an empty line follows it or not: that comes too late.
        if before.type == "list_item_open" and token.type == "paragraph_open":
            token.hidden = True
        elif token.type == "paragraph_open":
            token.hidden = False
    _hide_ends(tokens)
    number_items(tokens)
    return build_nodes(tokens)


def _number(tokens: list[Token]) -> int:
    is_item = tokens[0].type == "list_item_open"
    return int(tokens[0].info) if is_item and tokens[0].info else 0


def _sure_lines(tokens: list[Token]) -> int:
    """The line under a table's head makes it a table, once it is whole."""
    return 2 if tokens[0].type == "table_open" else 1


def _hide_ends(tokens: list[Token]) -> None:
    """Paragraphs do not nest: each end is that of the last beginning."""
    hidden = False
    for token in paced(tokens):
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
    """The parser's own rule, but each row has the cells that were written."""
    first = len(state.tokens)
    if start + 1 >= end or getLine(state, start + 1)[:1] not in RULE_BEGINS:
        return False  # before anything is read: it is asked at each line
    if not may_head_a_table(getLine(state, start).strip()):
        return False
    if not table(state, start, end, silent):
        return False
    state.tokens[first:] = _with_cells_as_written(state, state.tokens[first:])
    return True


def _with_cells_as_written(state: StateBlock, tokens: list[Token]) -> Iterator[Token]:
    """The tokens of a table without the cells that the parser adds to short rows, up to 65,000 of them.

    What stands beyond the head's cells is not dropped.
    """
    columns = sum(token.type == "th_open" for token in tokens)
    written: list[str] = []
    number, surplus = 0, False
    for token in tokens:
        if token.type == "tr_open" and token.map is not None:
            checkpoint()
            written, number = _cells_of(getLine(state, token.map[0])), 0
            surplus = len(written) > columns
            written = fitting_cells(written, columns) if surplus else written
        number += token.type in ("th_open", "td_open")
        if number > max(1, len(written)) and token.type in ("td_open", "inline", "td_close"):
            continue
        alignment = ALIGNMENT.fullmatch(str(token.attrGet("style"))) if token.attrs else None
        if alignment:
            token.attrs = {"align": alignment[1]}
        if token.type == "inline":
            token.content = as_lines(written[number - 1] if surplus else token.content)
        yield token


def _cells_of(line: str) -> list[str]:
    """The cells of a row, without what stands before its first bar where that is nothing."""
    cells = [cell.strip() for cell in escapedSplit(line.strip())]
    cells = cells[cells[0] == "" :]
    return cells[:-1] if cells and cells[-1] == "" else cells


def _too_long_row(state: StateBlock, start: int, _: int, silent: bool) -> bool:
    """A rule that ends a table before a line that is no row: what takes rows apart looks at each sign."""
    is_asked = silent and state.parentType == "table"
    return is_asked and state.eMarks[start] - state.bMarks[start] > MAX_ROW_CHARS


def _checkpoint(*_: object) -> bool:
    """A rule for blocks that is never met: the parser comes by at each line."""
    checkpoint()
    return False


def _normalize(state: StateCore) -> None:
    """The parser's own rule, where it has anything to do."""
    if "\r" in state.src or "\0" in state.src:
        normalize(state)


def _checkpoint_before_pass(_: object) -> None:
    """Before each rule that walks over all tokens of a text."""
    checkpoint()


def markdown_parser() -> MarkdownIt:
    """A parser with all the rules for answers."""
    # A newline in a model's text is meant. Definitions of references would vanish from the page,
    # pictures weigh too much, and a rule right under a paragraph is not meant as a heading.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"]).disable(["reference", "image", "lheading"])
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("table", "too_deep", _too_deep)
    parser.block.ruler.before("too_deep", "too_long_row", _too_long_row, {"alt": ["blockquote"]})
    parser.block.ruler.before("too_deep", "checkpoint", _checkpoint, {"alt": CHAINS})
    parser.core.ruler.at("normalize", _normalize)
    for plugin in PLUGINS:
        plugin(parser)
    for name in parser.core.ruler.get_active_rules():
        parser.core.ruler.before(name, f"checkpoint before {name}", _checkpoint_before_pass)
    outline_plugin(parser)
    return parser


PLUGINS = (
    *(maths_plugin, paths_plugin, emphasis_plugin, comparisons_plugin, fences_plugin),
    *(tags_plugin, addresses_plugin, references_plugin, openings_plugin),
    inline_plugin,
)

_PARSER = markdown_parser()
