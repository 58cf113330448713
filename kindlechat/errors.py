"""What can go wrong, kept apart by who can mend it: the operator, the upstream, the reader (pure)."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a reply waits, or why it ended as it did.

    The store keeps the value with the reply. A reader sees the translation `reason.VALUE`, so the upstream's
    own words never reach a page.
    """

    RETRYING = "retrying"
    BAD_KEY = "bad_key"
    BILLING = "billing"
    PERMISSION = "permission"
    COUNTRY = "country"
    QUOTA_DAY = "quota_day"
    QUOTA_MINUTE = "quota_minute"
    MODEL_GONE = "model_gone"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    BUSY = "busy"
    UPSTREAM_ERROR = "upstream_error"
    UNREACHABLE = "unreachable"
    TIMEOUT_CONNECT = "timeout_connect"
    SILENT = "silent"
    STALLED = "stalled"
    BROKEN = "broken"
    NO_FINISH = "no_finish"
    EMPTY = "empty"
    HAS_GAP = "has_gap"
    THOUGHT_OUT = "thought_out"
    BLOCKED_PROMPT = "blocked_prompt"
    BLOCKED_SAFETY = "blocked_safety"
    BLOCKED_BLOCKLIST = "blocked_blocklist"
    BLOCKED_PROHIBITED = "blocked_prohibited"
    BLOCKED_JAILBREAK = "blocked_jailbreak"
    BLOCKED_OTHER = "blocked_other"
    SAFETY = "safety"
    RECITATION = "recitation"
    LANGUAGE = "language"
    BLOCKLIST = "blocklist"
    PROHIBITED = "prohibited"
    SPII = "spii"
    MALFORMED = "malformed"
    TOOL_CALL = "tool_call"
    IMAGE = "image"
    OTHER_END = "other_end"
    TOO_LONG_TIME = "too_long_time"
    TOO_LONG_TEXT = "too_long_text"
    HUGE_EVENT = "huge_event"
    ORPHAN = "orphan"
    SHUTDOWN = "shutdown"


ENDED_BY_MODEL = frozenset(
    {
        *(Reason.SAFETY, Reason.RECITATION, Reason.LANGUAGE, Reason.BLOCKLIST, Reason.PROHIBITED),
        *(Reason.SPII, Reason.MALFORMED, Reason.TOOL_CALL, Reason.IMAGE, Reason.OTHER_END),
    }
)
"""With these the model itself ended an answer: nothing broke off."""


class KindlechatError(Exception):
    """The base of all errors of this package."""


class SettingsError(KindlechatError):
    """A setting has a wrong value. The message is one line for the operator and holds no secret."""


class StoreUnavailable(KindlechatError):
    """The store cannot be reached or written. The message is for the operator's log."""


class MailUnavailable(KindlechatError):
    """The mail server cannot be reached, or takes nothing for now. The message is for the operator's log."""


class MailNotTaken(KindlechatError):
    """The mail server refuses this mail or its address for good. The message is for the operator's log."""


class RecipientRefused(MailNotTaken):
    """The mail server knows no such address, or will not write to it."""


class NewsletterError(KindlechatError):
    """A command of the newsletter cannot do what it was asked to. The message is for the operator."""


class UnknownConversation(KindlechatError):
    """No conversation has this id, or none has it any more."""


class UnknownReply(KindlechatError):
    """No reply has this id, or none has it any more."""


class TooManyReplies(KindlechatError):
    """This client has reached the concurrency limit: so many replies are under way."""


class RateLimited(KindlechatError):
    """A quota is spent: `quota` is its key, `wait_s` the seconds until it has room again."""

    def __init__(self, quota: str, wait_s: float) -> None:
        super().__init__(f"{quota}: spent for {wait_s:.0f} s")
        self.quota = quota
        self.wait_s = wait_s


class DailyLimitReached(RateLimited):
    """The whole service has reached its daily limit."""


class ReplacedMeanwhile(KindlechatError):
    """Another reply has already replaced this one."""


class NotContinuable(KindlechatError):
    """The reply is still being written, or it ended in a state that cannot be continued."""


class ShuttingDown(KindlechatError):
    """This process is about to end and takes no new replies."""


class UpstreamError(KindlechatError):
    """The upstream refused, failed or broke off.

    `reason` is for the reader. `retryable` says whether the same request may succeed when it is sent again,
    before the first word. `retry_after_s` is how long the upstream asked to wait, if it did. `detail` is
    for the log: statuses and codes, never message text. `words` are the upstream's own,
    which may hold anything.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
        detail: str = "",
        words: str = "",
    ) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.detail = detail
        self.words = words
