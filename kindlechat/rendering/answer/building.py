"""Builds the nodes of a page from the parser's tokens: nothing in them is outside the allow-list."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from kindlechat.rendering.answer.addresses import is_web_address
from kindlechat.rendering.answer.code import code_nodes
from kindlechat.rendering.answer.maths.lines import CLASS
from kindlechat.rendering.answer.ornaments import without_ornament
from kindlechat.rendering.answer.plain import plain_nodes
from kindlechat.rendering.answer.references import FOOTNOTE_ADDRESS
from kindlechat.rendering.answer.tree import BREAK, Element, Node, Nodes, element, escaped, merged
from kindlechat.rendering.safety.checkpoint import paced

TAGS = frozenset(
    (
        *("p", "br", "strong", "em", "sup", "code", "pre", "ul", "ol", "li", "blockquote", "h2"),
        *("table", "thead", "tbody", "tr", "th", "td", "hr", "a", "u", "s"),
        *("sub", "kbd", "small", "q", "details", "summary"),
    )
)
MINOR_CLASS = "minor"
"""Of a heading that is the smaller one of two sizes."""

ATTRIBUTES = {
    "a": {
        "id": re.compile(r"[fr][\w-]{0,60}"),
        "class": re.compile("reference"),
    },
    "ol": {"start": re.compile(r"\d{1,9}", re.ASCII)},
    "li": {"value": re.compile(r"\d{1,9}", re.ASCII)},
    "code": {"class": re.compile(r"language-[\w+#.-]{1,30}", re.ASCII)},
    "p": {"class": re.compile(CLASS)},
    "h2": {"class": re.compile(MINOR_CLASS)},
    "pre": {
        "class": re.compile(CLASS),
        "role": re.compile("img"),
        "aria-label": re.compile(".*", re.DOTALL),
    },
    "th": {"align": re.compile("right|center")},
    "td": {"align": re.compile("right|center")},
}
"""What the values of the attributes that are allowed may be; an address is one on the web, or a mark."""

NESTING = frozenset(("em", "strong", "s"))
MAX_NESTED = 10
"""Marks within each other in a paragraph: those deeper are shown as they were written, since what walks
over a tree calls itself for each level."""

RULE = element("hr")


def build_nodes(tokens: Iterable[Token]) -> Nodes:
    """The nodes of a block's tokens. All text is escaped; a tag that is not allowed is left out."""
    builder = _Builder()
    for token in paced(tokens):
        builder.add(token)
    return builder.nodes


class _Builder:
    """Puts tokens into a tree, one after the other."""

    def __init__(self) -> None:
        self._open: list[tuple[str, str, list[Node]]] = [("", "", [])]
        self._hidden = False

    @property
    def nodes(self) -> Nodes:
        return merged(self._open[0][2])

    def add(self, token: Token) -> None:
        match token.type:
            case "text":
                self._append(escaped(token.content))
            case "plain":
                for node in plain_nodes(token.content):
                    self._append(node)
            case "inline":
                self._add_marked(without_ornament(token.children or ()))
            case "softbreak" | "hardbreak":
                self._append(BREAK)
            case "code_inline":
                self._append(element("code", *merged([escaped(token.content)])))
            case "fence" | "code_block":
                self._append(element("pre", _code(token)))
            case "hr":
                self._append(RULE)
            case _ if token.nesting == 0:
                self._append(escaped(token.content))
            case _ if token.hidden:
                self._hidden = True
            case _ if token.tag in TAGS:
                (self._begin if token.nesting == 1 else self._end)(token)

    def _add_marked(self, tokens: Sequence[Token]) -> None:
        """What stands in a paragraph."""
        depth = 0
        for token in paced(tokens):
            depth += token.nesting == 1
            if token.tag in NESTING and depth > MAX_NESTED:
                self._append(escaped(token.markup))
            else:
                self.add(token)
            depth -= token.nesting == -1

    def _begin(self, token: Token) -> None:
        children = self._open[-1][2]
        if token.block and self._hidden and children and isinstance(children[-1], str):
            children.append("\n")  # between an item's text and a block in it
        self._hidden = False
        self._open.append((token.tag, _start(token), []))

    def _end(self, token: Token) -> None:
        """End the element of that tag. Elements within it that have not ended go on behind it."""
        again = []
        while len(self._open) > 1:
            tag, start, children = self._open.pop()
            if tag == token.tag or children:
                self._append(Element(tag, start, merged(children)))
            if tag == token.tag:
                break
            again.append((tag, start, list[Node]()))
        self._open += reversed(again)

    def _append(self, node: Node) -> None:
        if node:
            self._open[-1][2].append(node)


def _start(token: Token) -> str:
    """The start tag, with the attributes that are allowed."""
    if not token.attrs:
        return f"<{token.tag}>"
    attributes = "".join(
        f' {name}="{escape(str(value))}"'
        for name, value in token.attrs.items()
        if _is_allowed(token.tag, name, str(value))
    )
    return f"<{token.tag}{attributes}>"


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("a", "href"):
        return FOOTNOTE_ADDRESS.fullmatch(value) is not None or is_web_address(value)
    allowed = ATTRIBUTES.get(tag, {}).get(name)
    return allowed is not None and allowed.fullmatch(value) is not None


def _code(token: Token) -> Element:
    """The element for a block of code; the first word after a fence is its language."""
    language = (unescapeAll(token.info).split(maxsplit=1) or [""])[0]
    code = Token("code", "code", 0, attrs={"class": f"language-{language}"} if language else {})
    return Element("code", _start(code), code_nodes(token.content, language))
