"""The part of the contract that keeps the pictures which went with questions."""

from abc import ABC, abstractmethod
from collections.abc import Collection


class SentPictures(ABC):
    """A conversation's last KEPT_PICTURES pictures, each kept for as long as the conversation.

    `create_reply` adds them. The questions of one that is dropped then have LOST for its name.
    """

    @abstractmethod
    def pictures(self, conversation_id: str, names: Collection[str]) -> dict[str, bytes]:
        """Those of these pictures that a conversation has, as JPEGs, by name."""

    @abstractmethod
    def preview(self, conversation_id: str, name: str) -> bytes | None:
        """The small picture of one of them, as a JPEG."""
