"""docs/formulas.md says how formulas are found and set, and is true.

`python -m pytest tests/test_maths_table.py --write-tables` makes it anew.
"""

from html import unescape
from pathlib import Path

from kindlechat.rendering.answer.markdown import parse_blocks
from kindlechat.rendering.answer.maths.text import set_formula
from kindlechat.rendering.answer.tree import text_of

TABLE = Path("docs/formulas.md")

FOUND = {
    "a formula": [
        *(
            "Let $x^2 = 4$.",
            "the $n$th term",
            "CO$_2$",
            r"3$\times$4",
            r"so $a = \frac{b}{c} $ holds",
        ),
        *(
            r"\( F_{\text{net}} \)",
            r"so\[x^2 = 4\]then",
            r"word$$x^2$$word",
            r"\begin{align} a &= b \end{align}",
        ),
    ],
    "money, code, prose, brackets": [
        *(
            "$5 and $6",
            "US$-based",
            "$PATH:$HOME",
            "df$a and df$b",
            "$x = 5; $y = 6;",
            "${name} and ${age}",
        ),
        *("Write $...$ for maths.", r"see \[1\] and \(5\)", r"\(see below\)", "| $5 | $6 |"),
    ],
}

SET = {
    "Letters": [
        r"\alpha + \Omega",
        r"\mathbb{R}, \mathcal{L}",
        r"\vec{v}, \bar{x}, \hat{H}, \dot{q}",
    ],
    "Powers and indices": ["x^2 + x_{i+1}", "e^{-x^2}", "a_{max}", r"v_{\text{out}}", "A^T B"],
    "Fractions": [
        r"\frac{a + b}{2c}",
        r"\frac12 mv^2",
        r"G\frac{m_1 m_2}{r^2}",
        r"\sin\frac{x}{2}",
    ],
    "Mixed numbers": [r"1\frac{1}{2}", r"2\frac13 x", r"2\frac53"],
    "Roots": [r"\sqrt{2}", r"\sqrt{x + 1}", r"\sqrt[3]{x}", r"\sqrt[n]{x}"],
    "Sums, integrals, limits": [
        *(
            r"\sum_{i=1}^{n} i",
            r"\int_0^\infty f(x)\,dx",
            r"\lim_{x \to 0} f(x)",
            r"\max_{x \in S} x",
        ),
    ],
    "Relations and arrows": [
        *(r"a \leq b \neq c \approx d", r"A \Rightarrow B \iff C", r"A \xrightarrow{h\nu} B"),
        *(r"a \equiv b \pmod{n}", r"a \stackrel{\text{def}}{=} b", r"a \overset{!}{=} b"),
    ],
    "Brackets": [
        r"\left( \frac{a}{b} \right)^2",
        r"|x|, \|v\|, \lfloor x \rfloor",
        r"\{ x \mid x > 0 \}",
    ],
    "Binomials": [r"\binom{n}{k}"],
    "Matrices": [r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"],
    "Cases": [r"\begin{cases} x & x > 0 \\ -x & \text{else} \end{cases}"],
    "Derivations": [r"\begin{aligned} a &= b \\ &= c \end{aligned}"],
    "Lines over and under": [
        r"0.1\overline{6}, \overline{AB}",
        r"\underbrace{a + b}_{n \text{ times}}",
    ],
    "Gaps to fill in": [r"3 + \underline{\hspace{2cm}} = 8", r"3 + \square = 8"],
    "Results, struck out": [r"\boxed{42}", r"\frac{\cancel{3}x}{\cancel{3}}"],
    "Chemistry": [
        *(r"\ce{2H2 + O2 -> 2H2O}", r"\ce{SO4^2- + Ba^2+ -> BaSO4 v}", r"\ce{^{14}_{6}C}"),
        *(r"\ce{A <=>[\Delta] B}", r"\ce{CuSO4.5H2O}", r"\ce{CH2=CH2}"),
    ],
    "Quantities": [
        *(r"\qty{9.8}{\metre\per\second\squared}", r"\SI{5}{kg.m/s^2}", r"\num{1.6e-19}"),
        *(r"\unit{\joule\per\kilogram\per\kelvin}", r"\ang{30;15}"),
    ],
    "States and derivatives": [r"\ket{\psi} = \alpha\ket{0}", r"\braket{0|1}", r"\pdv[2]{u}{x}"],
    "Unknown, unfinished": [r"\strange{x}", r"\sqrt{x"],
}

DRAWN = (
    r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
    r"A = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"|x| = \begin{cases} x, & x \ge 0 \\ -x, & \text{else} \end{cases}",
    r"\begin{array}{r} 123 \\ + 45 \\ \hline 168 \end{array}",
    r"\boxed{x = 5}",
)

HEAD = r"""# Formulas

Made by a test run (`python -m pytest tests/test_maths_table.py --write-tables`). Models write formulas in
LaTeX; a page that needs no script and no typeface of its own shows them as text.

## What is a formula

A formula stands in `$…$`, `\(…\)`, `$$…$$` or `\[…\]`, in an environment such as `align`, or in a fence named
`math`. A dollar opens one only where mathematics can be meant: not after a letter or a digit, not in money,
shells, programs or templates. What has several words and neither macro nor operator is prose; a number or
plain words in escaped brackets are in brackets. What is no formula is shown as it was written.

"""

LINES = r"""## How it is set

On one line, with brackets wherever the order of calculation would change without them and nowhere else.
The minus is a minus sign. Each of the macros that KaTeX knows is set, or says nothing to a reader (colours,
sizes, gaps); a test holds the list. What is framed is strong. A macro that nobody knows keeps its name.

"""

DRAWINGS = """## What is drawn

Matrices, cases, long fractions, frames and sums by hand that stand by themselves, on screens that are wide
enough and whose typeface has the lines. The line above is the drawing's label for those who listen.

"""


def document():
    """docs/formulas.md."""
    found = "".join(
        f"| {kind} | {code(text)} | {shown(text)} |\n"
        for kind, texts in FOUND.items()
        for text in texts
    )
    lines = "".join(
        f"| {kind} | {code(latex)} | {cell(set_formula(latex).plain)} |\n"
        for kind, formulas in SET.items()
        for latex in formulas
    )
    drawings = "\n".join(
        f"`{latex}`\n\n```\n{set_formula(latex, drawn=True).drawing}\n```\n" for latex in DRAWN
    )
    return (
        f"{HEAD}| what it is | what a model writes | what a reader sees |\n|---|---|---|\n{found}\n"
        f"{LINES}| | LaTeX | text |\n|---|---|---|\n{lines}\n{DRAWINGS}{drawings}"
    )


def code(text):
    return "``" + f" {text} ".replace("|", "\\|") + "``"


def cell(text):
    marked = text.replace("|", "\\|").replace("\n", "<br>")
    return "".join("\\" + letter if letter in "*_[]<" else letter for letter in marked).replace(
        "\\<br>", "<br>"
    )


def shown(text):
    nodes = [node for block in parse_blocks(text) for node in block.nodes]
    return cell(unescape("\n".join(map(text_of, nodes))))


def test_the_document_says_how_formulas_are_set(write_table):
    write_table(TABLE, document())
    assert TABLE.read_text() == document()


def test_all_drawings_are_drawn():
    assert all(set_formula(latex, drawn=True).drawing for latex in DRAWN)
