"""Questions whose whole answer is known: the upstream counts in words."""

import re


def count(words: int, delay_ms: int) -> str:
    """The question that gets `words` words, `delay_ms` apart."""
    return f"count:{words}:{delay_ms}"


def counted(words: int) -> str:
    """The whole answer to that."""
    return " ".join(f"word{number}" for number in range(1, words + 1))


def answered(text: str, question: str) -> str | None:
    """What a page's text, its words one space apart, shows of the answer; None without the question.

    A page opens at its answer: in a terminal the question may stand in the title alone. The answer
    ends before the first thing that is no word of an answer.
    """
    for place in (f"You asked: {question}", f"{question} – Kindlechat"):
        if shown := re.search(rf"{re.escape(place)}((?: word\d+)*)", text):
            return shown[1].strip()
    return None
