"""Formulas as text in one line."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindlechat.rendering.growing import Growing, released_chars
from kindlechat.rendering.maths import MAX_CHARS, maths_text


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\frac{a+b}{2}", "(a + b)/2"),
        (r"\dfrac12", "1/2"),
        (r"\frac{1}{x^2}", "1/x²"),
        (r"\frac{-b \pm \sqrt{b^2-4ac}}{2a}", "(-b ± √(b² - 4ac))/2a"),
        (r"\frac{P(B\mid A)}{P(B)}", "P(B ∣ A)/P(B)"),
        (r"x^2 + x^{n+1}", "x² + xⁿ⁺¹"),
        (r"x^{2y}", "x^(2y)"),
        (r"e^{i\pi}+1=0", "e^(iπ) + 1 = 0"),
        (r"10^{-3}", "10⁻³"),
        (r"90^\circ", "90°"),
        (r"f'(x), f^\prime", "f′(x), f′"),
        (r"a_1, a_i, a_{max}, a_{i+1}", "a₁, a_i, a_max, a_(i + 1)"),
        (r"\sqrt{x}, \sqrt{x+1}, \sqrt[3]{x}, \sqrt[n]{x}", "√x, √(x + 1), ∛x, ⁿ√x"),
        (r"\sum_{i=1}^{n} i", "∑_(i = 1)ⁿ i"),
        (r"\int_0^\infty e^{-x^2} dx", "∫₀^∞ e^(-x²) dx"),
        (r"\lim_{x\to 0} \frac{\sin x}{x} = 1", "lim_(x → 0) (sin x)/x = 1"),
        (r"\log_2 n", "log₂ n"),
        (r"\alpha \leq \beta \in \mathbb{R}", "α ≤ β ∈ ℝ"),
        (r"A \Rightarrow B \iff C", "A ⇒ B ⇔ C"),
        (r"\left(\frac{1}{2}\right)^n", "(1/2)ⁿ"),
        (r"\left. x \right|_0", "x |₀"),
        (r"\text{if } x > 0", "if x > 0"),
        (r"\vec{v} \cdot \hat{n}", "vec(v) · n̂"),
        (r"\overline{AB}", "overline(AB)"),
        (r"\binom{n}{k}", "C(n, k)"),
        (r"\frac{\partial f}{\partial x}", "∂f/∂x"),
        (r"\begin{pmatrix}1 & 2\\ 3 & 4\end{pmatrix}", "(1, 2; 3, 4)"),
        (r"\begin{array}{cc}1 & 2\end{array}", "(1, 2)"),
        (r"\begin{cases} 1 & \text{if } x>0 \\ 0\end{cases}", "{1 if x > 0; 0}"),
        (r"\begin{aligned} a &= b+c \\ &= d \end{aligned}", "a = b + c\n= d"),
        (r"5\% \$ \{x\} \_", "5% $ {x} _"),
        (r"\lfloor x \rfloor \ldots", "⌊x⌋ …"),
        (r"\ce{H2O} + \foo{x}{y}", r"\ce{H2O} + \foo{x}{y}"),
        (r"a - b, -x", "a - b, -x"),
        (r"unbalanced {", "unbalanced {"),
        (r"} x {", "} x {"),
        (r"\begin{x", r"\begin{x"),
        ("", ""),
    ],
)
def test_formulas_are_text(latex, text):
    assert maths_text(latex) == text


PARTS = [
    r"\frac",
    r"\sqrt",
    "{",
    "}",
    "[",
    "]",
    "^",
    "_",
    r"\begin{cases}",
    r"\end{cases}",
    "&",
    r"\\",
]
PARTS += [
    "z",
    "12",
    " ",
    r"\left",
    r"\right",
    ".",
    r"\foo",
    r"\text",
    r"\mathbb",
    r"\hat",
    "'",
    "\\",
    r"\not",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=30).map("".join))
def test_no_mix_of_tokens_raises_and_no_letter_is_lost(latex):
    text = maths_text(latex)
    assert text.count("z") >= latex.count("z")


@pytest.mark.parametrize(
    "pattern", ["{", "}", r"\frac", r"\frac{", "^", "^{", r"\begin{a}", "\\", "&", "x_"]
)
def test_hostile_formulas_are_shown(pattern):
    assert maths_text((pattern * MAX_CHARS)[:MAX_CHARS]) is not None
    long = "x" * (MAX_CHARS + 1)
    assert maths_text(long) == long


def html(markdown):
    return Growing().html(markdown, ended=True)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("So $x^2$.", "<p>So x².</p>"),
        (r"So \(x^2\) and \[y_1\].", "<p>So x² and y₁.</p>"),
        ("$$\nx = \\frac{1}{2}\n$$", "<p>x = 1/2</p>"),
        ("\\[\n\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}\n\\]", "<p>a = b<br>c = d</p>"),
        ("It costs $5 and $6.", "<p>It costs $5 and $6.</p>"),
        ("From $5 to $10 each $", "<p>From $5 to $10 each $</p>"),
        (r"\$5 and $ x $ and `$y^2$`", "<p>$5 and $ x $ and <code>$y^2$</code></p>"),
        ("$a<b$ and $a_1*b_2*c$", "<p>a &lt; b and a₁*b₂*c</p>"),
        ("- $x$\n- $$y$$", "<ul><li>x</li><li>y</li></ul>"),
        ("unfinished $x^2", "<p>unfinished $x^2</p>"),
    ],
)
def test_formulas_in_an_answer(markdown, expected):
    assert html(markdown) == expected


@given(st.text("$\\()[]{}^_x1 <&", max_size=60))
def test_what_comes_of_formulas_is_escaped(markdown):
    assert set(re.findall(r"<(/?\w+)", html(markdown))) <= {
        *("p", "/p", "br", "em", "/em", "pre", "/pre", "code", "/code", "a", "/a", "hr"),
    }


@pytest.mark.parametrize("begun", ["$$\nx = ", "\\[\nx = ", "$x = "])
def test_a_formula_waits_for_its_end(begun):
    assert released_chars("Words.\n\nSo " + begun) == len("Words.\n\nSo ")
    ended = begun + begun.split("\n")[0].replace("[", "]").rstrip("x= ")
    assert released_chars("Words.\n\nSo " + ended + " and ") > len("Words.\n\nSo ")
