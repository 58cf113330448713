"""Formulas in LaTeX, read into a tree: macros, fences and environments."""

import re
from collections.abc import Container

from kindlechat.rendering.answer.maths.latex import lettering as letters
from kindlechat.rendering.answer.maths.latex.grids import environment, grid
from kindlechat.rendering.answer.maths.latex.macros import INFIX, MACROS
from kindlechat.rendering.answer.maths.latex.nodes import (
    Fence,
    Grid,
    Label,
    Node,
    Row,
    operator,
    text_of,
    word,
)
from kindlechat.rendering.answer.maths.latex.rows import ROW_GAP, RowReader
from kindlechat.rendering.answer.maths.latex.symbols import fixed, sign
from kindlechat.rendering.answer.maths.latex.tokens import CODE, LENGTH, TOKEN

DIAGRAM_ARROW = re.compile(r"([<>AV])(.*?)\1(.*?)\1|([=|.])")
DIAGRAM_SIGNS = {">": "→", "<": "←", "A": "↑", "V": "↓", "=": "=", "|": "‖", ".": ""}

SIZES = frozenset(
    size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
)
DEFINITIONS = frozenset(
    ("def", "gdef", "edef", "xdef", "newcommand", "renewcommand", "providecommand", "Newextarrow")
)


def is_macro(name: str) -> bool:
    """Whether something is known of the macro."""
    known = name in MACROS or name in SIZES or name in ("left", "begin")
    return known or fixed(name) is not None


def parse_formula(latex: str) -> Row:
    """The formula's tree. Raises TooDeepError, and nothing else whatever is written."""
    return _Parser(latex).row(())


class _Parser(RowReader):
    """One formula under way."""

    def _macro(self, name: str) -> Row:
        if name in letters.TYPEFACES and self._next() == "{":
            return letters.styled(self._argument())
        if name in MACROS:
            macro = MACROS[name]
            return self._built(macro.build(*(self._take(each) for each in macro.takes)))
        if name == "left":
            return (self._fence(),)
        if name == "begin":
            return (self._environment(text_of(self._words())),)
        if name in SIZES or name in ("middle", "right"):
            return self._bracket(name)
        if name in DEFINITIONS or name in ("let", "futurelet"):
            return self._definition(name)
        if name == "root":
            degree = self.row(("\\of", "}"))
            self._skip("\\of")
            return self._built(MACROS["sqrt"].build(degree, self._argument()))
        if name == "buildrel":
            above = self.row(("\\over", "}"))
            self._skip("\\over")
            return self._built(MACROS["stackrel"].build(above, self._argument()))
        if name == "verb":
            return self._verbatim()
        if name in INFIX or name == "end":
            return ()
        signs = fixed(name)
        if signs == ():
            self._next()
        return self._unknown(name) if signs is None else signs

    def _built(self, built: Row | str) -> Row:
        return _Parser(built, self._depth).row(()) if isinstance(built, str) else built

    def _take(self, kind: str) -> object:
        """The next argument of a macro, of the kind that its letter says."""
        match kind:
            case "m":
                return self._argument()
            case "g":
                return self._argument() if self._next() == "{" else ()
            case "o":
                return self._option()
            case "t":
                return self._words()
            case "r":
                return self._raw()
            case "s":
                return self._raw_option()
            case "d":
                return self._delimiter()
            case "n":
                return self._skip_match(LENGTH)
            case "c":
                return self._skip_match(CODE)
        return self._skip("*")

    def _bracket(self, name: str) -> Row:
        if name == "right" or self._next() == ".":
            self._delimiter()
            return ()
        return (operator(self._delimiter()),) if name == "middle" else ()

    def _fence(self) -> Fence:
        left = self._delimiter()
        inside = self.row(("\\right", "}", "\\end"))
        right = self._delimiter() if self._skip("\\right") else ""
        return Fence(left, right, inside)

    def _definition(self, name: str) -> Row:
        """A new macro says nothing by itself."""
        if name in ("let", "futurelet"):
            self._one_token() if self._next() else ""
            self._skip("=")
            self._one_token() if self._next() else ""
            return ()
        while self._next() not in ("", "{", "}"):
            self._pos += 1
        self._raw()
        while self._next() == "[":
            self._raw_option()
        if self._next() == "{":
            self._raw()
        return ()

    def _verbatim(self) -> Row:
        rest = "".join(self._tokens[self._pos :])
        end = rest.find(rest[:1], 1)
        if end < 0:
            return ()
        self._tokens[self._pos :] = TOKEN.findall(rest[end + 1 :])
        return (word(rest[1:end]),)

    def _unknown(self, name: str) -> Row:
        """A macro that nobody knows keeps its name, and its arguments are set."""
        nodes: list[Node] = [word("\\" + name)]
        if self._next() == "[":
            nodes.append(Fence("[", "]", self._option()))
        while self._skip("{"):
            nodes.append(Fence("{", "}", self._group()))
        return tuple(nodes)

    # Environments

    def _environment(self, name: str) -> Grid:
        kind = environment(name)
        self._raw_option()
        columns = self._raw() if kind.has_columns else ""
        rows, rules = self._rows()
        if self._skip("\\end"):
            self._raw()
        return grid(kind, columns, rows, rules)

    def _rows(self) -> tuple[list[list[Row]], set[int]]:
        """The cells of each row, and before which rows there is a line."""
        rows: list[list[Row]] = [[]]
        rules: set[int] = set()
        while (token := self._next()) not in ("", "\\end", "}"):
            if token in ("\\hline", "\\hdashline", "\\toprule", "\\midrule", "\\bottomrule"):
                rules.add(len(rows) - 1)
                self._pos += 1
                continue
            rows[-1].append(self.row(("&", "\\\\", "\\cr", "\\end", "}", "\\hline")))
            if self._skip("\\\\") or self._skip("\\cr"):
                self._skip_match(ROW_GAP)
                rows.append([])
            else:
                self._skip("&")
        return rows, rules

    # Between what stands on both sides

    def _divided(self, name: str, above: Row, stops: Container[str]) -> Row:
        """What an infix macro makes of all that stands on its sides."""
        infix = INFIX[name]
        sides = [self._delimiter() for _ in range(infix.delimiters)]
        if infix.has_length:
            self._skip_match(LENGTH)
        with self._deeper():
            return self._built(infix.build(above, self.row(stops), *sides))

    def _diagram_arrow(self) -> Row:
        """An arrow of a commutative diagram, as in A @>f>> B."""
        match = DIAGRAM_ARROW.match("".join(self._tokens[self._pos : self._pos + 40]))
        if match is None:
            return (sign("@"),)
        self._skip_match(DIAGRAM_ARROW)
        arrow, *labels = match[1] or match[4], match[2] or "", match[3] or ""
        rows = (_Parser(label, self._depth).row(()) for label in labels if label)
        return (Label((operator(DIAGRAM_SIGNS[arrow]),), tuple(rows)),)
