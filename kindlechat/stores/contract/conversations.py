"""The part of the contract that asks, reads and deletes conversations."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kindlechat.conversation import UNCLAIMED, Outline, Rights
from kindlechat.picture import SentPicture
from kindlechat.reply import Message, Progress, Reply
from kindlechat.stores.contract.rate_limits import Quota


@dataclass(frozen=True)
class Fingerprint:
    """Recognises one press of a button that was sent twice.

    A question repeats an earlier one with the same `value` that was asked less than `window_s` seconds
    ago or, where `while_under_way`, whose reply is still being written.
    """

    value: str
    window_s: float = 0.0
    while_under_way: bool = True


@dataclass(frozen=True)
class NewReply:
    """A question to be answered.

    `conversation` names an existing conversation, or a new one where `seed` is not None (the history
    that an API client brought along, possibly empty) and `rights`. `prompt` is what the model is asked, where
    that is not the question as pages show it. `picture` names the picture that goes with it, which the
    conversation has or gets: then it is `new_picture`. `lease` is the token of the producer
    that will write it, `client_hash` an opaque mark of who asks. `replaces` is the reply whose place this
    one takes (try again, edited question): that one stays as an earlier version of the turn.
    """

    id: str
    conversation: str
    question: str
    lease: str
    client_hash: str
    seed: tuple[Message, ...] | None = None
    rights: Rights = UNCLAIMED
    replaces: str | None = None
    fingerprint: Fingerprint | None = None
    prompt: str = ""
    picture: str = ""
    new_picture: SentPicture | None = None


class Conversations(ABC):
    """Questions and the replies to them."""

    @abstractmethod
    def create_reply(
        self,
        new: NewReply,
        *,
        concurrency_limit: int | None = None,
        quotas: Sequence[Quota] = (),
    ) -> str:
        """Add a reply in state waiting, with its conversation where that is new, and count it.

        Returns the reply's id: `new.id`, or the id of the reply that it repeats. A repeat adds nothing,
        counts nothing and is never refused.

        What is refused adds and counts nothing either. Raises UnknownConversation; ReplacedMeanwhile
        where `new.replaces` has been replaced already; TooManyReplies where `new.client_hash` has
        `concurrency_limit` replies under way, the one that is replaced not counted; RateLimited where
        one of `quotas` is spent.
        """

    @abstractmethod
    def find_repeat(self, fingerprint: Fingerprint) -> str | None:
        """The id of the reply that a question with this fingerprint repeats; None when it is new."""

    @abstractmethod
    def reply(self, reply_id: str) -> Reply | None:
        """The reply with all its text so far, or None when there is none.

        An orphan is marked interrupted first, once: whoever reads it, it reads so from then on.
        """

    @abstractmethod
    def outline(self, conversation_id: str) -> Outline | None:
        """The conversation without its texts, or None when there is none. Marks orphans as `reply` does.

        What it costs depends on the number of turns, not on their lengths.
        """

    @abstractmethod
    def choose(self, reply_id: str) -> None:
        """Let this version of its turn be the one that counts. Raises UnknownReply."""

    @abstractmethod
    def replies(self, reply_ids: Sequence[str]) -> dict[str, Reply]:
        """These replies (as `reply` gives them) by their ids; an unknown one is left out."""

    @abstractmethod
    def conversation_of(self, reply_id: str) -> str | None:
        """The id of the conversation that a reply belongs to, or None when there is no such reply."""

    @abstractmethod
    def seed(self, conversation_id: str) -> tuple[Message, ...]:
        """The history that an API client brought along; empty for an unknown conversation."""

    @abstractmethod
    def read_after(self, cursors: Mapping[str, int], wait_s: float) -> dict[str, Progress]:
        """The progress of each reply in `cursors` (id → characters read so far).

        May wait up to `wait_s` seconds for news. An id that does not exist (any more) reads as an
        interrupted orphan. Marks orphans as `reply` does.
        """

    @abstractmethod
    def delete_older_than(self, age_s: float) -> int:
        """Delete conversations whose last reply began more than `age_s` seconds ago and none of whose
        replies is under way, with their replies; and what was discarded and can no longer be restored.

        One call deletes a bounded number, as a store does nothing else meanwhile. Returns how many, 0
        when none is left.
        """
