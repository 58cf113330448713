"""Which asterisks, underscores and tildes emphasise, and which are operators or parts of names.

Chinese, Japanese and Korean put no blanks between words: beside their signs the rules of
https://github.com/tats-u/markdown-cjk-friendly hold. Everywhere else CommonMark's rules hold, but for
marks between two operands (`2**3`, `a*b`, `(a+b)*c`), globs (`src/**/*.py`) and names (`__init__`).
"""

import re
import unicodedata
from enum import Enum, auto
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline, emphasis, strikethrough
from markdown_it.rules_inline.state_inline import Scanned

from kindlechat.rendering.answer.line_breaks import THAI
from kindlechat.rendering.answer.paths import is_in_expression

MAX_WORD_LETTERS = 40
"""How far a word is looked at on either side of a mark."""

NAME = re.compile(r"__[a-zA-Z]\w*?__(?!\w)", re.ASCII)
"""What may be a name that begins and ends with two underscores, and may be strong text."""

PRIVATE = re.compile(r"_[a-zA-Z]\w*_\w*[a-zA-Z0-9](?!\w)", re.ASCII)
"""A name with underscores in it, after the one that it begins with."""

CALLED = re.compile(r"_{1,2}[a-zA-Z]\w*\(", re.ASCII)
"""A name that begins with underscores, of what is called."""

TRAILING = re.compile(r"(?<!\w)[a-zA-Z]\w*_\w*[a-zA-Z0-9]\Z", re.ASCII)
"""A name with underscores in it, before the one that it ends with."""

SPECIAL_NAMES = frozenset(
    {name for kind in (type, type(re), type(NAME.match), int, list, dict) for name in dir(kind)}
    | {f"__{name}__" for name in ("main", "all", "file", "path", "version", "author", "future")}
    | {f"__{name}__" for name in ("slots", "enter", "exit", "aenter", "aexit", "next", "await")}
    | {f"__{name}__" for name in ("debug", "import", "proto", "pycache", "tests", "mocks")}
    | {f"__{name}__" for name in ("FILE", "LINE", "DATE", "TIME", "FUNCTION", "CLASS", "DIR")}
)
"""Those of Python, and what other languages and tools have of the kind."""

PHRASE_ENDS = ":;.,!?…)]%\"'”’»״"
"""Strong text may end with one of these where the next word follows without a blank, against CommonMark."""

AFTER_NUMBERS = "\"'%°!"
"""What ends an operand where a number follows: a text, a percentage, degrees and a factorial."""

WORD_PART = {
    marks: re.compile(rf"[^\W\d_]+(?={re.escape(marks)}(?![*~]))") for marks in ("*", "**", "~~")
}
"""Letters that end with marks again, in the same word."""


ENCLOSED = dict(zip("([{<\"'|“‘«「（", ")]}>\"'|”’»」）", strict=True))
"""Marks right between two of these are spoken of, or stand for all: `COUNT(*)`, the "*" sign."""

PATTERN = re.compile(r"\*\.\*(?!\*) | (?<![^\s^(|/\"'`])\.\*", re.VERBOSE)
"""Asterisks that stand for anything, and have no partner."""

FACE = re.compile(r"(?<![^\s(\[])[>^*;.~@$=-]_+[<^*;.~@$=-](?![^\s.,!?)\]])")
"""Eyes and a mouth: `^_^`, `>_<`."""

UNSPACED = re.compile(f"[{THAI}]")

RUN = re.compile(r"\*+|_+|~+")

WORD_SIGN = "0-9A-Za-z\u00c0-\u024f\u0388-\u0481\u048a-\u052f"
PLAIN_STRONG = re.compile(
    rf"\*\*(?<!\S\*\*)([{WORD_SIGN}][^\n\\$<`~*_\[\]&/]{{0,200}})"
    rf"(?:(?<=[{WORD_SIGN}])\*\*(?=[\s.,;:!?)]|\Z)|(?<=[.,:!?])\*\*(?=\s|\Z))"
)
"""Strong text as it mostly is. Whatever stands around, its asterisks can only be a pair, and no rule wants a
sign of what is between them: so it is read at once, which takes a third of the time."""

INNER = "emphasis.inner"
"""Noted on an underscore's token: it stands between two letters."""


class _Kind(Enum):
    """What a sign is to a mark beside it."""

    BLANK = auto()
    PUNCTUATION = auto()
    CJK = auto()
    """Letters and punctuation of scripts that have no blanks between words; Thai and its neighbours, too."""
    LETTER = auto()
    DIGIT = auto()
    OTHER = auto()


class MarkedState(StateInline):
    """A paragraph while it is read, whose marks are judged by the rules of this module."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 (its names)
        """How many of the same marks stand at `start`, and whether they may open and close emphasis."""
        return _scan(self, start, canSplitWord)


def emphasis_plugin(md: MarkdownIt) -> None:
    """Emphasise and strike what is meant so, and show all other marks as they are.

    What is read must be a MarkedState.
    """
    md.inline.ruler.at("emphasis", _emphasis)
    md.inline.ruler.at("strikethrough", _strikethrough)
    md.inline.ruler2.after("balance_pairs", "names", _part_names)


def _emphasis(state: StateInline, silent: bool) -> bool:
    if not silent and (strong := PLAIN_STRONG.match(state.src, state.pos, state.posMax)):
        state.push("strong_open", "strong", 1).markup = "**"
        state.push("text", "", 0).content = strong[1]
        state.push("strong_close", "strong", -1).markup = "**"
        state.pos = strong.end()
        return True
    if not silent and (name := _name_at(state.src, state.pos)):
        state.append_pending(name)
        state.pos += len(name)
        return True
    begin, known = state.pos, len(state.delimiters)
    if not emphasis.tokenize(state, silent):
        return False
    if state.src[begin] == "_" and begin and state.pos < state.posMax:
        inner = _splits_word(state.src[begin - 1], state.src[state.pos])
        for delimiter in state.delimiters[known:]:
            state.tokens[delimiter.token].meta = {INNER: inner}
    return True


def _part_names(state: StateInline) -> None:
    """Take no two underscores for a pair that both stand within a word: it is a name of parts."""
    holders = [meta.get("delimiters", []) for meta in state.tokens_meta if meta]
    for delimiters in (state.delimiters, *holders):
        for delimiter in delimiters:
            if delimiter.end >= 0 and all(
                state.tokens[each.token].meta.get(INNER)
                for each in (delimiter, delimiters[delimiter.end])
            ):
                delimiter.end = -1


def _splits_word(before: str, after: str) -> bool:
    """Whether underscores between two letters may be marks: a script is written without blanks there."""
    return before.isalnum() and after.isalnum() and _Kind.CJK in (_kind(before), _kind(after))


def _strikethrough(state: StateInline, silent: bool) -> bool:
    return strikethrough.tokenize(state, silent)


def _name_at(text: str, pos: int) -> str:
    """The name with two underscores at its ends that stands here; empty where none does."""
    if not text.startswith("__", pos) or text[pos - 1 : pos] == "_":
        return ""
    match = NAME.match(text, pos)
    if match is None:
        return ""
    before, after = text[pos - 1 : pos], text[match.end() : match.end() + 2]
    in_code = before in ("/", ".") or after[:1] in ("(", "/", "[") or re.match(r"\.\w", after)
    return match[0] if match[0] in SPECIAL_NAMES or in_code else ""


def _scan(state: StateInline, start: int, can_split_word: bool) -> Scanned:
    """How many of the same marks stand here, and whether they may open and close emphasis."""
    text, end = state.src, start + 1
    while end < state.posMax and text[end] == text[start]:
        end += 1
    count = end - start
    before = text[start - 1] if start else " "
    after = text[end] if end < state.posMax else " "
    kind_before, kind_after = _kind(before), _kind(after)
    opens, closes = _flanks(kind_before, kind_after)
    if not can_split_word and not _splits_word(before, after):
        opens, closes = (
            opens and (not closes or kind_before is _Kind.PUNCTUATION or _is_punctuation(before)),
            closes and (not opens or kind_after is _Kind.PUNCTUATION or _is_punctuation(after)),
        )
    if (
        ENCLOSED.get(before) == after
        or _is_gap(before, text[start:end], after)
        or _is_in_face(text, start, end)
        or (count == 1 and (_is_pattern(text, start) or (start and is_in_expression(text, start))))
    ):
        return Scanned(False, False, count)
    if count > 1 and before in PHRASE_ENDS and kind_after is _Kind.LETTER:
        closes = True
    if not can_split_word:
        opens = opens and not (CALLED.match(text, start) or _is_member(text, start))
    if not can_split_word and count == 1:
        opens = opens and not PRIVATE.match(text, start)
        closes = closes and not TRAILING.search(text, max(0, start - MAX_WORD_LETTERS), start)
    following = text[end : end + 2]
    if _is_operator(before, following):
        closes = closes and _ends_word_part(text, start, end)
        opens = opens and _begins_word_part(text, start, end)
    elif _is_glob(before, following, count):
        opens = closes = False
    elif before == "/" and (count == 1 or kind_after is _Kind.PUNCTUATION):
        opens = False
    return Scanned(opens, closes, count)


def _flanks(before: _Kind, after: _Kind) -> tuple[bool, bool]:
    """Whether marks between two signs are left-flanking and right-flanking."""
    mild = (_Kind.BLANK, _Kind.PUNCTUATION, _Kind.CJK)
    left = after is not _Kind.BLANK and (after is not _Kind.PUNCTUATION or before in mild)
    right = before is not _Kind.BLANK and (before is not _Kind.PUNCTUATION or after in mild)
    return left, right


def _is_operator(before: str, following: str) -> bool:
    """Whether an operand ends before the marks, and one begins after them."""
    after, kind = following[:1] or " ", _kind(before)
    if kind is _Kind.DIGIT and re.match(r"""["']|[-+]\d""", following):
        return True
    if before in AFTER_NUMBERS and _kind(after) is _Kind.DIGIT:
        return True
    operands = (_Kind.LETTER, _Kind.DIGIT)
    return (before in ")]" or kind in operands) and (after in "([=" or _kind(after) in operands)


def _is_member(text: str, start: int) -> bool:
    """Whether what begins here is a part of something in a program."""
    return text[max(0, start - 2) : start] in ("::", "->") or text[start - 1 : start] == "$"


def _is_pattern(text: str, start: int) -> bool:
    """Whether a mark stands for anything, as in `*.*` and the expression `.*`."""
    patterns = PATTERN.finditer(text, max(0, start - 2), start + 3)
    return any(match.start() <= start < match.end() for match in patterns)


def _is_in_face(text: str, start: int, end: int) -> bool:
    """Whether the marks are a part of a face, which has a mouth."""
    begun = max(0, start - 4)
    if text.find("_", begun, end + 4) < 0:
        return False
    faces = FACE.finditer(text, begun, end + 4)
    return any(face.start() <= start and end <= face.end() for face in faces)


def _is_gap(before: str, marks: str, after: str) -> bool:
    """Whether the marks are a line to write on, as in `___/___`."""
    return marks.startswith("___") and not (before.isalnum() or after.isalnum())


def _is_glob(before: str, following: str, count: int) -> bool:
    """Whether the marks stand for any name or part of one, as in `src/**/test_*.py`."""
    after = following[:1]
    if before == "/":
        return after in ("/", ".")
    return count == 1 and (after == "/" or (before in "_-" and bool(re.match(r"\.\w", following))))


def _ends_word_part(text: str, start: int, end: int) -> bool:
    """Whether marks between two operands may close emphasis: that of `**H**yper`, not of `2**n`."""
    if _kind(text[start - 1]) is _kind(text[end]) is _Kind.DIGIT:
        return False
    begun = text[max(0, start - MAX_WORD_LETTERS) : start].split()[-1]
    if {text[start:end]} & set(RUN.findall(begun)):
        return True
    return end - start > 1 and len(text) > end + 1 and text[end : end + 2].isalpha()


def _begins_word_part(text: str, start: int, end: int) -> bool:
    """Whether marks between two operands may open emphasis: that of `habl**o**`, not of `a**b**c`."""
    part = WORD_PART.get(text[start:end])
    match = part.match(text, end, end + MAX_WORD_LETTERS) if part else None
    if match is None or _kind(text[start - 1]) is not _Kind.LETTER:
        return False
    after = text[match.end() + end - start :][:1] or " "
    if _kind(after) is _Kind.DIGIT or (end - start == 1 and _kind(after) is _Kind.LETTER):
        return False
    return len(match[0]) > 1 or (start > 1 and text[start - 2 : start].isalpha())


def _is_punctuation(sign: str) -> bool:
    return isPunctChar(sign) or (sign.isascii() and not sign.isalnum() and not sign.isspace())


@lru_cache(maxsize=4096)
def _kind(sign: str) -> _Kind:
    if isWhiteSpace(ord(sign)) or sign.isspace():
        return _Kind.BLANK
    category = unicodedata.category(sign)
    is_emoji = category == "So" and not "\u3000" <= sign < "\U0001f000"
    is_wide = unicodedata.east_asian_width(sign) in "WFH" or "\u1100" <= sign <= "\u11ff"
    if (is_wide and not is_emoji) or sign >= "\U000e0100" or UNSPACED.match(sign):
        return _Kind.CJK
    if _is_punctuation(sign):
        return _Kind.PUNCTUATION
    return {"L": _Kind.LETTER, "M": _Kind.LETTER, "N": _Kind.DIGIT}.get(category[0], _Kind.OTHER)
