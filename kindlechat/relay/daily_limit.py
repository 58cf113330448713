"""The daily limit: how many requests the whole service sends to the model in a day."""

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from kindlechat.errors import DailyLimitReached, RateLimited, StoreUnavailable
from kindlechat.stores.contract import Quota, RateLimits

logger = logging.getLogger(__name__)

KEY = "daily"
DAY_S = 86_400
"""The day begins with its first question."""


class DailyLimit:
    """Counts questions, and tries that are made again, in the store that all instances share."""

    def __init__(self, store: RateLimits, limit: int | None) -> None:
        """`limit` is how many requests a day are sent (None: any number)."""
        self._store = store
        self._limit = limit
        self.quotas: Sequence[Quota] = () if limit is None else (Quota(KEY, limit, DAY_S),)

    @contextmanager
    def enforced(self) -> Iterator[None]:
        """Within, a question counts against `quotas`. Raises DailyLimitReached where that is spent, and
        tells the log so, once a day."""
        try:
            yield
        except RateLimited as refused:
            if refused.quota != KEY:
                raise
            self._tell_once(refused.wait_s)
            raise DailyLimitReached(KEY, refused.wait_s) from None

    def allows_retry(self) -> bool:
        """Count a request that is sent once more; whether there was room for it.

        A store that is out of reach stops no answer.
        """
        with suppress(StoreUnavailable):
            return self._store.count(self.quotas) is None
        return True

    def _tell_once(self, wait_s: float) -> None:
        told = Quota(f"{KEY}:told", 1, math.ceil(wait_s))
        if self._store.count([told]) is None:
            logger.warning(
                "the daily limit of %d questions is reached; for %d minutes no question is taken"
                " (KINDLECHAT_DAILY_LIMIT)",
                self._limit,
                math.ceil(wait_s / 60),
            )
