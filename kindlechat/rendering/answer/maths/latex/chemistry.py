r"""Chemistry as mhchem writes it, `\ce{2H2 + O2 -> 2H2O}`, rewritten as LaTeX."""

import re

from kindlechat.rendering.answer.maths.latex.units import read_quantity

ARROWS = {
    "<=>>": "⇌", "<<=>": "⇌", "<=>": "⇌", "<-->": "⇄", "<->": "↔", "-->": "→", "->": "→", "<-": "←",
    "=>": "⇒", "⇌": "⇌", "→": "→",
}  # fmt: skip
BONDS = {"-": "–", "=": "=", "#": "≡", "~": "∼", "...": "⋯", "....": "⋯", "->": "→", "<-": "←"}
BONDS |= {"1": "–", "2": "=", "3": "≡", "~-": "∼"}

NESTED = re.compile(r"\\(?:ce|cee|cf)(?![A-Za-z])")

BRACES = r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
PART = re.compile(
    rf"""(?P<arrow><=>>|<<=>|<=>|<-->|<->|-->|->|<-|=>|⇌|→)
        \s*(?P<above>\[(?:[^\[\]{{}}]|{BRACES})*\])? \s*(?P<below>\[(?:[^\[\]{{}}]|{BRACES})*\])?
    | (?P<maths>\$[^$]*\$)
    | \\bond\s*\{{(?P<bond>[^{{}}]*)\}}
    | (?P<macro>\\(?:[A-Za-z]+|.)(?:{BRACES})*)
    | (?P<gas>(?<!\S)\^(?!\S)|(?<=\s)\\uparrow) | (?P<solid>(?<!\S)v(?!\S))
    | (?P<script>[\^_])\s*(?P<value>{BRACES}|\d*[+\-−]|\d+|\S)
    | (?P<charge>(?<=[A-Za-z0-9)\]}}])[+\-−](?=[\s,;)\]}}]|$|\((?:aq|s|l|g|cr)\)))
    | (?P<count>(?<=[A-Za-z)\]}}])\d+(?!/\d))
    | (?P<amount>\d+(?:[./,]\d+)?)
    | (?P<water>\s*[*·•]\s*|(?<=[A-Za-z0-9)\]])\.(?=\d*[A-Z(\[]))
    | (?P<plus>\s\+\s|\s[-−]\s|\s=\s)
    | (?P<link>[-=\#](?=[A-Za-z\[({{]))
    | (?P<group>{BRACES}) | (?P<blank>\s+) | (?P<letter>.)""",
    re.VERBOSE | re.DOTALL,
)


def read_chemistry(text: str) -> str:
    """The LaTeX of a formula or an equation: indices, charges, arrows, states and bonds."""
    return "".join(_part(match) for match in PART.finditer(NESTED.sub("", text)))


def _part(match: re.Match[str]) -> str:
    kind = match.lastgroup
    part = match[0]
    if match["arrow"]:
        labels = [_label(match[name]) for name in ("below", "above")]
        return rf"\chemarrow{{{ARROWS[match['arrow']]}}}[{labels[0]}]{{{labels[1]}}}"
    if kind == "maths":
        return f"{{{part[1:-1]}}}"
    if kind == "bond":
        return rf"\mathord{{{BONDS.get(match['bond'], '–')}}}"
    if kind in ("gas", "solid"):
        return r"\,\mathord{↑}" if kind == "gas" else r"\,\mathord{↓}"
    if kind == "value":
        base = "" if re.match(r"[\w)\]}]", match.string[match.start() - 1 :]) else "{}"
        return f"{base}{match['script']}{{{_script(match['value'])}}}"
    if kind == "macro" and part.startswith(("\\frac", "\\dfrac", "\\tfrac")):
        return re.sub(r"(?<=\{).*?(?=\}(?:\{|\Z))", lambda inside: read_chemistry(inside[0]), part)
    if kind == "charge":
        return f"^{{{part}}}"
    if kind == "count":
        return f"_{{{part}}}"
    if kind == "water":
        return r"\mathord{·}"
    if kind == "link":
        return rf"\mathord{{{BONDS[part]}}}"
    if kind == "group":
        return f"{{{read_chemistry(part[1:-1])}}}"
    return r"\," if kind == "blank" else part


def _label(text: str | None) -> str:
    """What stands over or under an arrow: words, or chemistry."""
    inside = (text or "[]")[1:-1].strip()
    return f"{{{read_chemistry(inside)}}}" if inside else ""


def _script(value: str) -> str:
    return value[1:-1] if value.startswith("{") else value


def read_physical_units(text: str) -> str:
    r"""The LaTeX of a quantity as `\pu{123 kJ//mol}` has it."""
    number, _, unit = text.strip().partition(" ")
    if not number[:1].isdigit():
        number, unit = "", text
    return read_quantity(number, unit.replace("//", "/"))
