"""Formulas in lines of characters: which are, and what they look like."""

from html import unescape

from kindlechat.rendering.answer.fitting import fit_block
from kindlechat.rendering.answer.links import Links
from kindlechat.rendering.answer.markdown import parse_blocks
from kindlechat.rendering.answer.maths.layout.blocks import columns_of
from kindlechat.rendering.answer.maths.text import MAX_COLUMNS, set_formula
from kindlechat.rendering.answer.tree import to_html
from tests.cases import cases

DRAWN = {
    r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}": """
     −b ± √(b² − 4ac)
x = ──────────────────
            2a
""",
    r"A = \begin{pmatrix} 1 & 20 \\ 300 & 4 \end{pmatrix}": """
A = /  1   20 \\
    \\ 300  4  /
""",
    r"\begin{bmatrix} a & \cdots & b \\ \vdots & \ddots & \vdots \\ c & \cdots & d \end{bmatrix} x": """
┌ a  ⋯  b ┐
│ ⋮  ⋱  ⋮ │ x
└ c  ⋯  d ┘
""",
    r"|x| = \begin{cases} x, & x \ge 0 \\ -x, & \text{else} \end{cases}": """
      ┌ x,    x ≥ 0
|x| = ┤
      └ −x,   else
""",
    r"\begin{array}{r} 123 \\ + 45 \\ \hline 168 \end{array}": """
123
+45
───
168
""",
    r"\begin{array}{c|c} p & \neg p \\ \hline 1 & 0 \\ 0 & 1 \end{array}": """
p │ ¬p
──┼───
1 │ 0
0 │ 1
""",
    r"\begin{array}{r} 13 \\ 4\overline{)52} \\ \underline{-4\phantom{2}} \\ 12 \end{array}": """
  13
 ───
4)52
 −4
 ───
  12
""",
    r"\boxed{x = 5}": """
┌───────┐
│ x = 5 │
└───────┘
""",
    r"\begin{aligned} y &= \frac{x^2 + 2x + 1}{x + 1} \\ &= x + 1 \end{aligned}": """
     x² + 2x + 1
y = ─────────────
        x + 1

  = x + 1
""",
    r"\left( \frac{a + b + c}{d + e + f + g} \right)^2 = 1": """
/    a + b + c    \\²
| ─────────────── |  = 1
\\  d + e + f + g  /
""",
    r"\underbrace{\begin{pmatrix} 1 \\ 2 \end{pmatrix}}_{v}": """
/ 1 \\
\\ 2 /
└───┘
  v
""",
    r"1 \frac{2}{3} + \frac{1}{1 + \frac{1}{1 + x}}": """
   2          1
1 ─── + ─────────────
   3            1
         1 + ───────
              1 + x
""",
}


@cases(("latex", "drawing"), DRAWN.items())
def test_what_is_large_is_drawn(latex, drawing):
    assert set_formula(latex, drawn=True).drawing == drawing.strip("\n")


@cases(
    "latex",
    [
        *(r"x^2 + y^2 = 1", r"\frac{a + b}{2}", r"\frac12 m v^2", r"\sqrt{\frac{a+b+c}{d+e+f}}"),
        *(
            r"a &= b \\ &= c",
            r"\begin{aligned} a &= b \\ &= c \end{aligned}",
            r"e^{\frac{a+b+c}{d+e+f}}",
        ),
        *(r"\begin{pmatrix} 1 & 2 \end{pmatrix}", r"\strange{a}", ""),
    ],
)
def test_what_reads_as_well_on_one_line_is_not_drawn(latex):
    assert set_formula(latex, drawn=True).drawing == ""


@cases("latex", DRAWN)
def test_all_lines_but_for_blanks_at_their_ends_are_as_wide(latex):
    matrix = r"\begin{bmatrix}" + latex + r"\\ x \end{bmatrix}"
    drawing = set_formula(matrix, drawn=True).drawing
    assert len({columns_of(line) for line in drawing.split("\n")}) == 1


def test_what_is_too_wide_or_too_deep_is_not_drawn():
    wide = r"\frac{" + "a + " * (MAX_COLUMNS // 4) + "b + c}{x + y}"
    assert set_formula(wide, drawn=True).drawing == ""
    deep = r"\frac{a + b}{c + " * 12 + "d" + "}" * 12
    assert set_formula(deep, drawn=True).drawing == ""


QUADRATIC = r"$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$"


def test_a_drawing_has_the_line_for_listeners():
    assert html(QUADRATIC).startswith(
        '<pre class="maths" role="img" aria-label="x = (−b ± √(b² − 4ac))/(2a)"><code>     −b'
    )


@cases(("columns", "drawn"), [(22, False), (45, True), (45, None)])
def test_a_narrow_screen_or_one_without_the_signs_has_one_line(columns, drawn):
    shown = html(QUADRATIC, columns, drawn=drawn is not None)
    assert shown.startswith("<pre" if drawn else '<p class="maths">x = (−b ± √(b²')


def test_a_label_and_a_drawing_are_escaped():
    shown = html(r'$$\begin{pmatrix} a<b \\ \text{"<script>"} \end{pmatrix}$$')
    assert "<script" not in shown
    assert '"(a < b; "<script>")"' in unescape(shown)
    assert 'aria-label="(a &lt; b; &quot;' in shown


def test_a_formula_in_an_item_stays_apart():
    assert html("- $$x$$\n- a\n  $$x$$") == ('<li>x</li><li>a\n<p class="maths">x</p></li>')


def html(text, columns=45, *, drawn=True):
    nodes = [node for block in parse_blocks(text) for node in block.nodes]
    return to_html(fit_block(nodes, to_html(nodes), columns, Links(), whole=True, drawn=drawn))
