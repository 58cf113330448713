"""The pace at which replies are read: all at the same moments, so that a server wakes up less often."""

import time

import gevent
import greenlet

SLICE_S = 0.002
"""So long those who waited are served at a stretch. Then sockets and clocks are looked at: a first word does
not wait until everybody else has got their next ones."""


def next_moment(interval_s: float) -> float:
    """When the clock (time.monotonic) reaches the next multiple of `interval_s`."""
    now = time.monotonic()
    return now + interval_s - now % interval_s


class Pace:
    """Lets greenlets go on whenever the clock reaches a multiple of `interval_s`, one after another.

    One timer serves them all.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._waiting: dict[greenlet.greenlet, float] = {}
        """When each may go on; who waits longest comes first."""
        self._timer = gevent.get_hub().loop.timer(0)

    def wait(self) -> None:
        """Return at the next such moment."""
        due, current = next_moment(self._interval_s), gevent.getcurrent()
        if not self._waiting:
            self._set_timer(due)
        self._waiting[current] = due
        try:
            gevent.get_hub().switch()
        finally:
            self._waiting.pop(current, None)  # where something else woke it

    def _go_on(self) -> None:
        """Wake those who are due, for a slice. Runs in the hub."""
        until = time.monotonic() + SLICE_S
        while self._waiting and (now := time.monotonic()) < until:
            current, due = next(iter(self._waiting.items()))
            if due > now:
                break
            del self._waiting[current]
            current.switch()
        if self._waiting:
            due = next(iter(self._waiting.values()))
            self._set_timer(due)

    def _set_timer(self, due: float) -> None:
        self._timer.close()
        self._timer = gevent.get_hub().loop.timer(max(0.0, due - time.monotonic()))
        self._timer.start(self._go_on)
