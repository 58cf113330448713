"""Where formulas stand in an answer, and what only looks like one."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.rendering.answer.markdown import parse_blocks
from kindlechat.rendering.answer.maths.delimiters import formulas, open_formula
from kindlechat.rendering.answer.tree import text_of, to_html
from tests.cases import cases

LITERAL = r"""
a=$((b+c)) and d=$((e*f))
$(wildcard *.c) and $(patsubst %.c,%.o,$(SRC))
FV = PV × (1 + r)^n: with $2,000 at 4% you get $2,080.
Revenue: $1.4M (2021) → $1.6M (2022)
Between $4 and $9 per unit, i.e. $4 ≤ p ≤ $9.
If x = $4 and y = $9, then x + y = $13.
A $-mark or a $ mark, or one more $ here.
Names: a_$b_$c and ($a,$_) here.
PS1 ends with $ and then a blank; $ ls
s/^\s+|\s+$//g
[^$]* and [$]+ and ^.$
The column sales$year and the column sales$region of a data frame.
NZ$-based funds and CA$-based funds.
Pens at $.20-$.35, books at $8.
It costs $5 and $6.
$5 to 10$ a day, $5-$6
a $ b $ c$
Add it with PATH=$PATH:$GOROOT/bin, then read $USER.
Fares: $12, $15 and $18; or 7$ and 9$.
About $2.5M to $3M (some $700k), $1.5B/$2B, 100$, 50 $.
We paid $8 (eight) and sold it for 12$.
$total = 5; $count = 6; print $total / $count;
foreach ($rows as $row) { show($row); }
Call $this->title and $this->body.
Both $_POST and $_COOKIE; $_SERVER['HOST'] and $_ENV['USER'].
Read $? first, then $# and $@ and $*.
$(LD) $(LDFLAGS) -o $@ $^
$@: $< depends, $^ are all of them; $* is the stem.
Take $<, $^ or $@.
Dear ${first}, your ${plan} plan ends.
${{ secrets.TOKEN }} and ${{ matrix.os }}
$('.menu').show(); $('#top').hide();
=SUM($B$2:$B$20) in cell $C$21
Tickers: $IBM, $ORCL and $INTC.
The pattern ^cat$ or dog$ or (x|y)$ and z$
^\w+$ matches a word and ^[0-9]+$ a number
$1 and $2 are groups; $1,500 and $2,500 are not.
In Perl $_ is the topic, $@ the error, $! the errno and $0 the name.
my ($x, $y) = @_; print "$x $y";
The shell's own number is $$ and its parent's $PPID.
kill -9 $$ and echo $$ again
Guides: $ is cheap, $$ is fair, $$$ is dear, $$$$ is very dear.
priced in $ (or $/kg)
$/hour vs $/day
Write $...$ within a line and $$...$$ on a line of its own.
R$ 40 e R$ 80
$ 40 y $ 80
Paid $30 - tip included - or $35
$title$ is replaced, so is $author_name$ and $if(date)$ and $endif$
{{ $value }} and {{ $labels.job }} in a template
{$user} and {$email} in Smarty
{ $gte: 3, $lte: 9 }
$a && $b || $c
if [ "$left" = "$right" ]; then
echo "$1" "$2"
$env:TEMP and $null and $true
"$HOME"/"$LOGNAME"
1$ = 0.9€ and 3$ = 2.7€
$1 = €0.92 and $2 = €1.84
a 2$ tip on a 25$ meal
It rose from $4 to $5 = 25%.
Save $50/week - that's $2,600/year!
SELECT $1, $2 FROM t WHERE id = $3
""".strip().split("\n")


@cases("text", LITERAL)
def test_money_code_and_prose_keep_their_dollars(text):
    assert shown(text) == re.sub(r"\\(?=[$!])", "", text)


@cases(
    ("text", "part"),
    [
        # Beside words, signs and other scripts
        ("So $x^2$ and $y_1$.", "So x² and y₁."),
        ("the $m$th row, the $j$-th column, all $x$s", "the mth row, the j-th column, all xs"),
        ("NH$_3$ and 10$^{-6}$ m$^3$", "NH₃ and 10⁻⁶ m³"),
        ("_$y$_ and _$z_1$_", "y and z₁"),
        ('sets $A$, $B$; ($C$) "$D$" **$E$**', 'sets A, B; (C) "D" E'),
        ("令$x$为实数，函数$g(x)$是", "令x为实数，函数g(x)是"),
        (r"Tr$(\rho^2)$ and LCM$\left(4, 6\right)$", "Tr(ρ²) and LCM(4, 6)"),
        ("gcd$(8, 12) = 4$, P$(A)$", "gcd(8, 12) = 4, P(A)"),
        (r"$\sim$10, 3$\times$4, $<$7, $\ge$2, 8$\mu$m", "~10, 3×4, <7, ≥2, 8μm"),
        ("Li$^+$, $^{13}$C, $_7$N, Cl$^-$", "Li⁺, ¹³C, ₇N, Cl⁻"),
        # What has neither macro nor operator, and is short
        ("the map $g(x)$ at $(a, b)$ in $[0, 1]$", "the map g(x) at (a, b) in [0, 1]"),
        ("a triangle $PQR$, is $5$ or $7$", "a triangle PQR, is 5 or 7"),
        ("Costs $70. Here $x + 2$ is.", "Costs $70. Here x + 2 is."),
        ("It costs $9, and $x^2$ is", "It costs $9, and x² is"),
        ("$time = distance / speed$", "time = distance/speed|time = distance / speed"),
        # Blanks beside dollars
        (r"Thus $\tau = \frac{T r}{J} $ here.", "Thus τ = "),
        ("where $ m $ is the mass and $ c $ the speed", "where m is the mass and c the speed"),
        # Brackets
        (r"\( F_{\text{max}} \) and \( k \)", "F_max and k"),
        (r"the \(n\)-th \(x\) of \(AB\)", "the n-th x of AB"),
        (r"Water boils \[1\], see \[12\].", "Water boils [1], see [12]."),
        (r"\(7\) \(see above\) \[sic\] \[2, 3\] \[4-6\]", "(7) (see above) [sic] [2, 3] [4-6]"),
        (r"- \[x\] done and \[ \] not", "[x] done and [ ] not"),
        (r"v\[i\] = w\[j+1\], g\(x\), \[a-z\]", "v[i] = w[j+1], g(x), [a-z]"),
        ("\\[ x = 5 \\]", "x = 5"),
        ("\\[\nx\n\\]", "x"),
        # Glued to words
        (r"so\[x^2 = 4\]then", "so x² = 4 then"),
        ("word$$x^2$$word", "word x² word"),
        # Without dollars
        ("\\begin{align}\na &= b \\\\\n&= c\n\\end{align}", "a = b\n= c"),
        ("by \\begin{align} a &= b \\end{align} here", "by a = b here"),
        # With blank lines
        ("$$\na = b\n\n+ c\n$$", "a = b + c"),
        ("$$\na = b\n\n$$\nText", "a = b"),
        # Equations on lines of their own
        ("$$\nr = 4\n\ns = 5\n$$", "r = 4\ns = 5"),
        ("\\[\nr \\le 4\ns = 5\n\\]", "r ≤ 4\ns = 5"),
        ("$$\nr =\n4 + 5\n= 9\n$$", "r = 4 + 5 = 9"),
        ("$$\nr = \\sqrt{1\ns = 5}\n$$", "r = √(1s = 5)"),
        (r"by $\ce{Cu^{2+} + 2OH- -> Cu(OH)2 v}$", "Cu²⁺ + 2OH⁻ → Cu(OH)₂ ↓"),
        (r"$-\sin x$ or $-arctan x$", "−sin x or −arctan x"),
        ("> $$\n> a = b\n>\n> + c\n> $$", "a = b + c"),
    ],
)
def test_formulas_are_found(text, part):
    found = shown(text)
    assert any(each in found for each in part.split("|"))
    assert not re.search(r"\$(?!\d)|\\[a-z]", found)


@cases(
    "text",
    [
        "$$\na = b\n\nNow this is prose that ends nothing.\n\n$$",
        "$$\na\n\n## Heading\n\n$$",
        "$$\na\n\n- an item\n\n$$",
        "\\[\na\n\n```\n\\]\n```",
        "\\begin{itemize}\na\n\\end{itemize}",
    ],
)
def test_prose_after_a_blank_line_is_never_swallowed(text):
    assert shown(text).replace("\n", "").startswith(text.split("\n")[0].replace("\\[", "["))


def test_bars_of_formulas_part_no_cells():
    assert "<td>|y|</td>" in html("|f|v|\n|-|-|\n| abs | $|y|$ |")
    assert "<td>P(A|B)</td>" in html("|f|v|\n|-|-|\n| p | $P(A|B)$ |")
    assert "<td><code>$</code></td><td>|x| + |y|</td>" in html("|f|v|\n|-|-|\n|`$`|$|x|+|y|$|")


def test_bars_of_code_part_no_cells():
    assert "<td><code>||</code></td><td>or</td>" in html("|f|v|\n|-|-|\n|`||`|or|")
    assert "<td><code>ls | wc -l</code></td><td>count</td>" in html(
        "|f|v|\n|-|-|\n| `ls | wc -l` | count |"
    )
    assert "<td>`</td><td>`</td>" in html("|f|v|\n|-|-|\n| ` | ` |")
    assert "<code>a|b</code></td>" in html("|f|v|\n|-|-|\n| x | `a\\|b` |")


def test_dollars_in_a_table_part_cells():
    assert "<td>$5</td>" in html("|a|b|\n|-|-|\n| $5 | $6 |")
    assert "<td>a $x</td>" in html("|a|b|\n|-|-|\n| a $x | y$ |")


def test_a_bar_in_code_or_an_address_stays():
    assert "<code>$|x|$</code>" in html("`$|x|$` and $|y|$")
    assert "$|x|$" in html("```\n$|x|$\n```")
    assert 'href="https://a.example/?$%7Cx%7C$"' in html("[t](https://a.example/?$|x|$)")


# The growing page


@cases(
    ("text", "waiting"),
    [
        ("Let $x", "$x"),
        ("Let $x$", "$x$"),
        ("Let $x$ ", None),
        ("Let $x$ and $y", "$y"),
        ("It costs $5 and not", None),
        ("It costs $5", "$5"),
        ("$x is what we all want", None),
        ("$x\n", None),
        ("a \\(x", "\\(x"),
        ("a \\(x\n+ y", "\\(x\n+ y"),
        ("a \\(x\n\n+ y", None),
        ("a\n$$\nx\n\n+ y", "$$\nx\n\n+ y"),
        ("a\n$$\nx\n\nThis is only prose", None),
        ("a\n$$\nx\n$$", "$$\nx\n$$"),
        ("a\n$$\nx\n$$\n", None),
        ("> a\n> $$\n> x", "$$\n> x"),
        ("- a\n- $$x", "$$x"),
        ("\\begin{align}\na", "\\begin{align}\na"),
        ("\\begin{itemize}\na", None),
        ("`$x` and `$", "`$"),
        ("`$x` and `a", "`a"),
        ("`$x` and `a\n\nb", None),
    ],
)
def test_what_may_become_a_formula_waits(text, waiting):
    pos = open_formula(text)
    assert (None if pos is None else text[pos:]) == waiting


PIECES = ["$", "$$", "\\(", "\\)", "\\[", "\\]", "\\begin{align}", "\\end{align}", "`", "\n", " "]
PIECES += [
    "\n\n",
    "x",
    "5",
    "a = b",
    "\\frac12",
    "word",
    "and",
    "- ",
    "> ",
    "|",
    "{",
    "}",
    ",",
    ".",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_before_what_waits_the_same_formulas_stand_in_every_longer_text(pieces):
    text = "".join(pieces)
    whole = [(formula.start, formula.end) for formula in formulas(text)]
    for end in range(len(text)):
        waiting = open_formula(text[:end])
        sure = end if waiting is None else waiting
        before = [(f.start, f.end) for f in formulas(text[:end]) if f.start < sure]
        assert before == [(start, stop) for start, stop in whole if start < sure]


def html(text):
    return to_html([node for block in parse_blocks(text) for node in block.nodes])


def shown(text):
    blocks = parse_blocks(text)
    return unescape("\n".join("".join(map(text_of, block.nodes)) for block in blocks))
