"""Keeps the memory of a build, which takes a while to be freed."""

import ctypes
from contextlib import suppress

M_TRIM_THRESHOLD = -1
M_TOP_PAD = -2
M_MMAP_THRESHOLD = -3
"""Parameters of mallopt(3)."""

AT_ONCE = 16 << 20
MOST = 1 << 30


def keep_memory() -> None:
    """Take memory from the system in large pieces, and give none back before the end.

    A page is some strings of 10 kB, made and freed again. The GNU library would give each back to the system,
    and for the next one the system would have to clear the same memory once more. Other libraries have no
    such parameters.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_TOP_PAD, AT_ONCE)
        mallopt(M_TRIM_THRESHOLD, MOST)
        mallopt(M_MMAP_THRESHOLD, MOST)


_last: list[object] = []


def keep_objects(build: object) -> None:
    """Keep all that a build has made until the next one, or the end of the process, which frees all at once.

    Python would free thousands of objects one by one, for a hundredth of the build's time.
    """
    _last[:] = [build]
