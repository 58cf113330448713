"""Formulas in LaTeX, read once from left to right: all but their macros."""

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from itertools import takewhile

from kindlechat.rendering.answer.maths.latex.lettering import TYPEFACES, styled
from kindlechat.rendering.answer.maths.latex.macros import INFIX
from kindlechat.rendering.answer.maths.latex.nodes import (
    BLANK,
    NEWLINE,
    Kind,
    Label,
    Node,
    Row,
    Scripts,
    Sign,
    operator,
    text_of,
    word,
)
from kindlechat.rendering.answer.maths.latex.numbers import join_mixed
from kindlechat.rendering.answer.maths.latex.symbols import FIXED, NAMED, fixed, sign
from kindlechat.rendering.answer.maths.latex.tokens import Tokens
from kindlechat.rendering.answer.maths.latex.units import PLAIN_UNITS

MAX_DEPTH = 20
"""Groups, scripts and arguments within each other; what is deeper is shown as it was written. A level
takes up to twelve calls of Python's thousand, and a formula in a book has four levels."""


class TooDeepError(Exception):
    """The formula has more levels than are looked into."""


ROW_GAP = re.compile(r"\*?\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in)\s*\]")

SCRIPTABLE = frozenset(Kind) - {Kind.SIGN, Kind.OPEN, Kind.COMMA, Kind.SPACE}

TEXT_SIGNS = {"~": " ", "---": "—", "--": "–", "``": "“", "''": "”", "`": "‘", "'": "’", "$": ""}
PRIMES = ("", "′", "″", "‴")


class RowReader(Tokens):
    """A formula under way: signs, groups, scripts and arguments; macros are read by the parser."""

    def __init__(self, latex: str, depth: int = 0) -> None:
        super().__init__(latex)
        self._depth = depth

    def row(self, stops: Container[str]) -> Row:
        """What stands up to one of the tokens, which is left to be read, or to the end."""
        nodes: list[Node] = []
        while self._pos < len(self._tokens) and (token := self._tokens[self._pos]) not in stops:
            if token in ("^", "_"):
                nodes.append(self._scripted(self._base(nodes)))
            elif token[1:] in INFIX and token[0] == "\\":
                self._pos += 1
                nodes = [*self._divided(token[1:], join_mixed(nodes), stops)]
            else:
                item = self._item()
                if (len(item) > 1 or token == "{") and self._is_script():  # noqa: S105 (no password)
                    nodes.append(self._scripted(item))
                else:
                    nodes += item
        return join_mixed(nodes)

    # One thing

    def _item(self) -> Row:
        with self._deeper():
            token = self._tokens[self._pos]
            self._pos += 1
            return self._read(token)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        """One level more, if there are not too many."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooDeepError
        yield
        self._depth -= 1

    def _read(self, token: str) -> Row:
        if token == "{":  # noqa: S105
            return self._group()
        if token == "\\\\":  # noqa: S105
            self._skip_match(ROW_GAP)
            return (NEWLINE,)
        if token[0] == "\\" and len(token) > 1:
            return self._macro(token[1:])
        if token.isspace():
            return (BLANK,) if self._is_meant(self._pos - 1) else ()
        if token[0] == "'":
            return (Sign(PRIMES[len(token)] if len(token) < len(PRIMES) else "′" * len(token)),)
        if token[0] == "-":
            return tuple(sign("−") for _ in token)
        if token == "|":  # noqa: S105
            return (self._bar(),)
        if token in NAMED:
            return FIXED[token]
        if token == ":":  # noqa: S105
            return (self._colon(),)
        if token == "@":  # noqa: S105
            return self._diagram_arrow()
        return {"~": (BLANK,), "&": ()}.get(token, (sign(token),))

    def _bar(self) -> Sign:
        """A bar between blanks is an operator, as in P(A | B)."""
        before = self._tokens[self._pos - 2] if self._pos > 1 else ""
        after = self._tokens[self._pos] if self._pos < len(self._tokens) else ""
        return operator("|") if before.isspace() and after.isspace() else sign("|")

    def _colon(self) -> Sign:
        """A colon is an operator between blanks and in :=, and else stands close to what is before it."""
        before = self._tokens[self._pos - 2] if self._pos > 1 else " "
        after = self._tokens[self._pos] if self._pos < len(self._tokens) else ""
        if before.isspace() or after == "=":
            return operator(":")
        return Sign(":", Kind.COMMA if after.isspace() else Kind.ORDINARY)

    def _is_meant(self, pos: int) -> bool:
        """Whether a blank parts a word from what is beside it, as in "10 kg" and "f(x) dx".

        One after a macro only ends its name, except before a differential.
        """
        before, after = self._tokens[max(0, pos - 2) : pos], self._tokens[pos + 1 : pos + 6]
        if not before or not after or not (before[-1][-1].isalnum() or before[-1] in ")]}"):
            return False
        word = "".join(takewhile(_is_letter, after))
        if len(word) == 2 and word[0] == "d":
            return True
        if before[-1][0] in "\\}":
            return False
        if before[-1][-1].isdigit():
            return len(word) > 2 or word in PLAIN_UNITS
        return len(word) > 1 or (_is_word(before) and after[0].isalnum())

    def _group(self) -> Row:
        is_styled = self._next()[1:] in TYPEFACES
        nodes = self.row("}")
        nodes = styled(nodes) if is_styled else nodes
        self._skip("}")
        if len(nodes) == 1 and isinstance(nodes[0], Sign) and nodes[0].kind is Kind.COMMA:
            return (Sign(nodes[0].text),)  # {,} parts the thousands of one number
        return nodes

    # Scripts

    def _base(self, nodes: list[Node]) -> Row:
        """What a script belongs to: the last thing, which is taken away, or nothing."""
        if not nodes or (isinstance(nodes[-1], Sign) and nodes[-1].kind not in SCRIPTABLE):
            return ()
        return (nodes.pop(),)

    def _scripted(self, base: Row) -> Node:
        scripts: dict[str, Row] = {}
        while self._is_script():
            mark = self._next()
            self._pos += 1
            scripts[mark] = scripts.get(mark, ()) + self._argument()
        first = base[0] if len(base) == 1 else None
        if isinstance(first, Label) and not first.labels:
            return Label(first.base, tuple(filter(None, scripts.values())))
        return Scripts(base, scripts.get("_"), scripts.get("^"), next(iter(scripts), "") == "^")

    # Arguments

    def _argument(self) -> Row:
        """A group, or the one thing that follows; nothing where something ends first."""
        return () if self._next() in ("", "}", "&", "\\\\", "\\end", "\\right") else self._item()

    def _option(self) -> Row:
        if not self._skip("["):
            return ()
        nodes = self.row("]}")
        self._skip("]")
        return nodes

    def _delimiter(self) -> str:
        """A bracket after a macro that makes it grow; empty for the point that stands for none."""
        token = self._next()
        if token in ("", "}", "&", "\\\\"):
            return ""
        self._pos += 1
        if token == "{":  # noqa: S105
            inside = text_of(self._group())
            return inside[:1]
        if token[0] == "\\":
            token = text_of(fixed(token[1:]) or ())
        return {".": "", "<": "⟨", ">": "⟩"}.get(token, token[:1])

    def _words(self) -> Row:
        """An argument in which blanks count, and dollars enclose formulas."""
        if not self._skip("{"):
            return self._argument()
        nodes: list[Node] = []
        text = ""
        in_formula = False
        while self._pos < len(self._tokens) and (token := self._tokens[self._pos]) != "}":
            if token == "$":  # noqa: S105
                in_formula = not in_formula
            if in_formula and token != "$":  # noqa: S105
                nodes += (word(text), *self.row(("$", "}")))
                text = ""
                continue
            if token[0] in "\\{":
                item = self._item()
                if all(isinstance(node, Sign) for node in item):
                    text += text_of(item)
                else:
                    nodes += (word(text), *item)
                    text = ""
                continue
            self._pos += 1
            text += " " if token.isspace() else TEXT_SIGNS.get(token, token)
        self._skip("}")
        return (*(node for node in nodes if node != word("")), *((word(text),) if text else ()))

    # Macros

    def _macro(self, name: str) -> Row:
        raise NotImplementedError

    def _divided(self, name: str, above: Row, stops: Container[str]) -> Row:
        raise NotImplementedError

    def _diagram_arrow(self) -> Row:
        raise NotImplementedError


def _is_letter(token: str) -> bool:
    return token.isascii() and token.isalpha()


def _is_word(tokens: list[str]) -> bool:
    """Whether the tokens are, or begin or end, letters that belong together."""
    letters = "".join(tokens)
    return letters.isascii() and letters.isalpha() and len(letters) > 1
