"""A clock that all processes share, and that runs on however Redis's own is set: silence is judged by it.

Redis keeps it under a key of its own (scripts/clock.lua), out of reach of scripts that work on a
conversation. So each process looks at it now and then, and tells the scripts what time it is.
"""

from collections.abc import Callable


class SteadyClock:
    """The shared time in seconds, as one process knows it."""

    def __init__(
        self, ask: Callable[[], float], clock: Callable[[], float], good_for_s: float
    ) -> None:
        """`ask` reads the shared time from Redis. From there this process goes on by its own `clock`, for
        `good_for_s` seconds at most: a longer step does not count in full at Redis either."""
        self._ask = ask
        self._clock = clock
        self._good_for_s = good_for_s
        self._known: tuple[float, float] | None = None
        self.last_told: float | None = None

    def now(self) -> float:
        """The shared time."""
        if self._known is not None:
            steady, at = self._known
            passed = self._clock() - at
            if 0 <= passed <= self._good_for_s:
                return steady + passed
        return self.told(self._ask())

    def lead(self) -> float:
        """How far the shared time is ahead of this process's own."""
        return self.now() - self._clock()

    def still_leads_by(self, lead: float) -> bool:
        """Whether the shared time goes on from where it led by so much, or nearly."""
        return abs(self.lead() - lead) <= self._good_for_s

    def told(self, steady: float) -> float:
        """Redis has just told the shared time."""
        self._known = steady, self._clock()
        self.last_told = steady
        return steady

    def forget(self) -> None:
        """Ask at the next look: another Redis may answer by now, or an earlier state of this one. One
        that knows no time goes on from `last_told`."""
        self._known = None
