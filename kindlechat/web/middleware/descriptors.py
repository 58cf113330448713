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

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        room = limit - max(LEAST_RESERVE, limit // 8) - self._used()
        if room > 0 or environ["PATH_INFO"] == HEALTH:
            return self._application(environ, start_response)
        shortage.tell()
        retry = ("Retry-After", str(RETRY_AFTER_S))
        why = "The server has no room for more connections. Please try again in a few seconds."
        return refuse(
            start_response, "503 Service Unavailable", why, retry, ("Connection", "close")
        )


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
