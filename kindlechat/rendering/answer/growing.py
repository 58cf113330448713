"""An answer's HTML while its text grows: finished blocks are rendered once and never touched again."""

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest

from markupsafe import Markup

from kindlechat.rendering.answer.direction import list_with_direction
from kindlechat.rendering.answer.fitting import fit_block
from kindlechat.rendering.answer.links import Links, list_addresses
from kindlechat.rendering.answer.markdown import (
    MAX_MARKS,
    Block,
    as_written,
    count_marks,
    marks_end,
    parse_blocks,
)
from kindlechat.rendering.answer.references import Definitions, find_definitions
from kindlechat.rendering.answer.tree import Change, Node, Nodes, changes, to_html

COLUMNS = 45
"""Letters in a line where nothing is known of the screen: 600 dots at 12 pt."""

MAX_HELD_CHARS = 120
"""How much of a line may wait for the end of what was opened in it."""

MAX_HELD_FORMULA_CHARS = 600

OPENED = re.compile(
    r"""(?P<ticks>`+).+?(?P=ticks) | \*\*\S.*?\*\* | ~~\S.*?~~ | \*[^\s*][^*]*\*
    | \[[^\]]*\](?:\([^)\s]*\)|(?=[^(])) | \$\$ | \$[^\s$][^$]*\$ | \\\(.*?\\\) | \\.
    | (?P<opened>`|\*\*?(?=\S|$)|~~(?=\S|$)|\[|\$(?=[^\s\d])|\\\()""",
    re.VERBOSE,
)
"""What begins and ends within a line is passed over; `opened` is what has not ended yet."""

MARKS_ALONE = re.compile(r"[\s>]*(?:[-*+#>|]+|\d+[.)]?)\s*")
"""The beginning of a line from which nobody can tell yet what the line will be."""


MAX_HELD_LETTERS = 60
"""A run of letters without a space that is longer than this is no word."""

WORD_BEGUN = re.compile(r"[^\s\u2e80-\uffff]*\Z")
"""The word at a text's end that may go on. A Chinese or Japanese letter stands for itself."""


FREE_CHARS = 2048
"""A block up to this long is rendered anew with each word that comes; of a longer one nothing is known
to be finished before it ends, and rendering it as often would take time with the square of its length."""

BLOCK_BEGUN = re.compile(r"\n(?:[ \t]*\n(?=\S)|(?=[-*+] |\d{1,9}[.)] |#{1,6} |```))")
"""What mostly is the beginning of a block, or of an item of an outermost list."""


def released_chars(text: str) -> int:
    """How much of a growing text is fit to be shown: whole words, and what they will look like.

    What was opened in the last line and not closed yet (bold, a link, code, a formula), a row of a
    table that is being written and the mark at the beginning of a line wait, but not for long. A very
    long block grows by an eighth to a sixteenth at a time, so that all of it costs no more than a few
    renderings. Never less for a text that has grown.
    """
    begun = _block_start(text)
    length = _stepped(len(text) - begun)
    if length < FREE_CHARS:
        return _whole_chars(text)
    shown, end = begun + _stepped(length - 1), begun + length
    return shown + _whole_chars(text[shown:end])


def _stepped(length: int) -> int:
    """The greatest length up to this one at which a block that grows is shown."""
    step = 1 << max(0, length.bit_length() - 4) if length >= FREE_CHARS else 1
    return length - length % step


def _block_start(text: str) -> int:
    """About where the last block begins: a guess from the lines alone, for how often to look at it."""
    if (text.startswith("```") + text.count("\n```")) % 2:
        return text.rfind("\n```") + 1
    stop, size = len(text), FREE_CHARS
    while stop > 0:
        start = max(0, stop - size)
        begun = [match.end() for match in BLOCK_BEGUN.finditer(text, start, stop + FREE_CHARS)]
        if begun:
            return begun[-1]
        stop, size = start, 2 * size
    return 0


def _whole_chars(text: str) -> int:
    begun = WORD_BEGUN.search(text, max(0, len(text) - MAX_HELD_LETTERS))
    end = begun.start() if begun else len(text)
    end = _open_formula(text, end)
    line_start = text.rfind("\n", 0, end) + 1
    line = text[line_start:end]
    if line.lstrip().startswith("|"):
        line, end = "", line_start
    if not line and _is_table_head(text, line_start):
        return text.rfind("\n", 0, line_start - 1) + 1
    if MARKS_ALONE.fullmatch(line):
        return line_start
    for match in OPENED.finditer(line):
        if match["opened"] and len(line) - match.start() <= MAX_HELD_CHARS:
            return line_start + match.start()
    return end


def _open_formula(text: str, end: int) -> int:
    """Where a formula begins that stands on lines of its own and has not ended; else `end`."""
    paragraph = text.rfind("\n\n", 0, end) + 1
    piece = text[paragraph:end]
    begun = piece.rfind("$$") if piece.count("$$") % 2 else -1
    if piece.rfind("\\[") > piece.rfind("\\]"):
        begun = max(begun, piece.rfind("\\["))
    return paragraph + begun if begun >= 0 and len(piece) - begun <= MAX_HELD_FORMULA_CHARS else end


def _is_table_head(text: str, end: int) -> bool:
    """Whether the line that ends here, and it alone, looks like a row of a table."""
    before, line = ["", "", *text[max(0, end - 2000) : end].split("\n")[:-1]][-2:]
    return line.lstrip().startswith("|") and not before.lstrip().startswith("|")


@dataclass(frozen=True, slots=True)
class Finished:
    """A block that is finished, and what the blocks up to its end amount to.

    `known_at` is how long the text has to be for that to be known.
    """

    block: Block
    end: int
    known_at: int
    links: int
    marks: int


NOTHING = Finished(Block(0, ()), 0, 0, 0, 0)


class Growing:
    """One answer as it is rendered for lines of `columns` letters.

    The tree of a text depends on that text alone, not on what was asked before. What was rendered is
    kept, so that the whole reply costs as much as its text is long, however often it is looked at.
    """

    def __init__(
        self, columns: int = COLUMNS, name: str = "", definitions: Definitions | None = None
    ) -> None:
        """`name` tells its footnotes from those of other answers on a page. Once it has ended, references
        find their `definitions` in the text itself."""
        self._columns = columns
        self._name = name
        self._definitions = definitions or {}
        self._finished: list[Finished] = []
        self._links = Links()
        self._settled: tuple[int, Nodes] = (0, ())
        self._last: tuple[str, bool, Nodes] = ("", False, ())

    def nodes(self, text: str, *, ended: bool) -> Nodes:
        """The tree of an answer that reads `text` so far, `ended` where nothing more will come."""
        if self._last[:2] != (text, ended):
            self._last = (text, ended, self._render(text, ended))
        return self._last[2]

    def changes(self, before: str, text: str, *, ended: bool) -> list[Change]:
        """What to change on a page that shows the answer that read `before`."""
        old = self.nodes(before, ended=False)
        return changes(old, self.nodes(text, ended=ended))

    def html(self, text: str, *, ended: bool) -> Markup:
        """The answer as a page has it that is loaded now."""
        return Markup(to_html(self.nodes(text, ended=ended)))  # noqa: S704 (it was sanitised)

    def _render(self, text: str, ended: bool) -> Nodes:
        if ended and not self._definitions and (definitions := find_definitions(text)):
            return Growing(self._columns, self._name, definitions)._render(text, ended)
        known = bisect_right(self._finished, len(text), key=lambda finished: finished.known_at)
        learning = known == len(self._finished)
        settled, nodes = self._settled if self._settled[0] <= known else (0, ())
        shown = [finished.block for finished in self._finished[settled:known]]
        last = self._finished[known - 1] if known else NOTHING
        links = self._links.first(last.links)
        rest = text[last.end :]
        parsed = rest[: marks_end(rest, MAX_MARKS - last.marks)]
        blocks = parse_blocks(parsed, self._name, self._definitions)
        marks = last.marks
        for block, following in zip_longest(blocks, blocks[1:]):
            known_at = _lines_end(parsed, following.start, following.sure_lines) if following else 0
            fitted = fit_block(block.nodes, self._columns, links, whole=ended or known_at > 0)
            shown.append(replace(block, nodes=fitted))
            if learning and known_at:
                marks += count_marks(parsed[block.start : following.start])
                self._finished.append(
                    Finished(
                        *(shown[-1], last.end + following.start, last.end + known_at),
                        *(len(links), marks),
                    )
                )
                self._links = links.first(len(links))
        nodes += _with_lists(shown)
        if learning:
            self._settle()
        if len(parsed) < len(rest):
            nodes += as_written(rest[len(parsed) :])
        return nodes + list_addresses(links) if ended else nodes

    def _settle(self) -> None:
        """Put together what is finished, but for the list that the next item may belong to."""
        count, nodes = self._settled
        end = len(self._finished)
        kind = self._finished[-1].block.list_kind if end else ""
        while kind and end > count and self._finished[end - 1].block.list_kind == kind:
            end -= 1
        blocks = [finished.block for finished in self._finished[count:end]]
        self._settled = (end, nodes + _with_lists(blocks))


def _lines_end(text: str, start: int, lines: int) -> int:
    """Where that many lines from `start` on end; 0 where they are not whole yet."""
    end = start
    for _ in range(lines):
        end = text.find("\n", end) + 1
        if not end:
            return 0
    return end


def _with_lists(blocks: list[Block]) -> Nodes:
    """The blocks' nodes, with the items of a list in it."""
    nodes: list[Node] = []
    for kind, group in groupby(blocks, key=lambda block: block.list_kind):
        members = list(group)
        within = tuple(node for block in members for node in block.nodes)
        if kind:
            nodes.append(list_with_direction(members[0].list_tag, within))
        else:
            nodes += within
    return tuple(nodes)
