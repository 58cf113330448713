"""The watchdog of an upstream request: ends it when it makes no progress."""

import math
import time

import gevent

from kindlechat.errors import Reason, UpstreamError
from kindlechat.timings import Timings
from kindlechat.upstream.answer import Answer


class NoProgress(BaseException):
    """Thrown into the reading greenlet; not an Exception, so that no library swallows it."""


class Watchdog:
    """Throws NoProgress into the greenlet that made it; a context manager that stops watching.

    Progress is visible text or a growing token count; once there is text, tokens alone count for
    `pause_timeout_s` at most. A read time-out would not do, since a stuck upstream keeps sending empty
    chunks. The timer is set anew only when it fires or the limit shrinks, so progress is cheap.
    """

    def __init__(self, answer: Answer, timings: Timings) -> None:
        self._answer = answer
        self._timings = timings
        self._text_due = math.inf
        self._tokens = self._visible_chunks = 0
        self._last_progress = time.monotonic()
        self._greenlet = gevent.getcurrent()
        self._timer_limit_s = self._limit_s
        self._timer = gevent.get_hub().loop.timer(self._timer_limit_s)

    def __enter__(self) -> "Watchdog":
        self._timer.start(self._check)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.close()

    def see(self, total_tokens: int | None) -> None:
        """Take note of a chunk that the answer has just taken, and of its count of tokens."""
        limit_s = self._limit_s
        if self._answer.visible_chunks > self._visible_chunks:
            self._visible_chunks = self._answer.visible_chunks
            self._last_progress = time.monotonic()
            self._text_due = self._last_progress + self._timings.pause_timeout_s
        elif total_tokens and total_tokens > self._tokens:
            self._last_progress = time.monotonic()
        self._tokens = max(self._tokens, total_tokens or 0)
        if limit_s < self._timer_limit_s:  # its first word, or its finish
            self._last_progress = time.monotonic()
            self._set_timer(limit_s)
        self._timer_limit_s = limit_s

    def error(self) -> UpstreamError:
        """What it means that this watchdog ended the request."""
        return UpstreamError(
            Reason.STALLED if self._answer.has_text else Reason.SILENT,
            detail=f"no progress for {self._limit_s:g} s,"
            f" or no words for {self._timings.pause_timeout_s:g} s",
        )

    @property
    def _limit_s(self) -> float:
        """The longest time without progress, as the answer stands."""
        if self._answer.is_final:
            return self._timings.after_finish_timeout_s
        if self._answer.has_text:
            return self._timings.idle_timeout_s
        return self._timings.first_word_timeout_s

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
