"""The retry policy: whether a failed request is sent again, and how long to wait before (pure)."""

import math

from kindlechat.errors import Reason, UpstreamError
from kindlechat.timings import Timings

EMPTY_RETRIES = 1
"""An empty answer has cost as much as any other, and a second one is likely to be empty, too."""


def retry_pause_s(
    error: UpstreamError, tries: int, jitter: float, timings: Timings
) -> float | None:
    """How many seconds to wait before trying again after `tries` tries; None: give up.

    `jitter` is a random number in [0, 1). The pause is at least what the upstream asked for.
    """
    retries = EMPTY_RETRIES if error.reason is Reason.EMPTY else len(timings.retry_backoff_s)
    if not error.retryable or tries > retries:
        return None
    asked_s = error.retry_after_s or 0.0
    if asked_s > timings.max_retry_after_s or not math.isfinite(asked_s):
        return None
    return max(asked_s, timings.retry_backoff_s[tries - 1] * (0.5 + jitter))
