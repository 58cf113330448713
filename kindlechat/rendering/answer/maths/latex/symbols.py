"""The signs of formulas: what a macro without arguments becomes, and how a sign stands to others.

Most of the table is that of latex2mathml; here is what it lacks, and what few typefaces have.
"""

import unicodedata

from latex2mathml.symbols_parser import SYMBOLS

from kindlechat.rendering.answer.maths.latex.nodes import (
    BLANK,
    GAP,
    NEWLINE,
    Kind,
    Row,
    Sign,
    operator,
)

MORE_SIGNS = """
And & Dagger ‡ and ∧ or ∨ lq ‘ rq ’ dag † ddag ‡ P ¶ S § copyright © pounds £ euro € officialeuro €
geneuro € geneuronarrow € geneurowide € cnums ℂ Complex ℂ C ℂ N ℕ natnums ℕ Q ℚ R ℝ Reals ℝ reals ℝ
real ℜ image ℑ Z ℤ Alpha Α Beta Β Epsilon Ε Zeta Ζ Eta Η Iota Ι Kappa Κ Mu Μ Nu Ν Omicron Ο Rho Ρ Tau Τ
Chi Χ alef ℵ alefsym ℵ weierp ℘ thetasym ϑ Coppa Ϙ coppa ϙ varcoppa ϙ varstigma ϛ ang ∠ angln ⌉ exist ∃
empty ∅ infin ∞ isin ∈ sub ⊂ sube ⊆ supe ⊇ plusmn ± sdot · bull • part ∂ sect § clubs ♣ diamonds ♦
hearts ♥ spades ♠ diamondsuit ♦ heartsuit ♥ smiley ☺ Larr ⇐ lArr ⇐ larr ← Rarr ⇒ rArr ⇒ rarr → Harr ⇔
hArr ⇔ harr ↔ Lrarr ⇔ lrArr ⇔ lrarr ↔ LeftArrow ← Uarr ⇑ uArr ⇑ uarr ↑ Darr ⇓ dArr ⇓ darr ↓ doublecap ⋒
doublecup ⋓ nleqq ≰ nsupseteqq ⊉ shortparallel ∥ arrowvert | Arrowvert ‖ bracevert | vline |
mathellipsis … dotsx … textellipsis … varvdots ⋮ part ∂ Coloneq ∷− Coloneqq ∷= Colonapprox ∷≈
Colonsim ∷∼ Eqcolon =∷ Eqqcolon =∷ dblcolon ∷ coloncolon ∷ colonapprox :≈ colonequals ≔
coloncolonapprox ∷≈ coloncolonequals ∷= coloncolonminus ∷− coloncolonsim ∷∼ colonminus :− colonsim :∼
approxcolon ≈: approxcoloncolon ≈∷ equalscolon ≕ equalscoloncolon =∷ minuscolon −: minuscoloncolon −∷
simcolon ∼: simcoloncolon ∼∷ ratio : ordinarycolon : vcentcolon : minuso ⊖ intop ∫ smallint ∫ iiiint ∬∬
idotsint ∫…∫ bigominus ⊖ bigoslash ⊘ bigsqcap ⊓ iddots ⋰ Bbbk k KaTeX KaTeX LaTeX LaTeX TeX TeX
textasciicircum ^ textasciitilde ~ textbackslash ∖ textbar | textbardbl ‖ textbraceleft {
textbraceright } textcopyright © textdagger † textdaggerdbl ‡ textdegree ° textdollar $ textemdash —
textendash – textless < textgreater > textquotedblleft “ textquotedblright ” textquoteleft ‘
textquoteright ’ textregistered ® textsterling £ textunderscore _ textvisiblespace ␣ i ı j ȷ imath ı
jmath ȷ ae æ AE Æ oe œ OE Œ o ø O Ø l ł L Ł aa å AA Å ss ß lBrace { rBrace } lbrace { rbrace } lbrack [
rbrack ] lparen ( rparen ) backslash ∖ degree ° celsius °C degreeCelsius °C percent % ohm Ω checkmark ✓
perp ⊥ Join ⋈ leadsto ⇝ implies ⇒ impliedby ⇐ iff ⇔ triangledown ▽ blacktriangle ▲ blacktriangledown ▼
blacksquare ■ square □ Box □ Diamond ◇ centerdot · lhd ◁ rhd ▷ ncong ≇ colon : dots … cdots ⋯ ldots …
vdots ⋮ ddots ⋱ dotsb ⋯ dotsc … dotsi ⋯ dotsm ⋯ dotso … ulcorner ┌ urcorner ┐ llcorner └ lrcorner ┘
lmoustache ( rmoustache ) lgroup ( rgroup ) qed ∎ QED ∎ Lbag ⟅ biguplus ⊎ bigotimes ⊗ bigoplus ⊕
bigodot ⊙ bigsqcup ⊔ bigvee ⋁ bigwedge ⋀ oiint ∯ oiiint ∰ epsilon ε hbar ħ hslash ħ
"""
"""Pairs of a name and its sign. A backslash that is meant is the sign ∖: none is left of a macro."""

PLAINER = str.maketrans(
    {
        **dict(
            zip(
                "⟶⟵⟷⟹⟸⟺⟼⩽⩾ϕϵ⟂⧵◻∎ℏ∣∗⊧⋅∙⬝⤳⨝⌆⩞⪯⪰⪇⪈⪅⪆⪷⪸⪹⪺⪉⪊⫅⫆⪕⪖⪋⪌⨿⧫⌣⌢⨂⨁⨀⨆⨄◃▹▿϶",
                "→←↔⇒⇐⇔↦≤≥φε⊥∖□■ħ|*⊨··.⇝⋈⊼⊼≼≽≨≩≲≳≾≿⋨⋩⋦⋧⊆⊇⋜⋝⋚⋛∐◆◡◠⊗⊕⊙⊔⊎◁▷▽∍",
                strict=True,
            )
        ),
        "⪵": "≺≠",
        "⪶": "≻≠",
        "⫋": "⊊",
        "⫌": "⊋",
        "⌜": "┌",
        "⌝": "┐",
        "⌞": "└",
        "⌟": "┘",
    }
)
"""For signs that few typefaces have, those of the same meaning that most have."""

OPENING = "([{⟨⌊⌈⟦⟮┌└"
CLOSING = ")]}⟩⌋⌉⟧⟯┐┘"
SIGNS = "+-±∓−"
BIG_SIGNS = "∑∏∐∫∬∭∮∯∰⋃⋂⋁⋀"
OPERATORS = "=<>*:×÷·~∷◁▷◠◡"
ORDINARY_SIGNS = "∀∁∂∃∄∅∆∇∞√∛∜∟∠∡∢¬⊤♯♭♮⁺⁻⁼₊₋₌⋯⋮⋱⋰"
"""Of the signs that Unicode calls mathematical, those that are no operators."""

NAMED = {
    **{name: name for name in (
        *("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh"),
        *("tanh", "coth", "log", "ln", "lg", "exp", "det", "dim", "ker", "deg", "arg", "gcd"),
        *("lcm", "hom", "Pr", "tr", "Tr", "rank", "sgn", "sign", "arcctg", "arctg", "cosec"),
        *("cotg", "ctg", "cth", "ch", "sh", "tg", "th", "arccot", "arcsec", "arccsc", "sech"),
        *("csch", "erf", "Res", "Var", "Cov", "span"),
    )}
}  # fmt: skip
LIMITS = {
    **{name: name for name in ("lim", "max", "min", "inf", "argmax", "argmin", "plim")},
    "limsup": "lim sup",
    "liminf": "lim inf",
    "varlimsup": "lim sup",
    "varliminf": "lim inf",
    "injlim": "inj lim",
    "projlim": "proj lim",
    "varinjlim": "inj lim",
    "varprojlim": "proj lim",
    "sup": "sup",
}
BLANKS = (
    *(",", ";", ":", ">", " ", "quad", "qquad", "enspace", "enskip", "thinspace", "medspace"),
    *("thickspace", "space", "nobreakspace", "Space", "hfil", "hfill", "tmspace"),
)
WITHOUT_A_TRACE = """
! displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits hline hdashline nonumber notag rm bf it
cal sf tt bfseries itshape mdseries upshape sl sc scr frak em mit normalfont oldstyle up md Huge huge LARGE
Large large normalsize small footnotesize scriptsize sixptsize tiny Tiny negthinspace negmedspace
negthickspace allowbreak nobreak mathstrut strut relax global long expandafter noexpand begingroup endgroup
bgroup egroup displaylines DOTSB DOTSI DOTSX vfil vfill noindent centering par break protect hfilneg ifmode
if ifx else fi protect mathsurround dotfill allowdisplaybreaks dsize tsize
red blue green gray orange pink purple kaBlue kaGreen
""".split() + [f"{colour}{letter}" for colour in (
    *("blue", "teal", "green", "gold", "red", "maroon", "purple", "mint"),
) for letter in "ABCDE"] + [f"gray{letter}" for letter in "ABCDEFGHI"]  # fmt: skip
"""Typefaces, sizes, colours, and what only a typesetter has to know."""


def _named_signs() -> dict[str, Row]:
    words = MORE_SIGNS.split()
    return {name: (sign(text),) for name, text in zip(words[::2], words[1::2], strict=True)}


def sign(text: str) -> Sign:
    """The sign, standing to its neighbours as it does by itself."""
    if text in BIG_SIGNS:
        return Sign(text, Kind.BIG)
    if text in OPENING:
        return Sign(text, Kind.OPEN)
    if text in CLOSING:
        return Sign(text, Kind.CLOSE)
    if text in SIGNS:
        return Sign(text.replace("-", "−"), Kind.SIGN)
    if text in ",;":
        return Sign(text, Kind.COMMA)
    if text in "|‖":
        return Sign(text, Kind.BAR)
    if text in ORDINARY_SIGNS or not text:
        return Sign(text)
    is_operator = text[0] in OPERATORS or unicodedata.category(text[0]) == "Sm"
    return Sign(text, Kind.OPERATOR if is_operator or "←" <= text[0] <= "⇿" else Kind.ORDINARY)


FIXED: dict[str, Row] = {
    **dict.fromkeys(BLANKS, (BLANK,)),
    **{name: (Sign(text, Kind.FUNCTION),) for name, text in NAMED.items()},
    **_named_signs(),
    **{name: (Sign(text, Kind.BIG),) for name, text in LIMITS.items()},
    **dict.fromkeys(WITHOUT_A_TRACE, ()),
    **{name: (operator("mod"),) for name in ("mod", "bmod")},
    **{name: (operator("|"),) for name in ("mid", "shortmid")},
    **{name: (Sign(sign(chr(code)).text, Kind.BIG),) for name, code in (
        ("bigoplus", 0x2295), ("bigotimes", 0x2297), ("bigodot", 0x2299), ("bigsqcup", 0x2294),
        ("biguplus", 0x228E), ("bigsqcap", 0x2293), ("bigominus", 0x2296), ("bigoslash", 0x2298),
        ("intop", 0x222B), ("smallint", 0x222B),
    )},
    "parallel": (operator("∥"),),
    "nonumber": (),
    "newline": (NEWLINE,),
    "cr": (NEWLINE,),
    "hrulefill": (GAP,),
    "&": (Sign("&"),),
    "_": (Sign("_"),),
    "|": (Sign("‖", Kind.BAR),),
    "lvert": (Sign("|", Kind.OPEN),),
    "rvert": (Sign("|", Kind.CLOSE),),
    "lVert": (Sign("‖", Kind.OPEN),),
    "rVert": (Sign("‖", Kind.CLOSE),),
    "colon": (Sign(":", Kind.COMMA),),
}  # fmt: skip
"""Macros that always become the same."""


def fixed(name: str) -> Row | None:
    """What a macro without arguments becomes; None for one that is not known or has some."""
    if name in FIXED:
        return FIXED[name]
    if not name.isalpha():
        return (sign(name),)
    code = SYMBOLS.get("\\" + name)
    return (sign(_plain(chr(int(code, 16)))),) if code else None


def _plain(letter: str) -> str:
    """A letter in italics is that letter; a sign that few typefaces have, another one."""
    if letter > "\uffff":
        return unicodedata.normalize("NFKC", letter)
    return letter.translate(PLAINER)
