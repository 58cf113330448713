"""Reads what stands within a paragraph: at each sign only the rules are tried that may begin with it.

The parser's own way tries every rule at every sign that any rule, its own or a plugin's, might want: with
two dozen rules that is most of the time that an answer takes.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kindlechat.rendering.answer.emphasis import MarkedState
from kindlechat.rendering.answer.plain import IN_PLACE, STOP_SIGNS, read_plain
from kindlechat.rendering.answer.rules import asked_rules
from kindlechat.rendering.safety.checkpoint import PACE, checkpoint

STOPS = re.compile(rf"[\n{STOP_SIGNS}]{IN_PLACE}")
"""Where text ends: at a sign that a rule may begin with, and at the end of a link's text. What begins with a
set of signs is found four times as fast as one of several patterns."""

SIGNS: Mapping[str, str] = {
    "bare_address": ":",
    "newline": "\n",
    "path": "\\",
    "open_formulas": "$\\",
    "maths": "$\\",
    "line_break": "<",
    "tag": "<",
    "escape": "\\",
    "backticks": "`",
    "strikethrough": "~",
    "emphasis": "*_",
    "footnote": "[",
    "definition": "[",
    "full_reference": "![",
    "link": "[",
    "shortcut": "[",
    "picture": "!",
    "autolink": "<",
    "entity": "&",
    "open_marks": "[<&$\\!",
}
"""The signs that each rule may begin with."""

NEVER_ASKED = frozenset(("text", "html_inline"))
"""Text is whatever stands before the next stop, and tags are not read as HTML."""


def inline_plugin(md: MarkdownIt) -> None:
    """Have the parser read so. It comes after all other plugins."""
    md.inline = SignedInline(md.inline)


class SignedInline(ParserInline):
    """Reads as the parser does, whose rules it takes over, by their first signs."""

    def __init__(self, parser: ParserInline) -> None:
        super().__init__()
        self.ruler, self.ruler2 = parser.ruler, parser.ruler2
        asked = asked_rules(self.ruler, NEVER_ASKED)
        self._rules = {
            sign: [rule for name, rule in asked.items() if sign in SIGNS[name]]
            for sign in {"]", *"".join(SIGNS.values())}
        }

    def parse(
        self, text: str, md: MarkdownIt, env: MutableMapping[str, Any], tokens: list[Token]
    ) -> list[Token]:
        """Add the tokens of a paragraph's text to those that it has."""
        checkpoint()
        plain = None if tokens else read_plain(text)
        if plain:
            tokens.append(plain)
            return tokens
        state = MarkedState(text, md, env, tokens)
        self.tokenize(state)
        for walk in self.ruler2.getRules(""):
            if len(state.tokens) > PACE:
                checkpoint()
            walk(state)
        return state.tokens

    def tokenize(self, state: StateInline) -> None:
        """Make tokens of the text up to `state.posMax`."""
        text, end, most = state.src, state.posMax, state.md.options["maxNesting"]
        while (pos := state.pos) < end:
            checkpoint()
            stop = _stop(text, pos, end)
            if stop == pos and state.level < most and self._is_read(state, text[pos], silent=False):
                continue
            state.pos = max(stop, pos + 1)
            state.append_pending(text[pos : state.pos])
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 (the parser's name)
        """Go beyond what is one token, or the text before the next."""
        pos, most = state.pos, state.md.options["maxNesting"]
        if pos not in state.cache:
            state.cache[pos] = self._skipped(state) if state.level < most else state.posMax
        state.pos = state.cache[pos]

    def _skipped(self, state: StateInline) -> int:
        """The end of the token that begins here."""
        checkpoint()
        pos = state.pos
        stop = _stop(state.src, pos, state.posMax)
        if stop > pos:
            return stop
        state.level += 1  # as the parser does, against recursion without end
        is_read = self._is_read(state, state.src[pos], silent=True)
        state.level -= 1
        return state.pos if is_read else pos + 1

    def _is_read(self, state: StateInline, sign: str, *, silent: bool) -> bool:
        """Whether a rule has read what begins with the sign that stands here."""
        return any(rule(state, silent) for rule in self._rules[sign])


def _stop(text: str, pos: int, end: int) -> int:
    """The next place at which a rule may begin; `end` if there is none."""
    match = STOPS.search(text, pos, end)
    return match.start() if match else end
