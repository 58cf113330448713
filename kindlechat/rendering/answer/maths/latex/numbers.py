"""Mixed numbers: a whole number right before a fraction that is less than one."""

from collections.abc import Sequence

from kindlechat.rendering.answer.maths.latex.nodes import Fraction, Kind, Node, Row, Sign

MAX_DIGITS = 6


def join_mixed(nodes: Sequence[Node]) -> Row:
    """The nodes with each mixed number as one: 1½ is no product of one and a half."""
    joined: list[Node] = []
    for node in nodes:
        whole = _whole_before(joined) if isinstance(node, Fraction) and _is_proper(node) else ""
        if whole and isinstance(node, Fraction):
            del joined[-len(whole) :]
            node = Fraction(node.above, node.below, whole)
        joined.append(node)
    return tuple(joined)


def _is_proper(fraction: Fraction) -> bool:
    above, below = _digits(fraction.above), _digits(fraction.below)
    return bool(above and below) and int(above) < int(below)


def _digits(row: Row) -> str:
    """The number that the row is; empty where it is something else."""
    text = "".join(node.text if isinstance(node, Sign) else "?" for node in row)
    return text if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else ""


def _whole_before(nodes: Sequence[Node]) -> str:
    """The digits at the end, unless they are a part of something else: of 2.5 or x2."""
    digits = ""
    for node in reversed(nodes[-MAX_DIGITS - 1 :]):
        text = node.text if isinstance(node, Sign) else ""
        if text.isascii() and text.isdigit() and len(text) == 1:
            digits = text + digits
            continue
        is_operator = isinstance(node, Sign) and node.kind in (
            *(Kind.OPERATOR, Kind.SIGN, Kind.OPEN, Kind.COMMA, Kind.SPACE, Kind.BAR),
        )
        return digits if is_operator else ""
    return digits if len(digits) <= MAX_DIGITS else ""
