"""Where formulas stand in a text, and what only looks like one."""

import re

IN_DOLLARS = re.compile(r"\$(?![\s$])((?:[^$`\\\n]|\\[^\n])++)(?<!\s)\$(?!\d)")
IN_TWO_DOLLARS = re.compile(r"\$\$((?:[^$\\]|\\.)++)\$\$", re.DOTALL)
IN_PARENTHESES = re.compile(r"\\\(((?:[^\\]|\\[^()])++)\\\)", re.DOTALL)
IN_BRACKETS = re.compile(r"\\\[((?:[^\\]|\\[^\[\]])++)\\\](?!\()", re.DOTALL)
"""What a formula stands in. No pattern looks beyond the next mark of its own kind, so that many marks
that open nothing take time in proportion to the text."""

MONEY = re.compile(r"\d[\d.,]*\b[^\\^_={}+<>]*[^\W\d_]{2}")
"""An amount and words: "$5 to 10$"."""

MATHS_MARK = re.compile(r"[\\^_=+/<>-]|\A\s*\w\s*\Z")
"""What tells a formula in brackets from words whose brackets are escaped."""


def formula_at(text: str, pos: int, end: int) -> re.Match[str] | None:
    """The formula that begins here, with its inside as the first group."""
    if text.startswith("$$", pos):
        return IN_TWO_DOLLARS.match(text, pos, end)
    if text.startswith("\\(", pos):
        return IN_PARENTHESES.match(text, pos, end)
    if text.startswith("\\[", pos):
        match = IN_BRACKETS.match(text, pos, end)
        return match if match and MATHS_MARK.search(match[1]) else None
    if text.startswith("$", pos) and text[pos - 1 : pos] != "$":
        match = IN_DOLLARS.match(text, pos, end)
        return None if match and MONEY.match(match[1]) else match
    return None
