"""The keep-alive of followers: who has waited long for news is woken, to say so."""

import time

import gevent
from gevent.event import Event

LOOKS = 8
"""So often in an interval the timer looks whose wait is over."""


class KeepAlive:
    """Lets followers wait for news, for `interval_s` seconds and an eighth of that at most.

    One timer serves them all: one for each would cost as much as the wait, and a third of a kB a follower.
    """

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._waiting: dict[object, tuple[Event, float]] = {}
        """What each follower waits for, and until when."""
        self._is_looking = False
        self._timer = gevent.get_hub().loop.timer(interval_s / LOOKS, interval_s / LOOKS)

    def wait(self, news: Event, due: float) -> None:
        """Return when there are news, or soon after `due` (of time.monotonic). Others' dues end it, too."""
        if not self._is_looking:
            self._is_looking = True
            self._timer.start(self._look)
        waiting = object()
        self._waiting[waiting] = news, due
        try:
            news.wait()
        finally:
            del self._waiting[waiting]

    def _look(self) -> None:
        """Wake those whose wait is over. Runs in the hub."""
        now = time.monotonic()
        for news in {news for news, due in self._waiting.values() if due <= now}:
            news.set()
            news.clear()
        if not self._waiting:
            self._is_looking = False
            self._timer.stop()
