"""Paths of Windows in a text: a backslash in one parts names, and escapes nothing."""

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


def paths_plugin(md: MarkdownIt) -> None:
    r"""Keep the backslashes of `\\server\share` and `C:\data\(old)`."""
    md.inline.ruler.before("maths", "path", _path)


def _path(state: StateInline, silent: bool) -> bool:
    text, pos = state.src, state.pos
    if text[pos] != "\\":
        return False
    end = _end_of_beginning(text, pos)
    if end is None:
        match = LITERAL.match(text, pos, state.posMax)
        if match is None or text.startswith("\\\\", pos) or not _is_in_path(text, pos):
            return False
        end = match.end()
    if not silent:
        state.pending += text[pos:end]
    state.pos = end
    return True


def _end_of_beginning(text: str, pos: int) -> int | None:
    """Where the name of a server ends that begins here; None where none does."""
    match = BEGINNING.match(text, pos) if text.startswith("\\\\", pos) else None
    return match.end() if match else None


def _is_in_path(text: str, pos: int) -> bool:
    """Whether a path has begun in the word that stands before this place."""
    word = text[max(0, pos - MAX_CHARS) : pos].split()
    if not word or text[pos - 1].isspace():
        return False
    start = pos - len(word[-1])
    match = BEGINNING.search(text, start, pos + MAX_CHARS)
    return match is not None and match.end() <= pos and not NO_PART.search(text, match.end(), pos)
