"""Python's collector of cyclic garbage, kept from holding up readers.

Its full collections walk over every object in one go: 0.1 s while a long answer is rendered, and all
readers wait. Cycles of old objects are rare and small, so those collections wait for a quiet moment,
until an hour is over or memory has grown.
"""

import gc
import resource
from collections.abc import Callable

import gevent

from kindlechat.timings import Timings

MOST_LOOKS = 720
"""So often a full collection waits for a quiet moment before it comes all the same: an hour. Then it may
walk over 64 MiB of live answers, which takes a quarter of a second."""

MOST_GROWTH_KB = 32 * 1024
"""By so much memory may grow until one comes: whatever the cause is, a small machine must not run out of
it."""

YOUNG, MIDDLE, NEVER = 700, 10, 1_000_000_000
"""The thresholds of the three generations: Python's own, but for full collections."""


def collect_when_quiet(
    is_quiet: Callable[[], bool], timings: Timings
) -> "gevent.Greenlet[..., None]":
    """Have full collections wait until `is_quiet` says that no request works long.

    What is loaded by now stays for good: no collection looks at it again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    return gevent.spawn(_collect, is_quiet, timings)


def _collect(is_quiet: Callable[[], bool], timings: Timings) -> None:
    while True:
        known_kb = _peak_kb()
        gevent.sleep(timings.collect_interval_s)
        for _ in range(MOST_LOOKS):
            if is_quiet() or _peak_kb() > known_kb + MOST_GROWTH_KB:
                break
            gevent.sleep(timings.collect_look_s)
        gc.collect()


def _peak_kb() -> int:
    """The most memory that this process has had, in kB (Linux's unit)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
