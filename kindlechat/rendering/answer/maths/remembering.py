"""Remembers what short texts give: a growing answer asks for the same formulas at each look (pure)."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Given = TypeVar("Given")

MOST_TEXTS = 512
MOST_CHARS = 120


def remembered(function: Callable[..., Given]) -> Callable[..., Given]:
    """A pure function of a text that remembers what the last MOST_TEXTS gave, where they are short."""
    known = lru_cache(MOST_TEXTS)(function)

    @wraps(function)
    def ask(text: str, **options: bool) -> Given:
        return (known if len(text) <= MOST_CHARS else function)(text, **options)

    return ask
