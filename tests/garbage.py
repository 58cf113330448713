"""Looks for cyclic garbage less often than Python does; loaded as a plugin.

A run keeps what it imports and collects. That is half a million objects, and each full collection would
walk over them.
"""

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 20

gc.set_threshold(YOUNG, MIDDLE, OLD)


def pytest_collection_finish() -> None:
    """Look no more at what is there before the first test."""
    gc.collect()
    gc.freeze()
