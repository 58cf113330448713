"""A formula's source in pieces: what comes next, what is passed over, and arguments as they are written."""

import re

from kindlechat.rendering.answer.maths.latex.symbols import NAMED

TOKEN = re.compile(
    rf"""\\(?:operatorname\*|tag\*|hspace\*|[A-Za-z]+|.)
    | (?<![\d^_])\d+(?:,\d+)+
    | (?<![A-Za-z\\])(?:{"|".join(sorted(NAMED, key=len, reverse=True))})(?![A-Za-z])
    | (?<=\s)\|(?=\s) | '+ | -+ | `+ | \s+ | .""",
    re.DOTALL | re.VERBOSE,
)
"""A comma between digits may part thousands, decimals or two numbers: it stays as it was written. So do
names of functions without a backslash."""

LENGTH = re.compile(r"\s*(?:to|by)?\s*=?\s*[+-]?[\d.]+\s*[a-z]{2}\s*|\s*\{[^{}]*\}|")
CODE = re.compile(r"\s*(?:\{([^{}]*)\}|(\"[0-9A-Fa-f]+|'[0-7]+|\d+|x[0-9A-Fa-f]+|`\\?.))")


class Tokens:
    """The tokens of a formula, and where it is being read."""

    def __init__(self, latex: str) -> None:
        self._tokens = TOKEN.findall(latex)
        self._pos = 0

    def _next(self) -> str:
        """The next token that is no blank; empty at the end."""
        while self._pos < len(self._tokens) and self._tokens[self._pos].isspace():
            self._pos += 1
        return self._tokens[self._pos] if self._pos < len(self._tokens) else ""

    def _is_script(self) -> bool:
        """Whether a power or an index comes next; blanks before it do not count."""
        pos = self._pos
        while pos < len(self._tokens) and self._tokens[pos].isspace():
            pos += 1
        return pos < len(self._tokens) and self._tokens[pos] in ("^", "_")

    def _skip(self, token: str) -> bool:
        """Whether the token is next; then it is passed over."""
        found = self._next() == token
        self._pos += found
        return found

    def _skip_match(self, pattern: re.Pattern[str]) -> str:
        """What matches from here on, which is passed over; it ends where a token does."""
        ahead = self._tokens[self._pos : self._pos + 40]
        match = pattern.match("".join(ahead))
        length = match.end() if match else 0
        while ahead and length >= len(ahead[0]):
            length -= len(ahead.pop(0))
            self._pos += 1
        return str(match[0]) if match else ""

    def _raw(self) -> str:
        """An argument as it is written."""
        if not self._skip("{"):
            return "" if self._next() in ("", "}", "&") else self._one_token()
        start, depth = self._pos, 1
        while self._pos < len(self._tokens) and depth:
            depth += {"{": 1, "}": -1}.get(self._tokens[self._pos], 0)
            self._pos += 1
        return "".join(self._tokens[start : self._pos - (depth == 0)])

    def _one_token(self) -> str:
        self._pos += 1
        return str(self._tokens[self._pos - 1])

    def _raw_option(self) -> str:
        if self._next() != "[" or "]" not in self._tokens[self._pos : self._pos + 200]:
            return ""
        end = self._tokens.index("]", self._pos)
        text = "".join(self._tokens[self._pos + 1 : end])
        self._pos = end + 1
        return text
