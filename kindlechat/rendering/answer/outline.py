"""Reads which blocks a text has: at each line only the rules are tried that may begin with its first sign.

The parser's own way tries every rule at every line.
"""

from collections.abc import Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock, RuleFuncBlockType
from markdown_it.rules_block import StateBlock

from kindlechat.rendering.answer.rules import asked_rules

SIGNS: Mapping[str, str] = {
    "details": "<",
    "summary": "<",
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "heading": "#",
    "maths": "$\\",
}
"""The signs that each rule begins with; all others may begin with any."""

NEVER_ASKED = frozenset(("html_block", "too_long_row"))
"""Tags are not read as HTML, and a long row is looked for only where a block may end."""


def outline_plugin(md: MarkdownIt) -> None:
    """Have the parser read so. It comes after all rules for blocks."""
    md.block = SignedBlocks(md.block)


class SignedBlocks(ParserBlock):
    """Reads as the parser does, whose rules it takes over, by their first signs."""

    def __init__(self, parser: ParserBlock) -> None:
        super().__init__()
        self.ruler = parser.ruler
        asked = asked_rules(self.ruler, NEVER_ASKED)
        self._all = [*asked.values()]
        self._of_text = [rule for name, rule in asked.items() if name not in SIGNS]
        self._of_signs = {
            sign: [rule for name, rule in asked.items() if sign in SIGNS.get(name, sign)]
            for sign in "".join(SIGNS.values())
        }

    def tokenize(self, state: StateBlock, start: int, end: int) -> None:
        """Make tokens of the blocks that begin in these lines."""
        line, after_blank = start, False
        while line < end:
            state.line = line = state.skipEmptyLines(line)
            if line >= end or state.sCount[line] < state.blkIndent:
                return
            for rule in self._rules_at(state, line):
                if rule(state, line, end, False):
                    break
            state.tight = not after_blank
            line = state.line
            after_blank = after_blank or (line <= end and state.isEmpty(line - 1))
            if line < end and state.isEmpty(line):
                after_blank = True
                state.line = line = line + 1

    def _rules_at(self, state: StateBlock, line: int) -> Sequence[RuleFuncBlockType]:
        """The rules that a block may be read by which begins in this line."""
        sign = state.src[state.bMarks[line] + state.tShift[line]]
        if sign.isspace():  # one that the parser does not take for a blank
            return self._all
        return self._of_signs.get(sign, self._of_text)
