"""The part of the contract that lets readers delete conversations, and undo it for a while."""

from abc import ABC, abstractmethod

from kindlechat.conversation import Owned, Rights

UNDO_S = 3600
"""So long what was discarded can be restored. Then it is deleted."""


class Discards(ABC):
    """What its reader discarded: nothing of it can be read, and no name leads to it but `restore`'s."""

    @abstractmethod
    def discard(self, conversation_id: str) -> None:
        """Discard a conversation with all it has. Raises UnknownConversation."""

    @abstractmethod
    def discard_owned(self, owner_hash: str) -> int:
        """Discard all conversations of a reader; returns how many. Many are discarded in several parts."""

    @abstractmethod
    def list_discarded(self, owner_hash: str, limit: int) -> list[Owned]:
        """What this reader can restore, the last discarded first."""

    @abstractmethod
    def discarded_rights(self, conversation_id: str) -> Rights:
        """The rights of a conversation that can be restored. Raises UnknownConversation."""

    @abstractmethod
    def restore(self, conversation_id: str) -> None:
        """Undo `discard`: all is as it was. Raises UnknownConversation where that is not possible."""

    @abstractmethod
    def delete_owned(self, owner_hash: str) -> None:
        """Delete all that a reader has, discarded or not, for good and with no undo.

        It happens in several parts; when it returns, nothing of it can be read.
        """
