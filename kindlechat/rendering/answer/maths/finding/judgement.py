"""Whether what stands between two marks can be mathematics, or is money, code or prose.

`may_become_maths` judges a beginning: if it says no, nothing that follows can make a formula of it. So a
growing text need not wait for the end.
"""

import re
from itertools import pairwise

from kindlechat.rendering.answer.maths.latex.units import PLAIN_UNITS
from kindlechat.rendering.answer.maths.remembering import remembered

FUNCTIONS = frozenset(
    (
        *("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh"),
        *("tanh", "log", "ln", "lg", "lb", "exp", "det", "dim", "ker", "deg", "arg", "gcd", "lcm"),
        *("mod", "max", "min", "sup", "inf", "lim", "argmax", "argmin", "sgn", "rank", "tr", "Re"),
        *(
            "Im",
            "Pr",
            "Var",
            "Cov",
            "erf",
            "div",
            "curl",
            "grad",
            "Tr",
            "Aut",
            "Hom",
            "Gal",
            "span",
        ),
    )
)
"""Words of mathematics, written without a backslash."""

KEYWORDS = frozenset(("if", "it", "in", "or", "is", "do", "fi", "to", "of", "on", "as", "at", "by"))
"""Short words that no product of two letters is meant by."""

GROUPS = r"(?:\s*\[[^\[\]{}]*\]?)?(?:\{[^{}]*\}?)*+"
MACRO = re.compile(rf"\\(?:[A-Za-z]+\*?{GROUPS}|.)", re.DOTALL)
"""A macro with its arguments, of which words may stand in the first. What is within deeper braces is
read as if it stood outside."""

LETTERS = r"[^\W\d_]"
WORD = rf"(?<![\\\w]){LETTERS}{{2,}}(?!\w)"
WORDS = re.compile(WORD)
PROSE = re.compile(rf"{WORD}(?:[\s,;]+{WORD}){{2}}")
"""Three words in a row: there is an operator between the words of a formula."""

AMOUNT = re.compile(r"\s*[.,]?\d[\d.,]*+\s?(?:[kKMBm]|bn)?(?![\w^'!(\[{\\]|\s*[\^\\_])")
"""Money begins with a number by itself, and has words later."""

SCALED = re.compile(r"\s*[.,]?\d[\d.,]*+\s?(?:[kKMB]|bn|mn)[,;:]")
"""Millions of money, and then something else."""

CURRENCY = re.compile("[€£¥₽₹₩₪฿₫₴¢$]")

IN_BRACES = re.compile(r"[{}]")

NO_MATHS = re.compile(
    r"""\A\s*(?:[)}]|\][^\s\w−-]) | (?<![\w)}\]'′|^*\\])' | (?<!\\)(?<!\\char)["`] | @ | (?<![\\{\[])\# | ::
    | \$\{ | -> \s*\w{2,} \( | \w{2,} -> \w{2,}
    | \A-(?!arc|argm|sinh|cosh|tanh|rank|span|curl|grad)[a-z]{4}""",
    re.VERBOSE,
)
"""A closing bracket at the beginning, quotation marks, the operators of programs, and the hyphen of
"$-sign"."""

CHEMISTRY = "\\ce{"
"""Has arrows and brackets of its own."""

SIGNS = "=<>+*±∓×÷·∙≤≥≠≈≡≅∼∝∈∉⊂⊆∪∩∧∨¬√∑∏∫∞→←↔⇒⇔↦∂∇∀∃∠⊥∥°′″⊕⊗∘⋅%!"
GREEK = "\u0391-\u03c9"
EVIDENCE = re.compile(
    rf"""[\\^{re.escape(SIGNS)}{GREEK}²³¹⁰⁴-⁹₀-₉ℝℤℕℚℂ] | _\{{
    | (?<!{LETTERS}){LETTERS}['′]*_\w | [)\]}}|]_\w
    | (?<!{LETTERS}{{2}}) \s? [/−–-] \s? (?=\w) | (?<=\w) \s? [/−–-] (?!\s?{LETTERS}{{2}}) """,
    re.VERBOSE,
)
"""What mathematics alone has: macros, powers, indices, and operators unless they join two words."""

STRONG = re.compile(r"[\\^=]|_\{")

OPERAND = re.compile(rf"\w|\\[A-Za-z]|[{GREEK}∞∅□]")

BARE = re.compile(r"[\w\s()\[\]{},;:.'′!|%°…\u0300-\u036f\ufdd0-]*+")
"""Of what letters, numbers, tuples and calls are made: f(x), (a, b), [0, 1]."""

MAX_PIECES = 12

SUM = re.compile(r"[+*<>±×÷·≤≥≠]")

NUMBERS = re.compile(r"\d[\d\s.,;–-]*")
"""References: [1], [2, 3], [4–6]."""


@remembered
def may_become_maths(text: str) -> bool:
    """Whether a text that begins like this can be a formula in dollars."""
    return may_become_formula(text) and not (
        NO_MATHS.search(text.partition(CHEMISTRY)[0]) or _is_money(text) or _has_lone_brace(text)
    )


@remembered
def is_maths(text: str) -> bool:
    """Whether the text between two dollars is a formula."""
    return may_become_maths(text) and _is_formula(text)


@remembered
def is_maths_in_brackets(
    text: str, *, apart: bool, glued: bool = False, display: bool = False
) -> bool:
    r"""Whether the text in `\(…\)`, `\[…\]` or `$$` is a formula, and no words in escaped brackets.

    Those have no blank within them, as a formula that is set `apart` has, and in what was code they
    stand `glued` to a letter. Numbers in them are references.
    """
    if not may_become_formula(text):
        return False
    if apart or STRONG.search(text):
        return _is_formula(text)
    if glued or NUMBERS.fullmatch(text):
        return False
    return _is_formula(text) and not (display and not SUM.search(text))


@remembered
def has_mark(text: str) -> bool:
    """Whether the text has something that only mathematics has."""
    return EVIDENCE.search(_without_words(text)) is not None


@remembered
def may_become_formula(text: str) -> bool:
    """Whether a text that begins like this can be a formula where no dollar of money stands."""
    return not PROSE.search(_without_words(text))


def _is_formula(text: str) -> bool:
    plain = _without_words(text)
    return OPERAND.search(text) is not None and (
        EVIDENCE.search(plain) is not None or _is_bare(plain)
    )


def _without_words(text: str) -> str:
    r"""The text with a lone backslash for each macro, and for each word that stands for one."""
    return WORDS.sub(
        lambda match: "\\" if match[0] in FUNCTIONS else match[0], MACRO.sub(r" \\ ", text)
    )


def _is_money(text: str) -> bool:
    amount = AMOUNT.match(text)
    if amount is None:
        return False
    rest = re.split(r"[\\^_{]", text[amount.end() :], maxsplit=1)[0]
    words = [
        word for word in WORDS.findall(rest) if word not in PLAIN_UNITS and word not in FUNCTIONS
    ]
    return bool(words or CURRENCY.search(rest) or SCALED.match(text))


def _has_lone_brace(text: str) -> bool:
    """Whether a brace is closed that was not opened."""
    depth = 0
    for brace in IN_BRACES.findall(re.sub(r"\\.", "", text, flags=re.DOTALL)):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return True
    return False


def _is_bare(text: str) -> bool:
    """Whether it is short enough for a formula that nothing else tells from words."""
    pieces = re.findall(rf"{LETTERS}+|\d[\d.,]*|[({{\[|]", text)
    if not BARE.fullmatch(text) or len(pieces) > MAX_PIECES or "_" in text:
        return False
    runs = [piece for piece in pieces if piece[0].isalpha()]
    spaced = re.search(rf"\d\s+{LETTERS}|{LETTERS}{{2,}}\s+\w|\w\s+{LETTERS}{{2,}}", text)
    units = all(run in PLAIN_UNITS for run in runs if len(run) > 1)
    return all(map(_is_symbol, runs)) and (not spaced or (units and bool(runs)))


def _is_symbol(run: str) -> bool:
    """Whether letters are a symbol or a product of some: x, AB, xyz, kg."""
    if run.lower() in KEYWORDS:
        return False
    in_order = all(ord(b) - ord(a) == 1 for a, b in pairwise(run))
    return len(run) <= 2 or run in PLAIN_UNITS or in_order or (run.isupper() and len(run) <= 4)
