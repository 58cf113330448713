"""How the row that turns pages in page view is written: shorter where a screen is narrow (pure)."""

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

ARROWS = "‹", "›"
"""What stands for Previous and Next where there is no room for the words."""


class Told(Enum):
    """How the row that turns pages tells where its reader is: "Page 3 of 12 · 25%", "3/12 · 25%", "25%"."""

    SENTENCE = auto()
    NUMBERS = auto()
    SHARE = auto()


MANY = 100

BRIEFER = {Told.SENTENCE: Told.NUMBERS, Told.NUMBERS: Told.SHARE, Told.SHARE: Told.SHARE}


class TurningRow(NamedTuple):
    """How the row that turns pages is written: Previous and Next in `words`, or as arrows."""

    words: bool
    told: Told

    def for_total(self, total: int) -> "TurningRow":
        """The row for so many pages: numbers of three digits leave room for less beside them."""
        return self if total < MANY else self._replace(told=BRIEFER[self.told])

    def place(
        self, sentence: Callable[..., str], number: int, total: int, percent: int | None
    ) -> str:
        """Where the reader is; no `percent` is known while the answer is written."""
        numbers = f"{number}/{total}"
        if self.told is Told.SENTENCE:
            numbers = sentence("ui.screen_of", number=number, total=total)
        share = "" if percent is None else sentence("ui.share_read", percent=percent)
        if self.told is Told.SHARE and share:
            return share
        return f"{numbers} · {share}" if share else numbers


TURNING_ROWS = (
    TurningRow(True, Told.SENTENCE),
    TurningRow(True, Told.NUMBERS),
    TurningRow(True, Told.SHARE),
    TurningRow(False, Told.NUMBERS),
    TurningRow(False, Told.SHARE),
)
"""The best one first: a narrow screen takes one that keeps to one line."""
