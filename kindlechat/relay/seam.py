"""The seam of a continued answer: leaves out what the model repeats of its earlier text (pure).

What may well be meant twice is kept, as a piece that stands there twice is a blemish and one that was
left out is lost. The two cannot always be told apart: a refrain whose line was repeated by the song and
not by the model is left out once.
"""

import re

LOOK_BACK_CHARS = 2000
"""A model that repeats itself begins again with its last sentence or paragraph."""

MIN_REPEATED_CHARS = 16
MIN_REPEATED_WORDS = 3
"""What is shorter, or has fewer different words, may well be meant twice: a row of zeros, the brackets
at a program's end."""

MIN_GLUED_WORDS = 2
"""Two words suffice where the continuation would run into the text's last word ("overjumps")."""

LEAD = " \t\n.…"
"""What models put before a repetition."""

WORD = re.compile(r"[^\W\u2e80-\uffff]+|[\u2e80-\uffff]")
"""Chinese and Japanese have no spaces between words: each of their characters counts as one."""

_LETTER = r"[^\W\d_\u0590-\u1dff\u2c00-\U0010ffff]"
"""A letter of an alphabet that puts spaces between words and doubles none: Latin, Greek, Cyrillic."""

UNFINISHED_WORD = re.compile(rf"(?<!\w){_LETTER}{{2,}}\Z")
FIRST_WORD = re.compile(rf"{_LETTER}*")


class Seam:
    """Joins a continuation, piece by piece, to a text without repeating the text's end.

    A piece is held back for as long as it could be the beginning of such a repetition.
    """

    def __init__(self, text: str) -> None:
        self._tail = text[-LOOK_BACK_CHARS:]
        unfinished = UNFINISHED_WORD.search(self._tail)
        self._unfinished = unfinished[0] if unfinished else ""
        self._held = ""
        self._open = bool(text)

    def join(self, piece: str) -> str:
        """What to append now that `piece` came; may be empty."""
        if not self._open:
            return piece
        self._held += piece
        if self._may_go_on(self._held) or self._may_go_on(self._held.lstrip(LEAD)):
            return ""
        return "" if self._is_within_word() else self.close()

    def close(self) -> str:
        """What is still held back, without what it repeats."""
        held, self._held, self._open = self._held, "", False
        return held[self._repeated(held) :]

    def _may_go_on(self, held: str) -> bool:
        # Found before the tail's end, it may yet turn out to run up to that end.
        return 0 <= self._tail.find(held) < len(self._tail) - len(held)

    def _is_within_word(self) -> bool:
        """Whether all that is held may be the unfinished word, told again."""
        common = min(len(self._held), len(self._unfinished))
        return (
            self._held[:common] == self._unfinished[:common] != ""
            and FIRST_WORD.fullmatch(self._held) is not None
        )

    def _repeated(self, held: str) -> int:
        """How many characters at the beginning of `held` are told twice."""
        if overlap := self._overlap(held):
            return overlap
        lead = len(held) - len(held.lstrip(LEAD))
        if lead and (overlap := self._overlap(held[lead:], has_lead=True)):
            return lead + overlap
        return self._word_repeated(held)

    def _overlap(self, held: str, *, has_lead: bool = False) -> int:
        for length in range(min(len(held), len(self._tail)), 0, -1):
            before = self._tail[-length - 1 : -length]
            if self._tail.endswith(held[:length]) and not before.isalnum():
                glued = bool(self._unfinished) and not has_lead and held[0].isalpha()
                least = _least_words(is_all=not before, has_lead=has_lead, glued=glued)
                return length if _is_repetition(held[:length], *least) else 0
        return 0

    def _word_repeated(self, held: str) -> int:
        """The length of the unfinished word, if `held` begins with all of that word."""
        first = FIRST_WORD.match(held)
        rest = first[0].removeprefix(self._unfinished) if first else ""
        if not first or rest in ("", first[0]) or rest.startswith(self._unfinished):  # "ha", "haha"
            return 0
        return len(self._unfinished)


def _least_words(*, is_all: bool, has_lead: bool, glued: bool) -> tuple[int, int]:
    """How many different words and how many characters the model says twice by mistake only.

    `is_all`: it began the answer anew; `glued`: what it says would run into the last word.
    """
    if is_all:
        return (MIN_REPEATED_WORDS if has_lead else 1), 0
    return (MIN_GLUED_WORDS, 0) if glued else (MIN_REPEATED_WORDS, MIN_REPEATED_CHARS)


def _is_repetition(overlap: str, least_words: int, least_chars: int) -> bool:
    return len(set(WORD.findall(overlap))) >= least_words and len(overlap) >= least_chars
