"""Where a paragraph that has not ended may yet be read in another way: the earliest mark left open."""

import re
from collections import defaultdict
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from kindlechat.rendering.answer.maths.delimiters import may_change
from kindlechat.rendering.answer.plain import PLAIN
from kindlechat.rendering.answer.references import MAX_LINK_CHARS, ends_soon

Rule = Callable[[StateInline, bool], bool]

OPEN, DELIMITERS, TAGS = "openings", "openings.delimiters", "openings.tags"
"""Where in the parser's environment its rules note what `read_inline` wants to know, if these are there."""

LETTER = re.compile(r"[^\W\d_]")

IN_TAG = re.compile(r"<[^<>\n]*\Z")
IN_ENTITY = re.compile(r"&\#?\w*\Z")
IN_LABEL = re.compile(r"\[[^\[\]\n]{0,60}\Z")
IN_TARGET = re.compile(r"""\(\s*(?:<[^<>\n]*|[^\s<]*|[^\s<]+\s+(?:"[^"]*"?|'[^']*'?)?\s*)\Z""")
"""A tag, an entity, a reference's label and a link's address, as far as a text goes that ends in one."""


@dataclass(frozen=True, slots=True)
class Inline:
    """What a paragraph's text amounts to.

    `opening` is where the first mark stands that a longer text may give another meaning, None where
    there is none: then the text looks the same whatever follows after a blank. `has_letters` says
    whether a reader sees any: they tell in which direction it runs.
    """

    opening: int | None
    has_letters: bool


def read_inline(md: MarkdownIt, text: str) -> Inline:
    """Read the text of a paragraph that may go on."""
    found: list[int] = []
    tokens: list[Token] = []
    env: MutableMapping[str, Any] = {OPEN: found, DELIMITERS: [], TAGS: []}
    md.inline.parse(text, md, env, tokens)
    has_letters = any(
        token.type in ("text", PLAIN) and LETTER.search(token.content) for token in tokens
    )
    return Inline(min(found, default=None), has_letters)


def openings_plugin(md: MarkdownIt) -> None:
    """Have the parser tell `read_inline` what it leaves open. It comes after all other plugins."""
    ruler = md.inline.ruler
    rules = dict(zip(ruler.get_active_rules(), ruler.getRules(""), strict=True))
    for name in ("emphasis", "strikethrough"):
        ruler.at(name, _noting_delimiters(rules[name]))
    ruler.at("backticks", _noting_backticks(rules["backticks"]))
    ruler.at("tag", _noting_tags(rules["tag"]))
    ruler.before("maths", "open_formulas", _note_formula)
    ruler.push("open_marks", _note_mark)
    md.inline.ruler2.after("balance_pairs", "open_delimiters", _note_unpaired)
    md.inline.ruler2.before("tag_pairs", "open_tags", _note_tags)


def _noting_delimiters(rule: Rule) -> Rule:
    def noting(state: StateInline, silent: bool) -> bool:
        begin, known = state.pos, len(state.delimiters)
        if not rule(state, silent):
            return False
        if state.level == 0 and DELIMITERS in state.env:
            new = state.delimiters[known:]
            state.env[DELIMITERS] += [(delimiter, begin) for delimiter in new]
        return True

    return noting


def _noting_backticks(rule: Rule) -> Rule:
    def noting(state: StateInline, silent: bool) -> bool:
        begin = state.pos
        if not rule(state, silent):
            return False
        is_code = state.tokens and state.tokens[-1].type == "code_inline" and not state.pending
        if not silent and not is_code and OPEN in state.env:
            state.env[OPEN].append(begin)
        return True

    return noting


def _noting_tags(rule: Rule) -> Rule:
    def noting(state: StateInline, silent: bool) -> bool:
        begin = state.pos
        if not rule(state, silent):
            return False
        if not silent and TAGS in state.env:
            state.env[TAGS].append((state.tokens[-1], begin))
        return True

    return noting


def _note_formula(state: StateInline, silent: bool) -> bool:
    """Right before the rule for formulas: what is one, or is none yet, may change."""
    if not silent and OPEN in state.env and may_change(state.src, state.pos):
        state.env[OPEN].append(state.pos)
    return False


def _note_mark(state: StateInline, silent: bool) -> bool:
    """The last of the rules: what no other one wanted is open, or just a sign."""
    if not silent and OPEN in state.env and _may_open(state):
        state.env[OPEN].append(state.pos)
    return False


def _may_open(state: StateInline) -> bool:
    text, pos = state.src, state.pos
    sign = text[pos]
    if sign == "[":
        return _may_open_link(state)
    if sign == "<":
        return IN_TAG.match(text, pos) is not None
    if sign == "&":
        return IN_ENTITY.match(text, pos) is not None
    return sign in "$\\!" and pos + 1 == len(text)


def _may_open_link(state: StateInline) -> bool:
    soon = ends_soon(state.src, state.pos)
    end = state.md.helpers.parseLinkLabel(state, state.pos, True) + 1 if soon else 0
    if not end:
        return len(state.src) - state.pos <= MAX_LINK_CHARS
    return any(inside.match(state.src, end) for inside in (IN_TARGET, IN_LABEL))


def _note_unpaired(state: StateInline) -> None:
    """The first delimiter that still waits for its end; what stands within a pair waits no more."""
    noted: list[tuple[Delimiter, int]] = state.env.get(DELIMITERS, [])
    index = 0
    while index < len(noted):
        delimiter, pos = noted[index]
        if delimiter.end > index:
            index = delimiter.end
        elif delimiter.open:
            state.env[OPEN].append(pos)
            return
        index += 1


def _note_tags(state: StateInline) -> None:
    """The tags that wait for their other half."""
    waiting: dict[tuple[str, int], list[int]] = defaultdict(list)
    for token, pos in state.env.get(TAGS, []):
        same = waiting[token.meta["tag"], token.level]
        if not token.meta["ends"]:
            same.append(pos)
        elif same:
            same.pop()
    if OPEN in state.env:
        state.env[OPEN] += [pos for places in waiting.values() for pos in places]
