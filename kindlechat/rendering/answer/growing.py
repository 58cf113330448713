"""An answer's HTML while its text grows: finished blocks are rendered once and never touched again."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import takewhile

from markupsafe import Markup

from kindlechat.rendering.answer.blocks import MAX_MARKS, read_blocks
from kindlechat.rendering.answer.fitting import fit_block
from kindlechat.rendering.answer.joining import Joined
from kindlechat.rendering.answer.links import Links, list_addresses
from kindlechat.rendering.answer.markdown import Block, count_marks, parse_blocks, written_blocks
from kindlechat.rendering.answer.references import Definitions, find_definitions
from kindlechat.rendering.answer.settled import settled_chars
from kindlechat.rendering.answer.tags import DETAILS, DETAILS_END
from kindlechat.rendering.answer.tree import Change, Nodes, changes, size_bytes, to_html
from kindlechat.rendering.answer.unclosed import first_opened
from kindlechat.rendering.safety.checkpoint import checkpoint
from kindlechat.rendering.safety.guard import guarded

COLUMNS = 45
"""Letters in a line where nothing is known of the screen: 600 dots at 12 pt."""

MAX_HELD_CHARS = 120
"""How much of a line may wait for the end of what was opened in it."""

MAX_HELD_FORMULA_CHARS = 600

MARKS_ALONE = re.compile(r"[\s>]*(?:[-*+#>|]+|\d+[.)]?)\s*")
"""The beginning of a line from which nobody can tell yet what the line will be."""


MAX_HELD_LETTERS = 60
"""A run of letters without a space that is longer than this is no word."""

WORD_BEGUN = re.compile(r"[^\s\u2e80-\ufdff\ufe10-\uffff]*\Z")
"""The word at a text's end that may go on. A Chinese or Japanese letter stands for itself."""


FREE_CHARS = 2048
"""A block up to this long is rendered anew with each word that comes; of a longer one nothing is known
to be finished before it ends, and rendering it as often would take time with the square of its length."""

BLOCK_BYTES = 350
"""What a block takes in memory besides its tree."""

SURE_MARKS = MAX_MARKS * 9 // 10
"""Text with more marks may soon not be parsed any more: none of it is settled."""

BEGINNING_CHARS = 16
"""So many signs tell whether a block begins."""

BLOCK_BEGUN = re.compile(r"\n(?:[ \t]*\n(?=\S)|(?=[-*+] |\d{1,9}[.)] |#{1,6} |```))")
"""What mostly is the beginning of a block, or of an item of an outermost list."""

DETAILS_TAG = re.compile(
    rf"^[ \t]*{DETAILS.pattern}|{DETAILS_END.pattern}", re.IGNORECASE | re.MULTILINE
)
"""The beginning of what folds, or its end."""


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
    unfolded = _details_start(text)
    if unfolded is not None:
        return unfolded
    if (text.startswith("```") + text.count("\n```")) % 2:
        return text.rfind("\n```") + 1
    for start in range(len(text) - len(text) % FREE_CHARS, -1, -FREE_CHARS):
        begun = _last_begun(text[start : start + FREE_CHARS + BEGINNING_CHARS])
        if begun:
            return start + begun
    return 0


def _details_start(text: str) -> int | None:
    """Where the outermost `details` begins that has not ended; its paragraphs are no blocks of their own."""
    if "<" not in text or "<details" not in text.lower():  # nearly always, and this takes no time
        return None
    depth, start = 0, 0
    for match in DETAILS_TAG.finditer(text):
        ends = "</" in match[0]
        start = start if depth or ends else match.start()
        depth = max(0, depth - 1) if ends else depth + 1
    return start if depth else None


@lru_cache(maxsize=512)  # the pieces of a long text are the same at each look
def _last_begun(piece: str) -> int:
    """The start of the last block among a piece's first FREE_CHARS; 0 if there is none."""
    begun = [match.end() for match in BLOCK_BEGUN.finditer(piece)]
    return max((end for end in begun if end <= FREE_CHARS), default=0)


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
    if len(line) <= MAX_HELD_CHARS and MARKS_ALONE.fullmatch(line):
        return line_start
    seen = max(line_start, end - FREE_CHARS)
    opened = first_opened(text[seen:end], MAX_HELD_CHARS)
    return end if opened is None else seen + opened


def _open_formula(text: str, end: int) -> int:
    """The start of a displayed formula that has not ended; `end` if there is none."""
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
class FinishedBlock:
    """A block that is finished, and what the blocks up to its end amount to.

    `known_at` is how long the text has to be for that to be known; 0 while it is not. For `marks` see
    ReadBlock. All of them take `size_bytes` of memory, about.
    """

    block: Block
    end: int
    known_at: int
    links: int
    marks: int
    size_bytes: int


NOTHING = FinishedBlock(Block(0, ()), 0, 0, 0, 0, 0)


class Growing:
    """One answer as it is rendered for lines of `columns` letters.

    The tree of a text depends on that text alone, not on what was asked before. What was rendered is
    kept, so that the whole reply costs as much as its text is long, however often it is looked at. It
    may be looked at anew while a look is at a checkpoint.
    """

    def __init__(
        self,
        columns: int = COLUMNS,
        name: str = "",
        definitions: Definitions | None = None,
        *,
        drawn: bool = True,
        only_grows: bool = False,
    ) -> None:
        """`name` tells its footnotes from those of other answers on a page. Once it has ended, references
        find their `definitions` in the text itself. Large formulas are `drawn` in lines of characters.
        `only_grows` is for a page that can take nothing back: it goes without all looks that depend on
        what comes later."""
        self._columns = columns
        self._drawn = drawn
        self._name = name
        self._definitions = definitions or {}
        self._only_grows = only_grows
        self._finished: list[FinishedBlock] = []
        self._links = Links()
        self._joined = Joined()
        self._last: tuple[str, bool, Nodes] = ("", False, ())
        self._settled = ((0, "", False), 0)
        self._open_bytes = 0

    @property
    def finished_bytes(self) -> int:
        """How much memory the blocks take that are finished, about."""
        return self._finished[-1].size_bytes if self._finished else 0

    @property
    def open_bytes(self) -> int:
        """How much the last tree takes besides: it may have to be made anew."""
        return self._open_bytes

    def nodes(self, text: str, *, ended: bool) -> Nodes:
        """The tree of an answer that reads `text` so far, `ended` where nothing more will come.

        Text that cannot be rendered is shown as it was written.
        """
        last = self._last
        if last[:2] != (text, ended):
            nodes = guarded(partial(self._render, text, ended), partial(_as_written, text))
            self._last = last = (text, ended, nodes)
        return last[2]

    def settled_chars(self, text: str, *, still: bool) -> int:
        """How much of the text a page may show that can take nothing back; see `settled`."""
        known = bisect_right(self._finished, len(text), key=lambda finished: finished.known_at)
        last = self._finished[known - 1] if known else NOTHING
        rest = text[last.end : last.end + _stepped(len(text) - last.end)]
        asked = (last.end, rest, still)
        if self._settled[0] != asked:
            unsure = last.end + len(rest) > SURE_MARKS and _marks(text, last, rest) > SURE_MARKS
            settled = last.end if unsure else self._settled_of(rest, last, still=still)
            self._settled = (asked, settled)
        return self._settled[1]

    def _settled_of(self, rest: str, last: FinishedBlock, *, still: bool) -> int:
        return last.end + guarded(partial(settled_chars, rest, still=still), lambda: 0)

    def changes(self, before: str, text: str, *, ended: bool) -> list[Change]:
        """What to change on a page that shows the answer that read `before`."""
        old = self.nodes(before, ended=False)
        return changes(old, self.nodes(text, ended=ended))

    def html(self, text: str, *, ended: bool) -> Markup:
        """The answer as a page has it that is loaded now."""
        return Markup(to_html(self.nodes(text, ended=ended)))  # noqa: S704 (it was sanitised)

    def _render(self, text: str, ended: bool) -> Nodes:
        finds = ended and not (self._definitions or self._only_grows)
        if finds and (definitions := find_definitions(text)):
            again = Growing(self._columns, self._name, definitions, drawn=self._drawn)
            return again._render(text, ended)
        checkpoint()
        known = bisect_right(self._finished, len(text), key=lambda finished: finished.known_at)
        learning = known == len(self._finished)
        joined = self._joined if learning else _joined(self._finished[:known], Joined())
        last = self._finished[known - 1] if known else NOTHING
        links = self._links.first(last.links)
        blocks = [*self._blocks(text, last, links, ended)]
        if learning and known == len(self._finished):  # nobody else has learnt it meanwhile
            learned = [*takewhile(lambda block: block.known_at, blocks)]
            blocks = blocks[len(learned) :]
            self._finished += learned
            self._joined = joined = _joined(learned, joined)
            self._links = links.first(learned[-1].links) if learned else self._links
            self._open_bytes = blocks[-1].size_bytes - self.finished_bytes if blocks else 0
        nodes = _joined(blocks, joined).nodes
        return nodes + list_addresses(links) if ended else nodes

    def _blocks(
        self, text: str, last: FinishedBlock, links: Links, ended: bool
    ) -> Iterator[FinishedBlock]:
        """The blocks of the text after the last one that is known to be finished."""
        size = last.size_bytes
        for read in read_blocks(text, last.end, last.marks, self._parse):
            checkpoint()
            html = to_html(read.block.nodes)
            size += BLOCK_BYTES + size_bytes(html)
            nodes = fit_block(
                read.block.nodes,
                html,
                self._columns,
                links,
                whole=ended or (read.is_followed if self._only_grows else read.known_at > 0),
                drawn=self._drawn,
                only_grows=self._only_grows,
            )
            fits = nodes is read.block.nodes
            block = read.block if fits else replace(read.block, nodes=nodes)
            yield FinishedBlock(block, read.end, read.known_at, len(links), read.marks, size)

    def _parse(self, text: str) -> list[Block]:
        return parse_blocks(text, self._name, self._definitions)


def _marks(text: str, last: FinishedBlock, rest: str) -> int:
    """How many marks a text has up to the end of its `rest` after the last block that is finished."""
    return (last.marks or count_marks(text[: last.end])) + count_marks(rest)


def _joined(finished: Iterable[FinishedBlock], before: Joined) -> Joined:
    return before.with_blocks(block.block for block in finished)


def _as_written(text: str) -> Nodes:
    return Joined().with_blocks(written_blocks(text)).nodes
