"""The watchdog of an upstream request: ends it when it makes no progress."""

import math
import time

import gevent

from kindlechat.errors import Reason, UpstreamError
from kindlechat.timings import Timings
from kindlechat.upstream.wire import Chunk


class NoProgress(BaseException):
    """Thrown into the reading greenlet; not an Exception, so that no library swallows it."""


class Watchdog:
    """Throws NoProgress into the greenlet that made it; a context manager that stops watching.

    Progress is visible text or a growing token count; once there is text, tokens alone count for
    `pause_timeout_s` at most. A read time-out would not do, since a stuck upstream keeps sending empty
    chunks. The timer is set anew only when it fires, so progress costs one assignment.
    """

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._limit_s = timings.first_word_timeout_s
        self._text_due = math.inf
        self.has_text = False
        self._tokens = 0
        self._last_progress = time.monotonic()
        self._greenlet = gevent.getcurrent()
        self._timer = gevent.get_hub().loop.timer(self._limit_s)

    def __enter__(self) -> "Watchdog":
        self._timer.start(self._check)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.close()

    def see(self, chunk: Chunk) -> None:
        """Take note of what came."""
        tokens = chunk.total_tokens or 0
        if chunk.text:
            self._see_text()
        elif tokens > self._tokens:
            self._last_progress = time.monotonic()
        self._tokens = max(self._tokens, tokens)

    def _see_text(self) -> None:
        self._last_progress = time.monotonic()
        self._text_due = self._last_progress + self._timings.pause_timeout_s
        if not self.has_text:
            self.has_text = True
            self._limit_s = self._timings.idle_timeout_s
            self._set_timer(self._limit_s)

    def error(self) -> UpstreamError:
        """What it means that this watchdog ended the request."""
        return UpstreamError(
            Reason.STALLED if self.has_text else Reason.SILENT,
            detail=f"no progress for {self._limit_s:g} s,"
            f" or no words for {self._timings.pause_timeout_s:g} s",
        )

    def _check(self) -> None:
        due = min(self._last_progress + self._limit_s, self._text_due)
        left_s = due - time.monotonic()
        if left_s > 0:
            self._set_timer(left_s)
        else:
            self._greenlet.throw(NoProgress)

    def _set_timer(self, seconds: float) -> None:
        self._timer.close()
        self._timer = gevent.get_hub().loop.timer(seconds)
        self._timer.start(self._check)
