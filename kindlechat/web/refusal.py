"""Refusals: the one way in which a request's handling says no, told as JSON or as a page."""

import math

from kindlechat.errors import (
    DailyLimitReached,
    MailNotTaken,
    MailUnavailable,
    NotContinuable,
    RateLimited,
    Reason,
    RecipientRefused,
    ReplacedMeanwhile,
    ShuttingDown,
    StoreUnavailable,
    TooManyReplies,
    UnknownConversation,
    UnknownReply,
)
from kindlechat.reply import BadCursor

RETRY_SOON_S = 5
RETRY_MAIL_S = 300

WAITS = {"_hours": 3600, "_minutes": 60}
"""What a long wait is told in: the rest of its sentence's key, and how many seconds one has."""

LEAST_UNITS = 2


class Refusal(Exception):
    """A request is refused: `code` names the sentence `error.CODE`, `values` fill its placeholders.

    With `reason` the upstream refused, and the sentence is `reason.REASON`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        *,
        retry_after_s: int | None = None,
        reason: Reason | None = None,
        **values: object,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        self.values = {"retry_after_s": retry_after_s, **values}
        self.sentence_key = f"reason.{reason}" if reason else f"error.{code}"

    @property
    def headers(self) -> dict[str, str]:
        """What goes out with the refusal."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        return headers


def rate_limited(wait_s: float) -> Refusal:
    """The refusal of a client that has to wait: so many seconds, minutes or hours, rounded up."""
    unit, unit_s = next(
        (each for each in WAITS.items() if wait_s >= LEAST_UNITS * each[1]), ("", 1)
    )
    n = math.ceil(wait_s / unit_s) if unit else int(wait_s)
    refusal = Refusal(429, "rate_limited", retry_after_s=int(wait_s), n=n)
    refusal.sentence_key += unit
    return refusal


def _daily_limit_reached(wait_s: float) -> Refusal:
    return Refusal(
        429, "daily_limit", retry_after_s=math.ceil(wait_s), n=max(1, math.ceil(wait_s / 3600))
    )


OURS: dict[type[Exception], tuple[int, str, int | None]] = {
    UnknownConversation: (404, "unknown_conversation", None),
    UnknownReply: (404, "unknown_reply", None),
    RateLimited: (429, "rate_limited", None),
    DailyLimitReached: (429, "daily_limit", None),
    TooManyReplies: (429, "too_many_replies", RETRY_SOON_S),
    ReplacedMeanwhile: (409, "replaced_meanwhile", None),
    NotContinuable: (409, "nothing_to_continue", None),
    StoreUnavailable: (503, "store_down", RETRY_SOON_S),
    MailNotTaken: (502, "mail_not_taken", None),
    RecipientRefused: (502, "mail_not_taken", None),
    MailUnavailable: (503, "mail_down", RETRY_MAIL_S),
    ShuttingDown: (503, "shutting_down", RETRY_SOON_S),
    BadCursor: (400, "bad_cursor", None),
}
"""Our own errors, and how a request that meets one is refused."""


def refusal_of(error: Exception) -> Refusal:
    """The refusal for one of the errors in OURS."""
    if isinstance(error, DailyLimitReached):
        return _daily_limit_reached(error.wait_s)
    if isinstance(error, RateLimited):
        return rate_limited(error.wait_s)
    status, code, retry_after_s = OURS[type(error)]
    return Refusal(status, code, retry_after_s=retry_after_s)
