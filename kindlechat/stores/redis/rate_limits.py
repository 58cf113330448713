"""Counters in Redis, for rate limits: each has a key with a slot of its own."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kindlechat.errors import RateLimited
from kindlechat.stores.contract import Quota, RateLimits
from kindlechat.stores.redis.calls import Call, lua
from kindlechat.stores.redis.connection import RedisConnection

COUNTED_S = 60
"""So long a quota remembers what it has counted: so long that can be sent again, or be taken back."""


class RedisRateLimits(RedisConnection, RateLimits):
    """The contract's rate limits."""

    def count(self, quotas: Sequence[Quota], *, cost: int = 1) -> float | None:
        """Count or look; see the contract. Where one is spent, the others have counted it for a moment."""
        token = secrets.token_hex(8) if cost else None
        try:
            refuse_spent(quotas, self._send(count_all(quotas, token, cost)))
        except RateLimited as refused:
            if token:
                self._try_to_send(uncount_all(quotas, token, cost))
            return refused.wait_s
        return None


def count_all(quotas: Iterable[Quota], token: str | None, cost: int = 1) -> list[Call]:
    """What counts the event `token` against each of `quotas`; without a token they are only looked at."""
    event = {"token": token, "cost": cost, "counted_s": COUNTED_S}
    return [lua("count", quota=asdict(quota), **event) for quota in quotas]


def uncount_all(quotas: Iterable[Quota], token: str, cost: int = 1) -> list[Call]:
    """What takes the event back where it was counted."""
    return [lua("uncount", quota=asdict(quota), token=token, cost=cost) for quota in quotas]


def refuse_spent(quotas: Sequence[Quota], answers: Sequence[Mapping[str, Any]]) -> None:
    """Raises RateLimited by the quota that is spent for longest, if these answers of `count` name any."""
    pairs = zip(quotas, answers, strict=True)
    spent = [(answer["expires"], quota, answer["wait_s"]) for quota, answer in pairs if answer]
    if spent:
        _, quota, wait_s = max(spent, key=lambda each: each[0])
        raise RateLimited(quota.key, float(wait_s))
