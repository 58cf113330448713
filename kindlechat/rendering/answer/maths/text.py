"""Formulas in LaTeX as lines of plain text: what a book without formula type would print."""

from kindlechat.rendering.answer.maths.display import MAX_CHARS
from kindlechat.rendering.answer.maths.layout import join
from kindlechat.rendering.answer.maths.parser import Parser, TooDeepError


def maths_text(latex: str) -> str:
    """The formula as Unicode text, of more than one line where it has several.

    Brackets are added wherever the meaning would change without them. An unknown macro keeps its name
    and its arguments, and what is unfinished shows as far as it goes. Never raises.
    """
    if len(latex) > MAX_CHARS:
        return latex.strip()
    try:
        text = join(Parser(latex).atoms(()))
    except TooDeepError:
        return latex.strip()
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
