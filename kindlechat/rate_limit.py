"""Limits on how often something may happen, as an operator writes them: 20/minute;300/day (pure).

A library that reads this brings asyncio and 3.5 MB along, for each worker.
"""

import re
from dataclasses import dataclass

SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 24 * 3600,
    "month": 30 * 24 * 3600,
    "year": 12 * 30 * 24 * 3600,
}

LIMIT = re.compile(
    rf"\s*(?P<amount>[0-9]+)\s*(?:/|per)\s*(?P<count>[1-9][0-9]*)?\s*(?P<unit>{'|'.join(SECONDS)})s?\s*",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many events within `count` units of time, the unit by its name in SECONDS."""

    amount: int
    count: int
    unit: str

    @property
    def window_s(self) -> int:
        """How long the window of time is."""
        return self.count * SECONDS[self.unit]

    def key_for(self, subject: str) -> str:
        """What stores count a subject's events by. What was counted before an update counts after it, too."""
        return f"LIMITER/{subject}/{self.amount}/{self.count}/{self.unit}"


def parse_rate_limits(text: str) -> tuple[RateLimit, ...]:
    """One limit or several, such as 5/minute, 20/10minute or 300 per day, with `;`, `,` or `|` between them.

    Raises ValueError.
    """
    found = [LIMIT.fullmatch(part) for part in re.split("[;,|]", text)]
    if None in found:
        raise ValueError(f"expected limits such as 20/minute;300/day, got {text}")
    return tuple(
        RateLimit(int(limit["amount"]), int(limit["count"] or 1), limit["unit"].lower())
        for limit in found
        if limit
    )
