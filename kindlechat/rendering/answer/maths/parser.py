"""Formulas in LaTeX, read once from left to right."""

import re
from collections.abc import Container

from latex2mathml.symbols_parser import SYMBOLS

from kindlechat.rendering.answer.maths.layout import (
    accented,
    bracketed,
    cases,
    fraction,
    join,
    matrix,
    negated,
    root,
    script,
    styled,
)
from kindlechat.rendering.answer.maths.symbols import (
    ACCENTS,
    ASIDES,
    BINOMIALS,
    CASES,
    COLUMNED,
    DROPPED,
    FENCES,
    FIXED,
    FRACTIONS,
    LABELLED_ARROWS,
    MATRICES,
    NAMES,
    PLAINER,
    SCRIPTABLE,
    STACKED,
    STYLES,
    SUPERSCRIPTS,
    TEXTS,
    Atom,
    Kind,
    symbol,
)

MAX_DEPTH = 30
"""Groups, scripts and arguments within each other; what is deeper is shown as it was written. A level
takes up to six calls of Python's thousand, and a formula in a book has four levels."""


class TooDeepError(Exception):
    """The formula has more levels than are looked into."""


TOKEN = re.compile(
    r"\\(?:operatorname\*|[A-Za-z]+|.) | (?<![\d^_])\d+(?:,\d+)+ | \s+ | .", re.DOTALL | re.VERBOSE
)
"""A comma between digits may part thousands, decimals or two numbers: it stays as it was written."""

ROW_GAP = re.compile(r"\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm)\s*\]")
SUPERSCRIPTED = re.compile(rf"[{re.escape(''.join(SUPERSCRIPTS.values()))}]$|\^")


class Parser:
    """Reads a formula once, from left to right."""

    def __init__(self, latex: str) -> None:
        self._tokens = TOKEN.findall(latex)
        self._pos = 0
        self._depth = 0

    def atoms(self, stops: Container[str]) -> list[Atom]:
        """The atoms up to one of the tokens, which is left to be read, or to the end."""
        atoms: list[Atom] = []
        while self._pos < len(self._tokens) and self._tokens[self._pos] not in stops:
            if self._tokens[self._pos] in "^_":
                base = atoms.pop() if atoms and atoms[-1].kind in SCRIPTABLE else Atom("")
                atoms.append(self._scripted(base))
                continue
            item = self._item()
            if self._next() in ("^", "_") and (len(item) > 1 or self._raised_already(item)):
                item = [Atom(bracketed(join(item)))]
            atoms += item
        return atoms

    def _raised_already(self, item: list[Atom]) -> bool:
        """Whether a further exponent would run into the item's own: x²³."""
        mine = item and not item[0].closed and SUPERSCRIPTED.search(item[0].text)
        return self._next() == "^" and bool(mine)

    def _next(self) -> str:
        """The next token that is no blank; empty at the end."""
        while self._pos < len(self._tokens) and self._tokens[self._pos].isspace():
            self._pos += 1
        return self._tokens[self._pos] if self._pos < len(self._tokens) else ""

    def _skip(self, token: str) -> bool:
        """Whether the token is next; then it is passed over."""
        found = self._next() == token
        self._pos += found
        return found

    def _item(self) -> list[Atom]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooDeepError
        token = self._tokens[self._pos]
        self._pos += 1
        if token == "{":  # noqa: S105 (no password)
            item = self._group()
        elif token == "\\\\":  # noqa: S105
            self._skip_row_gap()
            item = [Atom("\n", Kind.SPACE)]
        elif token[0] == "\\" and len(token) > 1:
            item = self._macro(token[1:])
        elif token == "~":  # noqa: S105
            item = [Atom(" ", Kind.SPACE)]
        elif token.isspace() or token == "&":  # noqa: S105
            item = []
        else:
            item = [symbol("′" if token == "'" else token)]  # noqa: S105
        self._depth -= 1
        return item

    def _group(self) -> list[Atom]:
        atoms = self.atoms(("}", "\\over", "\\choose"))
        if self._skip("\\over"):
            atoms = [fraction(join(atoms), join(self.atoms("}")))]
        elif self._skip("\\choose"):
            below = join(self.atoms("}"), tight=True)
            atoms = [Atom(f"C({join(atoms, tight=True)}, {below})")]
        self._skip("}")
        if [atom.kind for atom in atoms] == [Kind.COMMA]:
            return [Atom(atoms[0].text)]  # {,} parts the thousands of one number
        return atoms

    def _argument(self) -> list[Atom]:
        """A group, or the one thing that follows; nothing where something ends first."""
        return [] if self._next() in ("", "}", "&", "\\\\", "\\end") else self._item()

    def _tight_argument(self) -> str:
        return join(self._argument(), tight=True)

    def _option(self) -> str:
        if not self._skip("["):
            return ""
        atoms = self.atoms("]}")
        self._skip("]")
        return join(atoms, tight=True)

    def _words(self) -> str:
        """An argument in which blanks count, and dollars enclose formulas."""
        if not self._skip("{"):
            return self._tight_argument()
        parts: list[str] = []
        while self._pos < len(self._tokens) and self._tokens[self._pos] != "}":
            token = self._tokens[self._pos]
            if token.isspace() or token == "$":  # noqa: S105
                parts.append(" " if token.isspace() else "")
                self._pos += 1
            else:
                parts.append(join(self._item()))
        self._skip("}")
        return "".join(parts)

    def _scripted(self, base: Atom) -> Atom:
        scripts = {"_": "", "^": ""}
        while (mark := self._next()) in scripts:
            self._pos += 1
            scripts[mark] += script(mark, self._tight_argument())
        start, above = (base.closed or base.text) + scripts["_"], scripts["^"]
        text = start + above
        if base.kind in (Kind.BIG, Kind.FUNCTION):
            return Atom(text, base.kind)
        if len(above) > 1 and above[0] == "^" and above[1] != "(":
            return Atom(text, Kind.ORDINARY, f"{start}^({above[1:]})")
        named = "_" in scripts["_"] and not above
        return Atom(text, Kind.WORD if named else base.kind)

    def _macro(self, name: str) -> list[Atom]:
        if name in FIXED:
            return FIXED[name]
        if name in FENCES:
            self._skip(".")
            return []
        if name in FRACTIONS:
            return [fraction(join(self._argument()), join(self._argument()))]
        if name == "sqrt":
            return [root(self._option(), join(self._argument()))]
        if name in BINOMIALS:
            return [Atom(f"C({self._tight_argument()}, {self._tight_argument()})")]
        if name in TEXTS:
            return [Atom(self._words(), Kind.WORD)]
        if name in NAMES:
            return [Atom(self._words().strip(), Kind.FUNCTION)]
        if name in STYLES:
            return styled(name, self._argument())
        if name in DROPPED:
            self._argument()
            return []
        if name in ACCENTS:
            return [accented(name, self._tight_argument())]
        if name in STACKED:
            label, below = script(STACKED[name], self._tight_argument()), self._argument()
            return [Atom(join(below) + label, below[0].kind if below else Kind.ORDINARY)]
        if name in LABELLED_ARROWS:
            labels = filter(None, (self._option(), self._tight_argument()))
            return [Atom(f"{LABELLED_ARROWS[name]}({', '.join(labels)})", Kind.OPERATOR)]
        if name == "substack":
            return [Atom(self._tight_argument().replace("\n", ", "))]
        if name == "not":
            return [negated(atom) for atom in self._argument()]
        if name in ASIDES:
            return [Atom(" ", Kind.SPACE), Atom(f"({ASIDES[name]}{self._words()})")]
        if name == "begin":
            return [self._environment(self._words())]
        if not name.isalpha():
            return [symbol("‖" if name == "|" else name)]
        if code := SYMBOLS.get("\\" + name):
            return [symbol(chr(int(code, 16)).translate(PLAINER))]
        return [self._unknown(name)]

    def _unknown(self, name: str) -> Atom:
        arguments = f"[{self._option()}]" if self._next() == "[" else ""
        while self._skip("{"):
            arguments += "{" + join(self._group()) + "}"
        return Atom(f"\\{name}{arguments}", Kind.WORD)

    def _environment(self, name: str) -> Atom:
        if name in COLUMNED:
            self._argument()
        rows: list[list[list[Atom]]] = [[]]
        while self._next() not in ("", "\\end", "}"):
            rows[-1].append(self.atoms(("&", "\\\\", "\\end", "}")))
            if self._skip("\\\\"):
                self._skip_row_gap()
                rows.append([])
            else:
                self._skip("&")
        if self._skip("\\end"):
            self._words()
        rows = [row for row in rows if any(row)]
        if name in MATRICES:
            return matrix(MATRICES[name], [[join(cell) for cell in row] for row in rows])
        if name in CASES:
            return cases([[join(cell) for cell in row] for row in rows])
        return Atom("\n".join(join([atom for cell in row for atom in cell]) for row in rows))

    def _skip_row_gap(self) -> None:
        """The height of the gap between two rows may stand in brackets after the end of one."""
        tokens = self._tokens[self._pos : self._pos + 12]
        if ROW_GAP.match("".join(tokens)):
            self._pos += tokens.index("]") + 1
