"""The retry policy: whether a failed request is sent again, and how long to wait before (pure)."""

import math
import re
from datetime import datetime
from email.utils import parsedate_to_datetime

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


def parse_retry_after(value: str, now: datetime) -> float | None:
    """The seconds that a `Retry-After` asks for: a number of them, or a date (RFC 9110, 10.2.3)."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return None
