"""Macros of formulas: none that is known elsewhere is left as it was written, and each says what it means."""

from itertools import islice
from pathlib import Path

from kindlechat.rendering.answer.maths.text import maths_text
from kindlechat.rendering.device.glyphs import Glyphs, fit_text
from tests.cases import cases

NAMES = (Path(__file__).parent / "fixtures/latex-macros.txt").read_text().split("\n")[:-1]
"""Those in KaTeX's table of macros, and those that its parser knows besides."""

LEFT_TO_GLYPHS = set("★✓ⓈⓇ♣♦♥♠♭♮♯✠☺␣")
"""Pictures that no typeface of an e-reader has, whatever they mean."""


def test_the_list_is_whole():
    assert len(NAMES) == len(set(NAMES)) > 1000


def test_no_macro_is_left_as_it_was_written(quick):
    r"""Alone, with up to four arguments, with scripts, between signs, in words and in brackets."""
    stride = 12 if quick else 1
    tried = [
        latex
        for number, name in enumerate(NAMES)
        for latex in islice(uses("\\" + name), number % stride, None, stride)
    ]
    assert [latex for latex in tried if "\\" in maths_text(latex)] == []


def uses(macro):
    for arguments in ("", " x", "{a}", "{a}{b}", "{a}{b}{c}", "{a}{b}{c}{d}", "[a]{b}", "_1^2"):
        yield macro + arguments
    yield f"x {macro} y"
    yield f"{{x {macro} y}}"
    yield f"\\left{macro} x \\right)"
    yield f"\\text{{{macro}}}"
    yield f"\\frac{macro} x"
    yield f"\\begin{{pmatrix}} {macro} & x \\end{{pmatrix}}"


def test_every_sign_is_one_that_unicode_typefaces_have():
    texts = [text for name in NAMES if not LEFT_TO_GLYPHS & set(text := maths_text(f"\\{name} x"))]
    assert [text for text in texts if fit_text(text, Glyphs.UNICODE) != text] == []


@cases(
    ("latex", "text"),
    [
        # Greek, letters in other typefaces, accents
        (r"\alpha\beta\Gamma\varepsilon\vartheta\varDelta\Alpha", "αβΓεϑΔΑ"),
        (r"\mathbb{RNZQC}, \mathcal{L}\{f\}, \mathfrak{R}", "ℝℕℤℚℂ, ℒ{f}, ℜ"),
        (r"\dot{x}, \ddot{x}, \tilde{x}, \check{x}, \mathring{A}", "ẋ, ẍ, x̃, x̌, Å"),
        (r"\overrightarrow{AB}, \widehat{ABC}, \overset{\frown}{AB}", "AB⃗, AB̂C, A͡B"),
        (r"0.1\overline{6}, 0.\overline{142}", "0.16̅, 0.1̅4̅2̅"),
        (r"\overline{A \cup B}", "(A ∪ B)̅"),
        (r"\text{\'a \`e \"o \c{c} \~n \ss}", "á è ö ç ñ ß"),
        # Operators and relations
        (r"a \leqslant b \geqq c \preceq d \ll e \approxeq f", "a ≤ b ≧ c ≼ d ≪ e ≊ f"),
        (r"a \coloneqq b \eqqcolon c \dblcolon d", "a ≔ b ≕ c ∷ d"),
        (r"A \uplus B \sqcup C \setminus D \triangle E", "A ⊎ B ⊔ C ∖ D△E"),
        (r"a \overset{!}{=} b \stackrel{\text{def}}{=} c", "a =(!) b ≝ c"),
        (r"a \nleq b \not\in c \notin d", "a ≰ b ∉ c ∉ d"),
        (r"\neg p \land q \lor r \therefore s", "¬p ∧ q ∨ r ∴ s"),
        # Arrows
        (r"A \longrightarrow B \Longleftrightarrow C \hookrightarrow D", "A → B ⇔ C ↪ D"),
        (r"A \xrightarrow[below]{above} B \xleftharpoonup{k} C", "A →(above, below) B ↼(k) C"),
        (r"\begin{CD} A @>f>> B \\ @VVgV @VVhV \\ C @= D \end{CD}", "A →(f) B\n↓(g)↓(h)\nC = D"),
        # Large signs and limits
        (r"\bigcup_{i=1}^n A_i, \bigoplus V_i, \coprod", "⋃ᵢ₌₁ⁿ Aᵢ, ⊕ Vᵢ, ∐"),
        (r"\varlimsup_{n} a_n, \operatorname*{arg\,max}_x f", "lim supₙ aₙ, arg maxₓ f"),
        (
            r"\underset{x \to 0}{\lim} f, \sum_{\substack{i<n \\ i>0}} i",
            "lim_(x→0) f, ∑_(i<n, i>0) i",
        ),
        # Fractions by other names
        (r"\genfrac{(}{)}{0pt}{}{n}{k}, \genfrac{[}{]}{1pt}{}{a}{b}", "C(n, k), [a/b]"),
        (r"{a \atop b}, {n \brack k}, {a \above 1pt b}", "(a; b), [n; k], a/b"),
        (r"\cfrac{1}{1 + \cfrac{1}{x}}", "1/(1 + 1/x)"),
        # Brackets
        (r"\left\lfloor x \right\rceil \Bigl( y \Bigr) \lvert z \rvert", "⌊x⌉(y)|z|"),
        (r"\set{x | x > 0}, \left\{ x \middle| y \right\}", "{x | x > 0}, {x | y}"),
        (r"P(A | B) + |x|", "P(A | B) + |x|"),
        # Braces with words, frames, gaps to fill in
        (r"\underbrace{a + b}_{n \text{ times}}", "(a + b)[n times]"),
        (r"\boxed{x = 5}, \fbox{no}, \boxed{\phantom{5}}", "x = 5, no, □"),
        (
            r"3 + \underline{\hspace{2cm}} = 8, \underline{\quad}, \rule{2cm}{1pt}",
            "3 + ____ = 8, ____, ____",
        ),
        # Struck out, and by hand
        (r"\xcancel{ab}, \sout{x}, \cancelto{0}{x}", "a̸b̸, x̶, x̸→0"),
        (r"4\overline{)52}, \enclose{longdiv}{52}", "4)5̅2̅, )5̅2̅"),
        (r"\begin{array}{r} 12 \\ + 3 \\ \hline 15 \end{array}", "12\n+3\n15"),
        # Words and links
        (r"\text{if $x > 0$ and $y$}, \mbox{so}", "if x > 0 and y, so"),
        (
            r"\href{https://a.example}{x} \url{https://b.example}",
            "x (https://a.example)https://b.example",
        ),
        ('\\verb|a_b| \\char"41 \\unicode{x42}', "a_b AB"),
        (r"a = b \tag{1} \label{eq}, \eqref{eq}", "a = b (1), (eq)"),
        (r"1^{st}, 2^\text{nd}, n^{th}", "1st, 2nd, nth"),
        (r"\tag{7} F = ma", "(7) F = ma"),
        (r"F = ma \tag*{(law)}", "F = ma (law)"),
        (r"\rm{Mg}^{2+} + {\rm Cl}^- + {\bf ab}", "Mg²⁺ + Cl⁻ + ab"),
        (r"\longdiv{7}{91}, 7\longdiv{91}, \longdivision{91}{7}", ", ".join(["7)9̅1̅"] * 3)),
        (r"\polylongdiv{x^2-1}{x-1}", "(x² − 1) ÷ (x − 1)"),
        # What only a typesetter has to know
        (r"\def\x#1{#1} \newcommand{\y}[1]{#1} \let\a=b z", "z"),
        (r"\color{red} x \textcolor{blue}{y} \redD{z} \kern3pt w \raisebox{2pt}{v}", "xyzwv"),
        (r"\mathchoice{a}{b}{c}{d} \smash[t]{e} \bgroup f \egroup", "aef"),
        # Functions, with a backslash or without one
        (
            r"\arcctg x \tg x \sh x \sin x + sin x + log x",
            "arcctg x tg x sh x sin x + sin x + log x",
        ),
        # Blanks that part words
        (r"10 kg, \int f(x) dx, x^2 dx", "10 kg, ∫ f(x) dx, x² dx"),
        # Colons
        (r"f: A \to B, \{x : x > 0\}, 2:3, a := b", "f: A → B, {x : x > 0}, 2:3, a := b"),
    ],
)
def test_macros_are_set_as_what_they_mean(latex, text):
    assert maths_text(latex) == text


@cases(
    ("latex", "text"),
    [
        (r"\ce{N2 + 3H2 <=> 2NH3}", "N₂ + 3H₂ ⇌ 2NH₃"),
        (r"\ce{SO4^2- + Ba^{2+} -> BaSO4 v}", "SO₄²⁻ + Ba²⁺ → BaSO₄ ↓"),
        (r"\ce{Zn + 2H+ -> Zn^2+ + H2 ^}", "Zn + 2H⁺ → Zn²⁺ + H₂ ↑"),
        (r"\ce{[Fe(CN)6]^4-}", "[Fe(CN)₆]⁴⁻"),
        (r"\ce{^{238}_{92}U -> ^{234}_{90}Th + ^4_2He}", "²³⁸₉₂U → ²³⁴₉₀Th + ⁴₂He"),
        (r"\ce{A ->[H2SO4][\Delta] B}", "A →(H₂SO₄, Δ) B"),
        (r"\ce{NaCl(s) -> Na+(aq) + Cl-(aq)}", "NaCl(s) → Na⁺(aq) + Cl⁻(aq)"),
        (r"\ce{MgSO4.7H2O}, \ce{MgSO4 * 7H2O}", "MgSO₄·7H₂O, MgSO₄·7H₂O"),
        (r"\ce{CH3-CH=CH2}, \ce{HC#CH}, \ce{A\bond{...}B}", "CH₃–CH=CH₂, HC≡CH, A⋯B"),
        (r"\ce{1/2 O2 + 0.5 H2}", "1/2 O₂ + 0.5 H₂"),
        (r"\ce{K = \frac{[C]}{[A][B]}}", "K = [C]/([A][B])"),
        (r"\ce{(NH4)2CO3}, \ce{x Na + $n$ H2O}", "(NH₄)₂CO₃, x Na + n H₂O"),
        (r"\pu{123 kJ//mol}", "123 kJ/mol"),
    ],
)
def test_chemistry_is_set_with_indices_charges_and_arrows(latex, text):
    assert maths_text(latex) == text


@cases(
    ("latex", "text"),
    [
        (r"\SI{3.2}{m/s^2}", "3.2 m/s²"),
        (r"\qty{3.2}{\metre\per\second\squared}", "3.2 m/s²"),
        (r"\SI[per-mode=symbol]{5}{\kilo\gram\cubic\metre}", "5 kg·m³"),
        (r"\unit{\joule\per\kilogram\per\kelvin}", "J/(kg·K)"),
        (r"\si{kg.m^2.s^{-1}}", "kg·m²·s⁻¹"),
        (r"\qty{2e-7}{\micro\farad}", "2 × 10⁻⁷ µF"),
        (
            r"\num{6.02e23}, \num{1e5}, \num{e3}, \num{2.0 +- 0.1}",
            "6.02 × 10²³, 1 × 10⁵, 10³, 2.0 ± 0.1",
        ),
        (r"\qty{21}{\celsius}, \SI{45}{\degree}, \ang{1;2;3}", "21 °C, 45°, 1°2′3″"),
        (r"\SIrange{2}{4}{\mm}, \numrange{1}{9}", "2–4 mm, 1–9"),
        (r"\qty{60}{\furlong\per\hour}, \SI{10}{\ohm}", "60 furlong/h, 10 Ω"),
    ],
)
def test_quantities_are_set_with_their_units(latex, text):
    assert maths_text(latex) == text


@cases(
    ("latex", "text"),
    [
        (r"\ket{\phi} = a\ket{0} + b\ket{1}", "|φ⟩ = a|0⟩ + b|1⟩"),
        (r"\bra{a} H \ket{b}, \braket{a|b}, \Braket{a|H|b}", "⟨a|H|b⟩, ⟨a|b⟩, ⟨a|H|b⟩"),
        (r"\ketbra{0}{1}, \expval{A}, \mel{a}{H}{b}", "|0⟩⟨1|, ⟨A⟩, ⟨a|H|b⟩"),
        (
            r"\dv{x}{t}, \pdv[2]{u}{x}, \dv{t} f, \abs{x}, \norm{v}",
            "dx/dt, ∂²u/∂x², (d/dt)f, |x|, ‖v‖",
        ),
        (r"\comm{x}{p} = i\hbar, \int f \dd x", "[x, p] = iħ, ∫ f dx"),
    ],
)
def test_physics_is_set_with_its_brackets_and_derivatives(latex, text):
    assert maths_text(latex) == text
