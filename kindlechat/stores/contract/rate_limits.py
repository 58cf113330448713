"""The part of the contract that counts against limits."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from kindlechat.rate_limit import RateLimit


@dataclass(frozen=True)
class Quota:
    """A number of events allowed in a window of time. The window begins with its first event."""

    key: str
    amount: int
    window_s: int


def quotas_for(limits: Sequence[RateLimit], subject: str) -> tuple[Quota, ...]:
    """The quotas that `limits` give to one subject, for example to one client."""
    return tuple(Quota(item.key_for(subject), item.amount, item.window_s) for item in limits)


class RateLimits(ABC):
    """Counters of what happened lately."""

    @abstractmethod
    def count(self, quotas: Sequence[Quota], *, cost: int = 1) -> float | None:
        """Count an event against all of `quotas`, or against none where one is spent.

        Returns None when it was counted, else how many seconds (at least 1) until it can be. With
        `cost` 0 it only looks.
        """
