"""The signs of formulas: what each macro becomes, and how a piece stands to its neighbours."""

import unicodedata
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
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
class Atom:
    """A piece of a formula; `closed` is what to write where a neighbour would be read into it."""

    text: str
    kind: Kind = Kind.ORDINARY
    closed: str = ""


OPERANDS = {Kind.ORDINARY, Kind.WORD, Kind.CLOSE}
FACTORS = {Kind.ORDINARY, Kind.WORD, Kind.OPEN, Kind.FUNCTION, Kind.BIG}
SCRIPTABLE = OPERANDS | {Kind.FUNCTION, Kind.BIG, Kind.BAR, Kind.OPERATOR}

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
    **{name: [Atom(" ", Kind.SPACE)] for name in SPACES},
    **{name: [Atom(name, Kind.FUNCTION)] for name in FUNCTIONS},
    **{name: [Atom(name, Kind.BIG)] for name in LIMITS},
    **{name: [] for name in WITHOUT_A_TRACE},
    **{name: [Atom("mod", Kind.OPERATOR)] for name in ("mod", "bmod")},
    "limsup": [Atom("lim sup", Kind.BIG)],
    "liminf": [Atom("lim inf", Kind.BIG)],
    "mid": [Atom("|", Kind.OPERATOR)],
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


def symbol(text: str) -> Atom:
    """The sign as a piece of a formula."""
    if text in BIG_SYMBOLS:
        return Atom(text, Kind.BIG)
    if text in OPENING:
        return Atom(text, Kind.OPEN)
    if text in CLOSING:
        return Atom(text, Kind.CLOSE)
    if text in SIGNS:
        return Atom(text, Kind.SIGN)
    if text in ",;":
        return Atom(text, Kind.COMMA)
    if text in "|‖":
        return Atom(text, Kind.BAR)
    if text in ORDINARY_SYMBOLS or len(text) > 1:
        return Atom(text)
    if text in OPERATORS or unicodedata.category(text) == "Sm" or "←" <= text <= "⇿":
        return Atom(text, Kind.OPERATOR)
    return Atom(text)
