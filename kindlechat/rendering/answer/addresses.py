"""Addresses on the web: which may be links, where one in a text ends, what a reader sees of them."""

import re
import unicodedata
from functools import lru_cache
from html import unescape
from urllib.parse import unquote_to_bytes, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import escape

from kindlechat.rendering.safety.checkpoint import paced

MAX_CHARS = 2000
"""Browsers take no longer address, so none is looked for in a text."""

HOST = r"(?:[\w-]+(?:\.[\w-]+)+|localhost|\[[\da-fA-F:.]+\])"

SCHEME = re.compile(r"(?<![a-zA-Z0-9+.-])https?$", re.IGNORECASE)

BEGINNING = re.compile(rf"https?://(?![^\s/?#]*@){HOST}", re.IGNORECASE)
"""Of an address that stands in a text: its host has a dot, and nobody's name stands before it."""

SIGNS = re.compile(
    r"""(?: [^\s<>"`\\|*~^{}“”„‟‘’‚‛«»‹›…—\u3000-\u303f\uff00-\uff65\u2e80-\ud7a3\uf900-\ufaff]
    | \*(?!\*) | ~(?!~) | (?<![a-zA-Z0-9])[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff] )+""",
    re.VERBOSE,
)
"""An address goes on to a blank, a quotation mark or a mark of Markdown. Chinese, Japanese and Korean
writers put no blank after it: their letters are a part of it where they follow one of its signs."""

ENDS = ".,:;!?'*_~&"
"""Signs that end a sentence or an emphasis rather than an address."""

CLOSING = {")": "(", "]": "["}

ENTITY_END = re.compile(r"&(?:lt|gt|quot|apos|#39);.*", re.DOTALL)

GAP = re.compile(r".\{|[/=]<")
"""What stands around a part that a reader is to fill in."""

WWW = re.compile(r"(?<![\w@/.:-])www\.(?=[\w-]+\.[\w-])", re.IGNORECASE | re.ASCII)

SOUND_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)

ENCODED = re.compile(r"(?:%[89a-fA-F][0-9a-fA-F])+")

SAID = re.compile(
    r"""https?://(?:[^\s/@]*@)?(?P<host>[^\s/?#:@]+)
    | (?<![\w@./-])(?P<name>(?:[\w-]+\.)+[^\W\d_]{2,})(?=[:/?#\s]|\W?$)""",
    re.VERBOSE | re.IGNORECASE,
)
"""What a reader takes for the name of a host."""

FILE_ENDINGS = frozenset(
    "js ts jsx tsx css html htm txt pdf csv json xml yml yaml toml exe dll jar".split()
)
"""So names end that are files or programs (Node.js), and no host does."""

REORDERED = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""With these a text reads in another order than it is written in."""

SANITISER = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, link_rel=None)

UNSEEN = dict.fromkeys((*range(0x200B, 0x200E), 0x2060, 0xFEFF, 0xAD))


@lru_cache(maxsize=1024)
def is_web_address(url: str) -> bool:
    """Whether a link may lead there: to a host by http or https, with nobody's name before it.

    The sanitiser must think so, too: otherwise it leaves a link that leads nowhere.
    """
    try:
        parts = urlsplit(url)
        sound = parts.port != 0 and SOUND_HOST.fullmatch(
            parts.netloc.removesuffix(f":{parts.port}")
        )
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not sound or "\\" in parts.netloc:
        return False
    return "href" in SANITISER.clean(f'<a href="{escape(url)}">')


def host_of(address: str) -> str:
    """The host that an address leads to, in lower case and without "www."."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return ""


def readable(address: str) -> str:
    """The address with its percent-encoded letters as letters; what has no look stays encoded."""
    return ENCODED.sub(lambda match: _decoded(match[0]), address)


def says_address(text: str, address: str) -> bool:
    """Whether a link's text is its address, or that without its scheme."""
    return _bare(text) == _bare(address)


def other_host(text: str, address: str) -> str:
    """The host that a link leads to, where its text looks like the address of another; else empty."""
    host = host_of(address)
    plain = unicodedata.normalize("NFKC", text.translate(UNSEEN)).lower()
    said = (match["host"] or match["name"] for match in SAID.finditer(plain))
    hosts = [name.removeprefix("www.") for name in said]
    hosts = [name for name in hosts if name.rsplit(".", 1)[-1] not in FILE_ENDINGS]
    told = all(host == name or host.endswith(f".{name}") for name in hosts)
    return "" if told and not REORDERED.search(plain) else host


def addresses_plugin(md: MarkdownIt) -> None:
    """Make links of addresses that stand in a text, and of no address that is none on the web."""
    md.validateLink = is_web_address  # type: ignore[method-assign]
    md.inline.ruler.before("linkify", "bare_address", _bare_address)
    md.core.ruler.push("www", _link_www)


def _bare_address(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = SCHEME.search(state.pending[-8:])
    if scheme is None:
        return False
    start = state.pos - len(scheme[0])
    url = address_at(state.src, start, state.posMax)
    shown = url.replace("&amp;", "&")
    href = state.md.normalizeLink(shown)
    if not url or state.src[max(0, start - 2) : start] == "](" or not is_web_address(href):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    push_link(state, href, shown)
    state.pos = start + len(url)
    return True


def address_at(text: str, start: int, end: int) -> str:
    """The address that stands in the text there; empty where none does, or one with gaps to fill in."""
    end = min(end, start + MAX_CHARS)
    signs = SIGNS.match(text, start, end) if BEGINNING.match(text, start, end) else None
    if signs is None or GAP.match(text, signs.end() - 1):
        return ""
    return _without_end(ENTITY_END.sub("", signs[0]))


def push_link(state: StateInline, href: str, text: str) -> None:
    """A link with that text."""
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1)


def _without_end(url: str) -> str:
    """The address without the signs that belong to the sentence around it."""
    surplus = {closing: url.count(closing) - url.count(CLOSING[closing]) for closing in CLOSING}
    end = len(url)
    while end and (url[end - 1] in ENDS or surplus.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in surplus:
            surplus[url[end]] -= 1
    return url[:end]


def _link_www(state: StateCore) -> None:
    """Addresses that begin with "www.", as people write them."""
    for token in state.tokens:
        if token.children and "www." in token.content.lower():
            token.children = _with_links(token.children, state.md)


def _with_links(tokens: list[Token], md: MarkdownIt) -> list[Token]:
    linked: list[Token] = []
    within = 0
    for token in tokens:
        within += token.nesting if token.tag == "a" else 0
        linked += _cut_at_links(token, md) if token.type == "text" and not within else [token]
    return linked


def _cut_at_links(token: Token, md: MarkdownIt) -> list[Token]:
    parts, end = [], 0
    for match in paced(WWW.finditer(token.content)):
        signs = SIGNS.match(token.content, match.start(), match.start() + MAX_CHARS)
        url = _without_end(signs[0]) if signs else ""
        href = md.normalizeLink(f"http://{url}")
        if match.start() >= end and is_web_address(href):
            parts.append(_text(token.content[end : match.start()]))
            parts += [Token("link_open", "a", 1, attrs={"href": href}), _text(url)]
            parts.append(Token("link_close", "a", -1))
            end = match.start() + len(url)
    return [*parts, _text(token.content[end:])] if parts else [token]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _decoded(signs: str) -> str:
    try:
        letters = unquote_to_bytes(signs).decode()
    except UnicodeDecodeError:
        return signs
    return letters if all(map(_has_a_look, letters)) else signs


def _has_a_look(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMNPS"


def _bare(text: str) -> str:
    return (
        re.sub("^https?://", "", readable(unescape(text)).strip(), flags=re.I).rstrip("/").lower()
    )
