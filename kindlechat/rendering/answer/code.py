"""Code marked by weight, not by colour: keywords bold, comments italic, defined names underlined."""

import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from pygments.token import Comment, Keyword, Name

from kindlechat.rendering.answer.tree import (
    Element,
    Node,
    Nodes,
    element,
    escaped,
    merged,
    text_of,
    to_html,
)
from kindlechat.rendering.safety.checkpoint import aside, paced

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LANGUAGES = frozenset(
    (
        *("python", "py", "javascript", "js", "typescript", "ts", "java", "c", "cpp", "c++"),
        *("go", "rust", "ruby", "php", "swift", "kotlin", "bash", "sh", "shell", "sql"),
        *("xml", "css", "json", "yaml", "toml", "ini", "diff", "perl", "r"),
    )
)
"""Those of C#, Lua and make are left out: their lexers take a second for some short texts. That of HTML
reads a script anew when its end comes, so that all of it would be sent twice."""

MAX_MARKED_CHARS = 2000
NO_CODE = re.compile(r"[^\n]{300}|\n\s*\n\s*\n\s*\n")
"""The text is hostile, and a lexer is made of regular expressions that take long for long lines and for
many empty ones: up to there and no further is code marked. So it takes at most 0.15 s (measured over
all of these languages and thirty patterns), with checkpoints."""

MARKS: tuple[tuple[Any, str], ...] = (
    (Keyword, "strong"),
    (Comment, "em"),
    (Name.Function, "u"),
    (Name.Class, "u"),
)


def mark_code(code: str, language: str) -> str:
    """The code as escaped HTML, with its marks where the language is a known one."""
    return to_html(code_nodes(code, language))


def code_nodes(code: str, language: str) -> Nodes:
    """The same as the nodes of a page."""
    lexer = _lexer(language.lower()) if language.lower() in LANGUAGES else None
    if lexer is None:
        return merged((escaped(code),) if code else ())
    nodes: list[Node] = []
    unmarked: list[str] = []
    end = _marked_chars(code)
    for _, kind, text in paced(lexer.get_tokens_unprocessed(code[:end])):
        tag = _mark_of(kind)
        if not tag or text.isspace():
            unmarked.append(text)
            continue
        nodes += (escaped("".join(unmarked)), element(tag, escaped(text)))
        unmarked = []
    return merged((*nodes, escaped("".join(unmarked) + code[end:])))


def without_marks(nodes: Nodes) -> Nodes:
    """The nodes with the code in them as it stands."""
    return tuple(map(_without_marks, paced(nodes)))


def _without_marks(node: Node) -> Node:
    if isinstance(node, str):
        return node
    children = without_marks(node.children)
    if node.tag == "code":
        children = merged(map(text_of, children))
    return Element(node.tag, node.start, children)


def _marked_chars(code: str) -> int:
    odd = NO_CODE.search(code)
    end = min(len(code), MAX_MARKED_CHARS, odd.start() if odd else len(code))
    return end if end == len(code) else code.rfind("\n", 0, end) + 1


@cache
def _mark_of(kind: Any) -> str:
    """The tag for a kind of token; empty where it has none."""
    return next((tag for marked, tag in MARKS if kind in marked), "")


@cache
def _lexer(language: str) -> "Lexer | None":
    return aside(partial(_find_lexer, language))  # it compiles hundreds of expressions


def _find_lexer(language: str) -> "Lexer | None":
    # Here, as the list of all lexers takes 1 MB, and code comes seldom.
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None
