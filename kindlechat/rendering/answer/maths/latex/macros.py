"""Macros with arguments: a table of the arguments that each takes, and of its result."""

from dataclasses import dataclass

from kindlechat.rendering.answer.maths.latex import building as b
from kindlechat.rendering.answer.maths.latex import lettering as letters
from kindlechat.rendering.answer.maths.latex.chemistry import read_chemistry, read_physical_units
from kindlechat.rendering.answer.maths.latex.nodes import (
    Binomial,
    Build,
    Fraction,
    Kind,
    Root,
    Sign,
)
from kindlechat.rendering.answer.maths.latex.units import read_number, read_unit


@dataclass(frozen=True, slots=True)
class Macro:
    """What a macro takes, a letter for each argument, and what becomes of them.

    m: mathematics; o: the same in square brackets, if they are there; g: the same in braces, if they
    are there; t: words; r: as it is written; s: as it is written in square brackets, if they are there;
    d: a bracket; n: a length; c: the number of a sign; *: a star, if it is there.
    """

    takes: str
    build: Build


@dataclass(frozen=True, slots=True)
class Infix:
    """A macro between two arguments: everything before it in its group, and everything after it."""

    build: Build
    delimiters: int = 0
    has_length: bool = False


def _each(names: str, takes: str, build: Build) -> dict[str, Macro]:
    return {name: Macro(takes, build) for name in names.split()}


ACCENTS = {
    "\u0302": "hat widehat", "\u030c": "check widecheck", "\u0303": "tilde widetilde utilde",
    "\u0304": "bar", "\u0305": "overline overlinesegment", "\u0307": "dot", "\u0308": "ddot",
    "\u20db": "dddot", "\u20dc": "ddddot", "\u0306": "breve", "\u0301": "acute", "\u0300": "grave",
    "\u030a": "mathring", "\u20d6": "overleftarrow overleftharpoon underleftarrow",
    "\u20d7": "vec overrightarrow overrightharpoon Overrightarrow underrightarrow va",
    "\u20e1": "overleftrightarrow underleftrightarrow", "\u0338": "cancel bcancel xcancel",
    "\u0336": "sout", "\u0361": "overparen wideparen overgroup overarc underparen undergroup",
}  # fmt: skip
"""Combining signs, and the macros that put them over something or through it."""

TEXT_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "r": "\u030a", "c": "\u0327",
    "k": "\u0328", "textcircled": "\u20dd",
}  # fmt: skip

ARROWS = {
    "→": "xrightarrow xtofrom", "←": "xleftarrow", "↔": "xleftrightarrow", "⇒": "xRightarrow",
    "⇐": "xLeftarrow", "⇔": "xLeftrightarrow", "↦": "xmapsto", "↪": "xhookrightarrow",
    "↩": "xhookleftarrow", "↠": "xtwoheadrightarrow", "↞": "xtwoheadleftarrow", "=": "xlongequal",
    "⇌": "xrightleftharpoons xrightequilibrium", "⇋": "xleftrightharpoons xleftequilibrium",
    "⇄": "xrightleftarrows", "⇀": "xrightharpoonup", "⇁": "xrightharpoondown",
    "↼": "xleftharpoonup", "↽": "xleftharpoondown",
}  # fmt: skip

FONTS = (
    "mathrm mathbf mathit mathsf mathtt mathnormal mathsfit bm boldsymbol pmb bold vb vu symbf symit"
    " symrm symup mathup"
)
WRAPPERS = (
    "llap rlap clap mathllap mathrlap mathclap vcenter reflectbox mathreflectbox ensuremath mathinner"
    " shoveleft shoveright displaylines eqalign leqalignno eqalignno"
)

MACROS: dict[str, Macro] = {
    **_each("frac dfrac tfrac nicefrac sfrac flatfrac", "mm", lambda x, y: (Fraction(x, y),)),
    **_each("cfrac", "smm", lambda _side, x, y: (Fraction(x, y),)),
    **_each("genfrac", "ddrrmm", b.general_fraction),
    **_each("binom dbinom tbinom", "mm", lambda x, y: (Binomial(x, y),)),
    **_each("sqrt", "om", lambda degree, x: (Root(degree, x),)),
    **_each("text textrm textbf textit textsf texttt textnormal textmd textup", "t", letters.text),
    **_each("textsl textsc", "t", letters.text),
    **_each("emph mbox hbox intertext shortintertext message errmessage show", "t", letters.text),
    **_each("operatorname operatorname* operatornamewithlimits", "*t", letters.function),
    **_each("boxed", "m", b.box),
    **_each("fbox framebox", "t", b.box),
    **_each("underline underbar underlinesegment", "m", b.underlined),
    **{name: Macro("m", b.accent(mark)) for mark, names in ACCENTS.items() for name in names.split()},
    **{name: Macro("t", letters.text_accent(mark)) for name, mark in TEXT_ACCENTS.items()},
    **{name: Macro("om", b.arrow(arrow)) for arrow, names in ARROWS.items() for name in names.split()},
    **_each("chemarrow", "mom", b.any_arrow),
    **_each("overset stackrel", "mm", b.above),
    **_each("underset", "mm", b.below),
    **_each("overbrace underbrace overbracket underbracket", "m", b.brace),
    **_each("not", "m", b.negated),
    **_each("pmod", "m", b.modulus),
    **_each("pod", "m", b.pod),
    **_each("tag", "*t", b.tag),
    **_each("tag*", "t", lambda label: b.tag(True, label)),
    **_each("eqref", "r", letters.in_brackets),
    **_each("ref url", "r", letters.as_word),
    **_each("bra Bra", "m", b.fenced("⟨", "|")),
    **_each("ket Ket", "m", b.fenced("|", "⟩")),
    **_each("braket Braket", "m", b.parted("⟨", "⟩")),
    **_each("set Set", "m", b.parted("{", "}")),
    **_each("ketbra dyad outerproduct op", "mg", b.projection),
    **_each("innerproduct ip", "mm", b.states),
    **_each("mel matrixel matrixelement", "mmm", b.states),
    **_each("expval ev", "*m", b.fenced("⟨", "⟩")),
    **_each("abs", "*m", b.fenced("|", "|")),
    **_each("norm", "*m", b.fenced("‖", "‖")),
    **_each("comm commutator", "mm", b.commutator),
    **_each("dv derivative odv", "omg", b.derivative("d")),
    **_each("pdv partialderivative", "omg", b.derivative("∂")),
    **_each("dd", "m", b.differential),
    **_each("mathbb Bbb", "m", letters.in_style("mathbb")),
    **_each("mathcal mathscr", "m", letters.in_style("mathscr")),
    **_each("mathfrak", "m", letters.in_style("mathfrak")),
    **_each(FONTS, "m", letters.styled),
    **_each("mathord mathopen mathclose", "m", letters.of_kind(Kind.ORDINARY)),
    **_each("mathrel mathbin", "m", letters.of_kind(Kind.OPERATOR)),
    **_each("mathop", "m", letters.of_kind(Kind.BIG)),
    **_each("mathpunct", "m", letters.of_kind(Kind.COMMA)),
    **_each(WRAPPERS, "m", b.last),
    **_each("smash", "sm", b.last),
    **_each("textcolor colorbox htmlClass htmlData htmlId htmlStyle", "rm", b.last),
    **_each("cssId class style scalebox rotatebox adjustbox skew", "rm", b.last),
    **_each("fcolorbox", "rrm", lambda _frame, _colour, x: b.box(x)),
    **_each("bbox", "sm", b.last),
    **_each("mathtip texttip", "mm", lambda x, _tip: x),
    **_each("mmlToken", "rst", lambda _kind, _attributes, words: words),
    **_each("enclose", "rsm", b.enclosed),
    **_each("longdiv", "mg", lambda x, y: b.division(x, y) if y else b.division((), x)),
    **_each("longdivision intlongdivision", "omm", lambda _options, x, y: b.division(y, x)),
    **_each("polylongdiv", "omm", lambda _options, x, y: b.quotient(x, y)),
    **_each("cancelto", "mm", b.cancelled_to),
    **_each("color label hspace hspace* vspace mspace require pagecolor cline", "r", b.nothing),
    **_each("leftroot uproot", "r", b.nothing),
    **_each("phantom hphantom vphantom", "m", b.unseen),
    **_each("kern mkern hskip mskip skip vskip moveleft moveright lower raise", "n", b.nothing),
    **_each("raisebox", "rsst", lambda _by, _height, _depth, words: words),
    **_each("rule Rule", "srr", b.gap),
    **_each("includegraphics", "sr", letters.in_brackets),
    **_each("href", "rm", letters.linked),
    **_each("char unicode", "c", letters.character),
    **_each("mathchoice", "mmmm", lambda x, *_smaller: x),
    **_each("TextOrMath", "tm", b.last),
    **_each("multicolumn", "rrm", b.last),
    **_each("sideset", "mmm", lambda before, after, x: (*before, *x, *after)),
    **_each("phase", "m", lambda x: (Sign("∠"), *x)),
    **_each("angl", "m", lambda x: (*x, Sign("⌉", Kind.CLOSE))),
    **_each("substack", "m", lambda x: tuple(Sign(", ") if n == Sign("\n", Kind.SPACE) else n for n in x)),
    **_each("matrix array", "m", b.last),
    **_each("pmatrix", "m", b.fenced("(", ")")),
    **_each("cases", "m", b.fenced("{", "")),
    **_each("toggle", "mg", lambda x, _other: x),
    **_each("DeclareMathOperator", "*rr", b.nothing),
    **_each("setlength definecolor", "rrs", b.nothing),
    **_each("newenvironment renewenvironment", "rsrr", b.nothing),
    **_each("arraystretch", "", b.nothing),
    **_each("html@mathml", "mm", b.last),
    **_each("ce cee cf", "r", read_chemistry),
    **_each("pu", "r", read_physical_units),
    **_each("SI qty", "srr", b.quantity),
    **_each("si unit", "sr", lambda _options, unit: read_unit(unit)),
    **_each("num", "sr", lambda _options, number: read_number(number)),
    **_each("ang", "sr", b.angle),
    **_each("SIrange qtyrange", "srrr", b.quantity_range),
    **_each("numrange", "srr", b.number_range),
}  # fmt: skip

INFIX = {
    "over": Infix(b.divided),
    "above": Infix(b.divided, has_length=True),
    "overwithdelims": Infix(b.divided, 2),
    "abovewithdelims": Infix(b.divided, 2, has_length=True),
    "atop": Infix(b.stacked),
    "atopwithdelims": Infix(b.stacked, 2),
    "choose": Infix(lambda x, y: (Binomial(x, y),)),
    "brace": Infix(lambda x, y: b.stacked(x, y, "{", "}")),
    "brack": Infix(lambda x, y: b.stacked(x, y, "[", "]")),
}
