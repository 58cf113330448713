"""Questions whose whole answer is known: the upstream counts in words."""


def count(words: int, delay_ms: int) -> str:
    """The question that gets `words` words, `delay_ms` apart."""
    return f"count:{words}:{delay_ms}"


def counted(words: int) -> str:
    """The whole answer to that."""
    return " ".join(f"word{number}" for number in range(1, words + 1))
