"""Environments: which brackets each puts around its rows, and how their columns stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from kindlechat.rendering.answer.maths.latex.nodes import Grid, Row


@dataclass(frozen=True, slots=True)
class Environment:
    """What an environment makes of its rows; `has_columns` where an argument describes them."""

    left: str = ""
    right: str = ""
    has_columns: bool = False
    is_cases: bool = False
    is_lines: bool = False


LINES = Environment(is_lines=True)
COLUMNED_LINES = Environment(is_lines=True, has_columns=True)

ENVIRONMENTS = {
    **dict.fromkeys(("align", "aligned", "equation", "gather", "gathered", "split"), LINES),
    **dict.fromkeys(("multline", "multlined", "eqnarray", "flalign", "math"), LINES),
    "displaymath": LINES,
    **dict.fromkeys(("alignat", "alignedat", "xalignat"), COLUMNED_LINES),
    "pmatrix": Environment("(", ")"),
    "bmatrix": Environment("[", "]"),
    "Bmatrix": Environment("{", "}"),
    "vmatrix": Environment("|", "|"),
    "Vmatrix": Environment("‖", "‖"),
    **{name: Environment() for name in ("matrix", "smallmatrix", "CD")},
    **{name: Environment(has_columns=True) for name in ("array", "darray", "subarray", "tabular")},
    "cases": Environment("{", is_cases=True),
    "dcases": Environment("{", is_cases=True),
    "rcases": Environment("", "}", is_cases=True),
    "drcases": Environment("", "}", is_cases=True),
}  # fmt: skip


def environment(name: str) -> Environment:
    """The environment of this name, with a star or without; of an unknown one, lines."""
    return ENVIRONMENTS.get(name.rstrip("*"), LINES)


def grid(kind: Environment, columns: str, rows: Sequence[Sequence[Row]], rules: set[int]) -> Grid:
    """The rows, without the empty ones that the ends of lines leave, with the lines between them."""
    kept: list[tuple[Row, ...]] = []
    lines: set[int] = set()
    for number, row in enumerate(rows):
        if number in rules:
            lines.add(len(kept))
        if any(row):
            kept.append(tuple(row))
    return Grid(
        tuple(kept),
        kind.left,
        kind.right,
        "".join(letter for letter in columns if letter in "lcr|"),
        frozenset(lines),
        kind.is_cases,
        kind.is_lines,
    )
