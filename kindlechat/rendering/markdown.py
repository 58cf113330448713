"""The model's Markdown as HTML that a page may show: an allow-list, and a bound on the work."""

import re
from itertools import islice

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markupsafe import Markup, escape

ALLOWED_TAGS = frozenset(
    (
        *("p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h3", "h4"),
        *("table", "thead", "tbody", "tr", "th", "td", "hr", "a"),
    )
)
ALLOWED_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
ALLOWED_SCHEMES = {"http", "https"}

HEADINGS = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
"""An answer stands under a page's own headings and has two steps of its own."""

MAX_MARKS = 20_000
"""How many marks of Markdown are parsed before the rest is shown as it was written.

The parser's time grows with the marks, not the letters: this many took at most 0.4 s (measured over
sixty hostile patterns of 200,000 characters), in which no other reader of this process is served.
A formatted answer of 45,000 characters has about 5,000 of them.
"""

MARK = re.compile(r"[\n\[\]()<>*_`|&\\!#+=~:.-]")

MAX_DEPTH = 12
"""Levels of quotes and lists (a list counts twice). The parser drops what lies deeper than 20."""

WEB_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def render_markdown(text: str) -> Markup:
    """The model's text as HTML with nothing in it outside the allow-list.

    Raw HTML is shown as text, links go to http and https only, a picture becomes a link, and every
    line break is kept. Text that ends in the middle of a mark is fine. Never raises; the time is
    bounded (see MAX_MARKS).
    """
    marked, plain = _split_at_mark(text, MAX_MARKS)
    tokens = _PARSER.parse(marked)
    for token in tokens:
        token.tag = HEADINGS.get(token.tag, token.tag)
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    safe = nh3.clean(
        html,
        tags=set(ALLOWED_TAGS),
        attributes=ALLOWED_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes=ALLOWED_SCHEMES,
        link_rel="nofollow noreferrer",
    )
    return Markup(safe) + _as_written(plain)  # noqa: S704 (nh3 has just cleaned it)


def _split_at_mark(text: str, limit: int) -> tuple[str, str]:
    """`text` in two, before and after the line in which the mark number `limit` stands."""
    beyond = next(islice(MARK.finditer(text), limit, None), None)
    if beyond is None:
        return text, ""
    cut = text.rfind("\n", 0, beyond.start()) + 1
    return text[:cut], text[cut:]


def _as_written(text: str) -> Markup:
    if not text:
        return Markup()
    lines = Markup("<br>\n").join(escape(line) for line in text.split("\n"))
    return Markup("<p>{}</p>\n").format(lines)


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


def _is_web_address(url: str) -> bool:
    return WEB_ADDRESS.match(url) is not None


def _keep_attribute(_tag: str, name: str, value: str) -> str | None:
    """The parser lets one address pass that is none: the empty one, a link to the page itself."""
    return value if name != "href" or _is_web_address(value) else None


def _parser() -> MarkdownIt:
    # A newline in a model's text is meant. Definitions of references would vanish from the page,
    # pictures weigh too much, and a rule right under a paragraph is not meant as a heading.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable("table").disable(["reference", "image", "lheading"])
    parser.block.ruler.before("table", "too_deep", _too_deep)
    parser.validateLink = _is_web_address  # type: ignore[method-assign]
    return parser


_PARSER = _parser()
