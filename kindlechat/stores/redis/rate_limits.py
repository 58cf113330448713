"""Counters in Redis, for rate limits."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict

from kindlechat.errors import RateLimited
from kindlechat.stores.contract import Quota, RateLimits
from kindlechat.stores.redis.connection import RedisConnection


class RedisRateLimits(RedisConnection, RateLimits):
    """The contract's rate limits."""

    def count(self, quotas: Sequence[Quota], *, cost: int = 1) -> float | None:
        try:
            self._run(
                "count",
                quotas=[asdict(quota) for quota in quotas],
                cost=cost,
                token=secrets.token_hex(8) if cost else None,
            )
        except RateLimited as refused:
            return refused.wait_s
        return None
