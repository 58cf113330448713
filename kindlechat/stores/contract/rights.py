"""The part of the contract that says who may write a conversation."""

from abc import ABC, abstractmethod

from kindlechat.conversation import Rights


class ConversationRights(ABC):
    """The rights of conversations; a new one gets those in NewReply."""

    @abstractmethod
    def rights(self, conversation_id: str) -> Rights:
        """The rights of a conversation. Raises UnknownConversation."""

    @abstractmethod
    def claim(self, conversation_id: str, rights: Rights) -> Rights:
        """Give these rights to a conversation that nobody has claimed; of two calls at once, one does.

        Returns the rights that it has now: `rights`, or those of an earlier claim. Raises
        UnknownConversation.
        """

    @abstractmethod
    def hand_over(self, owner_hash: str, to: str) -> int:
        """Make all conversations of one reader those of another, who is known by the hash `to`, too.

        What their owner made of them (title, star, share) stays, and so do their write keys. What was
        discarded is left behind. Returns how many there were.
        """

    @abstractmethod
    def copy_conversation(
        self, conversation_id: str, new_id: str, rights: Rights, *, turns: int | None = None
    ) -> None:
        """Copy a conversation, with its seed and its replies under new ids, as conversation `new_id`.

        With `turns` only so many of the first turns. What its owner made of it (title, star, share) is not
        copied. A reply still under way is copied as interrupted, with its text so far, so that the copy can
        go on by itself; a replaced one is left out. Does nothing where `new_id` exists already (a copy that
        was asked for twice). Raises UnknownConversation.
        """
