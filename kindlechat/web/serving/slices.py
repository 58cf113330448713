"""Interrupts long work at its checkpoints, so that no request holds gevent's hub for long."""

import time
from collections import deque
from collections.abc import Callable

import gevent
from gevent.event import Event

SLICE_S = 0.005
"""So long a request works at a stretch. What follows a checkpoint at the worst takes as long again, and
all of it has to stay under the 25 ms that a reader may wait for another one's work."""


class Slices:
    """Takes turns: one of the requests that work long works for a slice, then whatever is short goes
    first, then the next one of them works for a slice."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._working = 0
        self._until = 0.0
        self._waiting: deque[Event] = deque()

    @property
    def is_quiet(self) -> bool:
        """Whether nobody waits to work on."""
        return not self._waiting

    def give_way(self) -> None:
        """Wait for the next turn where this greenlet has used up its slice; to be called often."""
        working = id(gevent.getcurrent())
        if working == self._working:
            if self._now() < self._until:
                return
            self._wait_for_turn()
        self._working, self._until = working, self._now() + SLICE_S

    def _wait_for_turn(self) -> None:
        turn = Event()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            gevent.spawn(self._give_turns)
        turn.wait()

    def _give_turns(self) -> None:
        hub = gevent.get_hub()
        while self._waiting:
            # `sleep(0)` would not do: gevent runs fifty callbacks before it looks at sockets and clocks.
            hub.wait(hub.loop.timer(0))
            self._waiting[0].set()
            gevent.sleep(0)  # a slice
            self._waiting.popleft()
