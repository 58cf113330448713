"""The part of the contract behind statistics: what is known of replies, except their text."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from kindlechat.errors import Reason
from kindlechat.reply import Numbers, State


@dataclass(frozen=True)
class Fact:
    """A question that was asked at `asked_at` (seconds since the epoch), and how its reply stands.

    `numbers` is None where none are known: while the reply is under way, and of one from an older version.
    """

    asked_at: float
    state: State
    reason: Reason | None
    chars: int
    numbers: Numbers | None


class Facts(ABC):
    """For whoever runs the service."""

    @abstractmethod
    def facts_since(self, since: float) -> list[Fact]:
        """All questions since then that are still kept, replaced ones too, copies not; in no order."""

    @abstractmethod
    def size_bytes(self) -> int:
        """How much room all of it takes."""

    @abstractmethod
    def remarks(self) -> list[tuple[str, str]]:
        """What the operator should change about the store: what was found, and the remedy."""
