"""Counters in the file, for rate limits."""

import math
import sqlite3
from collections.abc import Sequence

from kindlechat.errors import RateLimited
from kindlechat.stores.contract import Quota, RateLimits
from kindlechat.stores.sqlite.database import SqliteDatabase, off_hub

IS_OPEN = "expires > :now AND expires <= :now + :window_s + 1"
"""Whether a window still runs. An end behind the whole window is of a time from which the clock was set back;
windows are rounded up to seconds."""


class SqliteRateLimits(SqliteDatabase, RateLimits):
    """The contract's rate limits."""

    @off_hub
    def count(self, quotas: Sequence[Quota], *, cost: int = 1) -> float | None:
        with self._transaction():
            try:
                count_or_refuse(self._db, quotas, self._clock(), cost=cost)
            except RateLimited as refused:
                return refused.wait_s
        return None


def count_or_refuse(
    db: sqlite3.Connection, quotas: Sequence[Quota], now: float, *, cost: int = 1
) -> None:
    """Count against all of `quotas`, within the caller's transaction.

    Raises RateLimited, and has counted nothing, where one is spent.
    """
    ends = {quota: _end_of_window(db, quota, now) for quota in quotas}
    spent = {quota: end for quota, end in ends.items() if end is not None}
    if spent:
        quota = max(spent, key=lambda each: spent[each])
        raise RateLimited(quota.key, max(1.0, math.ceil(spent[quota] - now)))
    for quota in quotas if cost else ():
        _add(db, quota, now, cost)


def _end_of_window(db: sqlite3.Connection, quota: Quota, now: float) -> float | None:
    """When the quota's window ends, or None where the quota is not spent."""
    row = db.execute(
        f"SELECT expires FROM counters WHERE key = :key AND count >= :amount AND {IS_OPEN}",  # noqa: S608
        {"key": quota.key, "amount": quota.amount, "now": now, "window_s": quota.window_s},
    ).fetchone()
    return row[0] if row else None


def _add(db: sqlite3.Connection, quota: Quota, now: float, cost: int) -> None:
    db.execute(
        f"""
        INSERT INTO counters VALUES (:key, :cost, :now + :window_s)
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN {IS_OPEN} THEN count ELSE 0 END + :cost,
            expires = CASE WHEN {IS_OPEN} THEN expires ELSE :now + :window_s END
        """,  # noqa: S608
        {"key": quota.key, "cost": cost, "now": now, "window_s": quota.window_s},
    )
