"""The seam of a continued answer: where the model repeats what it had said, that is left out."""

import re

LOOK_BACK_CHARS = 2000
"""A model that repeats itself begins again with its last sentence or paragraph."""

MIN_REPEATED_CHARS = 16
MIN_REPEATED_WORDS = 3
"""What is shorter, or has fewer different words, may well be meant twice: a row of zeros, the brackets
at a program's end. A piece that stands there twice is a blemish; one that was left out is lost."""

WORD = re.compile(r"[^\W\u2e80-\uffff]+|[\u2e80-\uffff]")
"""Chinese and Japanese have no spaces between words: each of their characters counts as one."""


class Seam:
    """Joins a continuation, piece by piece, to a text without repeating the text's end.

    A piece is held back for as long as it could be the beginning of such a repetition.
    """

    def __init__(self, text: str) -> None:
        self._tail = text[-LOOK_BACK_CHARS:]
        self._held = ""
        self._open = bool(text)

    def join(self, piece: str) -> str:
        """What to append now that `piece` came; may be empty."""
        if not self._open:
            return piece
        self._held += piece
        # Found before the tail's end, it may yet turn out to run up to that end.
        found = self._tail.find(self._held)
        if 0 <= found < len(self._tail) - len(self._held):
            return ""
        return self.close()

    def close(self) -> str:
        """What is still held back, without what it repeats."""
        held, self._held, self._open = self._held, "", False
        return held[self._repeated(held) :]

    def _repeated(self, held: str) -> int:
        for length in range(min(len(held), len(self._tail)), 0, -1):
            before = self._tail[-length - 1 : -length]
            if self._tail.endswith(held[:length]) and not before.isalnum():
                return length if _is_repetition(held[:length], is_all=not before) else 0
        return 0


def _is_repetition(overlap: str, *, is_all: bool) -> bool:
    """Whether the model said this twice by mistake; `is_all`: it began the answer anew."""
    words = len(set(WORD.findall(overlap)))
    if is_all:
        return words >= 1
    return words >= MIN_REPEATED_WORDS and len(overlap) >= MIN_REPEATED_CHARS
