"""Questions with a known answer: the upstream counts in words."""

import re


def count(words: int, delay_ms: int) -> str:
    """A question whose answer has `words` words, `delay_ms` apart."""
    return f"count:{words}:{delay_ms}"


def counted(words: int) -> str:
    """The whole answer to `count`."""
    return " ".join(f"word{number}" for number in range(1, words + 1))


def answered(text: str, question: str) -> str | None:
    """The part of the answer in a page's text (words one space apart), or None without the question.

    In a terminal a page opens at its answer, so the question may stand only in the title. The answer ends
    before the first thing that is no word of it.
    """
    for place in (f"You asked: {question}", f"{question} – Kindlechat"):
        if shown := re.search(rf"{re.escape(place)}((?: word\d+)*)", text):
            return shown[1].strip()
    return None
