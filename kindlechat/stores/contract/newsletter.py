"""The part of the contract that keeps the newsletter: subscribers, issues and deliveries.

KINDLECHAT_KEEP_DAYS does not govern it: whoever subscribed stays until they leave.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How a subscriber stands: has not confirmed yet, gets letters, has left, or has a mailbox that
    refuses letters."""

    PENDING = "pending"
    ACTIVE = "active"
    LEFT = "left"
    BOUNCED = "bounced"


BEFORE = {
    Standing.ACTIVE: (Standing.PENDING, Standing.ACTIVE),
    Standing.LEFT: tuple(Standing),
    Standing.BOUNCED: (Standing.ACTIVE, Standing.BOUNCED),
}
"""The standings from which a subscriber may come to each."""


@dataclass(frozen=True)
class Subscriber:
    """Somebody who asked for letters in one language.

    `mailbox` is the address, empty once the subscriber has left; `mailbox_hash` stays. `since` is when the
    present standing began, in seconds since the epoch.
    """

    id: str
    mailbox: str
    mailbox_hash: str
    language: str
    standing: Standing
    since: float


class Newsletter(ABC):
    """Subscribers, the issues that were sent, and who has got those that are being sent.

    An issue is named by a key of the caller's. Whoever leaves is kept as a hash alone.
    """

    @abstractmethod
    def subscribe(self, new_id: str, mailbox: str, mailbox_hash: str, language: str) -> Subscriber:
        """The subscriber with this mailbox, who is made pending unless active already.

        Somebody pending gets the new language and more time. Whoever had left or bounced keeps the id, so
        that the links in earlier letters work on.
        """

    @abstractmethod
    def subscriber(self, subscriber_id: str) -> Subscriber | None:
        """A subscriber by id, whatever the standing."""

    @abstractmethod
    def change_standing(self, subscriber_id: str, standing: Standing) -> bool:
        """Change a subscriber's standing as BEFORE allows. Returns whether the subscriber has it now.

        Whoever leaves loses the mailbox.
        """

    @abstractmethod
    def forget_subscriber(self, mailbox_hash: str) -> bool:
        """Delete all that is known of a mailbox, its hash too. Returns whether anything was."""

    @abstractmethod
    def subscribers(self, *, after: str = "", limit: int = 500) -> list[Subscriber]:
        """All subscribers in the order of their ids, in parts: those `after` an id, at most `limit`."""

    @abstractmethod
    def delete_pending(self, age_s: float) -> int:
        """Delete those who have been pending for `age_s` seconds. Returns how many."""

    @abstractmethod
    def hold_run(self, token: str, for_s: int) -> bool:
        """Let the run of this token alone send, for `for_s` seconds from now. Returns False where another
        one may."""

    @abstractmethod
    def end_run(self, token: str) -> None:
        """Let others send, if this run held them up."""

    @abstractmethod
    def issues(self) -> dict[str, bool]:
        """The issues that are known: by key, whether everybody has got it."""

    @abstractmethod
    def finish_issues(self, keys: Sequence[str]) -> None:
        """Note that nobody is to get these issues any more, and forget who got them."""

    @abstractmethod
    def due(
        self, issue: str, language: str, *, after: str = "", limit: int = 100
    ) -> list[Subscriber]:
        """Active subscribers in a language who have not got an issue, in parts as `subscribers`."""

    @abstractmethod
    def record_delivery(self, issue: str, subscriber_id: str) -> None:
        """Note that a subscriber has got an issue. It is on the disk when this returns, where the engine
        can tell. An issue that was unknown is being sent from now on."""
