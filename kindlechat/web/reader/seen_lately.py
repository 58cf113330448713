"""Remembers of which readers the store was told lately that they were here (pure)."""

from collections import OrderedDict

MOST_READERS = 10_000
"""So many the process remembers: of the others it tells the store at each page."""

MOST_S = 86_400.0
SHARE = 10
"""Once a day is enough or, where readers are kept for less than ten days, ten times in that time."""


class SeenLately:
    """Remembers of which readers the store was told lately."""

    def __init__(self, keep_s: float) -> None:
        self._interval_s = min(MOST_S, keep_s / SHARE)
        self._told: OrderedDict[str, float] = OrderedDict()

    def is_due(self, owner_hash: str, now: float) -> bool:
        """Whether the store is to be told of a reader; then it counts as told."""
        told = self._told.get(owner_hash)
        if told is not None and now - told < self._interval_s:
            return False
        self._told[owner_hash] = now
        self._told.move_to_end(owner_hash)
        if len(self._told) > MOST_READERS:
            self._told.popitem(last=False)
        return True
