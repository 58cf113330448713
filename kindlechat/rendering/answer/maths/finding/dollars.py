"""Single dollars: what may open a formula beside a word, and what ends one."""

import re

from kindlechat.rendering.answer.maths.finding.display import MAX_CHARS
from kindlechat.rendering.answer.maths.finding.judgement import has_mark, is_maths, may_become_maths
from kindlechat.rendering.answer.maths.finding.spans import (
    UNFINISHED,
    Formula,
    MaybeFormula,
    is_end,
)
from kindlechat.rendering.answer.maths.latex.parser import is_macro

BEFORE = re.compile(
    r"""[\s(\[{<>|/:;,.!?*_~="'“”‘’«»„‚–—-]|[\u0e00-\u0eff\u1000-\u109f\u2e80-\uffff]|\)"""
)
"""After what a dollar may open a formula. Thai, Chinese and Japanese put no blanks between words."""

DOUBTFUL_BEFORE = re.compile(r"""[)/=.<>'"|~_-]""")
"""After what it does so only where its inside begins at once."""

SCRIPTS_ALONE = re.compile(r"(?:[\^_](?:\{[^{}$]*\}|\\[A-Za-z]+|\w|[+*′°−-]))+")

MACRO_ALONE = re.compile(r"\s*\\([A-Za-z]{2,})\s*")

TUPLE = re.compile(r"\((?:\w|\d+)(?:,\s*(?:\w|\d+))*\)(?![^\s=<>≤≥+−*/-])")
"""Numbers or symbols in brackets: what a function is of, as in LCM$(4, 6)$. Shells have words there."""

MACRO_FIRST = re.compile(r"[(\[]?\\([A-Za-z]{2,})")
MAX_AFTER_WORD = 60

SYMBOL_IN_BLANKS = re.compile(r"\$\s+[^\W\d_]+\s+\$")
MAX_LINE_CHARS = 300

LONE_OPERATOR = re.compile(r"[+=<>≤≥≈×÷±−]|-(?!\w)")
BEFORE_NUMBERS = "<>≤≥≈=×÷±"

AFTER_BLANK = re.compile(r"[\s.,;:!?)\]}*|'\"”’»–—-]|\Z|[\u2e80-\uffff]")
"""Before what a dollar may end a formula that has a blank before it."""

FORBIDDEN_AFTER = re.compile(
    r"\.?\d|[({$_@#]|(?!(?:st|nd|rd|th|ths|s|es|e|n|te|ten|er)(?![A-Za-z]))[A-Za-z]"
)
"""Before what it ends none: a digit, or a word but the endings of ordinal numbers and plurals."""

CUT_OFF = re.compile(r"(?<![\^_{\\])[-–+/*(\[]\s*\Z")
CUT_OFF_BY_BLANK = re.compile(r"(?:[=,:;<>]|\b(?:in|or|and))\s+\Z")
"""An operator at the end: what follows belongs to it, so the dollar opened something instead."""

IN_DOLLARS = re.compile(r"(?<!\$)\$((?:[^$`\\\n]|\\[^\n])*+)(\$?)")


def read_dollars(text: str, pos: int) -> MaybeFormula:
    """The formula that a single dollar begins here."""
    match = IN_DOLLARS.match(text, pos)
    if match is None:
        return None
    latex, before = match[1], text[pos - 1 : pos]
    if len(latex) > MAX_CHARS:
        return None
    if match[2] and _stands_alone(latex):
        return Formula(pos, match.end(), latex)
    if before and not BEFORE.match(before):
        return _after_word(text, match, before)
    if DOUBTFUL_BEFORE.match(before) and latex[:1].isspace():
        return None
    if not match[2]:
        waits = is_end(text, match.end()) and may_become_maths(latex)
        return UNFINISHED if waits else None
    return Formula(pos, match.end(), latex) if _is_ended(text, match) else None


def _after_word(text: str, match: re.Match[str], before: str) -> MaybeFormula:
    """What begins right after a word or a number: a power or an index alone, or what has a known macro.

    H$_2$O, Tr$(\\rho)$, LCM$(4, 6)$; everything else is money, a name or a command.
    """
    latex, is_ended = match[1], bool(match[2])
    if not (before.isalnum() or before in ")]"):
        return None
    is_call = before.isalpha() and TUPLE.match(latex) is not None
    if is_ended and (is_call or _begins_with_macro(latex)) and _is_ended(text, match):
        return Formula(match.start(), match.end(), latex)
    may_be = latex[:1] in ("", *"^_([\\") and len(latex) < MAX_AFTER_WORD
    return UNFINISHED if may_be and not is_ended and is_end(text, match.end()) else None


def _stands_alone(latex: str) -> bool:
    """Whether it is a power, an index or a known macro by itself: it may stand beside anything."""
    macro = MACRO_ALONE.fullmatch(latex)
    return SCRIPTS_ALONE.fullmatch(latex) is not None or (macro is not None and is_macro(macro[1]))


def _begins_with_macro(latex: str) -> bool:
    found = MACRO_FIRST.match(latex)
    if found is None or len(latex) >= MAX_AFTER_WORD:
        return False
    return is_macro(found[1])


def _is_ended(text: str, match: re.Match[str]) -> bool:
    """Whether the second dollar ends a formula, by its inside and by what follows."""
    latex, end = match[1], match.end()
    if LONE_OPERATOR.fullmatch(latex):
        after = text[end : end + 1]
        return not after.isalnum() or (after.isdigit() and latex in BEFORE_NUMBERS)
    is_emphasised = "_" == text[end : end + 1] == text[match.start() - 1 : match.start()]
    if not latex.strip() or (FORBIDDEN_AFTER.match(text, end) and not is_emphasised):
        return False
    if latex[-1].isspace() and not AFTER_BLANK.match(text, end):
        return False
    if CUT_OFF.search(latex) or not is_maths(latex):
        return False
    if not (latex[0].isspace() or latex[-1].isspace()):
        return True
    if has_mark(latex):
        return not CUT_OFF_BY_BLANK.search(latex)
    return _is_symbol_in_blanks(text, match)


def waits_for_line_end(text: str, pos: int) -> bool:
    """Whether it is a symbol in blanks, which is a formula by what follows on its line."""
    match = SYMBOL_IN_BLANKS.match(text, pos)
    if match is None:
        return False
    return "\n" not in text[match.end() :] and len(text) < match.end() + MAX_LINE_CHARS


def _is_symbol_in_blanks(text: str, match: re.Match[str]) -> bool:
    """`$ m $`, on a line whose other dollars come in pairs."""
    latex, end = match[1], match.end()
    line_end = text.find("\n", end, end + MAX_LINE_CHARS)
    others = text.count("$", end, line_end if line_end >= 0 else end + MAX_LINE_CHARS)
    symbol = latex.strip()
    return latex[0].isspace() and latex[-1].isspace() and symbol.isalpha() and others % 2 == 0
