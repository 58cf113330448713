"""What a macro makes of its arguments: nodes, or LaTeX that says the same by simpler macros."""

import unicodedata

from kindlechat.rendering.answer.maths.latex.nodes import (
    BLANK,
    EMPTY_BOX,
    GAP,
    Accent,
    Binomial,
    Box,
    Build,
    Fence,
    Fraction,
    Kind,
    Label,
    Node,
    Row,
    Scripts,
    Sign,
    Underline,
    operator,
    text_of,
    word,
)
from kindlechat.rendering.answer.maths.latex.symbols import sign
from kindlechat.rendering.answer.maths.latex.units import read_number, read_quantity

RELATIONS = {"=def": "≝", "=Def": "≝", "=△": "≜", "=?": "≟", "=∆": "≜", "=Δ": "≜"}
"""Signs with a label that have a sign of their own."""

OVER_LETTERS = {
    "∘": "\u030a",
    "→": "\u20d7",
    "∧": "\u0302",
    "∼": "\u0303",
    "◠": "\u0361",
    "−": "\u0304",
}
"""Signs over a letter that are accents."""


def last(*arguments: Row) -> Row:
    """The last argument as it is."""
    return arguments[-1]


def nothing(*_arguments: object) -> Row:
    """No sign at all: what only a typesetter has to know."""
    return ()


# Fractions


def general_fraction(left: str, right: str, line: str, _style: str, above: Row, below: Row) -> Row:
    """A fraction with brackets, or one without a line, which is a binomial."""
    if line.startswith("0"):
        return stacked(above, below, left, right)
    return (Fence(left, right, (Fraction(above, below),)),)


def stacked(above: Row, below: Row, left: str = "", right: str = "") -> Row:
    """Two lines without a bar between them."""
    if (left, right) == ("(", ")"):
        return (Binomial(above, below),)
    return (Fence(left or "(", right or ")", (*above, sign(";"), BLANK, *below)),)


def divided(above: Row, below: Row, left: str = "", right: str = "") -> Row:
    """A fraction, in brackets if there are any."""
    fraction = Fraction(above, below)
    return (Fence(left, right, (fraction,)),) if left or right else (fraction,)


# Lines, frames and signs over something


def box(inside: Row) -> Row:
    """A frame; one with nothing in it is to be filled in."""
    return (
        (Box(inside),) if text_of(inside).strip() or any(map(_is_no_sign, inside)) else (EMPTY_BOX,)
    )


def underlined(inside: Row) -> Row:
    """A line below; one below nothing is a gap to be filled in."""
    is_gap = not text_of(inside).strip() and not any(map(_is_no_sign, inside))
    return (GAP,) if is_gap else (Underline(inside),)


def _is_no_sign(node: Node) -> bool:
    return not isinstance(node, Sign)


def gap(*_arguments: object) -> Row:
    """A line to write on."""
    return (GAP,)


def unseen(inside: Row) -> Row:
    """Blanks as wide as something that is not shown."""
    return (Sign(" " * max(1, len(text_of(inside))), Kind.SPACE),)


def accent(mark: str) -> Build:
    """A combining sign over all of the argument."""
    return lambda inside: (Accent(mark, inside),) if inside else ()


def above(label: Row, base: Row) -> Row:
    """Something over something else: a label of a relation, a bound of a sum, an accent."""
    written = text_of(base) + text_of(label)
    if written in RELATIONS:
        return (operator(RELATIONS[written]),)
    first = base[0] if base else None
    if isinstance(first, Sign) and len(base) == 1 and first.kind is Kind.OPERATOR:
        return (Label(base, (label,)),)
    if text_of(label) in OVER_LETTERS and text_of(base).isalnum():
        return (Accent(OVER_LETTERS[text_of(label)], base),)
    return (Scripts(base, None, label),)


def below(label: Row, base: Row) -> Row:
    """Something under something else."""
    first = base[0] if len(base) == 1 else None
    if isinstance(first, Sign) and first.kind is Kind.OPERATOR:
        return (Label(base, (label,)),)
    if isinstance(first, Label):
        return (Label(first.base, (*first.labels, label)),)
    return (Scripts(base, label, None),)


def arrow(sign_of: str) -> Build:
    """A long arrow with words over it, and under it."""
    return lambda under, over: (Label((operator(sign_of),), tuple(filter(None, (over, under)))),)


def any_arrow(sign_of: Row, under: Row, over: Row) -> Row:
    """An arrow by its sign, with words over it, and under it."""
    return (Label((operator(text_of(sign_of)),), tuple(filter(None, (over, under)))),)


def brace(base: Row) -> Row:
    """A brace over or under something, which gets its label as a script."""
    return (Label(base, ()),)


def cancelled_to(value: Row, inside: Row) -> Row:
    """What is struck out, and what it becomes."""
    return (Accent("\u0338", inside), Sign("→"), *value)


def enclosed(kind: str, _attributes: str, inside: Row) -> Row:
    """What is drawn around something: a long division, strokes, frames, lines."""
    kinds = set(kind.split())
    if "longdiv" in kinds:
        return (Sign(")"), Accent("\u0305", inside))
    if any(each.endswith("strike") for each in kinds):
        return (Accent("\u0338", inside),)
    if kinds & {"box", "roundedbox", "circle"}:
        return box(inside)
    if kinds & {"top", "actuarial"}:
        return (Accent("\u0305", inside),)
    return (Underline(inside),) if "bottom" in kinds else inside


def negated(struck: Row) -> Row:
    """A relation that does not hold."""
    return tuple(
        Sign(unicodedata.normalize("NFC", node.text + "\u0338"), node.kind)
        if isinstance(node, Sign) and node.text
        else node
        for node in struck
    )


# Brackets


def fenced(left: str, right: str) -> Build:
    """Brackets around the last argument."""
    return lambda *arguments: (Fence(left, right, arguments[-1]),)


def parted(left: str, right: str) -> Build:
    """Brackets around something that bars part: sets, and products of states."""

    def build(inside: Row) -> Row:
        bar = operator("|") if left == "{" else Sign("|", Kind.CLOSE)
        nodes = (bar if isinstance(node, Sign) and node.text == "|" else node for node in inside)
        return (Fence(left, right, tuple(nodes)),)

    return build


def states(*parts: Row) -> Row:
    """A product of states: ⟨a|b⟩, ⟨a|H|b⟩."""
    nodes: list[Node] = [*parts[0]]
    for part in parts[1:]:
        nodes += Sign("|", Kind.CLOSE), *part
    return (Fence("⟨", "⟩", tuple(nodes)),)


def projection(ket: Row, bra: Row) -> Row:
    """|a⟩⟨b|, or |a⟩⟨a|."""
    return (Fence("|", "⟩", ket), Fence("⟨", "|", bra or ket))


def commutator(left: Row, right: Row) -> Row:
    """[a, b]."""
    return (Fence("[", "]", (*left, sign(","), *right)),)


def modulus(inside: Row) -> Row:
    """(mod n)."""
    return (BLANK, Fence("(", ")", (word("mod"), BLANK, *inside)))


def pod(inside: Row) -> Row:
    """Words in brackets behind the formula."""
    return (BLANK, Fence("(", ")", inside))


def tag(star: bool, label: Row) -> Row:
    """A formula's number, at its end or its beginning; with a star it has brackets of its own, or none."""
    return (BLANK, *label, BLANK) if star else (*pod(label), BLANK)


def division(divisor: Row, dividend: Row) -> Row:
    """A long division as it is written: the divisor, a bracket, and a line over what is divided."""
    return (*divisor, *enclosed("longdiv", "", dividend))


def quotient(dividend: Row, divisor: Row) -> Row:
    """What is divided, and by what."""
    return (Fence("(", ")", dividend), operator("÷"), Fence("(", ")", divisor))


def derivative(letter: str) -> Build:
    """A derivative: of an order, of something, by something."""

    def build(order: Row, first: Row, second: Row) -> Row:
        d: Row = (Sign(letter),)
        of, by = (first, second) if second else ((), first)
        raised: Row = (Scripts(d, None, order),) if order else d
        return (Fraction((*raised, *of), (*d, *((Scripts(by, None, order),) if order else by))),)

    return build


def differential(inside: Row) -> Row:
    """The end of an integral."""
    return (BLANK, Sign("d"), *inside)


# Numbers and units, as LaTeX


def quantity(_options: str, number: str, unit: str) -> str:
    """A number with its unit."""
    return read_quantity(number, unit)


def quantity_range(_options: str, first: str, end: str, unit: str) -> str:
    """From one quantity to another."""
    return rf"{read_number(first)}\mathord{{–}}{read_quantity(end, unit)}"


def number_range(_options: str, first: str, end: str) -> str:
    """From one number to another."""
    return rf"{read_number(first)}\mathord{{–}}{read_number(end)}"


def angle(_options: str, parts: str) -> Row:
    """Degrees, minutes and seconds."""
    marked = zip(parts.split(";"), "°′″", strict=False)
    return (word("".join(part.strip() + mark for part, mark in marked if part.strip())),)
