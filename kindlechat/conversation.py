"""A conversation: what was said so far, who may write it, how much of it the model is shown (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from kindlechat.errors import Reason
from kindlechat.reply import Message, Reply, State

MAX_HISTORY_MESSAGES = 40
"""20 questions and answers: each message that is sent along is paid for again."""

MAX_HISTORY_CHARS = 60_000


@dataclass(frozen=True)
class Rights:
    """Who may write a conversation: the reader whose id has the hash `owner_hash`, and whoever brings
    the key whose hash is `key_hash`.

    Either may be missing. Where both are, nobody has claimed the conversation yet. The store compares
    nothing: the caller makes the hashes, with a secret of its own.
    """

    owner_hash: str | None = None
    key_hash: str | None = None

    @property
    def claimed(self) -> bool:
        """Whether there is anybody who may write."""
        return bool(self.owner_hash or self.key_hash)


UNCLAIMED = Rights()


@dataclass(frozen=True)
class ReplyOutline:
    """A question, and how the reply to it stands: its text has `chars` characters."""

    id: str
    question: str
    chars: int
    state: State
    reason: Reason | None


@dataclass(frozen=True)
class Outline:
    """A conversation without its texts: its turns, oldest first, and who may write it."""

    id: str
    replies: tuple[ReplyOutline, ...]
    rights: Rights


@dataclass(frozen=True)
class Conversation:
    """A conversation as a reader sees it: the history that a client brought, then its turns, oldest
    first."""

    id: str
    seed: tuple[Message, ...]
    replies: tuple[Reply, ...]

    def messages_before(self, reply_id: str | None = None) -> list[Message]:
        """What the model is shown as history: all before a reply (or all there is), in order.

        A question whose reply has no text is left out with it: nothing was said to it.
        """
        messages = list(self.seed)
        for reply in self.replies:
            if reply.id == reply_id:
                break
            if reply.text:
                messages += [Message("user", reply.question), Message("model", reply.text)]
        return messages


def bound_history(
    history: Sequence[Message],
    max_messages: int = MAX_HISTORY_MESSAGES,
    max_chars: int = MAX_HISTORY_CHARS,
) -> list[Message]:
    """The newest part of a history that keeps to the bounds and begins with a question.

    Whole messages are left out, the oldest first.
    """
    kept: list[Message] = []
    chars = 0
    for message in reversed(history[-max_messages:] if max_messages else []):
        chars += len(message.text)
        if chars > max_chars:
            break
        kept.append(message)
    while kept and kept[-1].role == "model":
        kept.pop()
    return kept[::-1]
