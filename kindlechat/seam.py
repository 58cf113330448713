"""The seam of a continued answer: where the model repeats what it had said, that is left out."""

LOOK_BACK_CHARS = 2000
"""A model that repeats itself begins again with its last sentence or paragraph."""

MIN_REPEATED_CHARS = 4
"""Shorter pieces may well be meant twice."""


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
        for length in range(min(len(held), len(self._tail)), MIN_REPEATED_CHARS - 1, -1):
            before = self._tail[-length - 1 : -length]
            if self._tail.endswith(held[:length]) and not before.isalnum():
                return length
        return 0
