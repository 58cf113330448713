"""Refuses requests shortly before the process runs out of file descriptors."""

import errno
import logging
import os
import resource
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from kindlechat.web.middleware.plain import HEALTH, refuse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5

LEAST_RESERVE = 24
"""Descriptors that requests under way may still need: one for the model each, and now and then a file."""

LOOK_AGAIN_S = 1.0
LOOK_SHARE = 256
"""A look at what is in use holds for a second at most, and for as many requests as would use up this share of
the room that it found: each look lets other threads go first, twice."""

TELL_AGAIN_S = 60
"""The shortest time between two lines in the log about it."""


class Descriptors:
    """Answers 503 while few descriptors are left, and tells the log, once a minute at most."""

    def __init__(
        self, application: "WSGIApplication", used: "Callable[[], int] | None" = None
    ) -> None:
        """`used` returns how many descriptors this process has open, about."""
        self._application = application
        self._used = used or lowest_free
        self._limit = 0
        self._room = 0
        self._requests_left = 0
        self._look_at = 0.0

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if self._has_room() or environ["PATH_INFO"] == HEALTH:
            return self._application(environ, start_response)
        shortage.tell()
        retry = ("Retry-After", str(RETRY_AFTER_S))
        why = "The server has no room for more connections. Please try again in a few seconds."
        return refuse(
            start_response, "503 Service Unavailable", why, retry, ("Connection", "close")
        )

    def _has_room(self) -> bool:
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._requests_left -= 1
        if limit != self._limit or self._requests_left < 0 or monotonic() >= self._look_at:
            self._limit = limit
            self._room = limit - max(LEAST_RESERVE, limit // 8) - self._used()
            self._requests_left = self._room // LOOK_SHARE
            self._look_at = monotonic() + LOOK_AGAIN_S
        return self._room > 0


def lowest_free() -> int:
    """The lowest number that is free, which is the number of descriptors in use unless there are gaps."""
    with suppress(OSError):
        free = os.dup(0)
        os.close(free)
        return free
    return 1 << 30


class Shortage:
    """Tells the log of a shortage of descriptors, once for many requests."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._told_at = -float(TELL_AGAIN_S)

    def tell(self) -> None:
        """Tell, unless it was told lately."""
        now = self._clock()
        if now - self._told_at >= TELL_AGAIN_S:
            self._told_at = now
            limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
            logger.warning(
                "of %d file descriptors hardly any is free: requests are refused or wait; raise the limit"
                " (ulimit -n, LimitNOFILE=)",
                limit,
            )


shortage = Shortage()


def is_shortage(error: BaseException | None) -> bool:
    """Whether an error means that no descriptor is left."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)
