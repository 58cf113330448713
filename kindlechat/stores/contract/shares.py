"""The part of the contract that lets others read a conversation by a link that can be withdrawn."""

from abc import ABC, abstractmethod

from kindlechat.conversation import Owned


class Shares(ABC):
    """Links that only let read. A conversation has one at most, known by an id of its own."""

    @abstractmethod
    def share(self, conversation_id: str, share_id: str) -> str:
        """Share a conversation as `share_id`. Returns the id by which it is shared: it keeps the one that it
        has already. Raises UnknownConversation."""

    @abstractmethod
    def withdraw(self, conversation_id: str) -> None:
        """Have the conversation's link lead nowhere from now on. Raises UnknownConversation."""

    @abstractmethod
    def shared_as(self, share_id: str) -> str | None:
        """The id of the conversation that is shared as this; None where there is none (any more)."""

    @abstractmethod
    def list_shared(self, owner_hash: str, limit: int) -> list[Owned]:
        """The conversations that this reader shares, the last written first."""
