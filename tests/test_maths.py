"""Formulas in a model's text: what a reader sees of them, and what is no formula."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from harness.hostile import PATTERNS
from kindlechat.rendering.answer.maths.finding.display import MAX_CHARS
from kindlechat.rendering.answer.maths.latex.rows import MAX_DEPTH
from kindlechat.rendering.answer.maths.plugin import maths_plugin
from kindlechat.rendering.answer.maths.remembering import MOST_CHARS, remembered
from kindlechat.rendering.answer.maths.text import maths_text
from tests.cases import cases

PATIENCE_CPU_S = 15
"""Of a quarter of the longest reply: it takes a tenth of that, and many times as much if it grows faster
than the text."""


@pytest.fixture(scope="session")
def markdown():
    md = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
    return md.use(maths_plugin)


@cases(
    ("latex", "text"),
    [
        # Fractions
        (r"\frac{a+b}{2}", "(a + b)/2"),
        (r"\dfrac12", "1/2"),
        (r"\frac{1}{2a}", "1/(2a)"),
        (r"\frac{1}{2}mv^2", "(1/2)mv²"),
        (r"2\frac13", "2 1/3"),
        (r"2\frac53", "2(5/3)"),
        (r"1\frac{1}{2} + x_2\frac13", "1 1/2 + x₂(1/3)"),
        (r"2.5\frac13, 2\frac13y", "2.5(1/3), (2 1/3)y"),
        (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"),
        (r"\frac{a}{\frac{b}{c}}", "a/(b/c)"),
        (r"\left(\frac{a}{b}\right)^2", "(a/b)²"),
        (r"\frac{a}{b}^2", "(a/b)²"),
        (r"\frac{dx}{dt} = \frac{\partial f}{\partial x}", "dx/dt = ∂f/∂x"),
        (r"\frac{d^2 x}{dt^2}", "d²x/dt²"),
        (r"\frac{\sin x}{x}", "(sin x)/x"),
        (r"\sin\frac{x}{2}", "sin (x/2)"),
        (r"\frac{\sqrt{\pi}}{2}", "(√π)/2"),
        (r"-\frac{1}{2}", "−1/2"),
        (
            r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
            "x = (−b ± √(b² − 4ac))/(2a)",
        ),
        (r"\frac{n!}{k!(n-k)!}", "n!/(k!(n − k)!)"),
        (r"\binom{n}{k}", "C(n, k)"),
        (r"{a+1 \over b-1} + c", "(a + 1)/(b − 1) + c"),
        (r"{n \choose k}", "C(n, k)"),
        (r"{a\over", "a/()"),
        # What is calculated in the same order without brackets has none
        (r"G\frac{m_1 m_2}{r^2}, 1.5\,\frac{J}{K}", "Gm₁m₂/r², 1.5 J/K"),
        (
            r"x\frac12, 2\frac53, \frac1x\frac1y, \frac{C}{r}(1 - x)",
            "x(1/2), 2(5/3), (1/x)(1/y), (C/r)(1 − x)",
        ),
        (r"\frac{a + b}{c + d}. \int \frac{1}{x}\,dx", "(a + b)/(c + d). ∫ 1/x dx"),
        (
            r"\frac{\ket{0} + \ket{1}}{\sqrt{2}}, \frac{\bra{0} + \bra{1}}{2}",
            "(|0⟩ + |1⟩)/√2, (⟨0| + ⟨1|)/2",
        ),
        (
            r"\frac{P(A)}{P(B)}, \frac{1}{\sqrt{x + 1}}, \frac{a}{[b]}, \frac{m}{\text{time}}",
            "P(A)/P(B), 1/√(x + 1), a/[b], m/time",
        ),
        (r"p^k (1-p), X^TX", "p^k (1 − p), X^T X"),
        # Powers and indices
        (r"{}^{14}_{6}C, _4^{2-}, {}_nC_r", "¹⁴₆C, ₄²⁻, ₙCᵣ"),
        (r"R_{P_j}, x_{\alpha\beta}, y''", "R_(Pⱼ), x_αβ, y″"),
        ("{x^2}^3", "(x²)³"),
        ("{a^{k+1}}^2", "(a^(k+1))²"),
        ("{x_1}^2", "x₁²"),
        # What says nothing to one who reads letters
        (r"\color{red}{x}+1", "x + 1"),
        (r"\underline{x}\hspace{1cm}y\label{eq}", "xy"),
        (r"\cancel{5}3, \frac{\cancel{3}x}{\cancel{3}}", "5\u03383, 3\u0338x/3\u0338"),
        ("x^2", "x²"),
        ("x^{n+1}", "xⁿ⁺¹"),
        ("x^{k+1}", "x^(k+1)"),
        ("2^xy", "2^(x)y"),
        ("{a+b}^2", "(a + b)²"),
        ("a_i", "aᵢ"),
        ("x_i^2 + x^2_i", "xᵢ² + xᵢ²"),
        ("a_{max}", "a_max"),
        ("a_{max}b", "a_max b"),
        (r"v_{\text{out}}", "v_out"),
        (r"a_{i,b}", "a_(i,b)"),
        ("e^{-x^2}", "e^(−x²)"),
        (r"90^\circ", "90°"),
        ("A^{-1}, a^*, A^T", "A⁻¹, a*, A^T"),
        ("f'(x)", "f′(x)"),
        ("H_2O", "H₂O"),
        # Roots
        (r"\sqrt{x}", "√x"),
        (r"\sqrt{x+1}", "√(x + 1)"),
        (r"\sqrt{ab}", "√(ab)"),
        (r"\sqrt{2}x", "√(2)x"),
        (r"\sqrt[3]{x}", "∛x"),
        (r"\sqrt[n]{x}", "ⁿ√x"),
        (r"\sqrt[k]{x}", "√[k]x"),
        # Sums, integrals, limits, functions
        (r"\sum_{i=1}^{n} i", "∑ᵢ₌₁ⁿ i"),
        (r"\sum_{n=1}^\infty \frac{1}{n^2} = \frac{\pi^2}{6}", "∑ₙ₌₁^∞ 1/n² = π²/6"),
        (r"\int_0^\infty e^{-x}\,dx", "∫₀^∞ e^(−x) dx"),
        (r"\lim_{x\to 0} f", "lim_(x→0) f"),
        (r"2\sin x\cos(y)", "2 sin x cos(y)"),
        (r"\sin^2\theta", "sin² θ"),
        (r"\log_{10} x", "log₁₀ x"),
        (r"\operatorname{Var}(X)", "Var(X)"),
        # Operators and signs
        ("-a-b=-c", "−a − b = −c"),
        ("|-x|", "|−x|"),
        (r"a \leq b \neq c \in \mathbb{R} \subset D", "a ≤ b ≠ c ∈ ℝ ⊂ D"),
        (r"A \Rightarrow B \iff C \to D", "A ⇒ B ⇔ C → D"),
        (r"a \cdot b \times c \pm d", "a · b × c ± d"),
        (r"x \not= y \notin \emptyset", "x ≠ y ∉ ∅"),
        (r"\forall \epsilon > 0\; \exists \delta", "∀ε > 0 ∃δ"),
        (r"P(A \mid B)", "P(A | B)"),
        (r"a \equiv b \pmod{n}", "a ≡ b (mod n)"),
        (r"A \xrightarrow{h\nu} B", "A →(hν) B"),
        # Letters, words, blanks
        (r"\Omega\hbar\phi\varepsilon", "Ωħφε"),
        (r"\vec{v}, \hat{x}, \bar{z}, \overline{AB}", "v⃗, x̂, z̄, A̅B̅"),
        (r"\mathbb{R}, \mathbb{E}", "ℝ, E"),
        (r"\mathbf{F} = m\mathbf{a}", "F = ma"),
        (r"5\,\text{kg}, 50\%", "5 kg, 50%"),
        (r"x \text{ if } y\quad z", "x if y z"),
        (r"\text{where $x_1$ is 5\%}", "where x₁ is 5%"),
        ("1,000 + 1{,}5 + a,b", "1,000 + 1,5 + a, b"),
        (r"\{a, b\}", "{a, b}"),
        # Lines and tables
        (r"a &= b \\[2pt] &= c", "a = b\n= c"),
        (r"\begin{aligned} a &= b \\[2pt] &= -c \end{aligned}", "a = b\n= −c"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "(1 2; 3 4)"),
        (r"\begin{bmatrix} a+b & 2 \\ 3 & 4 \\ \end{bmatrix}", "[a + b, 2; 3, 4]"),
        (r"\left[\begin{array}{c|c} 1 & 2 \\ \hline 3 & 4 \end{array}\right]", "[1 2; 3 4]"),
        (
            r"f = \begin{cases} x, & \text{if } x > 0 \\ -x & \text{otherwise} \end{cases}",
            "f = { x, if x > 0; −x, otherwise }",
        ),
        # What was escaped twice
        (r"\\frac{\\alpha}{2} + \\text{so}", "α/2 + so"),
        (r"\alpha \\beta, ab\\cd", "α\nbeta, ab\ncd"),
        (r"ab\\cd", "ab\ncd"),
        # What is not known or not finished
        (r"\strange", r"\strange"),
        (r"\strange[a]{\frac12}{b} c", r"\strange[a]{1/2}{b}c"),
        (r"x^", "x^"),
        (r"\sqrt{x", "√x"),
        ("a} b", "a}b"),
        ("\\", "\\"),
        ("", ""),
    ],
)
def test_a_formula_becomes_a_line_of_text(latex, text):
    assert maths_text(latex) == text


def test_a_formula_too_long_or_too_deep_is_shown_as_it_was_written():
    long = "x^2 " * (MAX_CHARS // 4 + 1)
    assert maths_text(long) == long.strip()
    assert maths_text("x^2" * (MAX_CHARS // 3)).startswith("x²x²")
    deep = r"\frac{1}" * (MAX_DEPTH + 1)
    assert maths_text(deep) == deep
    braces = "{" * (MAX_DEPTH + 1) + "x^2" + "}" * (MAX_DEPTH + 1)
    assert maths_text(" " + braces) == braces
    assert maths_text(braces[2:-2]) == "x²"


PARTS = [
    *(
        "\\frac",
        "\\sqrt",
        "\\sqrt[",
        "\\begin{",
        "\\begin{cases}",
        "\\begin{array}",
        "\\end{cases}",
        "{",
    ),
    *(
        "}",
        "[",
        "]",
        "(",
        ")",
        "^",
        "_",
        "&",
        "\\\\",
        "\\",
        "\\left",
        "\\right",
        ".",
        "\\text{",
        "$",
    ),
    *(
        "\\not",
        "\\hat",
        "\\mathbb",
        "\\overset",
        "\\sum",
        "\\lim",
        "\\sin",
        "\\foo",
        "\\over",
        "\\pmod",
    ),
    *(
        "|",
        "-",
        "+",
        "=",
        ",",
        "1",
        "1,2",
        "x",
        "ab",
        " ",
        "\n",
        "<",
        ">",
        "'",
        "~",
        "\\alpha",
        "\\,",
    ),
]


@given(st.text() | st.lists(st.sampled_from(PARTS), max_size=60).map("".join))
def test_no_formula_raises(latex):
    assert isinstance(maths_text(latex), str)


@given(st.lists(st.sampled_from([part for part in PARTS if part != "\\begin{"]), max_size=40))
def test_no_letter_or_digit_of_a_formula_is_lost(parts):
    latex = re.sub(r"\\[a-z]+(\{[a-z]+\})?", r"\\alpha ", "".join(parts))
    small = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹ₐₓ", "01234567890123456789ax")
    text = maths_text(latex).translate(small)
    for letter in "12xb":
        assert text.count(letter) == latex.count(letter)


# In Markdown


@cases(
    ("text", "html"),
    [
        ("So $x^2$ and \\(y_1\\).", "<p>So x² and y₁.</p>"),
        ("The $n$th $x$-axis", "<p>The nth x-axis</p>"),
        ("$a<b$ & $c$", "<p>a &lt; b &amp; c</p>"),
        ("*a* $x*y*z$ **$b$**", "<p><em>a</em> x * y * z <strong>b</strong></p>"),
        ("$a \\\\ b$", "<p>a<br />b</p>"),
        ("so $x = \\boxed{5}$.", "<p>so x = <strong>5</strong>.</p>"),
        ("\\(\ufdd1x = \\frac{\\boxed{a + b}}{2}\\)", "<p>x = (<strong>a + b</strong>)/2</p>"),
        ("$$x^2$$", '<p class="maths">x²</p>'),
        ("a $$x^2$$ b", "<p>a x² b</p>"),
        ("$$x$$ where", "<p>x where</p>"),
        ("$$a \\\\ b$$", '<p class="maths">a<br />b</p>'),
        ("\\[x\n= y\\]", '<p class="maths">x = y</p>'),
        ("before\n$$\n- a\n+ b\n$$\nafter", '<p>before</p><p class="maths">−a + b</p><p>after</p>'),
        ("before\n\\[\n> a\n\\]", '<p>before</p><p class="maths">&gt; a</p>'),
        ("a\n```math\nx^2\n\n+ 1\n```\nb", '<p>a</p><p class="maths">x² + 1</p><p>b</p>'),
        ("```math\nx^2\n+ y", '<p class="maths">x² + y</p>'),
        ("```math\n$5\n```", '<pre><code class="language-math">$5</code></pre>'),
        ("- $$b\n  - c$$\n- d", "<ul><li>b − c</li><li>d</li></ul>"),
        ("- $$b\nc$$", "<ul><li>$$b</li></ul><p>c$$</p>"),
        ("> $$a\n> b$$\nc", '<blockquote><p class="maths">ab</p></blockquote><p>c</p>'),
        (
            "|a|\n|-|\n|$x^2$|",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>x²</td></tr></tbody></table>",
        ),
    ],
)
def test_formulas_stand_in_an_answer_as_text(markdown, text, html):
    assert compact(markdown.render(text)) == html


@cases(
    ("text", "shown"),
    [
        ("It costs $5 and $6.", "It costs $5 and $6."),
        ("$5 to 10$ a day, $5-$6", "$5 to 10$ a day, $5-$6"),
        ("a $ b $ c$", "a $ b $ c$"),
        ("\\$x^2\\$", "$x^2$"),
        ("$x\\$", "$x$"),
        ("$x\ny$", "$x<br />y$"),
        ("`$x^2$` $`x^2`$", "<code>$x^2$</code> $<code>x^2</code>$"),
        ("\\[note\\] and \\[a=b\\](c)", "[note] and [a=b](c)"),
        ("$$ $$ $$$$", "$$ $$ $$$$"),
        # A growing text whose formula has not ended
        ("$\\frac{1}{2", "$\\frac{1}{2"),
        ("$$x^2", "$$x^2"),
        ("$$x^2$", "$$x^2$"),
        ("\\(x^2", "(x^2"),
    ],
)
def test_what_is_no_formula_is_shown_as_it_was_written(markdown, text, shown):
    assert compact(markdown.render(text)) == f"<p>{shown}</p>"


def test_indented_code_keeps_its_dollars(markdown):
    assert compact(markdown.render("    $$x^2$$")) == "<pre><code>$$x^2$$</code></pre>"


@pytest.mark.parametrize("mark", ["$$", "\\["])
def test_a_displayed_formula_begins_a_block_whether_it_ends_or_not(markdown, mark):
    """A growing answer's blocks must not be cut anew when a formula is finished."""
    end = mark.replace("[", "]")
    starts = [
        [token.map[0] for token in markdown.parse(text) if token.type == "paragraph_open"]
        for text in (f"a\n{mark}\nb", f"a\n{mark}\nb\n{end}", f"a\n{mark}\nb\n{end}\nc")
    ]
    assert starts == [[0, 1], [0, 1], [0, 1, 4]]


OF_A_FORMULA = re.compile(r"(?:[->] )?(?:a?\$|\\?\\[(\[]|\\begin)")
FORMULAS = [name for name, pattern in PATTERNS.items() if OF_A_FORMULA.match(pattern(50))]
"""The hostile patterns of formulas: they begin with a mark of one."""


@cases("name", FORMULAS)
def test_hostile_text_is_rendered(markdown, name, hostile_chars):
    """A pattern that looked for its end again and again would take much longer than this.

    Longer texts never come here in one piece; tests/answer/test_markdown.py renders one that does.
    """
    chars = hostile_chars // 4
    started = time.process_time()
    html = markdown.render(PATTERNS[name](chars))
    assert time.process_time() - started < PATIENCE_CPU_S
    assert set(re.findall(r"<(/?\w+)", html)) <= TAGS


@cases("pattern", ["{", "\\frac", "x^", "\\sqrt[", "\\begin{cases}", "&", "\\\\", "'"])
def test_hostile_formulas_come_to_an_end(pattern):
    maths_text((pattern * MAX_CHARS)[:MAX_CHARS])
    maths_text(pattern * 200_000)


TAGS = {
    "p",
    "/p",
    "br",
    "em",
    "/em",
    "pre",
    "/pre",
    "code",
    "/code",
    "ul",
    "/ul",
    "li",
    "/li",
    "blockquote",
    "/blockquote",
}


@given(st.lists(st.sampled_from(["$", "$$", "\\(", "\\)", "\\[", "\\]", *PARTS]), max_size=40))
def test_formulas_add_no_tags_or_attributes_and_are_escaped(parts):
    md = MarkdownIt("zero", {"html": False}).enable(["escape"]).use(maths_plugin)
    html = md.render("".join(parts).replace("<", "<script src=a>"))
    drawn = r'<pre class="maths" role="img" aria-label="[^"<>]*"><code>[^<>]*</code></pre>'
    html = re.sub(drawn, "", html)
    tags = {"<p>", '<p class="maths">', "</p>", "<br>", "<br />", "<strong>", "</strong>"}
    assert set(re.findall("<[^>]*>", html)) <= tags


def compact(html):
    return re.sub(r"\n", "", html)


def test_what_a_short_formula_gives_is_remembered_and_of_a_long_one_nothing():
    asked = []

    @remembered
    def shout(text, *, twice=False):
        asked.append(text)
        return text.upper() * (1 + twice)

    long = "a" * (MOST_CHARS + 1)
    assert [shout("a"), shout("a"), shout("a", twice=True), shout("a")] == ["A", "A", "AA", "A"]
    assert shout(long) == shout(long) == long.upper()
    assert asked == ["a", "a", long, long]
