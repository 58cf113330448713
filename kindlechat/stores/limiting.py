"""Rate limits on a store's own counters, by the `limits` library's fixed windows."""

import math
from collections.abc import Sequence

from limits import RateLimitItem
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter


def count_question(
    storage: Storage, limits: Sequence[RateLimitItem], address: str, now: float, cost: int
) -> float | None:
    """Count one question against all limits, or none of them: then the seconds to wait, at least 1.

    With `cost` 0 nothing is counted either way. `now` is the time by the clock that the storage's
    expiries are told in.
    """
    limiter = FixedWindowRateLimiter(storage)
    spent = [item for item in limits if not limiter.test(item, address)]
    if spent:
        resets = (limiter.get_window_stats(item, address).reset_time for item in spent)
        return max(1.0, math.ceil(max(resets) - now))
    if cost:
        for item in limits:
            limiter.hit(item, address, cost=cost)
    return None
