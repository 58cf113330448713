"""The part of the contract that keeps a reader's own conversations: lists, titles, search."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from kindlechat.conversation import Owned


@dataclass(frozen=True)
class Findings:
    """Conversations that a search found; `whole` says that it looked at all that the reader has."""

    owned: list[Owned]
    whole: bool


class Libraries(ABC):
    """The conversations of one reader, who is known by the hash of an id.

    What its reader discarded is in no list, and no search finds it.
    """

    @abstractmethod
    def list_owned(
        self, owner_hash: str, limit: int, offset: int = 0, *, starred_first: bool = False
    ) -> list[Owned]:
        """Conversations of the reader, the last written first; `starred_first` puts the starred ones before
        all others. The first `offset` are left out."""

    @abstractmethod
    def count_owned(self, owner_hash: str) -> int:
        """How many conversations the reader has."""

    @abstractmethod
    def search_owned(self, owner_hash: str, query: str, limit: int, offset: int = 0) -> Findings:
        """The reader's conversations that have all words of the query in one place, the last written first.

        A place is a title, or a question with its answer. Case and accents do not count, and a word may be a
        part of another one. A query with no word finds nothing. How much one call looks at is bounded.
        """

    @abstractmethod
    def retitle(self, conversation_id: str, title: str) -> None:
        """Give a conversation this title; "" gives it that of its first question again. Raises
        UnknownConversation."""

    @abstractmethod
    def star(self, conversation_id: str, *, starred: bool) -> None:
        """Star a conversation, or take its star away. Raises UnknownConversation."""
