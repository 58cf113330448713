"""The questions that the model proposes after its answer, parted from its text before anybody sees it (pure).

The model is asked for a block at the answer's end: `<follow-ups>`, a question a line, `</follow-ups>`. No
part of it may show, however it comes: in pieces, cut off, in bold, in a fence, with its brackets escaped.
"""

import re
from collections.abc import Sequence
from enum import Enum
from functools import reduce

BRACKET = r"(?:\\?<|&lt;)"
TAG = r"follow[-_ ]?ups?"
OPENING = re.compile(rf"{BRACKET}\s*{TAG}\s*\\?(?:>|&gt;)", re.IGNORECASE)
CLOSING = re.compile(rf"{BRACKET}\s*\\?/\s*{TAG}\s*\\?(?:>|&gt;)", re.IGNORECASE)

FENCE = r"(?<![^\n]) {0,3}```\w*[ \t]*"
ORNAMENT = r"(?<!\S)[*_#>`~-]{1,6}[ \t]*"
"""What models put before the tag on its line: bold, a heading, a list. What ends a word is not meant."""

LEAD = re.compile(rf"\s*(?P<fence>{FENCE}\n[ \t]*)?(?:{ORNAMENT})?\Z")
"""What belongs to a tag that stands after it."""

REST_OF_LINE = re.compile(r"[*_`~>]*[ \t]*")
REST_WITH_FENCE = re.compile(r"[*_`~>]*\s*(?:```[ \t]*)?")
"""What belongs to a closing tag that stands before it; the fence where the block stood in one."""

ORNAMENTS = "*_#>`~- \t\n"
"""Behind a closing tag these say nothing by themselves."""


def _begins(parts: Sequence[str]) -> str:
    """A pattern for every beginning of these patterns in a row."""
    return reduce(lambda rest, part: f"(?:{part}{rest})?", reversed(parts), "")


TAG_PARTS = (r"\s*", *"follow", "[-_ ]?", "u", "p", "s?", r"\s*", r"(?:\\|&g?t?)?")
PARTIAL_TAG = BRACKET + _begins(TAG_PARTS)
HELD = re.compile(
    rf"(?:[ \t]*\n\s*)?(?:{FENCE}(?:\n[ \t]*)?)?(?:{ORNAMENT})?"
    rf"(?P<tag>{PARTIAL_TAG}|\\|&l?t?)?\Z",
    re.IGNORECASE,
)
"""A text's end that may belong to the block. It is held back until more comes."""

SIGNS = ("<", "&", "\\", "`", "~")

HELD_CHARS = 80
"""The block's beginning is shorter, blanks and all."""

SURELY = re.compile("fol", re.IGNORECASE)
"""So much of the tag is nothing else, even where an answer ends with it."""

MAX_BLOCK_CHARS, MAX_BLOCK_LINES = 1_000, 8
"""Where a block that nobody closes ends; the rest is answer."""

FENCE_LINE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
LINE_START_CHARS = 6
"""So much of a line tells whether it is a fence."""

MAX_FOLLOW_UPS = 3
MAX_CHARS = 140
"""Of one question: it has to fit on a button."""

BULLET = re.compile(r"(?:[-*•–·>]|\(?\d{1,2}[.):]|Q\d?:)\s+")
INNER_TAG = re.compile(r"</?\w[\w-]*>")
MARKS = re.compile(r"\*\*|__|`|^#+\s+")
QUOTES = "\"“”„«»'‘’ "
WORD = re.compile(r"\w")


class _Place(Enum):
    """Where in the model's text we are."""

    ANSWER = 1
    BLOCK = 2
    AFTER = 3


class FollowUps:
    """Parts the text of one answer, piece by piece, from the questions after it."""

    def __init__(self) -> None:
        self.begun = False
        """Whether the questions have begun: the answer before them is whole."""
        self.questions: tuple[str, ...] = ()
        """Those of a block that has ended, without Markdown."""
        self._place = _Place.ANSWER
        self._pending = ""
        self._block_is_fenced = False
        self._fences = 0
        self._line_start = self._last = ""

    def feed(self, text: str) -> str:
        """What is answer, now that this text came."""
        self._pending += text
        if self._place is _Place.ANSWER and _is_plain(self._pending):
            text, self._pending = self._pending, ""
            self._begin_line(text)
            return text
        answer = ""
        while True:
            place = self._place
            answer += self._step()
            if self._place is place:
                return answer

    def close(self, *, cut: bool) -> str:
        """The rest of the answer; `cut` says that the model had more to write."""
        pending, self._pending = self._pending, ""
        if self._place is _Place.BLOCK:
            self._keep(pending)
        if self._place is not _Place.ANSWER:
            return ""
        held = self._first(HELD, pending)
        return pending[:held] if cut or SURELY.search(pending, held) else pending

    def _step(self) -> str:
        """What is answer of what is pending; may lead to another place."""
        if self._place is _Place.ANSWER:
            return self._read_answer()
        return self._read_block() if self._place is _Place.BLOCK else self._read_after()

    def _read_answer(self) -> str:
        """What is surely answer; the rest stays pending."""
        if opening := OPENING.search(self._pending):
            end = self._end_before(opening.start())
            self._place, self.begun, after = _Place.BLOCK, True, opening.end()
        else:
            end = after = self._first(HELD, self._pending)
        answer, self._pending = self._pending[:end], self._pending[after:]
        self._count_fences(answer)
        return answer

    def _end_before(self, tag_start: int) -> int:
        """Where the answer ends that has a tag at this place: before what belongs to the tag."""
        before = self._pending[:tag_start]
        start = self._first(LEAD, before)
        lead = LEAD.match(before, start)
        fence_end = lead.end("fence") if lead else -1  # -1: it has none
        self._block_is_fenced = fence_end >= 0 and not self._is_fence_open(before[:start])
        return start if self._block_is_fenced or fence_end < 0 else fence_end

    def _read_block(self) -> str:
        """Nothing: a block is no answer. It ends at its closing tag, or where it is too long for one."""
        if closing := CLOSING.search(self._pending):
            self._keep(self._pending[: closing.start()])
            self._place, self._pending = _Place.AFTER, self._pending[closing.end() :]
        elif len(self._pending) > MAX_BLOCK_CHARS or self._pending.count("\n") > MAX_BLOCK_LINES:
            lines = self._pending.split("\n", MAX_BLOCK_LINES)
            self._keep("\n".join(lines[:MAX_BLOCK_LINES]))
            self._place, self._pending = _Place.ANSWER, "\n\n" + "".join(lines[MAX_BLOCK_LINES:])
        return ""

    def _read_after(self) -> str:
        """Nothing, until an answer goes on after its questions."""
        if self._pending.strip(ORNAMENTS):
            rest = REST_WITH_FENCE if self._block_is_fenced else REST_OF_LINE
            left = self._pending[_matched(rest, self._pending) :]
            self._place, self._pending = _Place.ANSWER, "\n\n" + left.lstrip("\n")
        return ""

    def _keep(self, block: str) -> None:
        self.questions = self.questions or questions_in(block)

    def _first(self, pattern: re.Pattern[str], pending: str) -> int:
        """Where the end of what is pending begins that the pattern finds; it looks at HELD_CHARS only."""
        if _is_plain(pending[-HELD_CHARS:]):
            return len(pending)
        text = self._last + pending  # whether a word comes before it counts, too
        found = pattern.search(text, max(len(self._last), len(text) - HELD_CHARS))
        return found.start() - len(self._last) if found else len(pending)

    def _count_fences(self, text: str) -> None:
        """Take note of the fences in a piece of the answer."""
        self._fences = self._fences_after(text)
        self._begin_line(text)

    def _begin_line(self, text: str) -> None:
        self._last = text[-1:] or self._last
        _, newline, line = text.rpartition("\n")
        self._line_start = (line if newline else self._line_start + line)[:LINE_START_CHARS]

    def _fences_after(self, text: str) -> int:
        counted = len(FENCE_LINE.findall(self._line_start))
        return self._fences + len(FENCE_LINE.findall(self._line_start + text)) - counted

    def _is_fence_open(self, text: str) -> bool:
        return self._fences_after(text) % 2 == 1


def questions_in(block: str) -> tuple[str, ...]:
    """The questions of a block, each once, at most MAX_FOLLOW_UPS; what no button can hold is none."""
    lines = dict.fromkeys(map(_clean, block.split("\n")))
    fit = [line for line in lines if WORD.search(line) and len(line) <= MAX_CHARS]
    return tuple(fit[:MAX_FOLLOW_UPS])


def _clean(line: str) -> str:
    """A line without the marks of a list, of Markdown and of a quotation."""
    line = INNER_TAG.sub("", line).strip()
    line = MARKS.sub("", BULLET.sub("", line, count=1))
    return " ".join(line.strip(QUOTES).split())


def _is_plain(text: str) -> bool:
    """Whether a text has nothing of a tag or a fence in it, as nearly all have; quick to find out."""
    if text.endswith("\n") or text.rstrip()[-1:] in ORNAMENTS:
        return False
    return not any(map(text.__contains__, SIGNS))  # a pattern of them takes three times as long


def _matched(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0
