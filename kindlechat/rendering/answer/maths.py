"""Formulas in LaTeX as a line of plain text: what a book without formula type would print."""

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from enum import Enum, auto

from latex2mathml.symbols_parser import SYMBOLS
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_CHARS = 2000
"""A formula longer than this is shown as it was written. The longest in textbooks have about 600."""

MAX_DEPTH = 30
"""Groups, scripts and arguments within each other; what is deeper is shown as it was written. A level
takes up to six calls of Python's thousand, and a formula in a book has four levels."""


def maths_text(latex: str) -> str:
    """The formula as Unicode text, of more than one line where it has several.

    Brackets are added wherever the meaning would change without them. An unknown macro keeps its name
    and its arguments, and what is unfinished shows as far as it goes. Never raises.
    """
    if len(latex) > MAX_CHARS:
        return latex.strip()
    try:
        text = _join(_Parser(latex).atoms(()))
    except _TooDeepError:
        return latex.strip()
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


# What a formula is made of


class _Kind(Enum):
    """How a piece of a formula stands to its neighbours."""

    ORDINARY = auto()
    WORD = auto()
    FUNCTION = auto()
    BIG = auto()
    """Sums, integrals and limits: what follows is theirs, however long it is."""
    OPERATOR = auto()
    SIGN = auto()
    """An operator, or a part of the number that follows."""
    OPEN = auto()
    CLOSE = auto()
    BAR = auto()
    COMMA = auto()
    SPACE = auto()


@dataclass(frozen=True, slots=True)
class _Atom:
    """A piece of a formula; `closed` is what to write where a neighbour would be read into it."""

    text: str
    kind: _Kind = _Kind.ORDINARY
    closed: str = ""


class _TooDeepError(Exception):
    """The formula has more levels than are looked into."""


OPERANDS = {_Kind.ORDINARY, _Kind.WORD, _Kind.CLOSE}
FACTORS = {_Kind.ORDINARY, _Kind.WORD, _Kind.OPEN, _Kind.FUNCTION, _Kind.BIG}
SCRIPTABLE = OPERANDS | {_Kind.FUNCTION, _Kind.BIG, _Kind.BAR, _Kind.OPERATOR}

SUPERSCRIPTS = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
SUBSCRIPTS = dict(
    zip("0123456789+-=()aeoxhklmnpstiruvj", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼ", strict=True)
)
"""Unicode has more small letters than these, but for phonetics, and few fonts have them."""

RAISED = {"∘": "°", "*": "*", "′": "′", "†": "†", "‡": "‡"}
"""What is high above the line by itself."""

ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}

PLAINER = str.maketrans("⟶⟵⟷⟹⟸⟺⟼⩽⩾ϕϵ⟂⧵◻∎ℏ∣∗⊧", "→←↔⇒⇐⇔↦≤≥φε⊥∖□■ħ|*⊨")
"""For symbols that few fonts have, those of the same meaning that most have."""

OPENING = "([{⟨⌊⌈"
CLOSING = ")]}⟩⌋⌉"
SIGNS = "+-±∓−"
BIG_SYMBOLS = "∑∏∐∫∬∭∮⋃⋂⋁⋀⨁⨂⨆"
OPERATORS = "=<>*:×÷·~"
ORDINARY_SYMBOLS = "∀∁∂∃∄∅∆∇∞√∛∜∟∠∡∢¬⊤♯♭♮⁺⁻⁼₊₋₌"
"""Of the symbols that Unicode calls mathematical, those that are no operators."""

# fmt: off
FUNCTIONS = (
    "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "coth",
    "log", "ln", "lg", "exp", "det", "dim", "ker", "deg", "arg", "gcd", "lcm", "hom", "Pr", "tr", "rank",
    "sgn", "sign",
)
LIMITS = ("lim", "max", "min", "sup", "inf", "argmax", "argmin")
SPACES = (*",;:> ", "quad", "qquad", "enspace", "thinspace", "medspace", "thickspace", "space")
WITHOUT_A_TRACE = (
    "!", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "hline", "nonumber", "notag",
    "rm", "bf", "it", "cal",
)
# fmt: on
FIXED = {
    **{name: [_Atom(" ", _Kind.SPACE)] for name in SPACES},
    **{name: [_Atom(name, _Kind.FUNCTION)] for name in FUNCTIONS},
    **{name: [_Atom(name, _Kind.BIG)] for name in LIMITS},
    **{name: [] for name in WITHOUT_A_TRACE},
    **{name: [_Atom("mod", _Kind.OPERATOR)] for name in ("mod", "bmod")},
    "limsup": [_Atom("lim sup", _Kind.BIG)],
    "liminf": [_Atom("lim inf", _Kind.BIG)],
    "mid": [_Atom("|", _Kind.OPERATOR)],
}
"""Macros that always become the same."""

FENCES = {"left", "right", "middle"}
FENCES |= {size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"}
BINOMIALS = {"binom", "dbinom", "tbinom"}
ASIDES = {"pmod": "mod ", "tag": ""}
TEXTS = {"text", "textrm", "textbf", "textit", "textsf", "texttt", "textnormal", "mbox", "hbox"}
NAMES = {"operatorname", "operatorname*"}
STYLES = {"mathrm", "mathbf", "mathit", "mathsf", "mathtt", "mathcal", "mathscr", "mathfrak", "bm"}
STYLES |= {"mathbb", "boldsymbol", "pmb", "boxed", "underbrace", "overbrace", "mathop", "mathrel"}
STYLES |= {"underline", "cancel", "bcancel", "xcancel"}
DROPPED = {"color", "textcolor", "hspace", "vspace", "label", "phantom", "hphantom", "vphantom"}
"""Macros that say nothing to one who reads letters, with their first argument."""

# fmt: off
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "check": "\u030c", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0304", "dot": "\u0307", "ddot": "\u0308", "breve": "\u0306",
    "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a", "vec": "\u20d7",
    "overrightarrow": "\u20d7",
}
# fmt: on
STACKED = {"overset": "^", "stackrel": "^", "underset": "_"}
LABELLED_ARROWS = {"xrightarrow": "→", "xleftarrow": "←"}

MATRICES = {"pmatrix": "()", "bmatrix": "[]", "Bmatrix": "{}", "vmatrix": "||", "Vmatrix": "‖‖"}
MATRICES |= {"matrix": "  ", "smallmatrix": "  ", "array": "  "}
CASES = {"cases", "dcases", "rcases"}
COLUMNED = {"array", "alignedat", "alignat", "alignat*", "tabular"}
"""Environments with an argument about their columns."""

TOKEN = re.compile(
    r"\\(?:operatorname\*|[A-Za-z]+|.) | (?<![\d^_])\d+(?:,\d+)+ | \s+ | .", re.DOTALL | re.VERBOSE
)
"""A comma between digits may part thousands, decimals or two numbers: it stays as it was written."""

ROW_GAP = re.compile(r"\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm)\s*\]")

SMALL = re.escape("".join((*SUPERSCRIPTS.values(), *SUBSCRIPTS.values(), *RAISED.values())))
NUMBER = r"\d+(?:[.,]\d+)*"
LETTER = r"[^\W\d_][\u0300-\u036f\u20d7]?"
SUPERSCRIPTED = re.compile(rf"[{re.escape(''.join(SUPERSCRIPTS.values()))}]$|\^")
ALONE = re.compile(f"{NUMBER}|{LETTER}")
OPEN_ROOT = re.compile(f"[√∛∜](?:{NUMBER}|{LETTER})$")
FACTOR = re.compile(
    rf"[√∛∜]?(?:{NUMBER}|[dδΔ∂]?{LETTER})(?:_\w+)?[{SMALL}]*(?:\^(?:[^\W_]|\([^()]*\)))?"
)
"""What may stand after a division without brackets."""


class _Parser:
    """Reads a formula once, from left to right."""

    def __init__(self, latex: str) -> None:
        self._tokens = TOKEN.findall(latex)
        self._pos = 0
        self._depth = 0

    def atoms(self, stops: Container[str]) -> list[_Atom]:
        """The atoms up to one of the tokens, which is left to be read, or to the end."""
        atoms: list[_Atom] = []
        while self._pos < len(self._tokens) and self._tokens[self._pos] not in stops:
            if self._tokens[self._pos] in "^_":
                base = atoms.pop() if atoms and atoms[-1].kind in SCRIPTABLE else _Atom("")
                atoms.append(self._scripted(base))
                continue
            item = self._item()
            if self._next() in ("^", "_") and (len(item) > 1 or self._raised_already(item)):
                item = [_Atom(_bracketed(_join(item)))]
            atoms += item
        return atoms

    def _raised_already(self, item: list[_Atom]) -> bool:
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

    def _item(self) -> list[_Atom]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooDeepError
        token = self._tokens[self._pos]
        self._pos += 1
        if token == "{":  # noqa: S105 (no password)
            item = self._group()
        elif token == "\\\\":  # noqa: S105
            self._skip_row_gap()
            item = [_Atom("\n", _Kind.SPACE)]
        elif token[0] == "\\" and len(token) > 1:
            item = self._macro(token[1:])
        elif token == "~":  # noqa: S105
            item = [_Atom(" ", _Kind.SPACE)]
        elif token.isspace() or token == "&":  # noqa: S105
            item = []
        else:
            item = [_symbol("′" if token == "'" else token)]  # noqa: S105
        self._depth -= 1
        return item

    def _group(self) -> list[_Atom]:
        atoms = self.atoms(("}", "\\over", "\\choose"))
        if self._skip("\\over"):
            atoms = [_fraction(_join(atoms), _join(self.atoms("}")))]
        elif self._skip("\\choose"):
            below = _join(self.atoms("}"), tight=True)
            atoms = [_Atom(f"C({_join(atoms, tight=True)}, {below})")]
        self._skip("}")
        if [atom.kind for atom in atoms] == [_Kind.COMMA]:
            return [_Atom(atoms[0].text)]  # {,} parts the thousands of one number
        return atoms

    def _argument(self) -> list[_Atom]:
        """A group, or the one thing that follows; nothing where something ends first."""
        return [] if self._next() in ("", "}", "&", "\\\\", "\\end") else self._item()

    def _tight_argument(self) -> str:
        return _join(self._argument(), tight=True)

    def _option(self) -> str:
        if not self._skip("["):
            return ""
        atoms = self.atoms("]}")
        self._skip("]")
        return _join(atoms, tight=True)

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
                parts.append(_join(self._item()))
        self._skip("}")
        return "".join(parts)

    def _scripted(self, base: _Atom) -> _Atom:
        scripts = {"_": "", "^": ""}
        while (mark := self._next()) in scripts:
            self._pos += 1
            scripts[mark] += _script(mark, self._tight_argument())
        start, above = (base.closed or base.text) + scripts["_"], scripts["^"]
        text = start + above
        if base.kind in (_Kind.BIG, _Kind.FUNCTION):
            return _Atom(text, base.kind)
        if len(above) > 1 and above[0] == "^" and above[1] != "(":
            return _Atom(text, _Kind.ORDINARY, f"{start}^({above[1:]})")
        named = "_" in scripts["_"] and not above
        return _Atom(text, _Kind.WORD if named else base.kind)

    def _macro(self, name: str) -> list[_Atom]:
        if name in FIXED:
            return FIXED[name]
        if name in FENCES:
            self._skip(".")
            return []
        if name in FRACTIONS:
            return [_fraction(_join(self._argument()), _join(self._argument()))]
        if name == "sqrt":
            return [_root(self._option(), _join(self._argument()))]
        if name in BINOMIALS:
            return [_Atom(f"C({self._tight_argument()}, {self._tight_argument()})")]
        if name in TEXTS:
            return [_Atom(self._words(), _Kind.WORD)]
        if name in NAMES:
            return [_Atom(self._words().strip(), _Kind.FUNCTION)]
        if name in STYLES:
            return _styled(name, self._argument())
        if name in DROPPED:
            self._argument()
            return []
        if name in ACCENTS:
            return [_accented(name, self._tight_argument())]
        if name in STACKED:
            script, below = _script(STACKED[name], self._tight_argument()), self._argument()
            return [_Atom(_join(below) + script, below[0].kind if below else _Kind.ORDINARY)]
        if name in LABELLED_ARROWS:
            labels = filter(None, (self._option(), self._tight_argument()))
            return [_Atom(f"{LABELLED_ARROWS[name]}({', '.join(labels)})", _Kind.OPERATOR)]
        if name == "substack":
            return [_Atom(self._tight_argument().replace("\n", ", "))]
        if name == "not":
            return [_negated(atom) for atom in self._argument()]
        if name in ASIDES:
            return [_Atom(" ", _Kind.SPACE), _Atom(f"({ASIDES[name]}{self._words()})")]
        if name == "begin":
            return [self._environment(self._words())]
        if not name.isalpha():
            return [_symbol("‖" if name == "|" else name)]
        if code := SYMBOLS.get("\\" + name):
            return [_symbol(chr(int(code, 16)).translate(PLAINER))]
        return [self._unknown(name)]

    def _unknown(self, name: str) -> _Atom:
        arguments = f"[{self._option()}]" if self._next() == "[" else ""
        while self._skip("{"):
            arguments += "{" + _join(self._group()) + "}"
        return _Atom(f"\\{name}{arguments}", _Kind.WORD)

    def _environment(self, name: str) -> _Atom:
        if name in COLUMNED:
            self._argument()
        rows: list[list[list[_Atom]]] = [[]]
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
            return _matrix(MATRICES[name], [[_join(cell) for cell in row] for row in rows])
        if name in CASES:
            return _cases([[_join(cell) for cell in row] for row in rows])
        return _Atom("\n".join(_join([atom for cell in row for atom in cell]) for row in rows))

    def _skip_row_gap(self) -> None:
        """The height of the gap between two rows may stand in brackets after the end of one."""
        tokens = self._tokens[self._pos : self._pos + 12]
        if ROW_GAP.match("".join(tokens)):
            self._pos += tokens.index("]") + 1


# From pieces to text


def _join(atoms: list[_Atom], *, tight: bool = False) -> str:
    """The atoms as text; `tight` without blanks around operators and after commas."""
    parts: list[str] = []
    nothing = _Atom("", _Kind.SPACE)
    solid = [atom for atom in atoms if atom.kind is not _Kind.SPACE]
    following = iter([*solid[1:], nothing])
    before, kind_before = nothing, _Kind.OPEN
    for atom in atoms:
        if atom.kind is _Kind.SPACE:
            parts.append(atom.text)
            kind_before = _Kind.OPEN if atom.text == "\n" else kind_before
            continue
        kind = _kind_here(atom, kind_before)
        if parts and not parts[-1].isspace() and _parted(before, kind_before, atom, kind, tight):
            parts.append(" ")
        parts.append(_closed(atom, before, next(following)))
        before, kind_before = atom, kind
    return "".join(parts)


def _kind_here(atom: _Atom, kind_before: _Kind) -> _Kind:
    """A sign is an operator, and a bar the end of something, where something is before it."""
    if atom.kind is _Kind.SIGN and kind_before in OPERANDS:
        return _Kind.OPERATOR
    if atom.kind is _Kind.BAR:
        return _Kind.CLOSE if kind_before in OPERANDS else _Kind.OPEN
    return atom.kind


def _closed(atom: _Atom, before: _Atom, after: _Atom) -> str:
    """The atom's text: closed beside a factor, to the left of it if it is a fraction."""
    if not atom.closed:
        return atom.text
    factor_before = before.kind in OPERANDS | {_Kind.FUNCTION} and not before.text.endswith(" ")
    factor_after = after.kind in FACTORS and not after.text.startswith(" ")
    if factor_after or (factor_before and "/" in atom.text):
        return atom.closed
    return atom.text


def _parted(before: _Atom, kind_before: _Kind, atom: _Atom, kind: _Kind, tight: bool) -> bool:
    """Whether a blank belongs between the two."""
    if kind in (_Kind.CLOSE, _Kind.COMMA):
        return False
    if _Kind.OPERATOR in (kind_before, kind):
        is_word = "mod" in (before.text, atom.text)
        return is_word or not (tight or kind_before is kind)
    if kind_before is _Kind.COMMA:
        return not tight
    if kind_before in (_Kind.FUNCTION, _Kind.BIG):
        called = before.text[:1].isalpha()
        return not (called and kind is _Kind.OPEN)
    if kind in (_Kind.FUNCTION, _Kind.BIG):
        return kind_before in OPERANDS
    touching = before.text[-1:].isalpha() and atom.text[:1].isalpha()
    return touching and _Kind.WORD in (kind_before, kind)


def _symbol(text: str) -> _Atom:
    if text in BIG_SYMBOLS:
        return _Atom(text, _Kind.BIG)
    if text in OPENING:
        return _Atom(text, _Kind.OPEN)
    if text in CLOSING:
        return _Atom(text, _Kind.CLOSE)
    if text in SIGNS:
        return _Atom(text, _Kind.SIGN)
    if text in ",;":
        return _Atom(text, _Kind.COMMA)
    if text in "|‖":
        return _Atom(text, _Kind.BAR)
    if text in ORDINARY_SYMBOLS or len(text) > 1:
        return _Atom(text)
    if text in OPERATORS or unicodedata.category(text) == "Sm" or "←" <= text <= "⇿":
        return _Atom(text, _Kind.OPERATOR)
    return _Atom(text)


def _fraction(above: str, below: str) -> _Atom:
    if _is_loose(above) or OPEN_ROOT.search(above):
        above = _bracketed(above)
    if not FACTOR.fullmatch(below):
        below = _bracketed(below)
    return _Atom(f"{above}/{below}", _Kind.ORDINARY, f"({above}/{below})")


def _root(degree: str, text: str) -> _Atom:
    sign = ROOTS.get(degree)
    if sign is None:
        small = all(letter in SUPERSCRIPTS for letter in degree)
        sign = _script("^", degree) + "√" if small else f"√[{degree}]"
    closed = sign + _bracketed(text)
    return _Atom(sign + text, closed=closed) if ALONE.fullmatch(text) else _Atom(closed)


def _script(mark: str, text: str) -> str:
    if not text:
        return mark
    if mark == "^" and all(letter in RAISED for letter in text):
        return "".join(RAISED[letter] for letter in text)
    letters = SUPERSCRIPTS if mark == "^" else SUBSCRIPTS
    is_word = len(text) > 2 and text.isalpha()
    if not is_word and all(letter in letters for letter in text):
        return "".join(letters[letter] for letter in text)
    readable = len(text) == 1 or (mark == "_" and text.isalnum())
    return mark + (text if readable else _bracketed(text))


def _styled(name: str, atoms: list[_Atom]) -> list[_Atom]:
    text = "".join(atom.text for atom in atoms)
    if name == "mathbb" and (code := SYMBOLS.get(f"\\mathbb{{{text}}}")):
        letter = chr(int(code, 16))
        return [_Atom(letter if letter < "\U00010000" else text)]
    return [_Atom(text, _Kind.WORD)] if len(text) > 1 and text.isalpha() else atoms


def _negated(atom: _Atom) -> _Atom:
    return _Atom(unicodedata.normalize("NFC", atom.text + "\u0338"), atom.kind)


def _accented(name: str, text: str) -> _Atom:
    if len(text) == 1:
        return _Atom(unicodedata.normalize("NFC", text + ACCENTS[name]))
    return _Atom(name.removeprefix("wide") + _bracketed(text))


def _matrix(brackets: str, rows: list[list[str]]) -> _Atom:
    gap = ", " if any(" " in cell for row in rows for cell in row) else " "
    text = "; ".join(gap.join(row) for row in rows)
    return _Atom((brackets[0] + text + brackets[1]).strip())


def _cases(rows: list[list[str]]) -> _Atom:
    lines = (", ".join(filter(None, (cell.strip(" ,") for cell in row))) for row in rows)
    return _Atom("{ " + "; ".join(line.rstrip(" .;") for line in lines) + " }")


def _is_loose(text: str) -> bool:
    """Whether a division after the text would take only a part of it."""
    depth = 0
    for letter in text:
        depth += (letter in OPENING) - (letter in CLOSING)
        if depth == 0 and letter in " /\n":
            return True
    return not text


def _bracketed(text: str) -> str:
    """The text in brackets, unless it stands in a pair of them."""
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text if index and index == len(text) - 1 else f"({text})"
    return f"({text})"


# Formulas in Markdown

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


def maths_plugin(md: MarkdownIt) -> None:
    r"""Show formulas in `$…$`, `\(…\)`, `$$…$$`, `\[…\]` and a fence named `math` as text.

    A dollar of money stays one, by Pandoc's rule. A line that begins with `$$` or `\[` begins a
    paragraph of its own whatever follows, so that a growing text never moves what is before it. A
    formula that has not ended yet is shown as it was written.
    """
    md.inline.ruler.before("escape", "maths", _inline_maths)
    interrupts = ["paragraph", "blockquote", "list"]
    md.block.ruler.before("paragraph", "maths", _display_maths, {"alt": interrupts})
    md.core.ruler.after("block", "maths", _fenced_maths)


def _inline_maths(state: StateInline, silent: bool) -> bool:
    match = _formula_at(state.src, state.pos, state.posMax)
    if match is None or not match[1].strip():
        return False
    if not silent:
        for index, line in enumerate(maths_text(match[1]).split("\n")):
            if index:
                state.push("hardbreak", "br", 0)
            state.push("text", "", 0).content = line
    state.pos = match.end()
    return True


def _formula_at(text: str, pos: int, end: int) -> re.Match[str] | None:
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


def _display_maths(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph from a line that opens a formula to the one that ends it, or an empty one.

    In it a line that looks like an item of a list, as `- b` may, is none.
    """
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not first.startswith(("$$", "\\[")):
        return False
    if silent:
        return True
    closing = "$$" if first[0] == "$" else "\\]"
    line, ended = start + 1, closing in first[2:]
    while not ended and line < end and not state.isEmpty(line):
        if state.sCount[line] < state.blkIndent:
            break
        ended = closing in state.src[state.bMarks[line] : state.eMarks[line]]
        line += 1
    state.line = line
    state.push("paragraph_open", "p", 1).map = [start, line]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, line, state.blkIndent, False).strip()
    inline.map = [start, line]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _fenced_maths(state: StateCore) -> None:
    """A fence that says so is a paragraph with a formula, where it is one that can be shown."""
    tokens: list[Token] = []
    for token in state.tokens:
        is_maths = token.type == "fence" and token.info.strip().lower() == "math"
        formula = _as_formula(token) if is_maths else []
        tokens += formula or [token]
    state.tokens = tokens


def _as_formula(fence: Token) -> list[Token]:
    """The paragraph for a fence's text; nothing where that ends the formula before its own end."""
    formula = "\n".join(line for line in fence.content.split("\n") if line.strip())
    match = IN_TWO_DOLLARS.fullmatch(f"$${formula}$$")
    if match is None:
        return []
    opening = Token("paragraph_open", "p", 1, map=fence.map, level=fence.level, block=True)
    inline = Token("inline", "", 0, map=fence.map, level=fence.level + 1, block=True)
    inline.content, inline.children = match[0], []
    return [opening, inline, Token("paragraph_close", "p", -1, level=fence.level, block=True)]
