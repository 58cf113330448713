"""What points elsewhere in an answer: references with their definitions, footnotes, and pictures.

A definition comes late, and a growing page cannot take back what it shows. So the words are the same
whether there is a definition or not: it only makes them a link.
"""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_inline import StateInline, autolink, link

from kindlechat.rendering.answer.addresses import is_web_address, other_host, push_link
from kindlechat.rendering.safety.checkpoint import checkpoint

Definitions = Mapping[str, str]
"""The address of each label."""

MAX_ADDRESS_CHARS = 2000

TITLE = r"""(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^)\n]*\)))?[ \t]*"""

DEFINITION = rf"\[(?!\^)([^\[\]\n]{{1,60}})\]:[ \t]+<?(https?://[^\s<>]{{1,{MAX_ADDRESS_CHARS}}})>?{TITLE}(?=\n|\Z)"
DEFINITION_HERE = re.compile(DEFINITION, re.IGNORECASE)
DEFINITION_LINE = re.compile(rf"^[ \t>]*{DEFINITION}", re.IGNORECASE | re.MULTILINE)

FULL = re.compile(r"!?\[(?P<text>(?!\^)[^\[\]\n]{1,200})\]\[(?P<label>(?!\^)[^\[\]\n]{0,60})\]")

LONG_ADDRESS = re.compile(
    rf"\(\s*(?:<[^<>\n]{{{MAX_ADDRESS_CHARS}}}|[^\s<]\S{{{MAX_ADDRESS_CHARS}}})"
)
"""What stands after a link's text and is no address: the parser would look at each sign of it."""

MAX_LINK_CHARS = 500
"""So long the text of a link is at most, marks and all."""

WORDS = re.compile(r"[^\W\d_]")
"""Of a text that is no number of a source: `[1][2]` names two."""

SHORT_LABEL = re.compile(r"\d{1,3}|[a-z][a-z0-9_.:-]*")
"""A label that no reader takes for words of the text."""

SHORTCUT = re.compile(r"\[(?!\^)([^\[\]\n]{1,60})\](?!\()")

FOOTNOTE = re.compile(r"\[\^([^\W_][\w-]{0,19})\](:?)")

FOOTNOTE_LINE = re.compile(r"^[ \t>]*\[\^([^\W_][\w-]{0,19})\]:", re.MULTILINE)

FOOTNOTE_ADDRESS = re.compile(r"#[fr][\w-]{0,60}")

CHARACTERS = re.compile(r".-.|.{1,2}")
"""A footnote has no such name; it is a set of characters in a regular expression."""


def references_plugin(md: MarkdownIt) -> None:
    """Make links of references, footnotes and pictures.

    The parser's environment may hold `definitions` that the whole text has, and the `name` that tells
    this answer's footnotes from those of others on a page.
    """
    md.inline.ruler.at("link", _link)
    md.inline.ruler.at("autolink", _autolink)
    md.inline.ruler.before("link", "footnote", _footnote)
    md.inline.ruler.before("link", "definition", _definition)
    md.inline.ruler.before("link", "full_reference", _full_reference)
    md.inline.ruler.before("image", "picture", _picture)
    md.inline.ruler.after("link", "shortcut", _shortcut)


def find_definitions(text: str) -> Definitions:
    """The definitions in a text, those of footnotes that are names among them; of several the first."""
    if "]:" not in text:  # nearly always, and this takes no time
        return {}
    notes = (match[1] for match in FOOTNOTE_LINE.finditer(text))
    found = {f"^{name}": f"#{name}" for name in notes if not name.isdigit()}
    for match in DEFINITION_LINE.finditer(text):
        checkpoint()
        address = normalizeLink(match[2])
        if is_web_address(address):
            found.setdefault(_normal(match[1]), address)
    return found


def _link(state: StateInline, silent: bool) -> bool:
    """The parser's own rule for links, whose text is never long: other brackets are just brackets."""
    if state.src[state.pos] != "[" or not ends_soon(state.src, state.pos):
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos, True)
    if not 0 <= end <= state.pos + MAX_LINK_CHARS or LONG_ADDRESS.match(state.src, end + 1):
        return False
    return link(state, silent)


def _autolink(state: StateInline, silent: bool) -> bool:
    """The parser's own rule for addresses in angles, of which none is very long."""
    end = state.src.find(">", state.pos, state.pos + MAX_ADDRESS_CHARS)
    return end >= 0 and autolink(state, silent)


def ends_soon(text: str, pos: int) -> bool:
    """Whether a bracket there may end within MAX_LINK_CHARS; looking through the text takes far longer."""
    return text.find("]", pos, pos + MAX_LINK_CHARS + 1) >= 0


def _footnote(state: StateInline, silent: bool) -> bool:
    """A footnote's mark, and before its text the same again: each leads to the other.

    The text stands where the model wrote it, usually at the end: nothing before it ever moves. A mark
    that is a name, not a number, stays as it is written, since `[^abc]` may be a set of characters.
    """
    match = FOOTNOTE.match(state.src, state.pos)
    if match is None:
        return False
    if not match[1].isdigit():
        return _named_footnote(state, match, silent)
    begins = state.src[state.pos - 1 : state.pos] in ("", "\n") and match[2] == ":"
    if not silent:
        here, there = "fr" if begins else "rf"
        name = f"{state.env.get('name', '')}-{match[1]}"
        state.push("sup_open", "sup", 1)
        if not state.linkLevel:
            link = state.push("link_open", "a", 1)
            link.attrs = {"id": here + name, "href": f"#{there}{name}"}
        state.push("text", "", 0).content = match[1]
        if not state.linkLevel:
            state.push("link_close", "a", -1)
        state.push("sup_close", "sup", -1)
    state.pos = match.end() if begins else match.end(1) + 1
    return True


def _named_footnote(state: StateInline, match: re.Match[str], silent: bool) -> bool:
    if not _is_name(state.src, match):
        return False
    begins = state.src[state.pos - 1 : state.pos] in ("", "\n") and match[2] == ":"
    is_known = f"^{match[1]}" in state.env.get("definitions", {}) and not state.linkLevel
    if not silent:
        if is_known:
            here, there = "fr" if begins else "rf"
            name = f"{state.env.get('name', '')}-{match[1]}"
            state.push("link_open", "a", 1).attrs = {"id": here + name, "href": f"#{there}{name}"}
        state.push("text", "", 0).content = f"[^{match[1]}]"
        if is_known:
            state.push("link_close", "a", -1)
    state.pos = match.end(1) + 1
    return True


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Whether it is the name of a footnote, not a set of characters such as `[^abc]+`."""
    around = text[match.start() - 1 : match.start()] in tuple("/\\(|^[]") or re.match(
        r"[+*?{/|\\\[]", text[match.end() :][:1]
    )
    return not around and not CHARACTERS.fullmatch(match[1])


def _definition(state: StateInline, silent: bool) -> bool:
    """A line that defines a label is shown as an entry of a list of addresses."""
    if state.src[state.pos] != "[" or state.src[state.pos - 1 : state.pos] not in ("", "\n"):
        return False
    match = DEFINITION_HERE.match(state.src, state.pos)
    address = normalizeLink(match[2]) if match else ""
    if match is None or not is_web_address(address):
        return False
    if not silent:
        state.push("text", "", 0).content = f"[{match[1]}] "
        push_link(state, address, match[2])
    state.pos = match.end()
    return True


def _full_reference(state: StateInline, silent: bool) -> bool:
    """Words in brackets, and a label in brackets: the label stays as a number does after a link."""
    match = FULL.match(state.src, state.pos) if state.src[state.pos] in "![" else None
    if match is None or re.match(r"[\w\])]", state.src[state.pos - 1 : state.pos]):
        return False
    label = match["label"]
    is_picture = match[0][0] == "!"
    if label and not is_picture and not WORDS.search(match["text"]):
        return False
    address = _address(state, match["text"], label or match["text"])
    bare = not label or is_picture or SHORT_LABEL.fullmatch(label) is not None
    if not (bare or address):
        return False
    if not silent:
        state.append_pending("" if bare else "[")
        _push_linked(state, *match.span("text"), address)
        state.append_pending(("" if bare else "]") + (f" [{label}]" if label and bare else ""))
        state.append_pending(f"[{label}]" if not bare else "")
    state.pos = match.end()
    return True


def _shortcut(state: StateInline, silent: bool) -> bool:
    """A label in brackets, where it is one: they stay."""
    match = SHORTCUT.match(state.src, state.pos)
    address = _address(state, match[1], match[1]) if match else ""
    if match is None or not address or state.linkLevel:
        return False
    if not silent:
        state.append_pending("[")
        _push_linked(state, match.start(1), match.end(1), address)
        state.append_pending("]")
    state.pos = match.end()
    return True


def _picture(state: StateInline, silent: bool) -> bool:
    """A picture is its description, and a link to it: it would weigh too much."""
    if not state.src.startswith("![", state.pos) or not ends_soon(state.src, state.pos):
        return False
    start, end = state.pos + 2, state.md.helpers.parseLinkLabel(state, state.pos + 1, False)
    if end < 0 or not state.src.startswith("(", end + 1):
        return False
    destination = PICTURE.match(state.src, end + 2, state.posMax)
    if destination is None:
        return False
    if not silent:
        url = destination[1] or destination[2] or ""
        address = normalizeLink(url)
        is_link = is_web_address(address)
        _push_linked(state, start, end, address if is_link else "", reference=False)
        if not is_link and url and not url.lower().startswith("data:"):
            state.append_pending(f" ({url})" if start < end else url)
    state.pos = destination.end()
    return True


PICTURE = re.compile(rf"\s*(?:<([^<>\n]*)>|([^\s()]*(?:\([^\s()]*\)[^\s()]*)*)){TITLE}\s*\)")
"""What stands between the brackets after a picture's description."""


def _push_linked(
    state: StateInline, start: int, end: int, address: str, *, reference: bool = True
) -> None:
    """That part of the text, as a link where there is an address and no link around it."""
    linked = bool(address) and not state.linkLevel
    if linked:
        attributes = {"class": "reference"} if reference else {}
        state.push("link_open", "a", 1).attrs = {"href": address, **attributes}
        state.linkLevel += 1
    after, state.pos, state.posMax = state.posMax, start, end
    state.md.inline.tokenize(state)
    state.posMax = after
    if linked:
        state.linkLevel -= 1
        state.push("link_close", "a", -1)


def _address(state: StateInline, text: str, label: str) -> str:
    """What the label stands for; nothing where the text looks like the address of another host."""
    address = state.env.get("definitions", {}).get(_normal(label), "")
    return address if address and not other_host(text, address) else ""


def _normal(label: str) -> str:
    return " ".join(label.split()).casefold()
