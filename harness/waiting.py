"""Waiting for what a test looks at, never for a time."""

from collections.abc import Callable

import gevent

EVENTUALLY_S = 30
LOOK_EVERY_S = 0.02


def eventually(condition: Callable[[], object], within_s: float = EVENTUALLY_S) -> None:
    """Return as soon as the condition holds. Raises gevent.Timeout after `within_s` seconds."""
    with gevent.Timeout(within_s):
        while not condition():
            gevent.sleep(LOOK_EVERY_S)


def at_most(seconds: float) -> gevent.Timeout:
    """A context whose block simply ends after so many seconds, wherever it is."""
    return gevent.Timeout(seconds, False)  # type: ignore[arg-type]  # the stubs lack False
