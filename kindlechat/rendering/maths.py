"""LaTeX formulas as text in one line, as a book without formula type sets them: (a + b)/2, x², √(x + 1).

The symbols are pylatexenc's; how formulas are built up is decided here, since its own text leaves out
what it does not know and the brackets that keep a fraction's meaning. Nothing is ever left out.
"""

import re
import unicodedata
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from pylatexenc.latex2text import LatexNodes2Text

MAX_CHARS = 2000
MAX_DEPTH = 20
"""What is longer or nested deeper is shown as it was written."""

TOKEN = re.compile(r"\\([A-Za-z]+|.)|([{}^_&\[\]'])|(\s+)|(\d+(?:\.\d+)?|.)", re.DOTALL)

RAISED = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
LOWERED = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
"""Other raised and lowered letters exist, but not in the typefaces of most e-readers."""

MAX_SCRIPT_CHARS = 5
"""A longer raised or lowered piece is easier to read in brackets."""

FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac"}
SYMBOLS = {"mid": "∣", "iff": "⇔", "implies": "⇒", "impliedby": "⇐", "degree": "°", "prime": "′"}
PLAIN = frozenset(
    "textbf textit textrm mathrm mathbf mathit mathsf mathtt operatorname boldsymbol bm mathcal"
    " mathfrak mathscr boxed underline displaystyle textstyle limits nolimits displaylimits middle"
    " big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr".split()
)
"""What changes only the look of what follows."""

SPACES = {"quad": "  ", "qquad": "   ", ",": " ", ";": " ", ":": " ", " ": " ", "!": "", "\n": " "}
FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim max min sup inf det"
    " dim ker gcd arg deg mod Pr limsup liminf hom".split()
)
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "ddot": "\u0308"}
ACCENTS |= {"widehat": "\u0302", "overline": "\u0304", "widetilde": "\u0303", "vec": ""}
BRACKETS = {
    "pmatrix": "()",
    "bmatrix": "[]",
    "Bmatrix": "{}",
    "vmatrix": "||",
    "Vmatrix": "‖‖",
    "matrix": "()",
}
BRACKETS |= {"smallmatrix": "()", "array": "()"}

SPACED = re.compile(r"\s*([=<>≤≥≠≈≡∼≃≅∝∈∉∋⊂⊆⊃⊇∪∩→←↔⇒⇐⇔↦⟶⟹⟺×÷±∓·∧∨∣∥⊥+]|:=)\s*")
MINUS = re.compile(r"(?<=[\w)\]}′|!]) *- *(?=\S)")
SIMPLE = re.compile(r"[^\W_]+\.\d+|[√∂]?\w+|[^\W_]*\([^()]*\)|[^\W_]*[⁰¹²³⁴-⁹₀-₉ⁿⁱ]+")
"""What needs no brackets in a fraction or under a root."""


class TooComplex(Exception):
    """The formula is nested deeper than is sensible."""


def maths_text(latex: str) -> str:
    """The formula as text; lines where it has some. Never raises."""
    latex = latex.strip()
    if len(latex) > MAX_CHARS or not _is_balanced(latex):
        return latex
    try:
        text = _Formula(latex).group(end="")
    except TooComplex:
        return latex
    return "\n".join(_spaced(line) for line in text.split("\n") if line.strip())


def _is_balanced(latex: str) -> bool:
    bare = re.sub(r"\\\\[{}]", "", latex)
    depth = 0
    for brace in re.findall("[{}]", bare):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0 and latex.count("\\begin{") == latex.count("\\end{")


def maths_plugin(parser: MarkdownIt) -> None:
    """Have a Markdown parser read $…$, $$…$$, \\(…\\) and \\[…\\] as formulas."""
    parser.inline.ruler.before("escape", "maths", _inline)


# In a model's text. Money is no formula: "$5 and $6" has a space before the second dollar.
FORMULA = re.compile(
    r"""\$\$(?P<display>.+?)\$\$ | \\\[(?P<block>.+?)\\\] | \\\((?P<round>.+?)\\\)
    | \$(?P<dollar>(?![\s$])(?:\\.|[^$\\\n])*?(?<![\s\\]))\$(?!\d)""",
    re.VERBOSE | re.DOTALL,
)


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    match = FORMULA.match(state.src, state.pos, min(state.posMax, state.pos + MAX_CHARS + 4))
    if match is None:
        return False
    if not silent:
        text = maths_text(next(part for part in match.groups() if part))
        for number, line in enumerate(text.split("\n")):
            if number:
                state.push("hardbreak", "br", 0)
            state.push("text", "", 0).content = line
    state.pos = match.end()
    return True


def _spaced(text: str) -> str:
    text = SPACED.sub(r" \1 ", text)
    text = MINUS.sub(" - ", text)
    text = re.sub(r"([(\[{⌊⌈]|∂) +", r"\1", re.sub(r" +([)\]},.;⌋⌉])", r"\1", text))
    return re.sub(r" {2,}", " ", text).strip()


@cache
def _symbol(name: str) -> str:
    """The sign of a macro without arguments; empty for one that is not known."""
    return LatexNodes2Text().latex_to_text(f"\\{name}").strip()  # type: ignore[no-any-return]


class _Formula:
    """A recursive descent over a formula's tokens; each method returns text."""

    def __init__(self, latex: str) -> None:
        self._tokens = list(TOKEN.finditer(latex))
        self._at = 0
        self._depth = 0

    def group(self, end: str) -> str:
        """Everything up to the token `end`, which is passed over; to the very end without one."""
        self._deepen()
        text = ""
        while self._at < len(self._tokens):
            written = self._tokens[self._at][0]
            if written == end:
                break
            text = _add(text, self._atom(), written)
        self._at += 1
        self._depth -= 1
        return text

    def _is_macro(self, name: str) -> bool:
        return self._tokens[self._at][1] == name

    def _atom(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        macro, mark, space, plain = token.groups()
        if macro is not None:
            return self._macro(macro)
        if mark == "{":
            return self.group("}")
        if mark == "^":
            return _script(self._argument(), RAISED, "^")
        if mark == "_":
            return _script(self._argument(), LOWERED, "_")
        if mark == "'":
            return "′"
        if mark == "&":
            return " "
        return " " if space else str(mark or plain)

    def _argument(self) -> str:
        """A macro's argument: a group, or what comes next."""
        while self._at < len(self._tokens) and self._tokens[self._at][3]:
            self._at += 1
        if self._at >= len(self._tokens):
            return ""
        number = self._tokens[self._at][4] or ""
        if number.isdigit() and len(number) > 1:  # \frac12 is a half
            self._tokens[self._at : self._at + 1] = [
                match for digit in number if (match := TOKEN.match(digit))
            ]
        if self._tokens[self._at][0] == "}":
            return ""
        self._deepen()
        text = self._atom().strip()
        self._depth -= 1
        return text

    def _deepen(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooComplex

    def _option(self) -> str:
        """What stands in square brackets next, if anything does."""
        if self._at < len(self._tokens) and self._tokens[self._at][0] == "[":
            self._at += 1
            return self.group("]")
        return ""

    def _macro(self, name: str) -> str:
        if name == "\\":
            return "\n"
        if name in SPACES:
            return SPACES[name]
        if name in FRACTIONS:
            return f"{_bracketed(self._argument())}/{_bracketed(self._argument())}"
        if name in ("binom", "dbinom", "tbinom"):
            return f"C({self._argument()}, {self._argument()})"
        if name == "sqrt":
            root = {"": "√", "2": "√", "3": "∛", "4": "∜"}
            degree = self._option().strip()
            sign = root[degree] if degree in root else _script(degree, RAISED, "") + "√"
            return sign + _bracketed(self._argument())
        if name == "mathbb":
            return "".join(map(_double_struck, self._argument()))
        if name in ACCENTS:
            return self._accented(name)
        if name == "begin":
            return self._environment()
        if name in ("left", "right") and self._at < len(self._tokens):
            if self._tokens[self._at][0] == ".":
                self._at += 1
            return ""
        if name in ("text", "mbox"):
            return self._argument_as_it_is()
        if name in PLAIN:
            return ""
        if name in FUNCTIONS:
            return f" {name} "
        if name == "not":
            return unicodedata.normalize("NFC", self._argument() + "\u0338")
        if not name.isalpha():
            return "‖" if name == "|" else name
        return SYMBOLS.get(name) or _symbol(name) or self._unknown(name)

    def _accented(self, name: str) -> str:
        argument, accent = self._argument(), ACCENTS[name]
        if accent and len(argument) == 1:
            return unicodedata.normalize("NFC", argument + accent)
        return f"{name}({argument})"

    def _argument_as_it_is(self) -> str:
        """Words, whose spaces count."""
        if self._at < len(self._tokens) and self._tokens[self._at][0] == "{":
            self._at += 1
            return self.group("}")
        return self._argument()

    def _unknown(self, name: str) -> str:
        """A macro that nobody knows keeps its name and its arguments."""
        text = f"\\{name}"
        while self._at < len(self._tokens) and self._tokens[self._at][0] == "{":
            self._at += 1
            text += f"{{{self.group('}')}}}"
        return text + " "

    def _environment(self) -> str:
        name = self._argument()
        if name == "array":
            self._argument()  # how its columns are aligned
        rows = self._rows()
        self._argument()  # the name again
        if name.rstrip("*") in BRACKETS:
            brackets = BRACKETS[name.rstrip("*")]
            return brackets[0] + "; ".join(", ".join(row) for row in rows) + brackets[1]
        lines = [" ".join(row).strip() for row in rows]
        return "\n" + "\n".join(lines) + "\n" if name != "cases" else "{ " + "; ".join(lines) + " }"

    def _rows(self) -> list[list[str]]:
        """The cells of an environment up to its end."""
        rows, cell = [[""]], ""
        self._deepen()
        while self._at < len(self._tokens) and not self._is_macro("end"):
            token = self._tokens[self._at]
            if token[0] == "&" or token[1] == "\\":
                self._at += 1
                rows[-1][-1] = cell.strip()
                cell = ""
                rows[-1 if token[0] == "&" else len(rows) :] = (
                    [[*rows[-1], ""]] if token[0] == "&" else [[""]]
                )
            else:
                cell = _add(cell, self._atom(), token[0])
        rows[-1][-1] = cell.strip()
        self._at += 1
        self._depth -= 1
        return [row for row in rows if any(row)]


def _add(text: str, atom: str, written: str) -> str:
    """A script stands close to what it belongs to: log₂ n."""
    return (text.rstrip(" ") if written in ("^", "_") else text) + atom


def _script(text: str, letters: dict[str, str], mark: str) -> str:
    """Raised or lowered: in the letters that exist for it, else after a mark."""
    plain = "".join(text.split())
    if mark == "^" and plain in ("∘", "°", "′"):
        return plain.replace("∘", "°")
    if plain and len(plain) <= MAX_SCRIPT_CHARS and all(letter in letters for letter in plain):
        return "".join(letters[letter] for letter in plain)
    text = _spaced(text)
    is_word = mark == "_" and text.isalnum()
    return mark + (text if len(text) <= 1 or is_word else f"({text})")


def _bracketed(text: str) -> str:
    text = _spaced(text)
    return text if SIMPLE.fullmatch(text) or not text else f"({text})"


def _double_struck(letter: str) -> str:
    try:
        return unicodedata.lookup(f"DOUBLE-STRUCK CAPITAL {letter}")
    except KeyError:
        return letter
