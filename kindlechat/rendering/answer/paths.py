"""Backslashes that escape nothing: those of Windows' paths, of regular expressions, and of texts in Swift."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

MAX_CHARS = 260
"""Windows knows no longer path."""

BEGINNING = re.compile(
    r"""(?<![^\s(\[{"'“‘«*_|>])
    (?: [a-z]: | \\\\[\w.$-]+(?=\\[\w$]) | \.{1,2}(?=\\[\w.(]) | %\w+% | ~(?=\\\w) | \$env:\w+
    | HK(?:LM|CU|CR|U|EY_[A-Z_]+):? )
    (?=\\(?!\\))""",
    re.VERBOSE | re.IGNORECASE,
)
"""A drive, a server, a folder, a variable or a branch of the registry."""

NO_PART = re.compile(r'["<>|?`]')
"""What no path holds."""

LITERAL = re.compile(r"\\(?:\*(?!\*)|_+|[^\w\s\\*])?")
"""A backslash, with what it would escape elsewhere; two asterisks after it end strong text."""


EXPRESSION = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[dwsbDWSB](?![a-zA-Z])|[1-9](?!\d))")
"""What only a regular expression has: a class of letters, and a group by its number."""

MAX_EXPRESSION_CHARS = 100

VALUE = re.compile(r"\\\([A-Za-z_$](?:[\w.?!$]|\[\w*\]|\(\w*\)){1,60}\)")
"""A value in a text, with its name in brackets of which only the first has a backslash."""

AFTER = re.compile(r"\S*")


def paths_plugin(md: MarkdownIt) -> None:
    r"""Keep the backslashes of `\\server\share`, `C:\data\(old)` and `\d+\.\d+`."""
    md.inline.ruler.before("maths", "path", _path)


def _path(state: StateInline, silent: bool) -> bool:
    text, pos = state.src, state.pos
    if text[pos] != "\\":
        return False
    end = _end_of_beginning(text, pos)
    if VALUE.match(text, pos, state.posMax):
        end = pos + 2
    elif text.startswith("¯\\_(", pos - 1):
        end = pos + 2  # an arm of somebody who shrugs
    if end is None:
        match = LITERAL.match(text, pos, state.posMax)
        if (
            match is None
            or text.startswith("\\\\", pos)
            or not (_is_in_path(text, pos) or is_in_expression(text, pos))
        ):
            return False
        end = match.end()
    if not silent:
        state.pending += text[pos:end]
    state.pos = end
    return True


def _end_of_beginning(text: str, pos: int) -> int | None:
    """The end of a server's name that begins here; None if none does."""
    match = BEGINNING.match(text, pos) if text.startswith("\\\\", pos) else None
    return match.end() if match else None


def _is_in_path(text: str, pos: int) -> bool:
    """Whether a path has begun in the word that stands before this place."""
    word = _word_before(text, pos, MAX_CHARS)
    if not word:
        return False
    start = pos - len(word)
    match = BEGINNING.search(text, start, pos + MAX_CHARS)
    return match is not None and match.end() <= pos and not NO_PART.search(text, match.end(), pos)


def is_in_expression(text: str, pos: int) -> bool:
    """Whether the word around this place is a regular expression."""
    after = AFTER.match(text, pos, pos + MAX_EXPRESSION_CHARS)
    word = _word_before(text, pos, MAX_EXPRESSION_CHARS) + (after[0] if after else "")
    return EXPRESSION.search(word) is not None


def _word_before(text: str, pos: int, most: int) -> str:
    """What stands right before this place up to a blank, as far as `most` signs go."""
    words = text[max(0, pos - most) : pos].split()
    return words[-1] if words and not text[pos - 1].isspace() else ""
