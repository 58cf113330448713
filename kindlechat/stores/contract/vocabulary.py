"""The part of the contract that keeps the words which readers looked up."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True)
class LookedUp:
    """A word, the sentence that it stands in, and what it means there.

    `key` says which word of which answer it is; a conversation has each key once. `language` is the code of
    the sentence's language, `at` when it was looked up, in seconds since the epoch.
    """

    conversation: str
    key: str
    word: str
    sentence: str
    meaning: str
    language: str
    at: float = 0.0


class Vocabulary(ABC):
    """Words that were looked up in conversations, each kept for as long as its conversation."""

    @abstractmethod
    def keep_word(self, word: LookedUp) -> None:
        """Keep a word as one that is looked up now; an earlier one of the same key gives way to it.

        Raises UnknownConversation."""

    @abstractmethod
    def word(self, conversation_id: str, key: str) -> LookedUp | None:
        """The word of this key that was looked up in a conversation, if it was."""

    @abstractmethod
    def words_of(self, conversation_id: str) -> list[LookedUp]:
        """The words that were looked up in a conversation, the last one first."""

    @abstractmethod
    def forget_word(self, conversation_id: str, key: str) -> None:
        """Forget a word; one that is not there is ignored."""

    @abstractmethod
    def vocabulary(self, owner_hash: str, limit: int) -> list[LookedUp]:
        """The words that were looked up in a reader's conversations, the last one first. Those of what the
        reader discarded are left out."""
