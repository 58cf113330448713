"""Several short lines of text as one value, which both engines can keep (pure)."""

from collections.abc import Sequence


def join_lines(lines: Sequence[str]) -> str:
    """The lines as one text. None of them may be empty or hold a line feed."""
    return "\n".join(lines)


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of a text that `join_lines` made."""
    return tuple(text.split("\n")) if text else ()
